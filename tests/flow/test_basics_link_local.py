"""A client that knows only the router's link-local address (RFC 4291 2.5.6): no server could answer its own."""
import re
import socket

import pytest

import hello
from clients import ending, finish, read_line, report_of
from lab import V6
from servers import Farm, answer
from shuntd import Shuntd

CONFIG = """
[divert web]
tcp = 443
to = local
[route one]
server_name = one.example
backend = one
[route routed]
server_name = routed.example
backend = routed
"""


@pytest.fixture(scope="module")
def daemon(lab, carried):
    farm = Farm(lab, one=answer, routed=answer)
    started = Shuntd(lab, CONFIG + farm.backend("one") + farm.backend("routed", "source = router"),
                     carried)
    yield started
    started.end()
    farm.close()


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


def test_it_is_refused_with_a_reason(lab, daemon):
    """Again and again, but said once."""
    before = daemon.status()["flows"]["why"]["no_family"]
    for _ in range(5):
        s = call(lab)
        s.sendall(hello.tls("one.example"))
        assert ending(s) == "reset"
        address, port = s.getsockname()[:2]
        flow = daemon.flow(why="no_family", backend="one", server="-")
        assert flow["client"].startswith("[" + address.split("%")[0])
        s.close()
    assert daemon.status()["flows"]["why"]["no_family"] == before + 5
    said = [line for line in daemon.text().splitlines() if "link-local" in line]
    assert len(said) == 1 and "backend one: " in said[0] and "source = router" in said[0]


def test_our_own_address_serves_it(lab, daemon):
    s = call(lab)
    s.sendall(hello.tls("routed.example"))
    report = report_of(read_line(s))
    assert (report["server"], report["peer"]) == ("routed", V6.inside)
    s.sendall(b"echo")
    assert s.recv(4) == b"echo"
    address, port = s.getsockname()[:2]
    finish(s)
    flow = daemon.flow(why="closed", source="router", backend="routed")
    assert flow["client"].startswith("[" + address.split("%")[0]) and flow["client"].endswith(f"]:{port}")
