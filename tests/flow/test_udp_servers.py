"""Servers of datagrams: refusals, the next one, whom they see, and which sockets that takes."""
import os
import re
import socket

import pytest

from datagrams import DatagramServer, dial
from lab import V4, V6, both, household
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = f"""
[divert next]
udp = 9500
interface = wan
[divert dead]
udp = 9501
interface = wan
[divert router]
udp = 9502
interface = wan
[divert game]
udp = 9503, 9507
interface = wan
[divert four]
udp = 9504
interface = wan
[divert here]
udp = 9505
interface = wan
[divert brief]
udp = 9506
interface = wan
[route next]
divert = next
backend = next
[route dead]
divert = dead
backend = dead
[route router]
divert = router
backend = router
[route game]
divert = game
backend = echo
[route four]
divert = four
backend = four
[route here]
divert = here
backend = here
[route brief]
divert = brief
backend = brief
[backend next]
{both(5999)}
{both(5000)}
[backend dead]
{both(5998)}
{both(5999)}
retries = 1
[backend router]
server = {V4.backends[0]}:5000
source = router
[backend echo]
{both(5000)}
[backend four]
server = {V4.backends[0]}:5000
[backend here]
server = 127.0.0.1:5003
server = [::1]:5003
[backend brief]
{both(5004)}
idle = 1s
"""


def echo(server, data, peer):
    server.socket.sendto(data, peer)


@pytest.fixture(scope="module")
def servers(lab):
    for key in ("net.ipv4.icmp_ratelimit", "net.ipv6.icmp.ratelimit"):
        lab.backend.sysctl(key, 0)  # each refusal is told
    return {family.version: DatagramServer(lab, lab.backend, family, family.backends[0], 5000, serve=echo)
            for family in (V4, V6)}


@pytest.fixture(scope="module")
def daemon(lab, servers):
    started = Shuntd(lab, CONFIG, "copy", shunt="workers = 1\n")  # sockets are counted
    yield started
    started.end()


def ask(s, data=b"hello"):
    s.send(data)
    return s.recv(70000)


def live(daemon, s):
    return next(f for f in daemon.live_flows() if f["client"] == endpoint_of(s))


def udp_sockets(ns):
    """What is bound in a namespace: (local address, local port, peer)."""
    found = re.findall(r"^\S+ +\d+ +\d+ +(\S+):(\d+) +(\S+)", ns.run("ss", "-Huan"), re.M)
    return [(host.strip("[]"), int(own), peer) for host, own, peer in found]


def test_the_next_server_gets_all_that_was_sent(lab, daemon, servers, family):
    s = dial(lab.client, family, family.router, 9500)
    for one in (b"one", b"two", b"three"):
        s.send(one)
    assert [s.recv(100) for _ in range(3)] == [b"one", b"two", b"three"]
    assert servers[family.version].of(s) == [b"one", b"two", b"three"]
    line = live(daemon, s)
    assert (line["server"], line["source"]) == (family.endpoint(family.backends[0], 5000), "client")
    counts = next(b for b in daemon.status()["backends"] if b["name"] == "next")["servers"]
    failed = {server["address"]: server["failed"] for server in counts}
    assert failed[family.endpoint(family.backends[0], 5999)] >= 1


def test_the_next_server_and_then_the_kernel(own_lab):
    """As long as another server may have to be tried a flow is ours; it is handed over once one has answered."""
    server = DatagramServer(own_lab, own_lab.backend, V4, V4.backends[0], 5000, serve=echo)
    daemon = Shuntd(own_lab, CONFIG, "handoff")
    s = dial(own_lab.client, V4, V4.router, 9500)
    assert [ask(s, bytes([i])) for i in range(20)] == [bytes([i]) for i in range(20)]
    assert server.of(s) == [bytes([i]) for i in range(20)]
    wait_for(lambda: daemon.status()["flows"]["handed_over"] == 1, what="its handover")
    daemon.stop()


def test_every_server_refuses(lab, daemon, family):
    """The client is told, as it would have been without us."""
    s = dial(lab.client, family, family.router, 9501)
    s.send(b"hello")
    with pytest.raises(ConnectionRefusedError):
        s.recv(100)
    line = daemon.flow_of(s, family, why="connect_refused")
    assert (line["backend"], line["server"]) == ("dead", family.endpoint(family.backends[0], 5999))


def test_a_server_that_goes_and_comes_back(lab, daemon, family):
    """Its client is told each time, and the flow goes on where it was."""
    server = DatagramServer(lab, lab.backend, family, family.backends[0], 5004, serve=echo)
    s = dial(lab.client, family, family.router, 9506)
    assert ask(s) == b"hello"
    flow = live(daemon, s)["id"]
    server.close()
    for _ in range(2):
        s.send(b"is there anybody")
        with pytest.raises(ConnectionRefusedError):
            s.recv(100)
    server = DatagramServer(lab, lab.backend, family, family.backends[0], 5004, serve=echo)
    assert ask(s) == b"hello"
    assert live(daemon, s)["id"] == flow
    server.close()
    s.send(b"nobody")
    with pytest.raises(ConnectionRefusedError):
        s.recv(100)
    assert daemon.flow_of(s, family, why="reset_server")["id"] == str(flow)


