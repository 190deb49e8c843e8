"""Flows that were handed over while nobody knew yet how narrow their way is: path MTU discovery works."""
import time

import pytest

import firewall
import hello
from clients import dial, read_exactly, read_line
from handed import is_handed
from lab import V4, V6, Lab, both
from narrow import ERRORS, build, ends, errors, forget_mtus, make_narrow
from servers import Server
from shuntd import Shuntd
from waiting import wait_for

BYTES = 5 << 20
PATTERN = (bytes(range(251)) * (BYTES // 251 + 1))[:BYTES]
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


CLIENTS_SIDE, SERVERS_SIDE = 1, 4


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
