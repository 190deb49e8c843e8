"""Flows of datagrams that the kernel carries: how they get there, and that every datagram arrives once."""
import contextlib
import socket

import pytest

import clients
import hello
from datagrams import dial
from handed import is_handed
from lab import both
from servers import Farm, answer
from udp import UDP_SITE, ask, seen_by, server, silent, started
from waiting import wait_for

FLOWS = 100
BURST = 5
MUTE = """
[divert mute]
udp = 444
interface = wan
[route mute]
divert = mute
backend = mute
[backend mute]
""" + both(444)


def back(one, data, peer):
    one.socket.sendto(data, peer)


def words(flow, first, count):
    return [b"%d %d" % (flow, number) for number in range(first, first + count)]


def hear(s, count):
    """What comes, in order: so many, or as many as come."""
    told = []
    with contextlib.suppress(socket.timeout):
        while len(told) < count:
            told.append(s.recv(65536))
    return told


def fallbacks(daemon):
    return {why: count for why, count in daemon.status()["flows"]["fallback"].items() if count}


def own_sockets(lab, port=443):
    """Sockets of the router's towards a server."""
    return lab.router.run("ss", "-Hnu", f"dport = :{port}").strip()


@pytest.fixture
def one(own_lab, family):
    return server(own_lab, family, serve=back)


def known(lab, family):
    """It is known that the box forwards to the server: from then on flows are handed over at once."""
    first = dial(lab.client, family, family.router, 443)
    assert ask(first) and ask(first)

    def at_once():
        s = dial(lab.client, family, family.router, 443)
        return ask(s) and is_handed(lab, s)
    wait_for(at_once, 5, "that the way is known")


def test_at_the_decision(own_lab, family):
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE)
    s = dial(own_lab.client, family, family.router, 443)
    assert ask(s) == seen_by("one", s)
    assert is_handed(own_lab, s) and not own_sockets(own_lab)
    for _ in range(3):
        assert ask(s) == seen_by("one", s)
    flow, = daemon.live_flows()
    assert {"transport": "udp", "how": "handoff", "divert": "web", "route": "all", "backend": "one",
            "source": "client"}.items() <= flow.items()
    assert not fallbacks(daemon)
    assert daemon.status()["flows"]["handed_over"] == 1


def test_no_route_could_want_it(own_lab, family):
    """Then it need not be looked at: `unknown` decides at once."""
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE.replace("[route all]", "unknown = one\n[route tls]\nprotocol = tls"))
    s = dial(own_lab.client, family, family.router, 443)
    assert ask(s) == seen_by("one", s)
    flow, = daemon.live_flows()
    assert (flow["route"], flow["backend"], flow["how"]) == ("unknown", "one", "handoff")


def test_bursts(own_lab, family, one, way):
    """A flow's first datagrams are held while later ones come already: nothing is lost, nothing comes twice."""
    daemon = started(own_lab, UDP_SITE, way)
    if way == "handoff":
        known(own_lab, family)
    flows = [dial(own_lab.client, family, family.router, 443) for _ in range(FLOWS)]
    mixed = 0
    for number, s in enumerate(flows):
        for word in words(number, 0, BURST):
            s.send(word)
    for number, s in enumerate(flows):
        heard = hear(s, BURST)
        assert sorted(heard) == words(number, 0, BURST)
        assert sorted(one.of(s)) == words(number, 0, BURST)
        mixed += heard != words(number, 0, BURST)
    assert mixed <= FLOWS // 10
    assert all(bool(is_handed(own_lab, s)) == (way == "handoff") for s in flows[:3])
    assert daemon.status()["flows"]["udp"]["lost"] == 0


def test_chats(own_lab, family, one):
    started(own_lab, UDP_SITE)
    known(own_lab, family)
    before = len(one.got)
    flows = [dial(own_lab.client, family, family.router, 443) for _ in range(FLOWS)]
    for turn in range(BURST):
        for number, s in enumerate(flows):
            s.send(b"%d %d" % (number, turn))
        for number, s in enumerate(flows):
            assert s.recv(100) == b"%d %d" % (number, turn)
    assert len(one.got) == before + FLOWS * BURST
    assert all(is_handed(own_lab, s) for s in flows)


