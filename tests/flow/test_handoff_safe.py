"""Nothing that others do to a box ends a flow that was handed over, where it would not end another."""
import random
import time

import pytest

import hello
import spoof
from clients import ask, dial, finish, own_port, reset
from handed import is_handed, open_flow, talk
from reloading import Reloading
from servers import Farm, answer
from shuntd import Shuntd
from waiting import stays, wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route one]
server_name = one.example
backend = one
"""
HELLO = hello.tls("one.example")
LOOK_S = 2.5  # between two looks of the daemon at conntrack


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture
def shuntd(lab, farm):
    daemon = Shuntd(lab, CONFIG + farm.backends(), "handoff")
    yield daemon
    daemon.end()


def remembered(lab, family, port):
    """Is a flow from that port of the client's in the set of those handed over?"""
    text = lab.router.run("nft", "list", "set", "inet", "shunt", f"handed{family.version}")
    return f"{family.client} . {port} . {family.router} . 443" in text


def syn(lab, family, s):
    spoof.send(lab.client, family, (family.client, own_port(s)), (family.router, 443), spoof.SYN,
               random.getrandbits(32))


def test_a_spoofed_syn(lab, shuntd, family):
    """RFC 5961 4: the server answers it, and nothing comes of it."""
    s = open_flow(lab, family, HELLO)
    for _ in range(20):
        syn(lab, family, s)
        talk(s, 1)
    assert is_handed(lab, s)


def test_a_spoofed_syn_after_the_rules_were_written_anew(lab, shuntd, family):
    """With the first bridge the daemon writes its table once more, and remembers what it knew."""
    s = open_flow(lab, family, HELLO)
    lab.router.ip("link add br0 type bridge", "link set br0 up")
    try:
        stays(lambda: is_handed(lab, s), 1.2, "the handed-over flow", every=0.2)  # a beat of the daemon's
        wait_for(lambda: remembered(lab, family, own_port(s)), LOOK_S + 2, "the flow in the new set")
        syn(lab, family, s)
        talk(s, 1)
    finally:
        lab.router.ip("link del br0")


def test_a_spoofed_syn_after_a_restart(lab, shuntd, family):
    """A flow that another daemon handed over is as safe."""
    s = open_flow(lab, family, HELLO)
    shuntd.kill()
    shuntd.start()
    wait_for(lambda: remembered(lab, family, own_port(s)), LOOK_S + 2, "the flow in the new set")
    syn(lab, family, s)
    talk(s, 1)


def test_a_spoofed_syn_after_reloads(lab, farm, family):
    """The set goes when nothing is to be handed over any more; when it comes back it is filled."""
    text = CONFIG + farm.backends()
    daemon = Reloading(lab, text, carried="handoff")
    s = open_flow(lab, family, HELLO)
    daemon.reload(text.replace("interface = wan", "interface = wan\nhandoff = never"))
    talk(s, 1)
    daemon.reload(text)
    wait_for(lambda: remembered(lab, family, own_port(s)), LOOK_S + 2, "the flow in the new set")
    syn(lab, family, s)
    talk(s, 1)
    daemon.end()


def close(s, family, lab):
    finish(s)


def abort(s, family, lab):
    reset(s)


def vanish(s, family, lab):
    """Conntrack forgets it: only the daemon's look can tell."""
    lab.router.run("conntrack", "-D", "-f", str(family), "-p", "tcp", "--sport", str(own_port(s)))


@pytest.mark.parametrize("end, seconds", [(close, 0.5), (abort, LOOK_S + 2), (vanish, LOOK_S + 2)])
def test_flows_that_are_over_are_forgotten(lab, shuntd, family, end, seconds):
    s = open_flow(lab, family, HELLO)
    port = own_port(s)
    assert remembered(lab, family, port)
    end(s, family, lab)
    wait_for(lambda: not remembered(lab, family, port), seconds, "the flow out of the set")


def test_a_spoofed_end_does_not_make_it_forgotten(lab, shuntd, family):
    """Neither by a RST nor by a FIN of the client's: only the server may end it so soon."""
    s = open_flow(lab, family, HELLO)
    ends = (family.client, own_port(s)), (family.router, 443)
    for flags in (spoof.RST, spoof.FIN | spoof.ACK):
        for _ in range(5):
            spoof.send(lab.client, family, *ends, flags, random.getrandbits(32), random.getrandbits(32))
        talk(s, 1)
        assert remembered(lab, family, own_port(s))


def test_a_flow_that_ended_unseen(lab, shuntd, family):
    """Its client begins anew from the same port: the first SYN makes the flow forgotten, the next is taken."""
    s = open_flow(lab, family, HELLO)
    port = own_port(s)
    vanish(s, family, lab)
    s.close()
    lab.client.run("ss", "-K", "sport", "=", f":{port}")
    again = dial(lab.client, family, family.router, 443, source_port=port)
    ask(again, HELLO)
    talk(again, 1)
    assert lab.router.counter("shunt", "former") <= 1


def test_a_client_that_begins_anew_at_once(lab, shuntd, family):
    """The server's end has taken the former flow out of the set, so that it is taken at once."""
    s = open_flow(lab, family, HELLO)
    port = own_port(s)
    finish(s)
    wait_for(lambda: not remembered(lab, family, port), 1, "the flow out of the set")
    began = time.monotonic()
    again = dial(lab.client, family, family.router, 443, source_port=port)
    assert time.monotonic() - began < 0.5
    ask(again, HELLO)
    wait_for(lambda: remembered(lab, family, port), 5, "the new flow in the set")
    stays(lambda: remembered(lab, family, port), LOOK_S + 1, "the flow in the set", every=0.3)
    syn(lab, family, again)
    talk(again, 1)


def test_a_port_that_a_flow_of_another_daemon_has(lab, shuntd, family):
    """The pair of client and server is taken by a flow that the daemon only found: no carrier counted it."""
    s = open_flow(lab, family, HELLO)
    shuntd.kill()
    shuntd.start()
    wait_for(lambda: remembered(lab, family, own_port(s)), LOOK_S + 2, "the flow in the new set")
    other = dial(lab.client, family, family.other_router, 443, source_port=own_port(s))
    report = ask(other, HELLO)
    assert report["peer"] == family.client and report["port"] != own_port(s)
    assert shuntd.status()["flows"]["fallback"]["port_taken"] == 1
    talk(s, 10)
    talk(other, 10)
