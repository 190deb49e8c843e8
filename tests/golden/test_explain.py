"""shuntctl explain: its pages, its JSON, and what it says of wrong usage.

tests/golden/explain/NAME.txt is a page as it must be. GOLDEN_UPDATE=1 writes them anew: look at the
difference before it is committed.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

import hello
from conftest import BUILD, ROOT, datagrams, protocols

HERE = ROOT / "tests" / "golden" / "explain"
SSH = hello.SSH
UNNEEDED = "no route of the divert needs it"
OUT = "out by the first byte:"
HTTP = b"%b %b HTTP/1.1\r\nHost: plain.example\r\n\r\n"
FROM = ("--from", "198.51.100.7:51514", "--to", "203.0.113.10:443")
TUNNEL = ("--from", "198.51.100.7:51514", "--to", "203.0.113.10:51820")
CHROMIUM = datagrams("fuzz_wire_quic/chromium-156.0.8078.79-h3")

# name of the page -> divert, first bytes or first datagrams, further words
PAGES = {
    "alone": ("shell", hello.sslv2(), ()),
    "by_name": ("web", hello.tls("git.example", ["h2", "http/1.1"]), FROM),
    "by_regex": ("web", hello.tls("www7.invalid", ["h2"]), ()),
    "by_protocol": ("shell", hello.sslv2(), ("--from", "192.0.2.7")),
    "not_taken": ("web", hello.tls("elsewhere.invalid"), ("--from", "203.0.113.7")),
    "by_keys": ("web", HTTP % (b"POST", b"/api/x"), FROM),
    "by_from": ("web", hello.tls(None), FROM),
    "by_path": ("web", HTTP % (b"GET", b"/api/x"), FROM),
    "by_order": ("web", SSH, FROM),
    "garbage": ("shell", hello.GARBAGE, ()),
    "undecided": ("web", SSH[:5], ()),
    "silent": ("web", b"", FROM),
    "too_long": ("shell", hello.tls("git.example"), ()),
    "udp": ("web", [b"\xc0\0\0\0\1"], ("--to", "203.0.113.10:444")),
    "udp_by_name": ("quic", CHROMIUM, FROM),
    "udp_undecided": ("quic", CHROMIUM[:1], FROM),
    "udp_too_many": ("quic", CHROMIUM[:1] + [b""] * 20, FROM),
    "udp_too_large": ("quic", [bytes(24577)], FROM),
    "wireguard": ("tunnel", datagrams("fuzz_wire_wireguard/wireguard-go-0.0.20220316"), TUNNEL),
    "wireguard_undecided": ("tunnel", datagrams("fuzz_wire_wireguard/wireguard-go-0.0.20220316-more"), TUNNEL),
}


def explain(*words, stdin=b"", conf="explain.conf"):
    return subprocess.run((str(BUILD / "shuntctl"), "explain", "-c", conf, *words), cwd=HERE, input=stdin,
                          capture_output=True, timeout=10)


def page(name, *more):
    divert, first, words = PAGES[name]
    if isinstance(first, list):
        done = explain("--divert", divert, "--udp", *(f"--hex={one.hex()}" for one in first), *words, *more)
    else:
        done = explain("--divert", divert, "--file", "-", *words, *more, stdin=first)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.decode()


@pytest.mark.parametrize("name", PAGES)
def test_page(name):
    path = HERE / f"{name}.txt"
    # a recogniser more must not change every page
    text = "".join(line for line in page(name).splitlines(True)
                   if not line.rstrip().endswith(UNNEEDED) and not re.match(r"\S+ +no +[0-9]|" + OUT, line))
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_text(text)
    assert text == path.read_text(), f"differs from {path}"


def test_every_recogniser_is_heard():
    recognisers = json.loads(page("silent", "--json"))["recognisers"]
    assert [one["name"] for one in recognisers] == protocols("WIRE_TCP")
    assert all(one["verdict"] == "more" and not one["by_first_byte"] for one in recognisers)
    recognisers = json.loads(page("udp", "--json"))["recognisers"]
    assert [one["name"] for one in recognisers] == protocols("WIRE_UDP")


@pytest.mark.parametrize("name", PAGES)
def test_recognisers_on_the_page(name):
    """One by one those that had more to look at than the first byte, the others in one line."""
    recognisers = json.loads(page(name, "--json"))["recognisers"]
    lines = page(name).splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("RECOGNISER ")), len(lines))
    end = lines.index("", begin) if begin < len(lines) else begin
    rows = [line.split()[:3] for line in lines[begin + 1:end] if not line.startswith(OUT)]
    others = [line[len(OUT):].split() for line in lines if line.startswith(OUT)]
    if name == "silent":
        assert not rows and not others
        return
    unit = "at_datagram" if name.startswith(("udp", "wireguard")) else "at_byte"
    assert rows == [[one["name"], one["verdict"], str(one[unit] or "-")] for one in recognisers
                    if not one["by_first_byte"]]
    assert sum(others, []) == [one["name"] for one in recognisers if one["by_first_byte"]]
    assert all(one["verdict"] == "no" and one[unit] == 1 for one in recognisers if one["by_first_byte"])


def test_where_they_were_sure():
    """Of the protocol, ahead of what they waited for."""
    first = HTTP % (b"GET", b"/")
    for size, at in ((len(first), 16), (16, 16), (15, None)):
        done = explain("--json", "--divert", "web", "--file", "-", stdin=first[:size])
        http = next(one for one in json.loads(done.stdout)["recognisers"] if one["name"] == "http")
        assert (http["sure_at_byte"], http["is_sure"]) == (at, size == 16)
    done = explain("--divert", "web", "--file", "-", stdin=first[:16])
    assert re.search(rb"^http +more +-  sure at byte 16, but wants 17 bytes$", done.stdout, re.M)
    done = explain("--divert", "web", "--file", "-", stdin=first)
    assert re.search(rb"^http +yes +[0-9]+  sure at byte 16$", done.stdout, re.M)


def test_no_page_is_left_over():
    assert {path.stem for path in HERE.glob("*.txt")} == set(PAGES)


def test_json_says_the_same():
    told = json.loads(page("by_name", "--json"))
    routes = {route["name"]: route for route in told.pop("routes")}
    recognisers = {one["name"]: one for one in told.pop("recognisers")}
    size = len(PAGES["by_name"][1])
    assert told == {
        "divert": "web", "transport": "tcp", "from": "198.51.100.7:51514", "to": "203.0.113.10:443",
        "bytes": size, "bytes_seen": size, "verdict": "yes", "protocol": "tls",
        "server_name": "git.example", "alpn": ["h2", "http/1.1"], "method": None, "path": None,
        "wireguard_key": None, "decided_at": size, "wants_bytes": None, "route": "exact", "action": "backend", "backend": "git",
        "servers": ["192.168.1.10:443", "[2001:db8:1::10]:443"], "clause": 1,
        "why": "it asks for exactly `git.example`, `wild` for the wildcard `*.example`",
        "unknown": "reject", "silent": "mail", "wait_ms": 2000, "notes": []}
    assert routes["exact"] == {
        "name": "exact", "file": "explain.conf", "line": 14, "backend": "git", "place": 1, "misfits": [],
        "name_match": "exact", "name_item": "git.example", "names_protocol": False, "further_keys": 0,
        "from_bits": None, "to_bits": None, "path_bytes": None, "behind_by": None}
    assert routes["wild"]["place"] == 2 and routes["wild"]["behind_by"] == "name"
    assert routes["regex-later"]["misfits"] == ["server_name"]
    assert routes["posts"]["misfits"] == ["protocol", "path", "method"]
    assert recognisers["tls"] == {"name": "tls", "verdict": "yes", "at_byte": size, "wants_bytes": None,
                                  "is_sure": False, "sure_at_byte": size, "by_first_byte": False, "is_program": False,
                                  "counts": True}
    assert recognisers["ssh"]["verdict"] == "no" and recognisers["ssh"]["at_byte"] == 1


def test_json_of_datagrams():
    told = json.loads(page("udp_by_name", "--json"))
    assert told["transport"] == "udp" and told["silent"] is None and told["unknown"] == "drop"
    assert (told["bytes"], told["bytes_seen"], told["datagrams"], told["datagrams_seen"]) == (3750, 3750, 3, 3)
    assert (told["decided_at_datagram"], told["wants_datagrams"]) == (2, None)
    assert "decided_at" not in told and "wants_bytes" not in told
    quic = next(one for one in told["recognisers"] if one["name"] == "quic")
    assert quic == {"name": "quic", "verdict": "yes", "at_datagram": 2, "wants_datagrams": None, "is_sure": False,
                    "sure_at_datagram": 1, "by_first_byte": False, "is_program": False,
                    "counts": True}
    told = json.loads(page("udp_undecided", "--json"))
    quic = next(one for one in told["recognisers"] if one["name"] == "quic")
    assert (quic["verdict"], quic["at_datagram"], quic["wants_datagrams"], quic["is_sure"]) == ("more", None, 2, True)
    assert (told["decided_at_datagram"], told["wants_datagrams"]) == (None, 2)


def test_pieces_of_a_stream():
    """--hex and --file may come several times: segments, in their order."""
    done = explain("--json", "--divert", "shell", "--hex", "5348", "--hex", "", "--hex", "53")
    assert json.loads(done.stdout)["route"] == "unknown"
    done = explain("--json", "--divert", "shell", "--hex", "53", "--hex", "", "--hex", "53482d322e302d")
    told = json.loads(done.stdout)
    assert told["route"] == "first" and told["bytes"] == 8


def test_datagrams_in_files(tmp_path):
    files = [tmp_path / f"{number}" for number in range(2)]
    for file, datagram in zip(files, CHROMIUM):
        file.write_bytes(datagram)
    done = explain("--json", "--divert", "quic", "--udp", *(f"--file={file}" for file in files))
    assert json.loads(done.stdout)["server_name"] == "a.seed.example"
    done = explain("--json", "--divert", "quic", "--udp", *(f"--file={file}" for file in reversed(files)))
    assert json.loads(done.stdout)["server_name"] == "a.seed.example"  # they may overtake each other


def test_hex_may_be_written_with_blanks():
    done = explain("--json", "--divert", "shell", "--hex", "53 5348\n2d 322e302d")
    assert json.loads(done.stdout)["route"] == "first"


def test_bytes_in_a_file(tmp_path):
    file = tmp_path / "first"
    file.write_bytes(SSH)
    done = explain("--json", "--divert", "shell", "--file", str(file))
    assert json.loads(done.stdout)["route"] == "first"


def test_what_is_sent_cannot_reach_the_terminal():
    first = HTTP % (b"GET", b"/\xe9\x7f")
    done = explain("--divert", "web", "--file", "-", stdin=first)
    assert all(byte in b"\n" or 32 <= byte < 127 for byte in done.stdout)
    first = hello.tls("git.example", ["\x1b[31m"])
    done = explain("--divert", "web", "--file", "-", stdin=first)
    assert b"\x1b" not in done.stdout
    done = explain("--json", "--divert", "web", "--file", "-", stdin=first)
    assert json.loads(done.stdout)["alpn"] == ["\x1b[31m"]


def test_the_largest_input_is_cheap():
    """64 KiB of one hello, no verdict before its last byte."""
    first = hello.tls("git.example", ["h2"], padding=63000)
    done = explain("--json", "--divert", "web", "--file", "-", stdin=first)
    told = json.loads(done.stdout)
    assert told["route"] == "exact" and told["decided_at"] == len(first)


@pytest.mark.parametrize("words,complaint", [
    ((), "shuntctl: explain: one of --hex, --file or --batch is expected"),
    (("--hex", "00", "--file", "x"), "shuntctl: explain: one of --hex, --file or --batch is expected"),
    (("--hex", "00"), "shuntctl: --divert: which? The configuration has 4 of them"),
    (("--hex", "00") * 65, "shuntctl: explain: --hex or --file is given more than 64 times"),
    (("--hex", "00", "--divert", "wbe"), "shuntctl: --divert: there is no `wbe` (did you mean `web`?)"),
    (("--hex", "00", "--divert", "shell", "--udp"), "shuntctl: --divert: `shell` takes no udp port"),
    (("--hex", "0", "--divert", "web"), "shuntctl: --hex: two hexadecimal digits"),
    (("--hex", "0x16", "--divert", "web"), "shuntctl: --hex: two hexadecimal digits"),
    (("--hex", "00", "--divert", "web", "--from", "1.2.3"), "shuntctl: --from: not an address"),
    (("--hex", "00", "--divert", "web", "--to", "a.example"), "shuntctl: --to: not an address"),
    (("--batch", "--hex", "00"), "shuntctl: --hex: with --batch each line says it for itself"),
    (("--hex",), "shuntctl: --hex: no such option, or its value is missing"),
    (("--hex", "00", "--closed"), "shuntctl: --closed: only nft takes it"),
    (("more",), "shuntctl: more: the command takes no such word"),
])
def test_wrong_usage(words, complaint):
    done = explain(*words)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.decode().startswith(complaint), done.stderr


def test_other_commands_refuse_its_options():
    done = subprocess.run((str(BUILD / "shuntctl"), "status", "--udp"), capture_output=True, timeout=10)
    assert done.returncode == 2 and done.stderr.startswith(b"shuntctl: --udp: only explain takes it")


def test_one_divert_needs_no_name(tmp_path):
    conf = tmp_path / "one.conf"
    conf.write_text("[divert only]\ntcp = 1\n[route r]\nprotocol = ssh\nbackend = drop\n")
    done = explain("--json", "--hex", SSH.hex(), conf=str(conf))
    told = json.loads(done.stdout)
    assert (told["divert"], told["route"], told["action"]) == ("only", "r", "drop")


def test_faults_of_the_configuration(tmp_path):
    conf = tmp_path / "bad.conf"
    conf.write_text("[divert d]\ntcp = 0\n[route r]\nbackend = nowhere\n")
    done = explain("--hex", "00", conf=str(conf))
    assert done.returncode == 1 and not done.stdout
    lines = done.stderr.decode().splitlines()
    assert lines[0].startswith(f"shuntctl: {conf}:2: tcp: ")
    assert lines[1].startswith(f"shuntctl: {conf}:4: backend: ")


def test_files_that_are_not_there(tmp_path):
    done = explain("--hex", "00", conf=str(tmp_path / "none.conf"))
    assert done.returncode == 1 and b"shuntctl: " in done.stderr
    done = explain("--divert", "web", "--file", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr.decode() == f"shuntctl: {tmp_path}/none: No such file or directory\n"


def test_nobody_may_ask():
    """No root, no daemon, no file but the configuration."""
    with tempfile.TemporaryDirectory(prefix="shunt-explain.") as folder:
        conf = pathlib.Path(folder) / "any.conf"
        conf.write_text("[divert d]\ntcp = 1\n[route r]\nbackend = drop\n")
        for path in (folder, conf):
            os.chmod(path, 0o755)
        done = subprocess.run(("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               str(BUILD / "shuntctl"), "explain", "--json", "-c", str(conf), "--hex", "00"),
                              capture_output=True, timeout=10)
    assert done.returncode == 0 and not done.stderr, done
    assert json.loads(done.stdout)["route"] == "r"
