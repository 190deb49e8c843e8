"""A client's port, used again at once after any kind of end: the backend sees that port each time."""
import socket

import pytest

import hello
from clients import ask, dial, ending, finish, read_all, reset
from servers import Farm
from shuntd import Shuntd

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route one]
server_name = one.example
backend = one
[route two]
server_name = two.example
backend = two
"""
TIMES = 6


def obey(connection, visit):
    """Report, then end first when told to, otherwise after the client."""
    visit.got = connection.recv(65536)
    connection.sendall(visit.report())
    word = connection.recv(64)
    if word == b"end":
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(64):
            pass
    visit.end = "eof"


def server_first(s):
    s.sendall(b"end")
    assert read_all(s) == b""
    s.close()


@pytest.fixture(scope="module")
def daemon(lab, carried):
    farm = Farm(lab, one=obey, two=obey)
    started = Shuntd(lab, CONFIG + farm.backends(), carried)
    yield started
    started.end()
    farm.close()


@pytest.fixture(params=[1, 0], ids=["timestamps", "no-timestamps"])
def timestamps(lab, request):
    """With TCP timestamps at the backend, and without."""
    lab.backend.sysctl("net.ipv4.tcp_timestamps", request.param)
    yield
    lab.backend.sysctl("net.ipv4.tcp_timestamps", 1)


def use(lab, family, port, name="one"):
    s = dial(lab.client, family, family.router, 443, source_port=port)
    report = ask(s, hello.tls(f"{name}.example"))
    assert (report["server"], report["peer"], report["port"]) == (name, family.client, port)
    return s


@pytest.mark.parametrize("end", [finish, server_first, reset],
                         ids=["client-first", "server-first", "reset"])
def test_again_after(lab, daemon, family, timestamps, end):
    port = 50001
    for _ in range(TIMES):
        end(use(lab, family, port))


def test_in_turns(lab, daemon, family, timestamps):
    """Whatever the former end was, the port is free for the next."""
    port = 50002
    for end in (finish, server_first, server_first, finish, reset, server_first):
        end(use(lab, family, port))


def test_another_backend_next(lab, daemon, family):
    """The same port, now to this server, now to that one."""
    for name in ("one", "two", "one", "two"):
        finish(use(lab, family, 50003, name))


def test_after_a_refusal(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443, source_port=50004)
    s.sendall(hello.GARBAGE)
    assert ending(s, 2) == "reset"
    s.close()
    finish(use(lab, family, 50004))


def test_the_flow_lines_name_the_client_as_source(lab, daemon, family):
    """Whichever side ends first: no flow had to fall back to the address alone."""
    for end in (finish, server_first):
        for _ in range(3):
            end(use(lab, family, 50005))
    client = family.endpoint(family.client, 50005)
    lines = [f for f in daemon.flow_lines() if f["client"] == client]
    assert {f["source"] for f in lines} == {"client"}
