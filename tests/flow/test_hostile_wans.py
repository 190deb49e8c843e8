"""Two WANs, one default route, connmark routing: answers leave by the way the client came."""
import hashlib
import os
import socket

import pytest

import hello
from clients import ask, dial, read_all, read_exactly, sees_client
from lab import Lab, standard
from sites import serving
from wans import FAR, two_wans

CONFIG = """
[divert web]
tcp = 443
interface = wan, wan2
[route one]
server_name = one.example
backend = one
"""
@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield two_wans(standard(made))
    finally:
        made.close()


@pytest.fixture(scope="module")
def daemon(lab, way):
    with serving(lab, CONFIG, way) as started:
        yield started


@pytest.fixture(params=["wan", "wan2"])
def way_in(request, family):
    """The router's address by which the far client comes in."""
    return family.router if request.param == "wan" else FAR[family][2]


def test_the_far_client_is_answered_by_its_wan(lab, daemon, family, way_in):
    far = FAR[family][0]
    for _ in range(10):
        s = dial(lab.client, family, way_in, 443, source=far, timeout=3)
        sees_client(ask(s, hello.tls("one.example")), s, family, far)
        s.close()
    assert lab.client.counter("watch", "wrong") == 0


def test_five_megabytes_and_back(lab, daemon, family, way_in):
    s = dial(lab.client, family, way_in, 443, source=FAR[family][0], timeout=5)
    ask(s, hello.tls("one.example"))
    data = os.urandom(1 << 18)
    for _ in range(20):
        s.sendall(data)
        assert hashlib.sha256(read_exactly(s, len(data))).digest() == hashlib.sha256(data).digest()
    s.shutdown(socket.SHUT_WR)
    assert read_all(s) == b""
    assert lab.client.counter("watch", "wrong") == 0


def test_a_connection_that_is_refused(lab, daemon, family, way_in):
    """The RST, too, leaves by the right WAN."""
    s = dial(lab.client, family, way_in, 443, source=FAR[family][0], timeout=3)
    s.sendall(hello.GARBAGE)
    with pytest.raises(ConnectionResetError):
        s.recv(1)
