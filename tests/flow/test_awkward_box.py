"""The box itself: its own clients, addresses that change, connections that come back, boxes in a row."""
import re
import socket

import pytest

import hello
from clients import ask, dial, ending, finish, opened, read_exactly, sees_client
from lab import V4, V6, forwarding
from reloading import Reloading
from servers import Farm, Server, answer
from shuntd import Shuntd, endpoint_of
from waiting import stays, wait_for

ROUTE = """
[route one]
server_name = one.example
backend = one
"""
CONFIG = "[divert web]\ntcp = 443\n" + ROUTE
NEW = {4: ("203.0.113.1", "203.0.113.7", 24), 6: ("2001:db8:f::1", "2001:db8:f::7", 64)}
LOST = {4: "203.0.113.200", 6: "2001:db8:c8::c8"}   # an address that everybody sends to somebody else


@pytest.fixture
def farm(own_lab):
    return Farm(own_lab, one=answer)


def chats(s):
    s.sendall(b"tick")
    return read_exactly(s, 4) == b"tick"


# its own clients

def test_what_the_box_itself_asks_for_is_not_taken(own_lab, farm, family):
    """By the public name it meets its own services, or nobody."""
    daemon = Shuntd(own_lab, CONFIG + farm.backends())
    with pytest.raises(ConnectionRefusedError):
        dial(own_lab.router, family, family.router, 443, family.router)
    server = Server(own_lab, own_lab.router, family, family.router, 443, answer, "own")
    s = dial(own_lab.router, family, family.router, 443, family.router)
    assert ask(s, hello.tls("one.example"))["server"] == "own"
    finish(s)
    server.close()
    assert daemon.status()["flows"]["total"] == 0


# addresses

def test_several_addresses_of_an_interface(own_lab, farm, family):
    Shuntd(own_lab, CONFIG + farm.backends())
    for address in (family.router, family.other_router, family.inside):
        s = dial(own_lab.client, family, address, 443, family.other_client)
        sees_client(ask(s, hello.tls("one.example")), s, family, family.other_client)
        finish(s)


def test_an_address_comes_and_another_goes(own_lab, farm, family):
    """As with a new prefix, or a new call to the provider: new flows by the new one, old ones go on."""
    lab, (ours, theirs, bits) = own_lab, NEW[family.version]
    daemon = Shuntd(lab, CONFIG + farm.backends())
    mac = re.search(r"link/ether (\S+)", lab.router.run("ip", "link", "show", "wan")).group(1)
    lab.client.ip(f"neigh replace {family.router} lladdr {mac} dev wan")
    s = dial(lab.client, family, family.router, 443)
    sees_client(ask(s, hello.tls("one.example")), s, family)
    # clients are elsewhere: the way to them does not go with the address
    lab.router.ip(f"route add {family.client}/{128 if family.version == 6 else 32} dev wan",
                  f"addr add {ours}/{bits} dev wan",
                  f"addr del {family.other_router}/{family.prefix} dev wan",
                  f"addr del {family.router}/{family.prefix} dev wan")
    lab.client.ip(f"addr add {theirs}/{bits} dev wan")
    assert stays(lambda: chats(s), 0.3, "the flow by the old address") is not False
    new = dial(lab.client, family, ours, 443, theirs)
    sees_client(ask(new, hello.tls("one.example")), new, family, theirs)
    client = endpoint_of(s)
    finish(s)
    finish(new)
    daemon.flow(client=client, why="closed", source="client")


def temporary(ns):
    """The interface's temporary address (RFC 8981)."""
    def find():
        return re.search(r"inet6 (\S+)/64 [^\n]*temporary", ns.run("ip", "-6", "addr", "show", "dev", "wan"))
    return wait_for(find, 5, "a temporary address").group(1)


def test_temporary_addresses(own_lab, farm):
    """Of the client, which sees it kept, and of the box, on which it is served like any other."""
    lab = own_lab
    for ns, address in ((lab.client, "2001:db8:1::77"), (lab.router, "2001:db8:1::11")):
        ns.sysctl("net.ipv6.conf.wan.use_tempaddr", 2)
        ns.ip(f"addr add {address}/64 dev wan mngtmpaddr")
    Shuntd(lab, CONFIG + farm.backends())
    ours, theirs = temporary(lab.router), temporary(lab.client)
    s = lab.client.socket(socket.AF_INET6)
    opened.append(s)
    s.settimeout(5)
    s.connect((ours, 443))
    assert s.getsockname()[0] == theirs
    sees_client(ask(s, hello.tls("one.example")), s, V6, theirs)
    finish(s)


