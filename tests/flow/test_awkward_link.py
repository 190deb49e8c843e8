"""A server that would answer the client without us: on its link, or behind the same router.

    client --wan-- router --lan (a bridge)-- backend
                                       |---- home ---- guest
                                       |---- middle -- far
"""
import pytest

import hello
from clients import ask, dial, finish, sees_client
from lab import V4, V6, Lab, forwarding, household
from servers import Server, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

FAR = {4: ("10.8.0.10", "10.8.0.1", 24), 6: ("2001:db8:8::10", "2001:db8:8::1", 64)}
NEAR_FAR = {4: "10.8.0.7", 6: "2001:db8:8::7"}         # a client beside the far server
GUEST = {4: ("10.9.0.7", "10.9.0.1", 24), 6: ("2001:db8:9::7", "2001:db8:9::1", 64)}
MIDDLE = {4: "192.168.1.60", 6: "fd00:1::60"}
SECOND = "192.168.2.50"                                # of `home`, in another network of the link


def endpoints(port, addresses):
    return "\n".join(f"server = {f.endpoint(addresses[f.version], port)}" for f in (V4, V6))


CONFIG = f"""
[divert web]
tcp = 443

[route near]
server_name = near.example
backend = near

[route far]
server_name = far.example
backend = far

[route routed]
server_name = routed.example
backend = routed

[route own]
server_name = own.example
backend = own

[backend own]
{endpoints(7002, {4: V4.inside, 6: V6.inside})}

[backend near]
{endpoints(443, {4: V4.backends[0], 6: V6.backends[0]})}

[backend far]
{endpoints(443, {version: a[0] for version, a in FAR.items()})}

[backend routed]
source = router
{endpoints(443, {4: V4.backends[0], 6: V6.backends[0]})}
"""


def behind(lab, name, router, family, addresses):
    """Give a router's inner link, and the host behind it, their addresses."""
    host, gateway, prefix = addresses[family.version]
    lab.namespaces[router].ip(f"addr add {gateway}/{prefix} dev in")
    lab.namespaces[name].ip(f"addr add {host}/{prefix} dev out", f"route add default via {gateway}")
    return f"{host.rpartition('.' if family.version == 4 else ':')[0]}" + (".0" if family.version == 4 else ":")


@pytest.fixture(scope="module")
def net():
    lab = Lab()
    try:
        yield build(lab)
    finally:
        lab.close()


def build(lab):
    household(lab)
    for name in ("guest", "middle", "far"):
        lab.namespace(name)
    lab.link(lab.middle, "lan", lab.router, "lan3")
    lab.router.ip("link set lan3 master lan")
    lab.link(lab.guest, "out", lab.home, "in")
    lab.link(lab.far, "out", lab.middle, "in")
    for ns in (lab.home, lab.middle):
        forwarding(ns)
    for f in (V4, V6):
        lab.middle.ip(f"addr add {MIDDLE[f.version]}/{f.prefix} dev lan",
                      f"route add default via {f.inside}")
        lab.router.ip(f"route add {behind(lab, 'guest', 'home', f, GUEST)}/{f.prefix} via {f.home}",
                      f"route add {behind(lab, 'far', 'middle', f, FAR)}/{f.prefix} via {MIDDLE[f.version]}")
        lab.far.ip(f"addr add {NEAR_FAR[f.version]}/{f.prefix} dev out")
    lab.router.ip("addr add 192.168.2.1/24 dev lan")
    lab.home.ip(f"addr add {SECOND}/24 dev lan")
    return lab


@pytest.fixture(scope="module")
def daemon(net, carried):
    servers = [Server(net, net.backend, f, f.backends[0], 443, answer, "near") for f in (V4, V6)]
    servers += [Server(net, net.far, f, FAR[f.version][0], 443, answer, "far") for f in (V4, V6)]
    servers += [Server(net, net.router, f, f.inside, 7002, answer, "own") for f in (V4, V6)]
    started = Shuntd(net, CONFIG, carried)
    yield started
    started.end()
    for server in servers:
        server.close()


