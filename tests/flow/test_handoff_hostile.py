"""The conversations of test_handoff_exact behind other people's rules, and with settings that hurt."""
import pytest

import firewall
from lab import V4, V6, Lab, standard
from shuntd import Shuntd
from talking import CONFIG, Crowd
from test_hostile_sysctl import MARKS, expand
from test_hostile_wans import FAR, two_wans

KINDS = ("dialogue", "pipelined", "segments", "upload", "download", "drizzle", "idle", "end_of_client",
         "end_of_server", "reset_of_client", "reset_of_server")
MOSTLY = ("dialogue", "pipelined", "segments", "drizzle", "idle")
COUNT = 4
STRICT = {"net.netfilter.nf_conntrack_tcp_loose": 0, "net.netfilter.nf_conntrack_tcp_be_liberal": 0}
ELSEWHERE = {f: f.backends[9] for f in (V4, V6)}
# rules and sysctls of the router
WORLDS = {
    "strict": (firewall.STATEFUL, STRICT),
    "fw4": (firewall.fw4(), STRICT),
    "masquerade": (firewall.MASQUERADE_EVERYWHERE, {}),
    "port-forward": (firewall.port_forward(443, ELSEWHERE), {}),
    "marks": ("", {**MARKS, "net.ipv4.conf.*.rp_filter": 1}),
    "all": ("\n".join((firewall.STATEFUL, firewall.MASQUERADE_EVERYWHERE,
                       firewall.port_forward(443, ELSEWHERE))),
            {**STRICT, **MARKS, "net.ipv4.conf.*.rp_filter": 1}),
}


def watch_invalid(lab):
    """What conntrack finds wrong with a packet of a flow that was handed over is forwarded, or dropped
    by a strict firewall: nothing of it is to be wrong."""
    lab.router.nft(firewall.COUNT_INVALID)
    return lambda: [lab.router.counter("invalid", name) for name in ("forwarded", "received")]


@pytest.mark.parametrize("world", WORLDS)
def test_world(own_lab, world):
    rules, settings = WORLDS[world]
    own_lab.router.nft(rules)
    for key, value in expand(settings).items():
        own_lab.router.sysctl(key, value)
    invalid = watch_invalid(own_lab)
    daemon = Shuntd(own_lab, CONFIG, "handoff")
    crowd = Crowd(own_lab, KINDS)
    outcome = crowd.call([flow for family in (V4, V6) for flow in crowd.flows(family, COUNT)])
    assert not outcome.faults
    assert outcome.share_handed(*MOSTLY) > 0.9
    assert invalid()[0] == 0
    daemon.stop()


@pytest.fixture
def wans():
    made = Lab()
    try:
        yield two_wans(standard(made))
    finally:
        made.close()


def test_two_wans(wans):
    """A flow goes on by the WAN by which it came, whose mark is in conntrack."""
    daemon = Shuntd(wans, CONFIG.replace("interface = wan", "interface = wan, wan2"), "handoff")
    crowd = Crowd(wans, KINDS)
    by_way = {mark: [(FAR[family][0], own, target if way else family.router, port, *rest)
                     for family, target in ((V4, FAR[V4][2]), (V6, FAR[V6][2]))
                     for _, own, _, port, *rest in crowd.flows(family, 2)]
              for way, mark in ((0, 0x100), (1, 0x200))}
    outcome = crowd.call(by_way[0x100] + by_way[0x200])
    assert not outcome.faults
    assert outcome.share_handed(*MOSTLY) > 0.9
    assert wans.client.counter("watch", "wrong") == 0
    daemon.stop()
