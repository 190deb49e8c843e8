"""Relayed datagrams: whole, in order, from the client's own address and port, answered from where it sent them."""
import hashlib
import socket

import pytest

from datagrams import DatagramServer, dial
from lab import V4, V6, both
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = f"""
[divert game]
udp = 9200, 9201
interface = wan
[divert passing]
udp = 9300
interface = wan
to = transit
[divert classes]
udp = 9210
interface = wan
[route classes]
divert = classes
backend = classes
[backend classes]
{both(5002)}
[route game]
divert = game
backend = echo
[route passing]
divert = passing
backend = original
[backend echo]
{both(5000)}
"""
SIZES = [0, 1, 2, 1199, 1200, 1201, 1472, 1473, 4000, 24575, 24576, 24577, 40000, 65000]
BURST = 1000


def echo(server, data, peer):
    server.socket.sendto(data, peer)


@pytest.fixture(scope="module")
def servers(lab):
    """Echo in both families, also at the host that clients address directly."""
    told = {family.version: DatagramServer(lab, lab.backend, family, family.backends[0], 5000, serve=echo)
            for family in (V4, V6)}
    for family in (V4, V6):
        told["beyond", family.version] = DatagramServer(lab, lab.backend, family, family.beyond, 9300, serve=echo)
    return told


@pytest.fixture(scope="module", params=["copy", "handoff"])
def daemon(lab, servers, request):
    started = Shuntd(lab, CONFIG, request.param)
    yield started
    started.end()


def large(s):
    """Room for what a burst brings."""
    s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    return s


def numbered(i, size):
    return i.to_bytes(4, "big") + bytes(size - 4)


def test_the_server_sees_the_client(lab, daemon, servers, family):
    s = dial(lab.client, family, family.router, 9200)
    s.send(b"hello")
    assert s.recv(65536) == b"hello"
    assert servers[family.version].of(s) == [b"hello"]


def test_two_clients_with_one_port(lab, daemon, servers, family):
    sockets = [dial(lab.client, family, family.router, 9200, source, 40404)
               for source in (family.client, family.other_client)]
    for s in sockets:
        s.send(s.getsockname()[0].encode())
    for s in sockets:
        assert s.recv(65536) == s.getsockname()[0].encode()
        assert servers[family.version].of(s)[-1] == s.getsockname()[0].encode()


def test_each_address_of_the_router_answers_for_itself(lab, daemon, family):
    """A connected client takes nothing from elsewhere; one socket talks to four of them."""
    s = large(lab.client.socket(family.af, socket.SOCK_DGRAM))
    with s:
        s.settimeout(5)
        s.bind((family.client, 0))
        targets = [(router, port) for router in (family.router, family.other_router) for port in (9200, 9201)]
        for i, target in enumerate(targets):
            s.sendto(bytes([i]), target)
        got = {}
        for _ in targets:
            data, peer = s.recvfrom(100)
            got[peer[:2]] = data
        assert got == {target: bytes([i]) for i, target in enumerate(targets)}


def test_one_client_port_to_two_addresses_of_one_server(lab, daemon, servers, family):
    """Only one flow can have the client's port there; the other keeps its address, is counted, and works."""
    before = daemon.status()["flows"]["fallback"]["port_taken"]
    with large(lab.client.socket(family.af, socket.SOCK_DGRAM)) as s:
        s.settimeout(5)
        s.bind((family.client, 40406))
        for router in (family.router, family.other_router):
            s.sendto(router.encode(), (router, 9200))
            data, peer = s.recvfrom(100)
            assert (data.decode(), peer[0]) == (router, router)
    got = {data.decode(): (address, port) for address, port, data in servers[family.version].got[-2:]}
    assert got[family.router] == (family.client, 40406)
    assert got[family.other_router][0] == family.client and got[family.other_router][1] != 40406
    assert daemon.status()["flows"]["fallback"]["port_taken"] == before + 1


def test_original(lab, daemon, servers, family):
    s = dial(lab.client, family, family.beyond, 9300)
    s.send(b"through")
    assert s.recv(100) == b"through"
    assert servers["beyond", family.version].of(s) == [b"through"]


def test_every_size(lab, daemon, servers, family):
    """Nothing is cut, whatever it takes on the way; also as a flow's first datagram."""
    most = 65535 - 8 - (20 if family.version == 4 else 0)
    s = large(dial(lab.client, family, family.router, 9200))
    for size in [*SIZES, most]:
        data = hashlib.shake_128(bytes([size % 251])).digest(size)
        s.send(data)
        assert s.recv(70000) == data, size
    for size in (0, 24577, most):
        first = large(dial(lab.client, family, family.router, 9200))
        data = hashlib.shake_128(b"first").digest(size)
        first.send(data)
        assert first.recv(70000) == data, size


@pytest.mark.parametrize("size", [16, 1200])
def test_a_burst_arrives_in_order(lab, daemon, servers, family, size):
    """A thousand at once, up and down: none is lost or overtaken by another."""
    s = large(dial(lab.client, family, family.router, 9200))
    s.send(b"first")
    assert s.recv(100) == b"first"
    for i in range(BURST):
        s.send(numbered(i, size))
        if i % 100 == 99:  # the echo server is slower than the way to it
            wait_for(lambda: len(servers[family.version].of(s)) >= i, 10, "its datagrams at the server")
    got = [s.recv(2000) for _ in range(BURST)]
    assert sorted(got) == [numbered(i, size) for i in range(BURST)]
    moved = sum(a > b for a, b in zip(got, got[1:]))
    assert moved <= (0 if daemon.carried == "copy" else 2), moved


def classes(family):
    """Level; the option that sets a socket's class of service, and the one that has it told."""
    if family.version == 4:
        return socket.SOL_IP, socket.IP_TOS, 13
    return socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 66


def receive_class(s):
    data, control, _, peer = s.recvmsg(100, 100)
    return data, control[0][2][0], peer


def test_the_class_of_service_is_kept(lab, daemon, family):
    """DSCP and ECN of each datagram, in both directions."""
    level, name, told = classes(family)
    s = dial(lab.client, family, family.router, 9210)
    with lab.backend.socket(family.af, socket.SOCK_DGRAM) as server:
        server.bind((family.backends[0], 5002))
        server.settimeout(5)
        for one in (s, server):
            one.setsockopt(level, told, 1)
        for there, back in ((0, 0x02), (0xb8, 0), (0x02, 0x28), (0x03, 0x01)):
            s.setsockopt(level, name, there)
            s.send(b"there")
            data, tos, peer = receive_class(server)
            assert (data, tos) == (b"there", there)
            server.setsockopt(level, name, back)
            server.sendto(b"back", peer)
            assert receive_class(s)[:2] == (b"back", back)


def test_flows_are_listed(lab, daemon, family):
    s = dial(lab.client, family, family.router, 9200)
    s.send(b"listed")
    assert s.recv(100) == b"listed"
    own = endpoint_of(s)
    listed = [f for f in daemon.live_flows() if f["client"] == own]
    assert [(f["transport"], f["divert"], f["route"], f["backend"], f["source"]) for f in listed] == \
        [("udp", "game", "game", "echo", "client")]
    assert (listed[0]["in"], listed[0]["out"]) == (6, 6) or daemon.carried == "handoff"
