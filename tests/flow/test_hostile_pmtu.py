"""A narrow link beyond the router, on the client's side and on the backend's: path MTU discovery works."""
import hashlib
import os
import time

import pytest

import firewall
import hello
from clients import dial, read_exactly, read_line
from lab import V4, V6, Lab, both
from narrow import ERRORS, build, ends, errors, forget_mtus
from servers import Server
from shuntd import Shuntd

BYTES = 5 << 20
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


@pytest.mark.parametrize("name", ["one", "beyond"])
def test_five_megabytes_each_way(lab, daemon, family, name):
    """To the router's own address, and to one beyond it whose ICMP errors are not for the router."""
    forget_mtus(lab)
    before = errors(lab)
    address = family.beyond if name == "beyond" else ends(family, 2)[1]
    begin = time.monotonic()
    up_and_down(lab, family, address, name)
    assert time.monotonic() - begin < 5
    for side, now in errors(lab).items():
        assert now > before[side], f"no ICMP error came in by {side}"


def up_and_down(lab, family, address, name):
    data = os.urandom(BYTES)
    s = dial(lab.client, family, address, 443, timeout=10)
    s.sendall(hello.tls(f"{name}.example"))
    assert b'"peer": "' + family.client.encode() in read_line(s)
    s.sendall(data)
    assert read_line(s).strip().decode() == hashlib.sha256(data).hexdigest()
    assert read_exactly(s, BYTES) == bytes(BYTES)
    s.close()
