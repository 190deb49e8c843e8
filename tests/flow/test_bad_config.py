"""Bad configurations: every fault named with file and line, exit 1, nothing touched."""
import subprocess

import pytest

from kernel_state import difference, kernel_state
from shuntd import SHUNTD, configuration

GOOD = """[divert web]
tcp = 443
[route one]
server_name = one.example
backend = one
[backend one]
server = 192.168.1.10:443
"""

# what is changed in the good one -> the line of the fault, a word that its message must have
BAD = {
    "unknown-key": (("tcp = 443", "tpc = 443"), 2, "tcp"),
    "unknown-section": (("[route one]", "[rout one]"), 3, "route"),
    "section-without-bracket": (("[route one]", "[route one"), 3, ""),
    "bad-port": (("tcp = 443", "tcp = 70000"), 2, "70000"),
    "bad-time": (("tcp = 443", "tcp = 443\nwait = soon"), 3, "soon"),
    "bad-size": (("tcp = 443", "tcp = 443\nsniff_bytes = big"), 3, "big"),
    "bad-word": (("tcp = 443", "tcp = 443\nfail = ajar"), 3, "ajar"),
    "bad-address": (("192.168.1.10:443", "192.168.1.300:443"), 7, "192.168.1.300"),
    "no-server": (("server = 192.168.1.10:443\n", ""), 6, "server"),
    "no-backend": (("backend = one\n", ""), 3, "backend"),
    "no-port": (("tcp = 443\n", ""), 1, "tcp"),
    "no-such-backend": (("backend = one", "backend = two"), 5, "two"),
    "no-such-protocol": (("server_name =", "protocol = tsl\nserver_name ="), 4, "tls"),
    "no-such-divert": (("server_name =", "divert = wbe\nserver_name ="), 4, "wbe"),
    "no-such-file": (("server_name = one.example", "server_name_file = /nonexistent/names"), 4,
                     "/nonexistent/names"),
    "twice": (("[route one]", "[divert web]\ntcp = 80\n[route one]"), 3, "web"),
    "long-line": (("server_name = one.example", "server_name = " + "x" * 5000), 4, ""),
    "indented": (("tcp = 443", "tcp = 443\n  wait = 3s"), 3, ""),
    "bad-mark": (("[divert web]", "[divert web]"), 2, "mark"),
    "many-workers": (("[divert web]", "[divert web]"), 2, "64"),
}
SHUNT = {"bad-mark": "mark = 7/3", "many-workers": "workers = 65"}


@pytest.fixture
def given(lab, request):
    """(file, line of the fault, word) of a bad configuration."""
    change, line, word = BAD[request.param]
    text = GOOD.replace(*change)
    shunt = SHUNT.get(request.param, "")
    file, _ = configuration(lab, text, shunt)
    with open(file) as written:
        lines = written.read().splitlines()
    first = lines.index(shunt) - 1 if shunt else lines.index("[divert web]")
    return file, first + line, word


def shuntd(lab, *arguments, **options):
    with lab.router.inside():
        return subprocess.run([SHUNTD, *arguments], capture_output=True, text=True,
                              errors="backslashreplace", timeout=10, **options)


def test_the_good_one_is_good(lab):
    file, _ = configuration(lab, GOOD)
    done = shuntd(lab, "-t", "-c", file)
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("given", list(BAD), indirect=True)
@pytest.mark.parametrize("check", [True, False], ids=["-t", "start"])
def test_a_fault(lab, given, check):
    file, line, word = given
    before = kernel_state(lab.router)
    done = shuntd(lab, *(["-t"] if check else []), "-c", file)
    said = done.stderr + done.stdout
    assert done.returncode == 1, said
    told = [text for text in said.splitlines() if f"{file}:{line}: " in text]
    assert told and any(word in text for text in told), said
    assert not difference(before, kernel_state(lab.router))


def test_all_faults_are_told_at_once(lab):
    text = (GOOD.replace("tcp = 443", "tpc = 443").replace("server_name", "servername")
            .replace("192.168.1.10:443", "192.168.1.10:port"))
    file, _ = configuration(lab, text)
    done = shuntd(lab, "-t", "-c", file)
    assert done.returncode == 1
    assert sum(file in line for line in done.stderr.splitlines()) >= 3, done.stderr


def test_no_such_file(lab):
    done = shuntd(lab, "-c", "/nonexistent/shunt.conf")
    assert done.returncode == 1
    assert "/nonexistent/shunt.conf" in done.stderr and "No such file" in done.stderr


def test_an_empty_file(lab):
    done = shuntd(lab, "-t", "-c", lab.write("empty.conf", ""))
    assert done.returncode == 1 and "divert" in done.stderr


def test_a_check_needs_no_root(lab):
    file, _ = configuration(lab, GOOD)
    done = shuntd(lab, "-t", "-c", file, user="nobody", group="nogroup", extra_groups=[])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("content", [b"\0" * 100, b"\xff\xfe[divert", b"[" * 70000, b"=\n=\n="],
                         ids=["zeros", "binary", "brackets", "equals"])
def test_rubbish(lab, content):
    path = lab.path("rubbish.conf")
    with open(path, "wb") as file:
        file.write(content)
    done = shuntd(lab, "-t", "-c", path)
    assert done.returncode == 1 and path in done.stderr


def test_unknown_option(lab):
    done = shuntd(lab, "--nonsense")
    assert done.returncode in (1, 2) and "nonsense" in done.stderr + done.stdout
