"""Servers of datagrams on the router itself: whom they see, and that their answers come back through us."""
import pytest

from datagrams import DatagramServer, dial
from lab import V4, V6
from shuntd import Shuntd, endpoint_of

CONFIG = f"""
[divert inside]
udp = 9700
interface = wan
[divert loopback]
udp = 9701
interface = wan
[divert itself]
udp = 5005
interface = wan
to = {V4.inside} {V6.inside}
force = yes
[route inside]
divert = inside
backend = inside
[route loopback]
divert = loopback
backend = loopback
[route itself]
divert = itself
backend = original
[backend inside]
server = {V4.inside}:5003
server = [{V6.inside}]:5003
[backend loopback]
server = 127.0.0.1:5004
server = [::1]:5004
"""
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


@pytest.fixture(scope="module")
def servers(lab):
    told = {}
    for family in (V4, V6):
        told["inside", family.version] = DatagramServer(lab, lab.router, family, family.inside, 5003)
        told["loopback", family.version] = DatagramServer(lab, lab.router, family, LOOPBACK[family.version], 5004)
        told["itself", family.version] = DatagramServer(lab, lab.router, family, family.inside, 5005)
    return told


@pytest.fixture(scope="module", params=["copy", "handoff"])
def daemon(lab, servers, request):
    started = Shuntd(lab, CONFIG, request.param)
    yield started
    started.end()


def ask(s):
    """Whom the server sees, told ten times."""
    told = set()
    for _ in range(10):
        s.send(b"hello")
        told.add(s.recv(100).decode())
    assert len(told) == 1
    _, address, port = told.pop().split()
    return address, int(port)


def source_of(daemon, s):
    return next(f["source"] for f in daemon.live_flows() if f["client"] == endpoint_of(s))


def fallbacks(daemon):
    return daemon.status()["flows"]["fallback"]["same_host"]


def test_an_address_of_the_router(lab, daemon, servers, family):
    before = fallbacks(daemon)
    s = dial(lab.client, family, family.router, 9700)
    assert ask(s) == s.getsockname()[:2]
    assert source_of(daemon, s) == "client"
    assert fallbacks(daemon) == before


def test_a_loopback_address(lab, daemon, servers, family):
    """What it answers to would not come back: it sees the router."""
    before = fallbacks(daemon)
    s = dial(lab.client, family, family.router, 9701)
    assert ask(s)[0] == LOOPBACK[family.version]
    assert source_of(daemon, s) == "router"
    assert fallbacks(daemon) == before + 1


def test_the_very_address_that_the_client_sends_to(lab, daemon, servers, family):
    """The client's port is taken by its flow with us: the server sees another one of its address."""
    before = fallbacks(daemon)
    s = dial(lab.client, family, family.inside, 5005)
    address, port = ask(s)
    assert address == family.client and port != s.getsockname()[1]
    assert source_of(daemon, s) == "address"
    assert fallbacks(daemon) == before + 1