def fallbacks(daemon):
    """How often the client's address and port were not kept."""
    counts = daemon.status()["flows"]["fallback"]
    return {why: counts[why] for why in ("port_taken", "address_taken", "same_host", "same_link")}


def call(daemon, ns, family, source, name, address=None):
    """What the server saw, and the flow's line; one more in `same_link` is what `router` means."""
    before = fallbacks(daemon)
    s = dial(ns, family, address or family.router, 443, source)
    report = ask(s, hello.tls(f"{name}.example"))
    assert report["server"] == (name if name in ("far", "own") else "near")
    client, port = endpoint_of(s), s.getsockname()[1]
    s.sendall(b"echo")
    assert s.recv(4) == b"echo"
    finish(s)
    flow = daemon.flow(client=client, backend=name, why="closed")
    more = 1 if flow["source"] == "router" and name != "routed" else 0
    assert fallbacks(daemon) == before | {"same_link": before["same_link"] + more}
    return report, flow["source"], port


def is_kept(called, source):
    report, how, port = called
    assert (how, report["peer"], report["port"]) == ("client", source, port)


def is_ours(called, family):
    report, how, _ = called
    assert (how, report["peer"]) == ("router", family.inside)


def test_from_outside_nothing_changes(net, daemon, family):
    is_kept(call(daemon, net.client, family, family.client, "near"), family.client)


@pytest.mark.parametrize("where", ["router", "inside"])
def test_a_client_on_the_servers_link(net, daemon, family, where):
    """By the public name, and by the box's address on that link; through another port of its bridge."""
    is_ours(call(daemon, net.home, family, family.home, "near", getattr(family, where)), family)


def test_a_server_on_the_router(net, daemon, family):
    is_kept(call(daemon, net.home, family, family.home, "own"), family.home)


def test_the_server_is_its_own_client(net, daemon, family):
    is_ours(call(daemon, net.backend, family, family.backends[0], "near"), family)


def test_source_router_is_no_fallback(net, daemon, family):
    is_ours(call(daemon, net.home, family, family.home, "routed"), family)


def test_a_server_behind_another_router(net, daemon, family):
    is_kept(call(daemon, net.client, family, family.client, "far"), family.client)


def test_that_router_would_answer_a_client_beside_it(net, daemon, family):
    is_ours(call(daemon, net.home, family, family.home, "far"), family)


def test_client_and_server_behind_one_other_router(net, daemon, family):
    beside = NEAR_FAR[family.version]
    is_ours(call(daemon, net.far, family, beside, "far"), family)


def test_a_client_behind_another_router_of_the_link(net, daemon, family):
    """The server's way to it is by us, as far as we know."""
    guest = GUEST[family.version][0]
    is_kept(call(daemon, net.guest, family, guest, "near"), guest)


def test_another_network_of_the_link(net, daemon):
    """IPv4: the server's way from one to the other is by us."""
    is_kept(call(daemon, net.home, V4, SECOND, "near"), SECOND)


def test_networks_change_while_we_run(net, daemon):
    """With a network that holds both, the two are neighbours; without it they are not. (The server does
    not learn of it here, so that each answer arrives either way.)"""
    def source():
        return call(daemon, net.home, V4, SECOND, "near")[1]
    net.router.ip("addr add 192.168.0.9/16 dev lan")
    wait_for(lambda: source() == "router", 3, "a network that came")
    net.router.ip("addr del 192.168.0.9/16 dev lan")
    wait_for(lambda: source() == "client", 3, "a network that went")


def test_it_was_said_once_for_each_backend(net, daemon):
    lines = [line for line in daemon.text().splitlines() if "(same_link)" in line]
    assert sorted(line.split("warning: ")[1].split(": ")[0] for line in lines) == \
        ["backend far", "backend near"]
