"""A client that knows only the router's link-local address (RFC 4291 2.5.6): no backend could answer its own."""
import re
import socket

import pytest

import hello
from clients import finish, read_line, report_of
from lab import V6
from sites import serving

CONFIG = """
[divert web]
tcp = 443
to = local
[route one]
server_name = one.example
backend = one
"""


@pytest.fixture(scope="module")
def daemon(lab, carried):
    with serving(lab, CONFIG, carried) as started:
        yield started


def link_local(ns, interface):
    text = ns.run("ip", "-6", "addr", "show", "dev", interface, "scope", "link")
    return re.search(r"inet6 (fe80:\S+)/", text).group(1)


def call(lab):
    """A connection from the client's link-local address to the router's."""
    with lab.client.inside():
        s, scope = socket.socket(socket.AF_INET6), socket.if_nametoindex("wan")
    s.settimeout(5)
    s.bind((link_local(lab.client, "wan"), 0, 0, scope))
    s.connect((link_local(lab.router, "wan"), 443, 0, scope))
    return s


def test_it_is_served_from_our_own_address(lab, daemon):
    before = daemon.status()["flows"]["fallback"]
    s = call(lab)
    s.sendall(hello.tls("one.example"))
    report = report_of(read_line(s))
    assert (report["server"], report["peer"]) == ("one", V6.inside)
    s.sendall(b"echo")
    assert s.recv(4) == b"echo"
    address, port = s.getsockname()[:2]
    finish(s)
    flow = daemon.flow(why="closed", source="router", backend="one")
    assert flow["client"].startswith("[" + address.split("%")[0]) and flow["client"].endswith(f"]:{port}")
    after = daemon.status()["flows"]["fallback"]
    assert after == before | {"address_taken": before["address_taken"] + 1}


def test_again_and_again(lab, daemon):
    for _ in range(10):
        s = call(lab)
        s.sendall(hello.tls("one.example"))
        assert report_of(read_line(s))["peer"] == V6.inside
        finish(s)
    assert not [f for f in daemon.flow_lines() if f["why"] != "closed"]
