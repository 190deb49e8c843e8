"""Who is at the ends of a handed-over flow that the daemon ends is told, though nobody speaks."""

import pytest

import hello
from clients import ask, dial, ending, finish, own_port
from firewall import STATEFUL
from handed import is_handed, talk
from lab import V4, V6
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[divert transit]
tcp = 8443
interface = wan
to = transit
unknown = original
[route web]
divert = web
server_name = brief.example
backend = brief
[route transit]
divert = transit
server_name = brief.example
backend = brief
"""
FIRST = hello.tls("brief.example")
IDLE_S, LOOK_S, ANSWER_S = 1, 2.5, 3
ENDED_S = IDLE_S + 2 * LOOK_S


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, brief=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm):
    started = Shuntd(lab, CONFIG + farm.backend("brief", f"idle = {IDLE_S}s"), "handoff")
    yield started
    started.end()


@pytest.fixture(params=["open", "strict"])
def firewall(lab, daemon, request):
    """strict: nothing that conntrack does not know gets through."""
    if request.param == "strict":
        lab.router.nft(STATEFUL)
        lab.router.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    yield request.param
    if request.param == "strict":
        lab.router.nft("delete table inet stateful")
        lab.router.sysctl("net.netfilter.nf_conntrack_tcp_loose", 1)


@pytest.fixture(params=["timestamps", "none"])
def stamps(lab, request):
    name = "net.ipv4.tcp_timestamps"
    if request.param == "none":
        lab.client.sysctl(name, 0)
        lab.backend.sysctl(name, 0)
    yield
    lab.client.sysctl(name, 1)
    lab.backend.sysctl(name, 1)


def begin(lab, family, where, source_port=0):
    target = (family.router, 443) if where == "router" else (family.beyond, 8443)
    s = dial(lab.client, family, *target, source_port=source_port)
    ask(s, FIRST)
    wait_for(lambda: is_handed(lab, s), 5, "the handover")
    return s


def test_both_ends_are_reset(lab, farm, daemon, firewall, stamps):
    flows = [(family, begin(lab, family, where)) for family in (V4, V6) for where in ("router", "beyond")]
    for family, s in flows:
        port, server = own_port(s), farm["brief", family]
        daemon.flow(client=endpoint_of(s), how="handoff", why="idle", seconds=ENDED_S)
        assert ending(s, 2) == "reset"
        wait_for(lambda: server.visit_of(family.client, port).end == "reset", 2, "the server's end")


def test_many_at_once(lab, farm, daemon):
    before = daemon.status()["flows"]["handed_over"]
    flows = [dial(lab.client, V4, V4.router, 443) for _ in range(100)]
    for s in flows:
        ask(s, FIRST)
    wait_for(lambda: daemon.status()["flows"]["handed_over"] == before + len(flows), 5, "the handovers")
    for s in flows:
        assert ending(s, ENDED_S + 1) == "reset"
    server = farm["brief", V4]
    wait_for(lambda: all(v.end == "reset" for v in server.visits[-100:]), 2, "the server's ends")


def test_the_same_port_begins_anew_and_the_rules_forget(lab, daemon, family):
    s = begin(lab, family, "router")
    port = own_port(s)
    assert ending(s, ENDED_S) == "reset"
    s.close()
    s = begin(lab, family, "router", source_port=port)
    talk(s, 20)
    finish(s)
    wait_for(lambda: "elements" not in lab.router.run("nft", "list", "set", "inet", "shunt",
                                                      f"cut{family.version}"),
             ANSWER_S + 10, "an empty set")
