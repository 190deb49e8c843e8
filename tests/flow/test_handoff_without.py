"""What handing over takes, and what becomes of flows on a box that lacks some of it."""
import socket
import time

import pytest

import hello
from clients import ask, dial, finish
from handed import is_handed, talk
from lab import V4, V6
from servers import Farm, echo, read_first
from shuntd import SHUNTD, Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
[divert plain]
tcp = 444
handoff = never
[route one]
server_name = one.example
backend = one
"""
HELLO = hello.tls("one.example")
TIMESTAMPS = 1  # TCPI_OPT_TIMESTAMPS
FORWARDS_S = 0.15  # longer than FORWARDS_MS of daemon/carry/handoff.c
MISSING = {
    "strip": "reset tcp option",
    "log": "kmod-nfnetlink-log",
    "conntrack": "kmod-nf-conntrack-netlink",
    "repair": "TCP_REPAIR",
    "raw": "CAP_NET_RAW",
}


def options(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 64)[5]


class Servers:
    """A farm whose servers note the options of each connection."""

    def __init__(self, lab):
        self.options = []
        self.farm = Farm(lab, one=self.serve)

    def serve(self, connection, visit):
        self.options.append(options(connection))
        if read_first(connection, visit):
            connection.sendall(visit.report())
            echo(connection, visit)


@pytest.fixture(scope="module")
def servers(lab):
    return Servers(lab)


@pytest.fixture
def start(lab, servers):
    started = []

    def go():
        started.append(Shuntd(lab, CONFIG + servers.farm.backends(), "handoff"))
        return started[-1]
    yield go
    for daemon in started:
        daemon.end()
    for family in (V4, V6):
        forward(lab, family, 1)


def forward(lab, family, digit):
    lab.router.sysctl("net.ipv4.ip_forward" if family is V4 else "net.ipv6.conf.all.forwarding", digit)
    time.sleep(FORWARDS_S)  # what it said before is good for so long


def flow(lab, family, port=443):
    s = dial(lab.client, family, family.router, port)
    ask(s, HELLO)
    return s


def expect_handed(lab, family):
    s = flow(lab, family)
    wait_for(lambda: is_handed(lab, s), 5, "the handover")
    return s


def expect_relayed(lab, shuntd, family, port=443):
    """From its beginning to its end."""
    s = flow(lab, family, port)
    client = endpoint_of(s)
    talk(s, 100)
    finish(s)
    assert shuntd.flow(client=client, why="closed")["how"] in ("copy", "splice")


def test_all_is_there(lab, start, family):
    shuntd = start()
    assert shuntd.status()["handoff"] == "available"
    assert "\nhandoff: yes" in lab.router.run(SHUNTD, "-V")
    expect_handed(lab, family)


@pytest.mark.parametrize("name", MISSING)
def test_something_is_missing(lab, start, servers, name, monkeypatch):
    """Flows are relayed; it is said what is missing."""
    monkeypatch.setenv("SHUNT_WITHOUT", f"nothing,{name}")
    shuntd = start()
    told = shuntd.status()["handoff"]
    assert told.startswith("not available, flows are relayed: ") and MISSING[name] in told
    assert f"handoff: {told}" in shuntd.ctl("status")
    assert shuntd.text().count("none is handed to the kernel") == 1 and MISSING[name] in shuntd.text()
    for family in (V4, V6):
        expect_relayed(lab, shuntd, family)
        assert servers.options[-1] & options(flow(lab, family)) & TIMESTAMPS
    said = [line for line in lab.router.run(SHUNTD, "-V").splitlines() if line.startswith("handoff: ")]
    assert len(said) == 1 and said[0].startswith("handoff: no: ") and MISSING[name] in said[0]


def test_never(lab, start, servers, family):
    """All keep their timestamps, but for those that the client does not have; only one may be handed over."""
    start()
    s = flow(lab, family, 444)
    assert options(s) & TIMESTAMPS and servers.options[-1] & TIMESTAMPS
    assert options(expect_handed(lab, family)) & TIMESTAMPS and servers.options[-1] & TIMESTAMPS
    lab.client.sysctl("net.ipv4.tcp_timestamps", 0)
    assert not options(expect_handed(lab, family)) & TIMESTAMPS and not servers.options[-1] & TIMESTAMPS
    assert not options(flow(lab, family, 444)) & TIMESTAMPS and servers.options[-1] & TIMESTAMPS
    lab.client.sysctl("net.ipv4.tcp_timestamps", 1)
    assert not is_handed(lab, s)


def test_one_family_is_not_forwarded(lab, start, family):
    shuntd = start()
    other = V6 if family is V4 else V4
    forward(lab, family, 0)
    assert shuntd.status()["handoff"].startswith(f"available for IPv{other.version} alone: net.ipv")
    before = shuntd.status()["flows"]["fallback"]["forwarding"]
    expect_relayed(lab, shuntd, family)
    assert shuntd.status()["flows"]["fallback"]["forwarding"] == before + 1
    expect_handed(lab, other)
    forward(lab, family, 1)
    expect_handed(lab, family)


def test_nothing_is_forwarded(lab, start):
    for family in (V4, V6):
        forward(lab, family, 0)
    shuntd = start()
    assert "set net.ipv4.ip_forward" in shuntd.status()["handoff"]
    for family in (V4, V6):
        expect_relayed(lab, shuntd, family)
