"""Which backend a connection reaches, by its first bytes, and what the flow line says of it."""
import pytest

import hello
from clients import ask, dial, ending, read_line, report_of, sees_client
from lab import V4, V6
from servers import Farm, answer, greet
from shuntd import Shuntd, endpoint_of

ROUTES = """
[divert web]
tcp = 443
interface = wan
wait = 500ms
silent = mail

[divert other]
tcp = 8443, 9000-9010
interface = wan
unknown = fallback

[route git]
divert = web
protocol = tls
server_name = git.example
backend = git

[route wild]
divert = web
protocol = tls
server_name = *.example
backend = wild

[route longer]
divert = web
protocol = tls
server_name = *.deep.example
backend = deep

[route nameless]
divert = web
protocol = tls
server_name = none
backend = nameless

[route h2]
divert = web
protocol = tls
alpn = h2
backend = h2

[route ssh]
divert = web
protocol = ssh
backend = ssh

[route refused]
divert = web
server_name = refused.example
backend = reject

[route dropped]
divert = web
server_name = dropped.example
backend = drop

[route other]
divert = other
protocol = tls
server_name = other.example
backend = git
"""


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, git=answer, wild=answer, deep=answer, nameless=answer, h2=answer, ssh=answer,
                fallback=answer, mail=greet)


@pytest.fixture(scope="module")
def daemon(lab, farm, carried):
    started = Shuntd(lab, ROUTES + farm.backends(), carried)
    yield started
    started.end()


BY_NAME = [
    ("git.example", "git", "git"), ("GIT.Example", "git", "git"), ("git.example.", "git", "git"),
    ("a.example", "wild", "wild"), ("a.b.c.example", "wild", "wild"),
    ("x.deep.example", "longer", "deep"), ("deep.example", "wild", "wild"),
    (None, "nameless", "nameless"),
]


@pytest.mark.parametrize("name,route,backend", BY_NAME, ids=[str(row[0]) for row in BY_NAME])
def test_server_name(lab, daemon, farm, family, name, route, backend):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls(name))
    assert report["server"] == backend
    sees_client(report, s, family)
    assert report["local"] == farm.address(backend, family)
    client = endpoint_of(s)
    s.close()
    told = (name or "-").lower().removesuffix(".")
    daemon.flow(client=client, divert="web", proto="tls", name=told, route=route,
                backend=backend, why="closed")


def test_every_byte_of_the_hello_arrives(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    first = hello.tls("git.example", ["http/1.1"])
    assert bytes.fromhex(ask(s, first)["got"]) == first


def test_alpn_decides_where_no_name_fits(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls("elsewhere.invalid", ["h3", "h2", "http/1.1"]))
    assert report["server"] == "h2"
    client = endpoint_of(s)
    s.close()
    assert daemon.flow(client=client, route="h2")["alpn"].startswith("h3,h2")


def test_name_goes_before_alpn(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("git.example", ["h2"]))["server"] == "git"


def test_ssh(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.SSH)
    assert report["server"] == "ssh"
    sees_client(report, s, family)
    client = endpoint_of(s)
    s.close()
    daemon.flow(client=client, proto="ssh", name="-", route="ssh", backend="ssh")


@pytest.mark.parametrize("first", [hello.GARBAGE, hello.tls("nobody.invalid")], ids=["garbage", "name"])
def test_unknown_is_rejected(lab, daemon, family, first):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(first)
    assert ending(s, 2) == "reset"
    daemon.flow_of(s, family, route="unknown", backend="reject", why="rejected", how="none")


def test_unknown_may_be_a_backend(lab, daemon, family):
    s = dial(lab.client, family, family.router, 8443)
    report = ask(s, hello.GARBAGE)
    assert report["server"] == "fallback"
    sees_client(report, s, family)


def test_a_range_of_ports_and_the_port_beside_it(lab, daemon, family):
    for port in (9000, 9010):
        s = dial(lab.client, family, family.router, port)
        assert ask(s, hello.tls("other.example"))["server"] == "git"
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 9011)


def test_a_client_that_waits_for_the_server(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    report = report_of(read_line(s))
    assert report["server"] == "mail"
    sees_client(report, s, family)
    s.sendall(b"EHLO there\r\n")
    assert read_line(s) == b"EHLO there\r\n"
    client = endpoint_of(s)
    s.close()
    daemon.flow(client=client, route="silent", backend="mail", proto="-", why="closed")


def test_a_route_may_reject(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("refused.example"))
    assert ending(s, 2) == "reset"
    daemon.flow_of(s, family, route="refused", backend="reject", why="rejected", server="-")


def test_a_route_may_drop(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("dropped.example"))
    assert ending(s, 1.5) == "silence"
    s.sendall(b"and more")
    assert ending(s, 0.5) == "silence"
    daemon.flow_of(s, family, route="dropped", backend="drop", why="dropped")


def test_the_flow_line_is_complete(lab, daemon, farm, family):
    s = dial(lab.client, family, family.router, 443)
    first = hello.tls("git.example", ["h2"])
    s.sendall(first)
    line = read_line(s)
    s.sendall(b"x" * 1000)
    assert len(s.recv(1000)) > 0
    client = endpoint_of(s)
    s.close()
    flow = daemon.flow(client=client)
    want = {"divert": "web", "proto": "tls", "name": "git.example", "alpn": "h2",
            "to": family.endpoint(family.router, 443), "route": "git", "backend": "git",
            "server": family.endpoint(farm.address("git", family), 443), "source": "client"}
    assert want.items() <= flow.items()
    assert int(flow["in"]) == len(first) + 1000
    assert len(line) <= int(flow["out"]) <= len(line) + 1000
    assert 0 <= int(flow["ms"]) < 5000 and flow["id"]


def test_the_way_of_carrying_is_the_one_asked_for(lab, daemon, family, carried):
    s = dial(lab.client, family, family.router, 443)
    ask(s, hello.tls("git.example"))
    client = endpoint_of(s)
    s.close()
    ways = {"copy": {"copy"}, "splice": {"copy", "splice"}}  # small data are copied in any case
    assert daemon.flow(client=client)["how"] in ways[carried]


def test_no_byte_and_an_end_calls_no_server(lab, daemon, farm, family):
    before = {name: len(farm[name, family].visits) for name in farm.names}
    s = dial(lab.client, family, family.router, 443)
    client = endpoint_of(s)
    s.close()
    daemon.flow(client=client, why="no_data", server="-", how="none")
    assert before == {name: len(farm[name, family].visits) for name in farm.names}


def test_other_ports_are_left_alone(lab, daemon, family):
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 80)


def test_families_do_not_mix(lab, daemon, farm):
    for family in (V4, V6):
        s = dial(lab.client, family, family.router, 443)
        assert ask(s, hello.tls("git.example"))["local"] == farm.address("git", family)
