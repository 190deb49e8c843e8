"""Flows whose marks would lead their packets astray are not handed over, and work."""
import pytest

import hello
from clients import ask, dial, sees_client
from handed import is_handed, talk
from lab import Lab, standard
from shuntd import endpoint_of
from sites import serving
from waiting import wait_for
from wans import FAR, lead_to_lan, two_wans

CONFIG = """
[divert web]
tcp = 443
interface = wan, wan2
[route one]
server_name = one.example
backend = one
"""
FIRST = hello.tls("one.example")
REMEMBERED_S = 3  # the way of a flow like that one


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield two_wans(standard(made), leads_to_lan=False)
    finally:
        made.close()


@pytest.fixture
def daemon(lab):
    with serving(lab, CONFIG, "handoff") as started:
        yield started


@pytest.fixture
def leads(lab, family):
    """Give the WANs' tables a way to the LAN."""
    given = []

    def give():
        lead_to_lan(lab, family)
        given.append(family)
    yield give
    for family in given:
        lead_to_lan(lab, family, "del")


def begin(lab, family, by="wan"):
    """A flow of the far client's, which has said something for a while."""
    s = dial(lab.client, family, family.router if by == "wan" else FAR[family][2], 443,
             source=FAR[family][0], timeout=3)
    sees_client(ask(s, FIRST), s, family, FAR[family][0])
    talk(s, 20)
    return s


def astray(daemon):
    return daemon.status()["flows"]["fallback"]["route"]


def relayed(daemon, s):
    return any(f["client"] == endpoint_of(s) and f["how"] != "handoff" for f in daemon.live_flows())


@pytest.mark.parametrize("by", ["wan", "wan2"])
def test_by_a_table_with_nothing_but_a_default_route_it_is_relayed(lab, daemon, family, by):
    before = astray(daemon)
    for count in (1, 2):
        s = begin(lab, family, by)
        wait_for(lambda: astray(daemon) == before + count, 3, "a flow that is not handed over")
        talk(s, 20)
        assert not is_handed(lab, s) and relayed(daemon, s)
        s.close()
    assert lab.client.counter("watch", "wrong") == 0


@pytest.mark.parametrize("by", ["wan", "wan2"])
def test_by_a_table_that_knows_the_lan_it_is_handed_over(lab, daemon, family, leads, by):
    leads()
    s = begin(lab, family, by)
    wait_for(lambda: is_handed(lab, s), 3, "the handover")
    talk(s, 20)
    assert astray(daemon) == 0 and lab.client.counter("watch", "wrong") == 0
    s.close()


def test_answers_that_would_leave_by_another_way(lab, daemon, family, leads):
    """Rules that only see what is forwarded: the client came by wan, and would be answered by wan2."""
    leads()
    rule = ("ip", f"-{family.version}", "rule")
    lab.router.run(*rule, "add", "pref", "1998", "iif", "lan", "lookup", "2")
    try:
        s = begin(lab, family)
        wait_for(lambda: astray(daemon) == 1, 3, "a flow that is not handed over")
        talk(s, 20)
        assert not is_handed(lab, s)
        s.close()
        s = begin(lab, family, "wan2")
        wait_for(lambda: is_handed(lab, s), 3, "the handover")
        s.close()
    finally:
        lab.router.run(*rule, "del", "pref", "1998")


def test_a_route_that_comes_is_noticed(lab, daemon, family, leads):
    s = begin(lab, family)
    wait_for(lambda: astray(daemon) == 1, 3, "a flow that is not handed over")
    s.close()
    leads()

    def next_is_handed():
        count = astray(daemon)
        s = begin(lab, family)
        wait_for(lambda: is_handed(lab, s) or astray(daemon) > count, 3, "a decision")
        handed = is_handed(lab, s)
        s.close()
        return handed
    wait_for(next_is_handed, REMEMBERED_S + 2, "a handover by the new route")