# bridges

def test_the_first_bridge_comes_while_we_run(own_lab, farm, family):
    """With br_netfilter, what comes in by a bridge finds its way to us all the same."""
    lab = own_lab
    daemon = Shuntd(lab, CONFIG + farm.backends())
    home, (ours, theirs, bits) = lab.namespace("home"), NEW[family.version]
    lab.link(home, "lan", lab.router, "port")
    lab.router.ip("link add br0 type bridge", "link set port master br0", "link set br0 up",
                  f"addr add {ours}/{bits} dev br0")
    home.ip(f"addr add {theirs}/{bits} dev lan", f"route add default via {ours}")

    def is_served():
        try:
            s = dial(home, family, family.router, 443, theirs, timeout=1)
        except OSError:
            return False
        sees_client(ask(s, hello.tls("one.example")), s, family, theirs)
        return True
    wait_for(is_served, 5, "a client behind the bridge")
    assert daemon.status()["nft"]["repairs"] == 0


# servers on loopback addresses come and go

def test_a_server_on_a_loopback_address_comes_by_a_reload(own_lab, family):
    lab, loopback = own_lab, {4: "127.0.0.1", 6: "::1"}[family.version]
    servers = [Server(lab, lab.router, family, loopback, port, answer, str(port)) for port in (7001, 7002)]
    first, second = (f"{CONFIG}[backend one]\nserver = {family.endpoint(loopback, port)}\n"
                     for port in (7001, 7002))
    daemon = Reloading(lab, first)
    sockets = []
    for port, text in ((7001, None), (7002, second)):
        if text:
            daemon.reload(text)
        s = dial(lab.client, family, family.router, 443)
        report = ask(s, hello.tls("one.example"))
        sees_client(report, s, family)
        assert report["server"] == str(port)
        sockets.append(s)
    assert all(chats(s) for s in sockets)
    assert daemon.status()["nft"]["repairs"] == 0
    daemon.stop()
    assert " 7001" not in lab.router.run("ip", f"-{family.version}", "rule")
    for server in servers:
        server.close()


def test_rules_of_loopback_servers_that_are_gone(own_lab, family):
    """They stay for flows that are there, for `drain`; then they go, or after many reloads they were many."""
    lab, loopback = own_lab, {4: "127.0.0.1", 6: "::1"}[family.version]

    def text(*ports):
        return "".join((CONFIG, "[backend one]\n", *(f"server = {family.endpoint(loopback, port)}\n" for port in ports)))

    def rules():
        told = lab.router.run("ip", f"-{family.version}", "rule")
        return sorted(int(port) for port in re.findall(r"^897:.* sport (\d+) ", told, re.M))

    def look():
        """Each minute, and when anybody changes ip rules."""
        for verb in ("add", "del"):
            lab.router.run("ip", f"-{family.version}", "rule", verb, "pref", "5000", "lookup", "5000")
        return True
    daemon = Reloading(lab, text(7001, 7002, 7003), shunt="drain = 1s\n")
    assert rules() == [7001, 7002, 7003]
    daemon.reload(text(7003, 7004))
    assert rules() == [7001, 7002, 7003, 7004]
    daemon.reload(text(7002, 7003, 7004))  # that one is back
    wait_for(lambda: look() and rules() == [7002, 7003, 7004], 5, lambda: f"the end of one: {rules()}", every=0.2)
    assert daemon.status()["nft"]["repairs"] == 0
    # more of them than are kept: the first of those that are gone goes
    daemon.reload(shunt="drain = 1h\n", text=text(*range(8000, 8032)))
    daemon.reload(shunt="drain = 1h\n", text=text(*range(8100, 8132)))
    daemon.reload(shunt="drain = 1h\n", text=text(*range(8200, 8232)))
    daemon.reload(shunt="drain = 1h\n", text=text(8300))
    look()
    assert len(rules()) == 64 + 1
    daemon.stop()
    assert rules() == []


