"""Whom the backend sees: the client's own address and port, the router, or the original target."""
import socket

import pytest

import hello
from clients import ask, dial, finish, own_port, read_line, report_of, sees_client
from servers import Farm, Server, answer, greet
from shuntd import Shuntd, endpoint_of

ROUTES = """
[divert web]
tcp = 443
interface = wan

[divert direct]
tcp = 9000
interface = wan
silent = direct

[divert transit]
tcp = 8443
interface = wan
to = transit
unknown = original

[route plain]
divert = web
server_name = plain.example
backend = plain

[route routed]
divert = web
server_name = routed.example
backend = routed

[route direct]
divert = direct
backend = direct

[route transit]
divert = transit
protocol = tls
backend = original
"""


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, plain=answer, routed=answer, direct=greet)


@pytest.fixture(scope="module")
def daemon(lab, farm, carried):
    backends = (farm.backend("plain") + farm.backend("routed", "source = router") +
                farm.backend("direct"))
    started = Shuntd(lab, ROUTES + backends, carried)
    yield started
    started.end()


def test_the_same_port_from_two_clients_at_once(lab, daemon, family):
    sockets = [dial(lab.client, family, family.router, 443, source, 40404)
               for source in (family.client, family.other_client)]
    for s, source in zip(sockets, (family.client, family.other_client)):
        report = ask(s, hello.tls("plain.example"))
        assert (report["peer"], report["port"]) == (source, 40404)


def test_one_client_port_towards_two_addresses_of_the_router(lab, daemon, family):
    """Only one of them can have the port at the backend; the other keeps the address."""
    def shared(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sockets = [dial(lab.client, family, router, 443, source_port=40405, prepare=shared)
               for router in (family.router, family.other_router)]
    reports = [ask(s, hello.tls("plain.example")) for s in sockets]
    assert {r["peer"] for r in reports} == {family.client}
    assert reports[0]["port"] == 40405 != reports[1]["port"]
    tos = [family.endpoint(router, 443) for router in (family.router, family.other_router)]
    for s in sockets:
        s.close()
    client = family.endpoint(family.client, 40405)
    assert daemon.flow(client=client, to=tos[0])["source"] == "client"
    assert daemon.flow(client=client, to=tos[1])["source"] == "address"


def test_source_router(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls("routed.example"))
    assert report["peer"] == family.inside
    client = endpoint_of(s)
    s.close()
    assert daemon.flow(client=client)["source"] == "router"


def test_a_divert_with_one_unconditional_route(lab, daemon, family):
    s = dial(lab.client, family, family.router, 9000)
    s.sendall(b"anything\r\n")
    report = report_of(read_line(s))
    sees_client(report, s, family)
    assert read_line(s) == b"anything\r\n"


@pytest.mark.parametrize("first", [hello.tls("any.example"), hello.GARBAGE], ids=["route", "unknown"])
def test_original(lab, daemon, family, first):
    """On to where the client wanted to go, from the client's address and port."""
    server = Server(lab, lab.backend, family, family.beyond, 8443, answer, "beyond")
    s = dial(lab.client, family, family.beyond, 8443)
    report = ask(s, first)
    sees_client(report, s, family)
    assert (report["local"], report["local_port"]) == (family.beyond, 8443)
    client = endpoint_of(s)
    s.close()
    server.close()
    beyond = family.endpoint(family.beyond, 8443)
    daemon.flow(client=client, divert="transit", backend="original", server=beyond, to=beyond,
                source="client", why="closed")


def test_transit_leaves_the_routers_own_addresses_alone(lab, daemon, family):
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 8443)


def test_local_leaves_transit_alone(lab, daemon, family):
    server = Server(lab, lab.backend, family, family.beyond, 443, answer, "beyond")
    s = dial(lab.client, family, family.beyond, 443)
    assert ask(s, hello.GARBAGE)["server"] == "beyond"
    server.close()


def test_another_interface_is_left_alone(lab, daemon, family):
    with pytest.raises(ConnectionRefusedError):
        dial(lab.backend, family, family.router, 443, source=family.backends[9])


def test_dscp_of_the_client_is_copied(lab, daemon, family):
    lab.backend.nft(f"""table inet watch {{
        counter af41 {{ }}
        counter other {{ }}
        chain in {{ type filter hook input priority 0;
            meta nfproto {family.af == socket.AF_INET and "ipv4" or "ipv6"} tcp dport 443 jump dscp
        }}
        chain dscp {{
            {family.ip} dscp af41 counter name af41 return
            counter name other
        }}
        }}""")
    level, option = ((socket.IPPROTO_IP, socket.IP_TOS) if family.version == 4 else
                     (socket.IPPROTO_IPV6, socket.IPV6_TCLASS))
    s = dial(lab.client, family, family.router, 443,
             prepare=lambda s: s.setsockopt(level, option, 34 << 2))
    sees_client(ask(s, hello.tls("plain.example")), s, family)
    seen = lab.backend.counter("watch", "af41"), lab.backend.counter("watch", "other")
    lab.backend.nft("delete table inet watch")
    assert seen[0] >= 2 and seen[1] == 0, f"af41 {seen[0]}, other {seen[1]} packets"


def test_a_port_of_the_client_is_kept_many_times(lab, daemon, family):
    """One port, again and again, towards one backend: never another one."""
    for _ in range(5):
        s = dial(lab.client, family, family.router, 443, source_port=40406)
        assert own_port(s) == ask(s, hello.tls("plain.example"))["port"] == 40406
        finish(s)
