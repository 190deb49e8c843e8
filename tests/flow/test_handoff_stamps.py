"""TCP timestamps of flows that are handed over: the ends see each other's clocks from then on, whatever
these show, and take every segment."""
import itertools
import os
import socket

import pytest

from clients import ask, dial, own_port, read_exactly
from handed import is_handed
from lab import V4, V6, Lab, standard
from servers import Farm, answer
from shuntd import Shuntd
from stamps import Wire, clock_of, faults_of, set_clock, steps
from talking import CONFIG as CROWD_CONFIG
from talking import Crowd
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
wait = 50ms
silent = one
[route any]
backend = one
"""
MEGABYTE = 1 << 20
# how far an end's clock is ahead of ours, and how often ours has to jump for that
DISTANCES = {0: 2, 0x30000000: 0, 0x90000000: 1, 0xfffff000: 2}
# every segment of an agreed connection is to have them: there are hosts that take no other
STRICT = """table inet strict {
    counter bare { }
    chain in { type filter hook input priority 0
        tcp flags & (syn | rst) == 0 tcp option timestamp missing counter name bare drop
    }
    }"""


# each flow's is its own: what is seen of one before it would count
ports = itertools.count(20000)


@pytest.fixture(scope="module")
def lab():
    """All three show the same clock, where it is not set."""
    made = Lab()
    try:
        standard(made)
        for ns in (made.client, made.router, made.backend):
            ns.sysctl("net.ipv4.tcp_timestamps", 2)
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def wires(lab):
    return Wire(lab, lab.client, "wan"), Wire(lab, lab.backend, "lan")


@pytest.fixture(scope="module")
def daemon(lab, farm):
    started = Shuntd(lab, CONFIG + farm.backends())
    for family in (V4, V6):  # the first flow to each server tries out the way
        idle(Flow(lab, farm, family))
    yield started
    started.end()


def say(s, size):
    data = os.urandom(size)
    s.sendall(data)
    assert read_exactly(s, size) == data


def refused_as_old(ns):
    """Segments that this host found older than others before."""
    return float(ns.run("nstat", "-asz", "TcpExtPAWSEstab").split()[-2])


def has_stamps(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 64)[5] & 1  # TCPI_OPT_TIMESTAMPS


class Flow:
    """A connection, and the server's end of it."""

    def __init__(self, lab, farm, family):
        self.lab, self.s = lab, dial(lab.client, family, family.router, 443, source_port=next(ports))
        ask(self.s, b"hello")
        server = farm["one", family]
        visit = server.visit_of(family.client, own_port(self.s))
        self.peer = server.connections[server.visits.index(visit)]

    def set_ahead(self, end, distance):
        for step in steps(distance):
            set_clock(end, clock_of(end) + step)
            say(self.s, 1)

    def is_handed(self):
        return is_handed(self.lab, self.s)


def idle(flow):
    wait_for(flow.is_handed, 5, "the handover")


def questions(flow):
    """Never quiet."""
    for _ in range(100):
        if flow.is_handed():
            return
        for _ in range(200):
            say(flow.s, 100)
    assert False, "it was not handed over"


def bulk(flow):
    for _ in range(100):
        if flow.is_handed():
            return
        for _ in range(40):
            say(flow.s, MEGABYTE // 8)
    assert False, "it was not handed over"


@pytest.mark.parametrize("use", [idle, questions, bulk], ids=lambda use: use.__name__)
@pytest.mark.deadline(60)
def test_clocks(lab, farm, daemon, wires, family, use):
    """An end's clock is behind the other's, or ahead, by little, by much, by nearly all of its circle."""
    old = [refused_as_old(ns) for ns in (lab.client, lab.backend)]
    for server_ahead, jumps_to_client in DISTANCES.items():
        for client_ahead, jumps_to_server in DISTANCES.items():
            before = daemon.status()["flows"]["clock_jumps"]
            flow = Flow(lab, farm, family)
            flow.set_ahead(flow.peer, server_ahead)
            flow.set_ahead(flow.s, client_ahead)
            assert not flow.is_handed()
            use(flow)
            for _ in range(20):
                say(flow.s, 5000)
            jumps = daemon.status()["flows"]["clock_jumps"] - before
            assert jumps == jumps_to_client + jumps_to_server, (server_ahead, client_ahead)
            for wire in wires:
                assert not faults_of(wire.of(own_port(flow.s)))
            flow.s.close()
    # in full flow the acknowledgement that we made may be overtaken by the first of the receiver's own
    assert use is bulk or [refused_as_old(ns) for ns in (lab.client, lab.backend)] == old


def test_the_ends_hear_of_each_others_clock(lab, farm, daemon, wires, family):
    """Of a flow that is quiet as well: at once, so that days of silence do not matter."""
    flow = Flow(lab, farm, family)
    flow.set_ahead(flow.peer, 0x90000000)
    flow.set_ahead(flow.s, 0x30000000)
    wait_for(flow.is_handed, 5, "the handover")
    for wire, own, other in zip(wires, (flow.s, flow.peer), (flow.peer, flow.s)):
        def come():
            return [s for s in wire.of(own_port(flow.s)) if not s.is_sent]
        last = wait_for(lambda: clock_of(other) - come()[-1].stamp[0] in range(10_000) and come()[-1], 2,
                        "the other's clock")
        assert clock_of(own) - last.stamp[1] in range(10_000)


def test_many_at_once(lab, farm, daemon, family):
    """More than are seen to at a time."""
    flows = [Flow(lab, farm, family) for _ in range(150)]
    wait_for(lambda: all(flow.is_handed() for flow in flows), 10, "the handovers")
    for flow in flows:
        say(flow.s, 3000)
    fallback = daemon.status()["flows"]["fallback"]
    assert fallback["timestamps"] == 0


def test_servers_without(own_lab, family):
    """Two connections are relayed; from then on clients of that address and port begin without."""
    own_lab.backend.sysctl("net.ipv4.tcp_timestamps", 0)
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), "handoff", shunt="workers = 1")
    for number in (1, 2):
        flow = Flow(own_lab, farm, family)
        wait_for(lambda: daemon.status()["flows"]["fallback"]["timestamps"] == number, 5, "the refusal")
        say(flow.s, 5000)
        assert has_stamps(flow.s)
    flow = Flow(own_lab, farm, family)
    idle(flow)
    say(flow.s, 5000)
    assert not has_stamps(flow.s)
    # others are not concerned
    s = dial(own_lab.client, family, family.other_router, 443)
    ask(s, b"hello")
    assert has_stamps(s)
    assert daemon.status()["flows"]["clock_jumps"] == 0
    daemon.stop()


@pytest.mark.deadline(60)
def test_hosts_that_want_timestamps(own_lab):
    """No segment of ours is without them, whatever is said when a flow is handed over, and how it ends."""
    for ns in (own_lab.client, own_lab.backend):
        ns.nft(STRICT)
    daemon = Shuntd(own_lab, CROWD_CONFIG, "handoff")
    crowd = Crowd(own_lab)
    for family in (V4, V6):
        outcome = crowd.call(crowd.flows(family, 2))
        assert not outcome.faults
        assert outcome.share_handed() > 0.5
    assert [ns.counter("strict", "bare") for ns in (own_lab.client, own_lab.backend)] == [0, 0]
    daemon.stop()
    crowd.close()