def test_what_is_said_once_is_said_again_after_a_reload(own_lab, family):
    lab = own_lab
    Server(lab, lab.router, family, family.router, 443, answer, "own")
    text = f"{CONFIG}[backend one]\nserver = {family.endpoint(family.router, 443)}\n"
    daemon = Reloading(lab, text.replace("tcp = 443\n", "tcp = 443\ninterface = wan\n"))
    for said in (1, 2):
        for _ in range(3):
            s = dial(lab.client, family, family.router, 443)
            assert ask(s, hello.tls("one.example"))["peer"] == family.client
            finish(s)
        wait_for(lambda: daemon.text().count("(same_host)") == said, 3, f"{said} lines of it")
        if said == 1:
            daemon.reload(text.replace("tcp = 443\n", "tcp = 443\ninterface = wan\nwait = 2s\n"))


# what comes back

def box(lab, name):
    """A second router between the usual one and the backend."""
    second = lab.namespace(name)
    forwarding(second)
    return second


@pytest.fixture
def row(fresh):
    """client - router - second - backend."""
    lab = fresh
    client, router, backend = map(lab.namespace, ("client", "router", "backend"))
    second = box(lab, "second")
    lab.link(client, "wan", router, "wan")
    lab.link(router, "lan", second, "wan")
    lab.link(second, "lan", backend, "lan")
    forwarding(router)
    for f in (V4, V6):
        p, (near, far, _) = f.prefix, NEW[f.version]
        client.ip(f"addr add {f.client}/{p} dev wan", f"route add default via {f.router}")
        router.ip(f"addr add {f.router}/{p} dev wan", f"addr add {near}/{p} dev lan",
                  f"route add default via {far}")
        second.ip(f"addr add {far}/{p} dev wan", f"addr add {f.inside}/{p} dev lan",
                  f"route add default via {near}")
        backend.ip(f"addr add {f.backends[0]}/{p} dev lan", f"route add default via {f.inside}")
    return lab


def test_two_boxes_in_a_row(row, family):
    """Each sees the client, and so does the server."""
    Server(row, row.backend, family, family.backends[0], 443, answer, "one")
    backend = f"[backend one]\nserver = {family.endpoint(family.backends[0], 443)}\n"
    first = Shuntd(row, CONFIG + backend)
    second = Shuntd(row, "[divert web]\ntcp = 443\nto = transit\nunknown = original\n", ns=row.second)
    s = dial(row.client, family, family.router, 443)
    sees_client(ask(s, hello.tls("one.example")), s, family)
    client = endpoint_of(s)
    finish(s)
    first.flow(client=client, source="client", why="closed")
    second.flow(client=client, source="client", why="closed")


@pytest.mark.parametrize("source", ["client", "router"])
def test_a_server_that_is_sent_back_to_us(row, family, source):
    """Nobody knows the server's address: the next router returns it. No row of connections grows."""
    backend = (f"[backend one]\nserver = {family.endpoint(LOST[family.version], 443)}\n"
               f"connect_timeout = 500ms\nretries = 0\nsource = {source}\n")
    for f, prefix in ((V4, "203.0.113.200/32"), (V6, "2001:db8:c8::/48")):
        row.router.ip(f"route add {prefix} via {NEW[f.version][1]}")
        row.second.ip(f"route add {prefix} via {NEW[f.version][0]}")
    daemon = Shuntd(row, CONFIG.replace("tcp = 443", "tcp = 443\nto = any") + backend)
    s = dial(row.client, family, family.router, 443)
    s.sendall(hello.tls("one.example"))
    assert ending(s, 5) == "reset"
    flow = daemon.flow_of(s, family, backend="one")
    assert flow["why"] in ("connect_timeout", "no_server")
    assert daemon.status()["flows"]["total"] <= 2
    wait_for(lambda: daemon.status()["flows"]["active"] == 0, 5, "the end of all flows")


def test_our_own_mark_is_not_taken_again(own_lab, family):
    """A way out of the box and back into it, which keeps the mark."""
    lab, lost = own_lab, LOST[family.version]
    backend = (f"[backend one]\nserver = {family.endpoint(lost, 443)}\n"
               "connect_timeout = 500ms\nretries = 0\n")
    lab.router.ip("link add out type veth peer name in", "link set out up", "link set in up")
    mac = re.search(r"link/ether (\S+)", lab.router.run("ip", "link", "show", "in")).group(1)
    lab.router.ip(f"route add {lost} dev out", f"neigh replace {lost} lladdr {mac} dev out")
    daemon = Shuntd(lab, CONFIG.replace("tcp = 443", "tcp = 443\nto = any") + backend)
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("one.example"))
    assert ending(s, 5) == "reset"
    daemon.flow_of(s, family, backend="one", source="client")
    assert daemon.status()["flows"]["total"] == 1
    assert lab.router.counter("shunt", "loop") > 0
