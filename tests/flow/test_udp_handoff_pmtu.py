"""ICMP errors about handed-over datagrams: whoever sent what was too big learns how narrow the way is."""
import contextlib
import socket
import struct

import pytest

from datagrams import DatagramServer, dial
from handed import is_handed
from lab import V4, V6, Lab, both
from narrow import NARROW, build, ends, forget_mtus, make_narrow
from udp import UDP_SITE, started
from waiting import wait_for

CLIENTS_SIDE, SERVERS_SIDE = 1, 4   # links of the chain
BIG = 1400
IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_MTU = 10, 2, 14
IPV6_MTU_DISCOVER, IPV6_MTU, IPV6_DONTFRAG = 23, 24, 62


def refuse_to_cut(s, family):
    """Its datagrams may not be cut: the sender wants to know."""
    if family is V4:
        s.setsockopt(socket.SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_DO)
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_DONTFRAG, 1)


def mtu_of(s, family):
    level, name = (socket.SOL_IP, IP_MTU) if family is V4 else (socket.IPPROTO_IPV6, IPV6_MTU)
    return struct.unpack("i", s.getsockopt(level, name, 4))[0]


def send_as_told(server, data, peer):
    """As many bytes as asked for, if they may leave."""
    with contextlib.suppress(OSError):  # larger than it knows the way to be
        server.socket.sendto(b"y" * int(data.split(b" ")[0]), peer)


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield build(made)
    finally:
        made.close()


@pytest.fixture(scope="module")
def daemon(lab):
    servers = [DatagramServer(lab, lab.backend, family, family.backends[0], 443, "one", send_as_told)
               for family in (V4, V6)]
    for server, family in zip(servers, (V4, V6)):
        refuse_to_cut(server.socket, family)
    return started(lab, UDP_SITE.replace("interface = wan", "interface = wan\nto = any"))


@pytest.fixture
def flow(lab, daemon, family):
    """A handed-over flow; nobody knows yet how narrow its way is."""
    make_narrow(lab)
    forget_mtus(lab)
    s = dial(lab.client, family, ends(family, 2)[1], 443, timeout=0.5)
    refuse_to_cut(s, family)

    def is_there():
        s.send(b"5")
        return s.recv(100) == b"yyyyy" and is_handed(lab, s)
    wait_for(is_there, 5, "the handover")
    return s


def test_a_client_learns(lab, family, flow):
    """The server's side is narrow."""
    make_narrow(lab, SERVERS_SIDE)
    assert mtu_of(flow, family) == 1500

    def knows():
        with contextlib.suppress(OSError):
            flow.send(b"5 " + b"x" * BIG)
        return mtu_of(flow, family) == NARROW
    wait_for(knows, 5, "that the client knows")
    flow.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # of the last one, which was too big
    flow.send(b"5 " + b"x" * (NARROW - 60))
    assert flow.recv(100) == b"yyyyy"


def test_a_server_learns(lab, family, flow):
    """The client's side is narrow."""
    make_narrow(lab, CLIENTS_SIDE)

    def knows():
        flow.send(b"%d" % BIG)
        with contextlib.suppress(socket.timeout):
            flow.recv(2000)
        told = lab.backend.run("ip", f"-{family.version}", "route", "get", family.client)
        return f"mtu {NARROW}" in told
    wait_for(knows, 5, "that the server knows")
    flow.send(b"%d" % (NARROW - 60))
    assert len(flow.recv(2000)) == NARROW - 60
