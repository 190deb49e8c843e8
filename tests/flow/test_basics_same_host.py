"""Servers on the router itself: their answers to a client's address would never come to shunt."""
import pytest

import hello
from clients import ask, dial, ending, finish
from lab import V4, V6
from servers import Server, answer
from shuntd import Shuntd, endpoint_of

LOOPBACK = {4: "127.0.0.1", 6: "::1"}
CONFIG = f"""
[divert web]
tcp = 443
interface = wan

[divert own]
tcp = 8443
interface = wan
unknown = original

[route loopback]
divert = web
server_name = loopback.example
backend = loopback

[route address]
divert = web
server_name = address.example
backend = address

[route own]
divert = own
protocol = tls
backend = original

[backend loopback]
server = 127.0.0.1:7001
server = [::1]:7001

[backend address]
server = {V4.endpoint(V4.inside, 7002)}
server = {V6.endpoint(V6.inside, 7002)}
"""


@pytest.fixture(scope="module")
def daemon(lab, carried):
    servers = []
    for family in (V4, V6):
        for address, port in ((LOOPBACK[family.version], 7001), (family.inside, 7002),
                              (family.router, 8443)):
            servers.append(Server(lab, lab.router, family, address, port, answer, name=str(port)))
    started = Shuntd(lab, CONFIG, carried)
    yield started
    started.end()
    for server in servers:
        server.close()


@pytest.mark.parametrize("name,port", [("loopback", 7001), ("address", 7002)])
def test_a_server_on_the_router(lab, daemon, family, name, port):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls(f"{name}.example"))
    assert report["server"] == str(port)
    assert report["peer"] in (LOOPBACK[family.version], family.inside)
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend=name, source="router", why="closed")


def test_original_on_the_router(lab, daemon, family):
    s = dial(lab.client, family, family.router, 8443)
    report = ask(s, hello.tls("any.example"))
    assert (report["server"], report["peer"]) == ("8443", family.router)
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend="original", source="router", why="closed")


def test_it_is_counted(lab, daemon, family):
    before = daemon.status()["flows"]["fallback"]["same_host"]
    s = dial(lab.client, family, family.router, 8443)
    ask(s, hello.tls("any.example"))
    finish(s)
    assert daemon.status()["flows"]["fallback"]["same_host"] == before + 1


def test_nobody_enters_by_the_listener_itself(lab, daemon, family):
    """The port is in `ss -ltn`; but no divert led there."""
    tables = lab.router.run("ss", "-Hltnp").splitlines()
    own = [line.split()[3] for line in tables if "shuntd" in line]
    loopback = LOOPBACK[family.version]
    ports = {int(end.rsplit(":", 1)[1]) for end in own if end.strip("[").startswith(loopback)}
    assert ports, tables
    for port in ports:
        s = dial(lab.router, family, loopback, port, source=loopback)
        s.sendall(hello.tls("any.example"))
        assert ending(s) == "reset"