def test_idle(lab, daemon, family):
    DatagramServer(lab, lab.backend, family, family.backends[0], 5004, serve=echo)
    s = dial(lab.client, family, family.router, 9506)
    assert ask(s) == b"hello"
    line = daemon.flow_of(s, family, why="idle")
    assert (line["in"], line["out"], line["how"]) == ("5", "5", "copy")
    assert int(line["ms"]) >= 1000
    assert ask(s) == b"hello"


def test_no_server_of_that_family(lab, daemon):
    s = dial(lab.client, V6, V6.router, 9504)
    s.send(b"hello")
    assert daemon.flow_of(s, V6, why="no_family")["server"] == "-"
    assert ask(dial(lab.client, V4, V4.router, 9504)) == b"hello"


def test_source_router(lab, daemon, servers, family):
    """Our own address, which may be of the other family."""
    s = dial(lab.client, family, family.router, 9502)
    data = os.urandom(16)
    assert ask(s, data) == data
    assert [address for address, _, got in servers[4].got if got == data] == [V4.inside]
    assert live(daemon, s)["source"] == "router"


def test_a_server_on_this_host(lab, daemon, family):
    host = "127.0.0.1" if family.version == 4 else "::1"
    server = DatagramServer(lab, lab.router, family, host, 5003, serve=echo)
    before = daemon.status()["flows"]["fallback"]["same_host"]
    s = dial(lab.client, family, family.router, 9505)
    assert ask(s) == b"hello"
    assert server.got[0][0] == host
    assert live(daemon, s)["source"] == "router"
    assert daemon.status()["flows"]["fallback"]["same_host"] == before + 1


def test_a_service_of_the_router_has_the_port_of_the_client(lab, daemon, servers, family):
    """Both talk from one port number, as WireGuard does: the server sees the address, and another port."""
    before = daemon.status()["flows"]["fallback"]["port_taken"]
    with lab.router.socket(family.af, socket.SOCK_DGRAM) as service:
        if family.version == 6:
            service.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        service.bind(("", 40500))
        s = dial(lab.client, family, family.router, 9503, source_port=40500)
        data = os.urandom(16)
        assert ask(s, data) == data
        seen = [(address, port) for address, port, got in servers[family.version].got if got == data]
        assert seen[0][0] == family.client and seen[0][1] != 40500
        assert live(daemon, s)["source"] == "address"
        assert daemon.status()["flows"]["fallback"]["port_taken"] == before + 1
        service.setblocking(False)
        with pytest.raises(BlockingIOError):
            service.recv(100)


def test_a_service_of_the_router_has_the_port_that_is_diverted(lab, daemon, family):
    """Answers leave by a raw socket; also what does not fit into a packet."""
    with lab.router.socket(family.af, socket.SOCK_DGRAM) as service:
        service.bind((family.other_router, 9503))
        before = daemon.status()["flows"]["udp"]["raw"]
        s = dial(lab.client, family, family.other_router, 9503)
        for size in (5, 0, 1, 1400, 4000, 60000):
            data = os.urandom(size)
            assert ask(s, data) == data, size
        assert daemon.status()["flows"]["udp"]["raw"] == before + 1
        service.setblocking(False)
        with pytest.raises(BlockingIOError):
            service.recv(100)


def test_sockets(lab, daemon, family):
    """One for all answers from an address and port, one per flow towards the server, none for strangers."""
    sockets = [dial(lab.client, family, router, 9507) for router in (family.router, family.other_router) for _ in range(10)]
    for s in sockets:
        assert ask(s) == b"hello"
    ports = {s.getsockname()[1] for s in sockets}
    bound = udp_sockets(lab.router)
    assert len([host for host, port, _ in bound if port == 9507 and host == family.router]) == 1
    assert len([host for host, port, _ in bound if port == 9507 and host == family.other_router]) == 1
    towards = [(host, port) for host, port, peer in bound if port in ports]
    assert sorted(towards) == sorted((family.client, port) for port in ports)


def test_client_and_server_on_one_link(fresh):
    """The server would answer the client directly: so it sees the router."""
    net = household(fresh)
    told = {family: DatagramServer(net, net.backend, family, family.backends[0], 5000, serve=echo) for family in (V4, V6)}
    daemon = Shuntd(net, f"[divert game]\nudp = 9503\n[route game]\ndivert = game\nbackend = echo\n[backend echo]\n{both(5000)}\n")
    for family in (V4, V6):
        s = dial(net.home, family, family.router, 9503, family.home)
        assert ask(s) == b"hello"
        assert told[family].got[0][0] == family.inside
        assert live(daemon, s)["source"] == "router"
    assert daemon.status()["flows"]["fallback"]["same_link"] == 2
    daemon.stop()
