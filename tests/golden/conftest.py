"""Fixtures: the driver of daemon/firewall.c, and namespaces that go away with the test."""
import itertools
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "flow"))

from netns import Netns, run  # noqa: E402  (found by the line above)

BUILD = pathlib.Path(os.environ.get("SHUNTD", ROOT / "build" / "shuntd")).resolve().parent
FIRST_PORT = 50443
DEADLINE_S = 30
numbers = itertools.count()


def protocols(transport, without="a thing that none has"):
    """The recognisers of WIRE_TCP or WIRE_UDP, the strongest evidence first, that do not say `without` of themselves."""
    wire = ROOT / "daemon" / "wire"
    names = [line[line.index("(") + 1:-1] for line in (wire / "protocols.h").read_text().splitlines()
             if line.startswith("WIRE_PROTO(")]
    rows = {}
    for path in wire.glob("*.c"):
        rows.update(re.findall(r"^const struct wire_proto wire_(\w+) = {(.*?)^};", path.read_text(), re.M | re.S))
    assert set(names) == set(rows)
    way = {"WIRE_TCP": ".tcp = ", "WIRE_UDP": ".udp = "}[transport]
    return [name.replace("_", "-") for name in names if way in rows[name] and without not in rows[name]]


def seeds(name, transport):
    """What clients of that protocol send by WIRE_TCP or WIRE_UDP: files of tests/fuzz/seeds."""
    folder = "fuzz_wire_" + name.replace("-", "_")
    if transport == "WIRE_TCP" and name in protocols("WIRE_UDP"):
        folder += "_tcp"  # of one that comes by both
    return sorted((ROOT / "tests" / "fuzz" / "seeds" / folder).iterdir())


def datagrams(name):
    """What a real client sent first, of tests/fuzz/seeds (daemon/base/datagrams.h)."""
    run = (ROOT / "tests" / "fuzz" / "seeds" / name).read_bytes()
    told = []
    while run:
        size = int.from_bytes(run[:2], "big")
        told.append(run[2:2 + size])
        run = run[2 + size:]
    return told


def pytest_configure(config):
    config.addinivalue_line("markers", "deadline(seconds): this test's time limit, default 30")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    marker = item.get_closest_marker("deadline")
    seconds = marker.args[0] if marker else DEADLINE_S

    def too_late(*_):
        raise TimeoutError(f"the test took more than {seconds} s")
    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs root: it makes network namespaces"))


class Firewall:
    """One process that owns the tables of one configuration; answers are (ok, text)."""

    def __init__(self, program, ns, config):
        self.program = program
        self.process = ns.popen(str(program), str(config), str(FIRST_PORT), text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{command}: the driver died"
        return line.rstrip("\n")

    def do(self, command):
        """Must succeed; returns (number, what was said)."""
        word, number, *text = self.ask(command).split(" ", 2)
        assert word == "ok", f"{command}: {number} {' '.join(text)}"
        return int(number), " ".join(text)

    def text(self, command="text"):
        assert self.ask(command) == "ok"
        lines = iter(self.process.stdout.readline, ".\n")
        return "".join(lines)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def program():
    target = BUILD / "tests" / "firewall_cli"
    run("make", "-s", "-C", str(ROOT), f"O={BUILD}", str(target), timeout=200)
    return target


@pytest.fixture
def namespace():
    """A function that makes namespaces; all go away with the test."""
    made = []

    def make():
        made.append(Netns(f"sgold-{os.getpid()}-{next(numbers)}"))
        return made[-1]
    yield make
    for ns in made:
        ns.remove()


@pytest.fixture(autouse=True)
def one_table(monkeypatch):
    """One table has the rules of running connections, as it may be from Linux 6.9 on."""
    monkeypatch.setenv("SHUNT_TABLES", "one")


@pytest.fixture
def two_tables(one_table, monkeypatch):
    """Both tables have the rules of running connections, as it is by itself."""
    monkeypatch.delenv("SHUNT_TABLES")


@pytest.fixture(params=["one", "two"])
def tables(request):
    """How many tables have the rules of running connections."""
    if request.param == "two":
        request.getfixturevalue("two_tables")
    return request.param


@pytest.fixture
def ns(namespace):
    return namespace()


@pytest.fixture
def start(program):
    """A function that starts a driver; all end with the test."""
    made = []

    def begin(ns, config):
        made.append(Firewall(program, ns, config))
        return made[-1]
    yield begin
    for firewall in made:
        firewall.close()
