"""Others flush what is ours while flows run: the flows live on, and all comes back."""
import pytest

import hello
from clients import ask, dial, read_exactly, sees_client
from kernel_state import difference, kernel_state
from lab import V4, V6
from sites import serving
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[divert closed]
tcp = 444
interface = wan
fail = closed
[route one]
server_name = one.example
backend = one
"""
FLUSHES = {
    "ruleset": [("nft", "flush", "ruleset")],
    "base-table": [("nft", "delete", "table", "inet", "shunt_base")],
    "rules": [("ip", "-4", "rule", "flush"), ("ip", "-6", "rule", "flush"),
              ("ip", "-4", "rule", "add", "pref", "32766", "lookup", "main"),
              ("ip", "-4", "rule", "add", "pref", "32767", "lookup", "default"),
              ("ip", "-6", "rule", "add", "pref", "32766", "lookup", "main")],
    "routes": [("ip", "-4", "route", "flush", "table", "1443"),
               ("ip", "-6", "route", "flush", "table", "1443")],
}
FLUSHES["all"] = sum(FLUSHES.values(), [])[:1] + FLUSHES["rules"] + FLUSHES["routes"]


@pytest.fixture(scope="module", params=["one table", "two tables"])
def daemon(lab, way, request):
    """With a table that stays without its owner, and as it is by itself."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "one table":
            patch.setenv("SHUNT_TABLES", "one")
        with serving(lab, CONFIG, way) as started:
            yield started


@pytest.fixture
def flows(lab, daemon):
    sockets = [dial(lab.client, family, family.router, port)
               for family in (V4, V6) for port in (443, 444) for _ in range(5)]
    for s in sockets:
        ask(s, hello.tls("one.example"))
    yield sockets
    for s in sockets:
        s.close()


def all_echo(sockets):
    for s in sockets:
        s.sendall(b"still here?")
    for s in sockets:
        assert read_exactly(s, 11) == b"still here?"


@pytest.mark.parametrize("what", list(FLUSHES))
def test_flushed(lab, daemon, flows, what):
    before = kernel_state(lab.router)
    for command in FLUSHES[what]:
        lab.router.run(*command)
    wait_for(lambda: kernel_state(lab.router) == before, 5,
             lambda: f"repair:\n{difference(before, kernel_state(lab.router))}")
    all_echo(flows)
    for family in (V4, V6):
        s = dial(lab.client, family, family.router, 443)
        sees_client(ask(s, hello.tls("one.example")), s, family)


def test_the_repair_is_told(lab, daemon):
    told = len(daemon.text().splitlines())
    lab.router.run("nft", "flush", "ruleset")
    wait_for(lambda: lab.router.table_exists("shunt_base"), 5, "the repair")
    said = "\n".join(daemon.text().splitlines()[told:])
    assert "shunt_base" in said, said


def test_flows_live_through_many_flushes(lab, daemon, flows):
    for _ in range(10):
        lab.router.run("nft", "flush", "ruleset")
        all_echo(flows)
    wait_for(lambda: lab.router.table_exists("shunt_base"), 5, "the repair")
