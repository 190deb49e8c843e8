"""daemon/wire/README.md: in a copy of the tree, what the page says is done, to the letter."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

PAGE = ROOT / "daemon" / "wire" / "README.md"
# a fenced block, with the line above it that says which file it is, or goes into
BLOCK = re.compile(r"(?:^File `([^`\n]+)`(?:, above `([^`\n]+)`)?:\n\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks():
    return [match.groups() for match in BLOCK.finditer(PAGE.read_text())]


def put(tree, name, above, text):
    path = tree / name
    if above is None:
        assert not path.exists(), f"{name} is there already"
        path.write_text(text)
        return
    lines = path.read_text().splitlines(True)
    assert lines.count(above + "\n") == 1, f"{name}: `{above}` is no line of it"
    lines.insert(lines.index(above + "\n"), text)
    path.write_text("".join(lines))


@pytest.mark.deadline(150)
def test_how_to_add_a_protocol(tmp_path):
    tree = tmp_path / "shunt"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", "build*", "__pycache__"))
    env = {**os.environ, "CFLAGS": "-O0"}  # sooner built
    said = ""
    shown = []
    for name, above, kind, text in blocks():
        if name:
            put(tree, name, above, text)
        elif kind == "text":
            shown += text.splitlines()
        else:
            assert kind == "sh"
            done = subprocess.run(("sh", "-e", "-c", text), cwd=tree, env=env, capture_output=True, text=True,
                                  timeout=140)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
            said += done.stdout
    assert shown
    lines = said.splitlines()
    for line in shown:
        assert line in lines, line


def test_every_file_of_a_protocol_is_on_the_page():
    names = {name for name, *_ in blocks() if name}
    assert names == {"daemon/wire/stomp.c", "daemon/wire/protocols.h", "daemon/man/shunt.conf.5",
                     "tests/unit/test_wire_stomp.c", "tests/fuzz/fuzz_wire_stomp.c"}
