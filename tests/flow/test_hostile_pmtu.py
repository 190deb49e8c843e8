"""A narrow link beyond the router, on the client's side or on the backend's: path MTU discovery works.

    client - c1 = c2 - router - b1 = b2 - backend       = is narrow (1300 bytes), - has 1500
"""
import hashlib
import os
import time

import pytest

import firewall
import hello
from clients import dial, read_exactly, read_line
from lab import V4, V6, Lab, both, forwarding
from servers import Server
from shuntd import Shuntd

NARROW = 1300
BYTES = 5 << 20
CHAIN = ("client", "c1", "c2", "router", "b1", "b2", "backend")
INTERFACES = (("eth0", "left"), ("right", "left"), ("right", "wan"),
              ("lan", "left"), ("right", "left"), ("right", "eth0"))
CONFIG = f"""
[divert web]
tcp = 443
interface = wan
to = any
[route one]
server_name = one.example
backend = one
[route beyond]
server_name = beyond.example
backend = original
[backend one]
{both(443)}
"""
ERRORS = """table inet watch {
    counter wan { }
    counter lan { }
    chain pre { type filter hook prerouting priority raw - 10;
        icmp type destination-unreachable icmp code frag-needed jump count
        icmpv6 type packet-too-big jump count
    }
    chain count {
        iifname wan counter name wan
        iifname lan counter name lan
    }
    }"""


def ends(family, link):
    """The addresses of the two ends of a link of the chain."""
    client_net, net, backend_net = (
        ("198.51.100.", f"10.0.{link}.", "192.168.1.") if family.version == 4 else
        ("2001:db8:1::", f"fd00:aa:{link}::", "fd00:1::"))
    return {0: (family.client, client_net + "9"),
            5: (backend_net + "9", family.backends[0])}.get(link, (net + "1", net + "2"))


def build(lab):
    spaces = [lab.namespace(role) for role in CHAIN]
    for link, names in enumerate(INTERFACES):
        left, right = spaces[link:link + 2]
        lab.link(left, names[0], right, names[1])
        for ns, name, end in ((left, names[0], 0), (right, names[1], 1)):
            for family in (V4, V6):
                ns.ip(f"addr add {ends(family, link)[end]}/{family.prefix} dev {name}")
            if link in (1, 4):
                ns.ip(f"link set {name} mtu {NARROW}")
    for ns in spaces[1:6]:
        forwarding(ns)
    for family in (V4, V6):
        routes(family, spaces)
    return lab


def routes(family, spaces):
    """Up to the router everything else is to the right, behind it to the left."""
    def route(at, to, link, end):
        spaces[at].run("ip", f"-{family.version}", "route", "add", to, "via", ends(family, link)[end])
    for at in (0, 1, 2):
        route(at, "default", at, 1)
    for at in (4, 5, 6):
        route(at, "default", at - 1, 0)
    for at, link in ((2, 1), (3, 2)):
        route(at, family.client, link, 0)
    for at in (3, 4):
        route(at, family.backends[0], at, 1)
    for at in (3, 4, 5):
        route(at, family.beyond, at, 1)
    spaces[6].ip(f"addr add {family.beyond} dev lo")


def exchange(connection, visit):
    """Read the hello and 5 MB, tell their sum, then send 5 MB."""
    visit.got = connection.recv(65536)
    connection.sendall(visit.report())
    digest = hashlib.sha256(read_exactly(connection, BYTES)).hexdigest()
    connection.sendall(digest.encode() + b"\n")
    connection.sendall(bytes(BYTES))
    connection.recv(1)


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield build(made)
    finally:
        made.close()


@pytest.fixture(scope="module", params=["no-firewall", "fw4"])
def rules(lab, request):
    """On OpenWrt the wan zone rejects what it does not know, ICMP among it."""
    lab.router.nft(ERRORS + (firewall.fw4() if request.param == "fw4" else ""))
    yield
    lab.router.nft("flush ruleset")


@pytest.fixture(scope="module")
def daemon(lab, rules, carried):
    servers = [Server(lab, lab.backend, family, address, 443, exchange)
               for family in (V4, V6) for address in (family.backends[0], family.beyond)]
    started = Shuntd(lab, CONFIG, carried)
    yield started
    started.end()
    for server in servers:
        server.close()


def forget_mtus(lab):
    for ns in (lab.client, lab.router, lab.backend):
        ns.run("ip", "-4", "route", "flush", "cache")
        ns.run("ip", "-6", "route", "flush", "cache")


@pytest.mark.parametrize("name", ["one", "beyond"])
def test_five_megabytes_each_way(lab, daemon, family, name):
    """To the router's own address, and to one beyond it whose ICMP errors are not for the router."""
    forget_mtus(lab)
    errors = {side: lab.router.counter("watch", side) for side in ("wan", "lan")}
    address = family.beyond if name == "beyond" else ends(family, 2)[1]
    begin = time.monotonic()
    up_and_down(lab, family, address, name)
    assert time.monotonic() - begin < 5
    for side, before in errors.items():
        assert lab.router.counter("watch", side) > before, f"no ICMP error came in by {side}"


def up_and_down(lab, family, address, name):
    data = os.urandom(BYTES)
    s = dial(lab.client, family, address, 443, timeout=10)
    s.sendall(hello.tls(f"{name}.example"))
    assert b'"peer": "' + family.client.encode() in read_line(s)
    s.sendall(data)
    assert read_line(s).strip().decode() == hashlib.sha256(data).hexdigest()
    assert read_exactly(s, BYTES) == bytes(BYTES)
    s.close()
