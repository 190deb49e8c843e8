"""What client and server agreed on with us is the same, so that their flow can be handed over."""
import socket
import struct
from dataclasses import dataclass

import pytest

import hello
from clients import ask, dial, read_exactly
from handed import is_handed
from lab import V4
from servers import Farm, echo, read_first
from shuntd import Shuntd
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
[route one]
server_name = one.example
backend = one
"""
HELLO = hello.tls("one.example")
TCP_WINDOW_CLAMP = 10   # Linux
TIMESTAMPS, STAMPS_SIZE = 1, 12  # TCPI_OPT_TIMESTAMPS
BYTES = 1 << 20
# tcp_rmem whose largest window takes that scale to say
RMEM = {7: "4096 131072 6291456", 9: "4096 131072 16777216", 10: "4096 131072 33554432"}


@dataclass
class Terms:
    """What TCP_INFO tells of a connection's handshake. Segments: with their timestamps."""
    peer_scale: int
    own_scale: int
    most_sent: int

    @classmethod
    def of(cls, s):
        info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 64)
        stamps = STAMPS_SIZE if info[5] & TIMESTAMPS else 0
        return cls(info[6] & 15, info[6] >> 4, struct.unpack_from("=I", info, 16)[0] + stamps)


class Servers:
    """A farm whose servers note what they were told."""

    def __init__(self, lab):
        self.terms = []
        self.farm = Farm(lab, one=self.serve)

    def serve(self, connection, visit):
        self.terms.append(Terms.of(connection))
        if read_first(connection, visit):
            connection.sendall(visit.report())
            echo(connection, visit)

    def prepare(self, option, value):
        """What is told to connections from now on."""
        for server in self.farm.servers.values():
            server.socket.setsockopt(socket.IPPROTO_TCP, option, value)


@pytest.fixture(scope="module")
def servers(lab):
    return Servers(lab)


@pytest.fixture
def shuntd(lab, servers):
    daemon = Shuntd(lab, CONFIG + servers.farm.backends(), "handoff", shunt="workers = 1")
    yield daemon
    daemon.end()


def offering(scale=None, segment=None):
    """Have a client offer windows of that scale, or take segments of so many bytes."""
    def prepare(s):
        if scale is not None:
            s.setsockopt(socket.IPPROTO_TCP, TCP_WINDOW_CLAMP, 65535 << scale)
        if segment is not None:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
    return prepare


def begin(lab, family, prepare=None):
    s = dial(lab.client, family, family.router, 443, prepare=prepare)
    ask(s, HELLO)
    return s


def expect_handed(lab, s):
    wait_for(lambda: is_handed(lab, s), 5, "the handover")
    exchange(s)


def expect_relayed(lab, shuntd, family, reason, prepare=None):
    """A flow is refused for that reason, and carried all the same."""
    before = fallbacks(shuntd)
    s = begin(lab, family, prepare)
    wait_for(lambda: fallbacks(shuntd)[reason] > before[reason], 5, f"a fallback for {reason}")
    exchange(s)
    assert not is_handed(lab, s)
    return s


def exchange(s):
    """1 MB to an echo and back."""
    data = bytes(range(256)) * (BYTES // 256)
    for at in range(0, BYTES, 65536):
        s.sendall(data[at:at + 65536])
        assert read_exactly(s, len(data[at:at + 65536])) == data[at:at + 65536]


def fallbacks(shuntd):
    return shuntd.status()["flows"]["fallback"]


@pytest.mark.parametrize("scale", [0, 6, 10])
def test_windows_of_the_clients_scale(lab, servers, shuntd, family, scale):
    s = begin(lab, family, offering(scale=scale))
    expect_handed(lab, s)
    assert servers.terms[-1].peer_scale == scale


@pytest.mark.parametrize("segment", [536, 1400])
def test_segments_of_the_clients_size(lab, servers, shuntd, family, segment):
    s = begin(lab, family, offering(segment=segment))
    expect_handed(lab, s)
    assert servers.terms[-1].most_sent == segment


@pytest.mark.parametrize("scale", [7, 9])
def test_windows_of_the_servers_scale(lab, servers, shuntd, family, scale):
    """The first client is told the box's own; those that come later what the servers say."""
    lab.backend.sysctl("net.ipv4.tcp_rmem", RMEM[scale])
    try:
        expect_relayed(lab, shuntd, family, "scale")
        s = begin(lab, family)
        assert Terms.of(s).peer_scale == scale
        expect_handed(lab, s)
    finally:
        lab.backend.sysctl("net.ipv4.tcp_rmem", RMEM[10])


def test_most_servers_decide_on_the_scale(lab, servers, shuntd):
    """One flow with a server that differs does not change what others are told."""
    for _ in range(3):
        expect_handed(lab, begin(lab, V4))
    servers.prepare(TCP_WINDOW_CLAMP, 65535 << 5)
    try:
        expect_relayed(lab, shuntd, V4, "scale")
    finally:
        servers.prepare(TCP_WINDOW_CLAMP, 65535 << 14)
    expect_handed(lab, begin(lab, V4))


def test_segments_of_the_servers_size(lab, servers, shuntd, family):
    servers.prepare(socket.TCP_MAXSEG, 1300)
    try:
        expect_relayed(lab, shuntd, family, "mss")
        s = begin(lab, family)
        assert Terms.of(s).most_sent == 1300
        expect_handed(lab, s)
    finally:
        servers.prepare(socket.TCP_MAXSEG, 1460)


def test_no_server_makes_segments_tiny(lab, servers, shuntd):
    servers.prepare(socket.TCP_MAXSEG, 600)
    try:
        for _ in range(2):
            s = expect_relayed(lab, shuntd, V4, "mss")
            assert Terms.of(s).most_sent == 1460
    finally:
        servers.prepare(socket.TCP_MAXSEG, 1460)


def test_windows_larger_than_ours(lab, servers, family):
    """Where the box cannot offer what the client offers, the flow is relayed."""
    lab.router.sysctl("net.ipv4.tcp_rmem", RMEM[7])
    daemon = Shuntd(lab, CONFIG + servers.farm.backends(), "handoff", shunt="workers = 1")
    try:
        expect_relayed(lab, daemon, family, "scale", offering(scale=10))
    finally:
        lab.router.sysctl("net.ipv4.tcp_rmem", RMEM[10])
        daemon.end()


@pytest.mark.parametrize("option, reason", [("tcp_window_scaling", "scale"), ("tcp_sack", "sack")])
def test_clients_that_lack_an_option(lab, servers, shuntd, family, option, reason):
    lab.client.sysctl(f"net.ipv4.{option}", 0)
    try:
        expect_relayed(lab, shuntd, family, reason)
    finally:
        lab.client.sysctl(f"net.ipv4.{option}", 1)
