"""Who does not see a handed-over flow cannot end it: a FIN or RST needs its number, as with any NAT."""
import socket
import struct

import pytest

import hello
import spoof
from clients import finish, own_port
from handed import entries, open_flow, talk
from servers import Farm, answer
from shuntd import Shuntd
from sites import ONE_SITE
from waiting import wait_for

FIRST = hello.tls("one.example")
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
OFF_SILENTLY, ON, RECEIVE, SEND = -1, 1, 1, 2
LONG_S = 400_000  # what is left of an established connection's time, of 432000 s
# away from the right number, and from any window that these hosts open
WRONG = [1 << 25, 1 << 28, 1 << 30, (1 << 31) - 1, -(1 << 30), -(1 << 25)]
ENDS = [spoof.FIN | spoof.ACK, spoof.RST, spoof.RST | spoof.ACK]


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm):
    started = Shuntd(lab, ONE_SITE + farm.backends(), "handoff")
    yield started
    started.end()


@pytest.fixture(autouse=True)
def asked(lab, daemon, family):
    """The first flow with a server is made to speak; after it a flow is as silent as its ends are."""
    finish(open_flow(lab, family, FIRST))


def numbers(s):
    """The next that it sends, and the next that it expects."""
    found = []
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, ON)
    for queue in (SEND, RECEIVE):
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        found += struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, 4))
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, OFF_SILENTLY)
    return found


class Flow:
    """Both ends of a flow that was handed over, and what somebody else says in their names."""

    def __init__(self, lab, family, farm):
        self.lab, self.family = lab, family
        self.client = open_flow(lab, family, FIRST)
        self.server = next(c for c in farm["one", family].connections if c.fileno() >= 0 and c.getpeername()[1] == own_port(self.client))

    def by_client(self, flags, off):
        self.say(self.lab.client, self.client, flags, off)

    def by_server(self, flags, off):
        self.say(self.lab.backend, self.server, flags, off)

    def say(self, ns, s, flags, off):
        """As if s had, but for its numbers, which are all that much away from the right ones."""
        sent, expected = numbers(s)
        spoof.send(ns, self.family, s.getsockname()[:2], s.getpeername()[:2], flags,
                   (sent + off) % 2**32, (expected + off) % 2**32)

    def entry(self):
        """(state, seconds)"""
        found = entries(self.lab, self.family, own_port(self.client))
        assert len(found) == 1
        seconds, state = found[0].split()[2:4]
        return state, int(seconds)

    def lives(self):
        state, seconds = self.entry()
        return state == "ESTABLISHED" and seconds > LONG_S

    def goes_on(self):
        """What it says counts again; its time is shorter until the last of it is acknowledged."""
        talk(self.client, 5)
        return wait_for(self.lives, 3, "acknowledgements")


@pytest.fixture(params=["idle", "spoke"])
def flow(lab, family, daemon, farm, request):
    made = Flow(lab, family, farm)
    if request.param == "spoke":
        assert made.goes_on()
    return made


@pytest.mark.parametrize("who", ["by_client", "by_server"])
def test_wrong_numbers_change_nothing(flow, who):
    for flags in ENDS:
        for off in WRONG:
            getattr(flow, who)(flags, off)
    assert flow.lives()
    assert flow.goes_on()


def test_nor_do_both_ways_in_turn(flow):
    """Two FINs would be the end of it, were they believed."""
    for off in WRONG:
        flow.by_client(spoof.FIN | spoof.ACK, off)
        flow.by_server(spoof.FIN | spoof.ACK, off)
        flow.by_client(spoof.ACK, off)
        flow.by_server(spoof.ACK, off)
    assert flow.entry()[0] == "ESTABLISHED"
    assert flow.goes_on()


@pytest.mark.parametrize("who", ["by_client", "by_server"])
def test_the_right_number_is_believed(flow, who):
    """Else the tests above would show nothing."""
    getattr(flow, who)(spoof.RST, 0)
    wait_for(lambda: flow.entry()[0] == "CLOSE", 3, "the end by a RST")


def test_an_end_of_its_own_is_seen(flow):
    port = own_port(flow.client)
    finish(flow.client)
    wait_for(lambda: not any("ESTABLISHED" in line for line in entries(flow.lab, flow.family, port)), 3, "the end")
