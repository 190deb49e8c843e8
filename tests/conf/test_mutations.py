"""A full configuration, spoilt in 300 ways: each is taken or refused with file:line, and quickly.

The ways are seeded: the same each time. SHUNTD names the program, also one that was built with sanitizers.
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SHUNTD = os.environ.get("SHUNTD", str(HERE.parent.parent / "build" / "shuntd"))
FULL = "every_key.conf"
LISTS = ("names.txt", "prefixes.txt", "included/office.inc")
ROUNDS = 25  # of each of the twelve ways
DEADLINE_S = 10  # of one check, on a busy machine and under a sanitizer
MOST_LINES = 1100  # of one report: 1000 faults, the sum, and what a notice needs
JUNK = b"[]=;#\n\r\t ,/*!@.:-_\\\0\x01\x80\xff\xe2\x80\x93"
WORDS = (b"any", b"all", b"none", b"0", b"-1", b"99999999999999999999", b"/", b"/(/", b"!", b"@", b"@lo", b"::/0",
         b"1.2.3.4/33", b"24:00-24:00", b"mon", b"*", b"*.", b"..", b"%s%n", b"[x]", b"yes", b"1s", b"\xff\xfe")


@pytest.fixture
def folder():
    """A copy of the sample and of all files that it names; gone with the test, for some are long."""
    with tempfile.TemporaryDirectory(prefix="shunt-conf-") as made:
        made = pathlib.Path(made)
        (made / "included").mkdir()
        for name in (FULL, *LISTS):
            shutil.copy(HERE / name, made / name)
        yield made


def check(folder, is_placed=True):
    """(exit status, lines that were said) of `shuntd -t`; is_placed: its faults come with file and line."""
    began = time.monotonic()
    done = subprocess.run([SHUNTD, "-t", "-c", folder / FULL], capture_output=True, timeout=DEADLINE_S,
                          stdin=subprocess.DEVNULL, env={**os.environ, "ASAN_OPTIONS": "exitcode=99"})
    said = done.stderr.decode(errors="backslashreplace").splitlines()
    told = f"{time.monotonic() - began:.1f} s, status {done.returncode}\n" + "\n".join(said[-30:])
    assert done.returncode in (0, 1), told
    assert len(said) <= MOST_LINES and max(map(len, said), default=0) < 2000, told
    assert not any(re.search(r"Sanitizer|runtime error", line) for line in said), told
    faults = [line for line in said if re.match(rf"{re.escape(str(folder))}/[A-Za-z0-9_./]+:[0-9]+: (?!warning: )", line)]
    assert bool(faults) == (is_placed and done.returncode == 1), told
    return done.returncode, said


def lines_of(folder, name=FULL):
    return (folder / name).read_bytes().splitlines(keepends=True)


def put(folder, lines, name=FULL):
    (folder / name).write_bytes(b"".join(lines))


def sections(lines):
    return [at for at, line in enumerate(lines) if line.startswith(b"[")]


def values(lines):
    return [at for at, line in enumerate(lines) if re.match(rb"[a-z_]+ *=", line)]


def typo(rng, word):
    """One letter lost, doubled, changed, or swapped with its neighbour."""
    at = rng.randrange(len(word))
    letter = bytes([rng.choice(b"abcdefghijklmnopqrstuvwxyz0123456789._-/")])
    return rng.choice((word[:at] + word[at + 1:], word[:at] + word[at:at + 1] + word[at:],
                       word[:at] + letter + word[at + 1:],
                       word[:at] + word[at + 1:at + 2] + word[at:at + 1] + word[at + 2:]))


# Each spoils the folder and returns (line, word): the fault that must be told; or None: it may be good.

def typo_in_key(rng, folder):
    lines = lines_of(folder)
    at = rng.choice(values(lines))
    key, _, value = lines[at].partition(b"=")
    lines[at] = typo(rng, key.rstrip()) + b" =" + value
    put(folder, lines)


def typo_in_value(rng, folder):
    lines = lines_of(folder)
    for at in rng.sample(values(lines), 3):
        key, _, value = lines[at].partition(b"=")
        lines[at] = key + b"= " + typo(rng, value.strip() or b"x") + b"\n"
    put(folder, lines)


def other_values(rng, folder):
    lines = lines_of(folder)
    for at in rng.sample(values(lines), 5):
        lines[at] = lines[at].partition(b"=")[0] + b"= " + b", ".join(rng.choices(WORDS, k=rng.randrange(1, 4))) + b"\n"
    put(folder, lines)


def long_line(rng, folder):
    lines = lines_of(folder)
    at = rng.choice(values(lines))
    lines[at] = lines[at].rstrip(b"\n") + b", x" * rng.choice((70, 100, 5000, 100000)) + b"\n"
    put(folder, lines)
    return at + 1, "line longer than"


def missing_bracket(rng, folder):
    lines = lines_of(folder)
    at = rng.choice(sections(lines))
    is_first = rng.random() < 0.5
    lines[at] = lines[at].replace(b"[" if is_first else b"]", b"")
    put(folder, lines)
    return at + 1, "neither `[section]` nor" if is_first else "no `]`"


def indented(rng, folder):
    lines = lines_of(folder)
    at = rng.choice(values(lines) + sections(lines))
    lines[at] = rng.choice((b" ", b"\t", b"    ")) + lines[at]
    put(folder, lines)
    return at + 1, "indented line"


def section_twice(rng, folder):
    lines = lines_of(folder)
    at = rng.choice(sections(lines))
    where = rng.choice(sections(lines) + [len(lines)])
    put(folder, lines[:where] + [lines[at]] + lines[where:])
    return max(at, where) + (2 if where <= at else 1), "stands already in line"


def junk(rng, folder):
    name = rng.choice((FULL, FULL, *LISTS))
    text = bytearray((folder / name).read_bytes())
    for _ in range(rng.randrange(1, 40)):
        at = rng.randrange(len(text))
        if rng.random() < 0.5:
            text[at] = rng.choice(JUNK)
        else:
            text[at:at] = rng.randbytes(rng.randrange(1, 30))
    (folder / name).write_bytes(text)


def truncated(rng, folder):
    name = rng.choice((FULL, FULL, *LISTS))
    text = (folder / name).read_bytes()
    (folder / name).write_bytes(text[:rng.randrange(len(text))])


def shuffled(rng, folder):
    lines = lines_of(folder)
    for _ in range(rng.randrange(1, 6)):
        line = lines.pop(rng.randrange(len(lines)))
        if rng.random() < 0.7:
            lines.insert(rng.randrange(len(lines)), line)
    put(folder, lines)


def huge(rng, folder):
    """Ten megabytes, of many kinds, in the configuration or in a list."""
    name = rng.choice((FULL, *LISTS))
    lines = lines_of(folder, name)
    piece = rng.choice((b"\n", b"# c\n", b"x" * 100 + b"\n", b"x", b"\0", b"[x]\n", b"[route r%d]\n", b"a = b\n", b"; \n",
                        b"tcp = 1\n", b"host%d.example\n", b"10.%d.0.0/32\n", rng.randbytes(1000), lines[-1]))
    count = 10_000_000 // len(piece) + 1
    more = b"".join(piece % (n % 256 if piece.startswith(b"10") else n) for n in range(count)) if b"%d" in piece \
        else piece * count
    at = rng.choice((0, len(lines) // 2, len(lines)))
    put(folder, [*lines[:at], more, *lines[at:]], name)


def linked(rng, folder):
    """Files that name others, themselves, or nothing."""
    lines = lines_of(folder)
    names = (b"every_key.conf", b"*", b"included", b"included/*", b"./included/office.inc", b"names.txt", b"/dev/zero",
             b"/dev/stdin", b"[", b"[a-", b"/proc/self/mem", b"nothing", b"../*/*", b"/*/*/*/*/*/*/*/*", b"?" * 150)
    for key in rng.sample((b"include", b"from_file", b"server_name_file"), 2):
        at = next(n for n in values(lines) if lines[n].startswith(key))
        lines[at] = key + b" = " + b", ".join(rng.sample(names, 2)) + b"\n"
    put(folder, lines)
    if rng.random() < 0.5:
        (folder / "included" / "office.inc").write_bytes(b"[shunt]\ninclude = " + rng.choice(names) + b"\n")


WAYS = (typo_in_key, typo_in_value, other_values, long_line, missing_bracket, indented, section_twice, junk, truncated,
        shuffled, huge, linked)


def test_the_sample_is_good(folder):
    status, said = check(folder)
    assert status == 0, said


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_spoilt(way, seed, folder):
    expected = way(random.Random(f"{way.__name__} {seed}"), folder)
    status, said = check(folder)
    if expected:
        line, word = expected
        assert status == 1
        assert any(text.startswith(f"{folder / FULL}:{line}: ") and word in text for text in said), (line, word, said)


def test_there_are_300():
    assert ROUNDS * len(WAYS) == 300
