"""Clients whose source port is one that the daemon or a service of the router uses itself."""
import re
import socket

import pytest

import hello
from clients import ask, dial, finish, read_exactly, sees_client
from shuntd import endpoint_of
from sites import ONE_SITE, serving


@pytest.fixture(scope="module")
def daemon(lab, way):
    with serving(lab, ONE_SITE, way) as started:
        yield started


def listener_ports(lab):
    """The loopback ports where the daemon takes diverted connections."""
    lines = lab.router.run("ss", "-tlnpH").splitlines()
    return {int(re.search(r":(\d+)\s", line).group(1)) for line in lines if "shuntd" in line}


def works(lab, daemon, family, port):
    for _ in range(2):
        s = dial(lab.client, family, family.router, 443, source_port=port)
        sees_client(ask(s, hello.tls("one.example")), s, family)
        client = endpoint_of(s)
        finish(s)
        daemon.flow(client=client, source="client", why="closed")


def test_the_listeners_port(lab, daemon, family):
    ports = listener_ports(lab)
    assert ports
    for port in ports:
        works(lab, daemon, family, port)


@pytest.mark.parametrize("port", [443, 22, 1, 65535])
def test_a_port_of_a_service(lab, daemon, family, port):
    works(lab, daemon, family, port)


SERVICE = 8080


def start_service(lab, family, address):
    """As inetd and most servers do it."""
    s = lab.router.socket(family.af)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, SERVICE))
    s.listen()
    return s


@pytest.mark.parametrize("anywhere", [True, False], ids=["any-address", "own-address"])
def test_a_service_restarts_while_a_flow_has_its_port(lab, daemon, family, anywhere):
    """The flow keeps the client's port, and the service of the box gets the same port, again and again."""
    address = {4: "0.0.0.0", 6: "::"}[family.version] if anywhere else family.router
    start_service(lab, family, address).close()
    s = dial(lab.client, family, family.router, 443, source_port=SERVICE)
    sees_client(ask(s, hello.tls("one.example")), s, family)
    for _ in range(2):
        service = start_service(lab, family, address)
        caller = dial(lab.client, family, family.router, SERVICE)
        service.accept()[0].close()
        finish(caller)
        service.close()
    s.sendall(b"still here?")
    assert read_exactly(s, 11) == b"still here?"
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, source="client", why="closed")


def test_the_listeners_are_on_loopback_only(lab, daemon):
    for line in lab.router.run("ss", "-tlnpH").splitlines():
        if "shuntd" in line:
            address = line.split()[3].rpartition(":")[0]
            assert address in ("127.0.0.1", "[::1]"), line


def test_the_listeners_cannot_be_reached_from_outside(lab, daemon, family):
    for port in listener_ports(lab):
        with pytest.raises(ConnectionRefusedError):
            dial(lab.client, family, family.router, port)
