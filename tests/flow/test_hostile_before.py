"""Flows that were there before us: 50 port-forwarded ones live through every change of ours."""
import pytest

import firewall
import hello
from clients import ask, dial, read_exactly, sees_client
from lab import V4, V6
from servers import Farm, Server, answer
from shuntd import Shuntd
from sites import ONE_SITE
from waiting import stays

OLD = {V4: V4.backends[9], V6: V6.backends[9]}


@pytest.fixture
def old_flows(own_lab, family):
    """50 flows through somebody's port forward of 443."""
    Server(own_lab, own_lab.backend, family, OLD[family], 443, answer, "old")
    own_lab.router.nft(firewall.port_forward(443, OLD))
    sockets = [dial(own_lab.client, family, family.router, 443) for _ in range(50)]
    for s in sockets:
        assert ask(s, b"hello\n")["server"] == "old"
    return sockets


def all_echo(sockets):
    for s in sockets:
        s.sendall(b"tick")
    for s in sockets:
        assert read_exactly(s, 4) == b"tick"
    return True


def new_one(lab, family):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls("one.example"))
    sees_client(report, s, family)
    return report["server"]


def test_start_kill_restart_stop(own_lab, family, way, old_flows):
    farm = Farm(own_lab, one=answer)
    first = Shuntd(own_lab, ONE_SITE + farm.backends(), way)
    stays(lambda: all_echo(old_flows), 0.3, "the flows at the start")
    assert new_one(own_lab, family) == "one"
    first.kill()
    stays(lambda: all_echo(old_flows), 0.3, "the flows after kill -9")
    assert new_one(own_lab, family) == "old"
    second = Shuntd(own_lab, ONE_SITE + farm.backends(), way)
    stays(lambda: all_echo(old_flows), 0.3, "the flows at the restart")
    assert new_one(own_lab, family) == "one"
    second.stop()
    stays(lambda: all_echo(old_flows), 0.3, "the flows after a clean stop")
    assert new_one(own_lab, family) == "old"


def test_flows_of_the_time_without_us_outlive_our_return(own_lab, family, way):
    """Forwarded flows that no NAT and no rule made conntrack look at, on a box without rules."""
    Server(own_lab, own_lab.backend, family, family.beyond, 443, answer, "beyond")
    s = dial(own_lab.client, family, family.beyond, 443)
    assert ask(s, b"hello\n")["server"] == "beyond"
    farm = Farm(own_lab, one=answer)
    config = (ONE_SITE + farm.backends()).replace("interface = wan", "interface = wan\nto = any")
    Shuntd(own_lab, config, way)
    stays(lambda: all_echo([s]), 1, "a flow that conntrack did not know before")