@pytest.fixture
def tried(own_lab, family, one):
    """A daemon that finds out just now whether the box forwards: others are relayed for two seconds."""
    server(own_lab, family, port=444, name="mute", serve=silent)
    daemon = started(own_lab, UDP_SITE.replace("[route all]\n", "[route all]\ndivert = web\n") + MUTE)
    trial = dial(own_lab.client, family, family.router, 444)
    trial.send(b"is anybody there?")
    wait_for(lambda: is_handed(own_lab, trial), 2, "the first flow")
    return daemon


def test_from_the_relay(own_lab, family, one, tried):
    """A chat goes on through its handover, and so do bursts."""
    chat, burst = (dial(own_lab.client, family, family.router, 443) for _ in range(2))
    turns = 0

    def talk():
        nonlocal turns
        chat.send(b"chat %d" % turns)
        for word in words(1, turns * BURST, BURST):
            burst.send(word)
        assert chat.recv(100) == b"chat %d" % turns
        assert sorted(hear(burst, BURST)) == sorted(words(1, turns * BURST, BURST))
        turns += 1
        return is_handed(own_lab, chat) and is_handed(own_lab, burst)
    assert not talk() and own_sockets(own_lab)
    wait_for(talk, 10, "the handover of both", every=0.05)
    talk()
    assert turns > 3
    wait_for(lambda: not own_sockets(own_lab), 2, "the end of their sockets")
    assert one.of(chat) == [b"chat %d" % turn for turn in range(turns)]
    assert sorted(one.of(burst)) == sorted(words(1, 0, turns * BURST))
    assert tried.status()["flows"]["udp"]["lost"] == 0


def test_a_question_and_its_answer_stay_relayed(own_lab, family, one, tried):
    """What had to be relayed at first is worth a handover only when it goes on."""
    s = dial(own_lab.client, family, family.router, 443)
    for word in (b"A", b"AAAA"):
        s.send(word)
        assert s.recv(100) == word
    assert not is_handed(own_lab, s)


@pytest.mark.parametrize("address", ["router", "other_router"])
def test_answers_come_from_where_they_were_asked(own_lab, family, one, address):
    started(own_lab, UDP_SITE)
    s = own_lab.client.socket(family.af, socket.SOCK_DGRAM)
    clients.opened.append(s)
    s.settimeout(5)
    for _ in range(3):
        s.sendto(b"who?", (getattr(family, address), 443))
        data, peer = s.recvfrom(100)
        assert data == b"who?" and peer[:2] == (getattr(family, address), 443)


@pytest.mark.parametrize("size", [0, 1, 1400, 1472, 3000, 9000])
def test_sizes(own_lab, family, one, size):
    """The first one is sent on by us, in pieces where it has to be; the others by the kernel."""
    started(own_lab, UDP_SITE)
    s = dial(own_lab.client, family, family.router, 443)
    for number in range(3):
        word = bytes([number]) * size
        s.send(word)
        assert s.recv(65536) == word
    assert is_handed(own_lab, s)


def reusing(lab, family, address, port):
    """A client's socket that shares its port with another one towards elsewhere."""
    s = lab.client.socket(family.af, socket.SOCK_DGRAM)
    clients.opened.append(s)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.settimeout(5)
    s.bind((family.client, port))
    s.connect((address, 443))
    return s


def test_one_port_by_two_addresses_of_ours(own_lab, family):
    """To the server both would be one flow: the second one has another port."""
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE)
    port = 40000
    first, second = (reusing(own_lab, family, address, port)
                     for address in (family.router, family.other_router))
    for _ in range(3):
        assert ask(first) == seen_by("one", first)
        told = ask(second).split()
        assert told[:2] == ["one", family.client] and told[2] != str(port)
    assert fallbacks(daemon) == {"port_taken": 1, "source": 1}


