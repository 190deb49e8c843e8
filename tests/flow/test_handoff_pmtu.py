"""Flows that were handed over while nobody knew yet how narrow their way is: path MTU discovery works."""
import socket
import struct
import time

import pytest

import firewall
import hello
from clients import dial, read_exactly, read_line
from handed import is_handed
from lab import V4, V6, Lab, both
from narrow import ERRORS, NARROW, build, ends, errors, forget_mtus, make_narrow
from servers import Server
from shuntd import Shuntd
from waiting import wait_for

BYTES = 5 << 20
CLIENTS_SIDE, SERVERS_SIDE = 1, 4   # links of the chain
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
PATTERN = (bytes(range(251)) * (BYTES // 251 + 1))[:BYTES]
# what the router sends has the mark of its connection, all bits of it
WHOLE = """table inet whole {
    chain out { type route hook output priority -160
        meta mark set ct mark
    }
    }"""
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


def give_or_take(connection, visit):
    """Tell whom it saw, then do as told: send 5 MB, or read as much and say so."""
    connection.recv(65536)
    connection.sendall(visit.report())
    while word := read_line(connection):
        if word == b"give\n":
            connection.sendall(PATTERN)
        else:
            same = read_exactly(connection, BYTES) == PATTERN
            connection.sendall(b"same\n" if same else b"other\n")


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield build(made)
    finally:
        made.close()


@pytest.fixture(scope="module", params=["no-firewall", "fw4"])
def daemon(lab, request):
    lab.router.nft(ERRORS + (firewall.fw4() if request.param == "fw4" else ""))
    servers = [Server(lab, lab.backend, family, address, 443, give_or_take)
               for family in (V4, V6) for address in (family.backends[0], family.beyond)]
    started = Shuntd(lab, CONFIG, "handoff")
    yield started
    started.end()
    for server in servers:
        server.close()
    lab.router.nft("flush ruleset")


def open_flow(lab, family, name, side, forgetful=("client", "router", "backend")):
    """A flow that is quiet, and so is handed over soon; it is narrow on that side alone."""
    make_narrow(lab, side)
    forget_mtus(lab, forgetful)
    address = family.beyond if name == "beyond" else ends(family, 2)[1]
    s = dial(lab.client, family, address, 443, timeout=10)
    s.sendall(hello.tls(f"{name}.example"))
    assert b'"peer": "' + family.client.encode() in read_line(s)
    wait_for(lambda: is_handed(lab, s), 5, "the flow to be handed over")
    return s


@pytest.mark.parametrize("name", ["one", "beyond"])
def test_download(lab, daemon, family, name):
    """Beyond the router towards the client it is narrow: the server must hear of it."""
    for forgetful in (("client", "router", "backend"), ("client", "backend")):
        s = open_flow(lab, family, name, CLIENTS_SIDE, forgetful)
        before, begin = errors(lab), time.monotonic()
        s.sendall(b"give\n")
        assert read_exactly(s, BYTES) == PATTERN
        assert time.monotonic() - begin < 3
        assert errors(lab)["wan"] > before["wan"], "no ICMP error came in by wan"
        s.close()


@pytest.mark.parametrize("name", ["one", "beyond"])
def test_upload(lab, daemon, family, name):
    """Beyond the router towards the server it is narrow: the client must hear of it."""
    s = open_flow(lab, family, name, SERVERS_SIDE)
    before, begin = errors(lab), time.monotonic()
    s.sendall(b"take\n" + PATTERN)
    assert read_line(s) == b"same\n"
    assert time.monotonic() - begin < 3
    assert errors(lab)["lan"] > before["lan"], "no ICMP error came in by lan"
    s.close()


def test_upload_by_a_narrow_link_of_the_router(lab, daemon, family):
    """It says so itself, also where others' rules give that the whole mark of the flow."""
    # the first flow with a server is made to speak; of another no packet has passed yet
    open_flow(lab, family, "one", SERVERS_SIDE).close()
    s = open_flow(lab, family, "one", SERVERS_SIDE)
    lab.router.nft(WHOLE)
    lab.router.ip(f"link set lan mtu {NARROW}")
    try:
        begin = time.monotonic()
        s.sendall(b"take\n" + PATTERN)
        assert read_line(s) == b"same\n"
        assert time.monotonic() - begin < 3
    finally:
        lab.router.ip("link set lan mtu 1500")
        lab.router.nft("delete table inet whole")
    s.close()


def test_a_new_daemon_goes_on(lab, daemon, family):
    """Flows that it finds are none the worse for it; carriers of the old one hold nothing up."""
    s = open_flow(lab, family, "one", CLIENTS_SIDE)
    daemon.kill()
    daemon.start()
    s.sendall(b"give\n")
    begin = time.monotonic()
    assert read_exactly(s, BYTES) == PATTERN
    assert time.monotonic() - begin < 3
    assert daemon.status()["flows"]["mended"] > 0
    s.close()


def next_number(s):
    """The number of the next byte that its peer will send, on a socket of this end."""
    def option(name, value):
        s.setsockopt(socket.IPPROTO_TCP, name, value)
    option(TCP_REPAIR, 1)
    option(TCP_REPAIR_QUEUE, 1)
    number = s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) & 0xffffffff
    option(TCP_REPAIR, -1)
    return number


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def too_big(s, number, mtu):
    """An ICMP error about a segment that the peer of s sent, with that number."""
    (client, client_port), (server, server_port) = s.getsockname(), s.getpeername()
    quoted = struct.pack("!BBHHHBBH4s4sHHI", 0x45, 0, 1500, 1, 0x4000, 60, 6, 0, socket.inet_aton(server),
                         socket.inet_aton(client), server_port, client_port, number)
    head = struct.pack("!BBHHH", 3, 4, 0, 0, mtu)
    return head[:2] + struct.pack("!H", checksum(head + quoted)) + head[4:] + quoted


def tell_router(lab, s, error):
    """Have a router on the client's side send it."""
    with lab.c2.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.sendto(error, (s.getpeername()[0], 0))


def test_forged_errors(lab, daemon):
    """Only who knows the number is believed, as without us."""
    s = open_flow(lab, V4, "one", CLIENTS_SIDE)

    def believed():
        return "mtu 1200" in lab.backend.run("ip", "-4", "route", "show", "cache")

    def mended():
        return daemon.status()["flows"]["mended"]
    for distance in (1 << 30, 100_000, -100_000):
        before = mended()
        tell_router(lab, s, too_big(s, (next_number(s) + distance) % (1 << 32), 1200))
        wait_for(lambda: mended() == before + 1, 5, "an error to be mended")
        assert not believed()
    tell_router(lab, s, too_big(s, next_number(s), 1200))
    wait_for(believed, 5, "the server to believe the true one")
    s.close()
