"""Servers on the router itself see the client, too: their answers to it are brought back."""
import pytest

import hello
from clients import ask, dial, ending, finish, own_port, read_exactly, sees_client
from lab import V4, V6
from servers import Server, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

LOOPBACK = {4: "127.0.0.1", 6: "::1"}
REFUSED = 7009
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

[route same]
divert = web
server_name = same.example
backend = same

[route refused]
divert = web
server_name = refused.example
backend = refused

[route routed]
divert = web
server_name = routed.example
backend = routed

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

[backend same]
server = {V4.endpoint(V4.router, 443)}
server = {V6.endpoint(V6.router, 443)}

[backend refused]
server = {V4.endpoint(V4.inside, REFUSED)}
server = {V6.endpoint(V6.inside, REFUSED)}

[backend routed]
source = router
server = {V4.endpoint(V4.inside, 7002)}
server = {V6.endpoint(V6.inside, 7002)}
"""


@pytest.fixture(scope="module")
def daemon(lab, carried):
    servers = []
    for family in (V4, V6):
        for address, port in ((LOOPBACK[family.version], 7001), (family.inside, 7002),
                              (family.router, 8443), (family.router, 443)):
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
    sees_client(report, s, family)
    s.sendall(b"x" * 300_000)
    assert read_exactly(s, 300_000) == b"x" * 300_000
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend=name, source="client", why="closed")


@pytest.mark.parametrize("name", ["loopback", "address"])
def test_a_port_is_kept_again_and_again(lab, daemon, family, name):
    """Nothing of a former flow is in the way, whoever ends first."""
    for _ in range(5):
        s = dial(lab.client, family, family.router, 443, source_port=40411)
        assert own_port(s) == ask(s, hello.tls(f"{name}.example"))["port"] == 40411
        finish(s)


def test_original_on_the_router(lab, daemon, family):
    """The client's port is that of its connection with us: the server sees another one."""
    before = daemon.status()["flows"]["fallback"]["same_host"]
    s = dial(lab.client, family, family.router, 8443)
    report = ask(s, hello.tls("any.example"))
    assert (report["server"], report["peer"]) == ("8443", family.client)
    assert report["port"] != own_port(s)
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend="original", source="address", why="closed")
    assert daemon.status()["flows"]["fallback"]["same_host"] == before + 1


def test_many_originals_at_once(lab, daemon, family):
    sockets = [dial(lab.client, family, family.router, 8443) for _ in range(40)]
    reports = [ask(s, hello.tls("any.example")) for s in sockets]
    assert {r["peer"] for r in reports} == {family.client}
    assert len({r["port"] for r in reports}) == 40
    for s in sockets:
        s.sendall(b"echo")
        assert read_exactly(s, 4) == b"echo"
        finish(s)


def test_a_server_at_the_very_endpoint_that_is_diverted(lab, daemon, family):
    """No loop: what comes from this box is never diverted, the service there is reached."""
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls("same.example"))
    assert (report["server"], report["peer"]) == ("443", family.client)
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend="same", source="address", why="closed")


def test_a_port_that_nobody_serves(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("refused.example"))
    assert ending(s, 3) == "reset"
    daemon.flow_of(s, family, why="connect_refused", backend="refused")


def test_source_router(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("routed.example"))["peer"] == family.inside
    client = endpoint_of(s)
    finish(s)
    daemon.flow(client=client, backend="routed", source="router", why="closed")


def test_a_client_of_the_service_itself_is_left_alone(lab, daemon, family):
    """Answers of the same server to those who came straight to it go out as ever."""
    s = dial(lab.client, family, family.inside, 7002)
    sees_client(ask(s, b"hello\n"), s, family)
    finish(s)


def test_it_was_said_once(lab, daemon):
    lines = [line for line in daemon.text().splitlines() if "(same_host)" in line]
    assert sorted(line.split("warning: ")[1].split(": ")[0] for line in lines) == \
        ["backend same", "original"]


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
    wait_for(lambda: "no divert led here" in daemon.text(), 3, "a word on it")
    assert daemon.text().count("no divert led here") == 1