def test_one_port_by_tcp_and_udp(own_lab, family):
    farm = Farm(own_lab, git=answer)
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE.replace("udp = 443", "udp = 443\ntcp = 443").replace(
        "[route all]", "[route git]\nserver_name = git.example\nbackend = git\n[route all]") + "\n" +
        farm.backend("git"), "handoff")
    tcp = clients.dial(own_lab.client, family, family.router, 443)
    udp = dial(own_lab.client, family, family.router, 443, source_port=clients.own_port(tcp))
    clients.ask(tcp, hello.tls("git.example"))
    wait_for(lambda: is_handed(own_lab, tcp), 5, "the handover")
    for _ in range(3):
        assert ask(udp) == seen_by("one", udp)
        tcp.sendall(b"x" * 100)
        assert clients.read_exactly(tcp, 100) == b"x" * 100
    assert {flow["transport"]: flow["how"] for flow in daemon.live_flows()} == {
        "tcp": "handoff", "udp": "handoff"}


@pytest.mark.parametrize("how", ["divert", "backend", "copy"])
def test_where_it_is_not_wanted(own_lab, family, how):
    server(own_lab, family)
    text = {"divert": UDP_SITE.replace("udp =", "handoff = never\nudp ="),
            "backend": UDP_SITE + "\nhandoff = never\n", "copy": UDP_SITE}[how]
    daemon = started(own_lab, text, "copy" if how == "copy" else "auto")
    s = dial(own_lab.client, family, family.router, 443)
    for _ in range(10):
        assert ask(s) == seen_by("one", s)
    assert not is_handed(own_lab, s)
    assert not fallbacks(daemon) and daemon.status()["flows"]["handed_over"] == 0


def test_a_box_that_does_not_forward(own_lab, family):
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE)
    own_lab.router.sysctl("net.ipv4.ip_forward" if family.version == 4
                          else "net.ipv6.conf.all.forwarding", 0)
    s = dial(own_lab.client, family, family.router, 443)
    for _ in range(10):
        assert ask(s) == seen_by("one", s)
    assert not is_handed(own_lab, s) and fallbacks(daemon) == {"forwarding": 1}


def test_a_box_that_drops_what_it_forwards(own_lab, family):
    """The flow that finds it out may be lost; all others are relayed."""
    server(own_lab, family)
    own_lab.router.nft("table inet strict { chain f { type filter hook forward priority 0; policy drop;\n}\n}")
    daemon = started(own_lab, UDP_SITE)

    def works():
        return ask(dial(own_lab.client, family, family.router, 443, timeout=0.3))
    wait_for(works, 5, "an answer")
    wait_for(lambda: "drop what it forwards" in daemon.text(), 5, "that it is said")
    flows = [dial(own_lab.client, family, family.router, 443) for _ in range(10)]
    for _ in range(BURST):
        assert all(ask(s) == seen_by("one", s) for s in flows)
    assert fallbacks(daemon)["firewall"] >= len(flows)
    assert not any(is_handed(own_lab, s) for s in flows)


def test_another_server_may_have_to_be_tried(own_lab, family):
    """Then the first flow is relayed until one has answered, and others gain by that."""
    server(own_lab, family, family.backends[1])
    daemon = started(own_lab, UDP_SITE.replace(both(443), both(443) + "\n" + both(443, 1)))
    first = dial(own_lab.client, family, family.router, 443)
    assert ask(first) == seen_by("one", first) and not is_handed(own_lab, first)
    server(own_lab, family)
    asked = dial(own_lab.client, family, family.router, 443)
    assert ask(asked) == seen_by("one", asked) and not is_handed(own_lab, asked)
    known(own_lab, family)
    assert not fallbacks(daemon)


def test_nobody_is_there(own_lab, family):
    """The server's refusal comes to the client, from the address that it knows."""
    started(own_lab, UDP_SITE)
    s = dial(own_lab.client, family, family.router, 443)

    def refused():
        try:
            s.send(b"?")
            s.recv(100)
        except ConnectionRefusedError:
            return True
        except socket.timeout:
            return False
    s.settimeout(0.5)
    wait_for(refused, 5, "the refusal")
