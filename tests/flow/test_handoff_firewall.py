"""A box that drops what it forwards: nothing is handed over to where it would end."""
import time

import pytest

import hello
from clients import ask, dial, finish
from handed import is_handed, open_flow, talk
from lab import V4
from reloading import Reloading
from servers import Farm, answer
from shuntd import endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route one]
server_name = one.example
backend = one
[route two]
server_name = two.example
backend = two
"""
ONE, TWO = hello.tls("one.example"), hello.tls("two.example")
TRIAL_S = 1    # the first flow of a way is judged within this
LOOK_S = 2.5   # between two looks of the daemon at conntrack
RETRY_S = 5    # after rules of others have changed


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer, two=answer)


@pytest.fixture
def shuntd(lab, farm):
    daemon = Reloading(lab, CONFIG + farm.backends(), carried="handoff")
    yield daemon
    daemon.end()


@pytest.fixture
def drops(lab):
    """Load a forward chain with these rules that drops the rest."""
    def load(*rules):
        lab.router.nft("table inet strict\ndelete table inet strict\ntable inet strict {\nchain forward {\n"
                       "type filter hook forward priority filter; policy drop;\n"
                       "meta l4proto ipv6-icmp accept\n" + "\n".join(rules) + "\n}\n}\n")
    yield load
    lab.router.nft("table inet strict\ndelete table inet strict")


def begin(lab, family, first=ONE):
    s = dial(lab.client, family, family.router, 443)
    ask(s, first)
    return s


def handoff(shuntd):
    return shuntd.status()["handoff"]


def refused(shuntd):
    return shuntd.status()["flows"]["fallback"]["firewall"]


def is_lost(shuntd, s):
    return any(f["client"] == endpoint_of(s) and (f["how"], f["why"]) == ("handoff", "lost")
               for f in shuntd.flow_lines())


def lose_one(lab, shuntd, family, first=ONE):
    """The one flow by which the daemon finds out."""
    s = begin(lab, family, first)
    shuntd.flow(client=endpoint_of(s), how="handoff", why="lost", seconds=TRIAL_S + 1)
    s.close()


def stays_relayed(lab, shuntd, family, first=ONE):
    before = refused(shuntd)
    s = begin(lab, family, first)
    wait_for(lambda: refused(shuntd) > before, 5, "a flow that is not handed over for that reason")
    talk(s, 20)
    assert not is_handed(lab, s)
    finish(s)


def test_nothing_is_forwarded(lab, shuntd, drops, family):
    """As on a host for containers, or a proxy that never was a router."""
    drops()
    lose_one(lab, shuntd, family)
    for first in (ONE, TWO, ONE):
        stays_relayed(lab, shuntd, family, first)
    assert handoff(shuntd).startswith("off, flows are relayed: rules of this box drop what it forwards")
    assert "have the forward chains accept" in shuntd.text()


@pytest.mark.parametrize("way", ["saddr", "daddr"])
def test_one_direction_is_dropped(lab, shuntd, drops, family, way):
    server = family.backends[0]
    drops(f"{family.ip} {way} {server} accept")
    lose_one(lab, shuntd, family)
    stays_relayed(lab, shuntd, family)


def test_only_one_of_many_is_lost(lab, shuntd, drops):
    drops()
    flows = [begin(lab, V4, (ONE, TWO)[number % 2]) for number in range(20)]
    wait_for(lambda: any(is_lost(shuntd, s) for s in flows), TRIAL_S + 1, "the verdict")
    left = [s for s in flows if not is_lost(shuntd, s)]
    assert len(left) == 19
    for s in left:
        talk(s, 3)
    wait_for(lambda: refused(shuntd) == 19, 5, lambda: f"19 refusals, not {refused(shuntd)}")


def test_one_server_is_behind_a_chain_that_drops(lab, shuntd, drops, family):
    """Containers may be forwarded to, everything else may not."""
    server = family.backends[0]
    drops(f"{family.ip} saddr {server} accept", f"{family.ip} daddr {server} accept")
    s = open_flow(lab, family, ONE)
    talk(s, 5)
    lose_one(lab, shuntd, family, TWO)
    stays_relayed(lab, shuntd, family, TWO)
    talk(open_flow(lab, family, ONE), 5)
    talk(s, 5)
    assert handoff(shuntd).startswith("available, but not with 1 servers")


def test_established_is_accepted(lab, shuntd, drops, family):
    drops("ct state established,related accept")
    for first in (ONE, TWO):
        for _ in range(3):
            talk(open_flow(lab, family, first), 5)
    assert handoff(shuntd) == "available"
    assert refused(shuntd) == 0


def test_it_is_tried_again_when_rules_have_changed(lab, shuntd, drops):
    drops()
    lose_one(lab, shuntd, V4)
    began = time.monotonic()
    drops("ct state established,related accept")
    wait_for(lambda: handoff(shuntd) == "available", RETRY_S + LOOK_S + 2, "another trial", every=0.2)
    assert time.monotonic() - began > RETRY_S - 2  # somebody who changes rules all the time costs little
    talk(open_flow(lab, V4, ONE), 5)


def test_a_reload_tries_again_at_once(lab, farm, shuntd, drops):
    drops()
    lose_one(lab, shuntd, V4)
    drops("ct state established,related accept")
    shuntd.reload(CONFIG + farm.backend("one", "idle = 2h") + farm.backend("two"))
    assert handoff(shuntd) == "available"
    talk(open_flow(lab, V4, ONE), 5)


def test_what_worked_is_dropped_later(lab, shuntd, drops):
    """Flows that do not pass are ended, and soon no more of them are made."""
    old = open_flow(lab, V4, ONE)
    talk(old, 1)
    drops("ct mark & 0xff000000 == 0x5e000000 accept")  # what was seen to pass both ways
    ended = []

    def is_noticed():
        before = refused(shuntd)
        try:
            s = begin(lab, V4)
            wait_for(lambda: is_handed(lab, s) or refused(shuntd) > before, 5, "what becomes of the flow")
            s.settimeout(0.3)
            s.sendall(b"x")
            s.recv(1)
        except OSError:
            ended.append(True)
        return refused(shuntd)
    wait_for(is_noticed, 30, "the way that is closed now", every=0.2)
    talk(old, 3)
    stays_relayed(lab, shuntd, V4)
    assert ended
