"""Datagrams beside other people's rules: which flows are ours, and that nobody's are broken."""
import socket

import pytest

import firewall
from datagrams import dial
from lab import V4, V6, Lab, standard
from udp import (HELD, OLD, UDP_SITE, ask, entries, kill_keeper_alone, roles, server, silent,
                 started, talks, wait_for_table, wait_for_the_end)
from waiting import stays, wait_for
from wans import FAR, two_wans

COUNT = 20


def of_udp(text):
    return text.replace("tcp dport", "udp dport")


STRICT_OUTPUT = """
table inet leaving {
    chain out { type filter hook output priority filter; policy drop;
        ct state established,related accept
        meta l4proto ipv6-icmp accept
        oif lo accept
        meta mark & 0xf0000000 == 0x50000000 accept
    }
}"""
# whole marks kept in conntrack, as with CONNMARK --save-mark and --restore-mark
SAVE_MARKS = """
table inet marks {
    chain restore { type filter hook prerouting priority mangle; meta mark set ct mark
    }
    chain save { type filter hook postrouting priority mangle; ct mark set meta mark
    }
}"""
RULES = {
    "none": "",
    "marks": SAVE_MARKS,
    "fw4": firewall.fw4(),
    "all": "\n".join((of_udp(firewall.MASQUERADE_EVERYWHERE), of_udp(firewall.port_forward(443, OLD)),
                      firewall.STATEFUL, STRICT_OUTPUT)),
}


@pytest.fixture(params=["handoff", "copy"])
def way(request):
    """Datagrams are handed over, or copied."""
    return request.param


@pytest.mark.parametrize("rules", RULES)
def test_the_right_server_sees_the_right_client(own_lab, family, way, rules):
    own_lab.router.nft(RULES[rules] + firewall.COUNT_INVALID)
    server(own_lab, family)
    server(own_lab, family, OLD[family], name="old")
    started(own_lab, UDP_SITE, way)
    clients = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    for _ in range(5):
        assert talks(clients, "one")
    assert own_lab.router.counter("invalid", "forwarded") == 0
    assert own_lab.router.counter("invalid", "received") == 0


@pytest.fixture(scope="module")
def wans():
    made = Lab()
    try:
        yield two_wans(standard(made))
    finally:
        made.close()


def test_answers_leave_by_the_way_the_client_came(wans, family, way):
    one = server(wans, family)
    daemon = started(wans, UDP_SITE.replace("= wan", "= wan, wan2"), way)
    for address in (family.router, FAR[family][2]):
        clients = [dial(wans.client, family, address, 443, FAR[family][0], timeout=2)
                   for _ in range(COUNT)]
        for _ in range(5):
            assert talks(clients, "one")
    assert wans.client.counter("watch", "wrong") == 0
    daemon.end()
    one.close()


@pytest.fixture
def old_flows(own_lab, family):
    """Flows by somebody's port forward, half of which are never answered: (the two halves, the server)."""
    old = server(own_lab, family, OLD[family], name="old")
    mute = server(own_lab, family, OLD[family], 444, "mute", serve=silent)
    own_lab.router.nft(of_udp(firewall.port_forward(443, OLD)) +
                       of_udp(firewall.port_forward(444, OLD, "another")))
    answered = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    one_way = [dial(own_lab.client, family, family.router, 444) for _ in range(COUNT)]
    assert talks(answered, "old")
    for s in one_way:
        s.send(b"before")
        mute.wait_of(s, 1)
    return answered, one_way, old, mute


def all_go_on(answered, one_way, mute):
    counts = [len(mute.of(s)) for s in one_way]
    for s in one_way:
        s.send(b"more")
    for s, count in zip(one_way, counts):
        mute.wait_of(s, count + 1)
    return talks(answered, "old")


def test_flows_that_were_there_before(own_lab, family, way, old_flows):
    answered, one_way, _, mute = old_flows
    server(own_lab, family)
    config = UDP_SITE.replace("udp = 443", "udp = 443, 444")

    def new_one():
        return ask(dial(own_lab.client, family, family.router, 443, timeout=2)).split()[0]
    first = started(own_lab, config, way)
    stays(lambda: all_go_on(answered, one_way, mute), 0.3, "the flows at the start")
    assert new_one() == "one"
    first.kill()
    wait_for_the_end(own_lab)
    stays(lambda: all_go_on(answered, one_way, mute), 0.3, "the flows after kill -9")
    assert new_one() == "old"
    second = started(own_lab, config, way)
    stays(lambda: all_go_on(answered, one_way, mute), 0.3, "the flows at the restart")
    assert new_one() == "one"
    second.stop()
    stays(lambda: all_go_on(answered, one_way, mute), 0.3, "the flows after a clean stop")
    assert new_one() == "old"


def test_after_a_stop_flows_go_where_they_would_without_us(own_lab, family):
    """Relayed ones: their entries no longer keep the other's port forward off them."""
    server(own_lab, family)
    server(own_lab, family, OLD[family], name="old")
    own_lab.router.nft(of_udp(firewall.port_forward(443, OLD)))
    daemon = started(own_lab, UDP_SITE, "copy")
    clients = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    assert talks(clients, "one")
    assert roles(own_lab, family).count(HELD) == COUNT
    daemon.stop()
    assert HELD not in roles(own_lab, family)
    assert talks(clients, "old")


def test_a_service_of_this_box(own_lab, family, way):
    """Its flows stay with it; new ones come to us, and are answered from the same address and port."""
    own_lab.router.nft(firewall.COUNT_INVALID)  # whatever makes conntrack look
    local = server(own_lab, family, family.router, name="local", ns=own_lab.router)
    before = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    assert talks(before, "local")
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE.replace("udp =", "force = yes\nudp ="), way)
    after = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    for _ in range(3):
        assert talks(after, "one")
        assert talks(before, "local")
    daemon.stop()
    assert talks(before, "local")
    assert talks([dial(own_lab.client, family, family.router, 443, timeout=2)], "local")
    assert not any(local.of(s) for s in after)


def test_a_service_of_this_box_is_not_taken_unasked(own_lab, family):
    server(own_lab, family, family.router, ns=own_lab.router)
    with pytest.raises(AssertionError, match="divert web: this box itself serves UDP port 443 on"):
        started(own_lab, UDP_SITE.replace("interface = wan\n", ""))


def test_the_keeper_is_killed(own_lab, family, way):
    """Running flows go on with the carriers; new ones go where they would without us."""
    server(own_lab, family)
    server(own_lab, family, OLD[family], name="old")
    own_lab.router.nft(of_udp(firewall.port_forward(443, OLD)))
    daemon = started(own_lab, UDP_SITE, way)
    clients = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    assert talks(clients, "one")
    kill_keeper_alone(daemon)
    wait_for_the_end(own_lab)
    stays(lambda: talks(clients, "one"), 1, "running flows without the keeper")
    assert talks([dial(own_lab.client, family, family.router, 443, timeout=2)], "old")


def test_flush_ruleset(own_lab, family, way):
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE, way)
    clients = [dial(own_lab.client, family, family.router, 443, timeout=2) for _ in range(COUNT)]
    assert talks(clients, "one")
    for _ in range(3):
        own_lab.router.run("nft", "flush", "ruleset")
        assert talks(clients, "one")
        wait_for_table(own_lab, "shunt_base")
        assert talks(clients, "one")
    assert talks([dial(own_lab.client, family, family.router, 443, timeout=2)], "one")
    daemon.stop()


def test_an_answer_after_the_entry_ran_out(own_lab, family):
    """The server speaks first again: it is heard, and the flow goes on both ways."""
    one = server(own_lab, family)
    started(own_lab, UDP_SITE, "copy")
    s = dial(own_lab.client, family, family.router, 443)
    assert talks([s], "one")
    own_lab.router.run("conntrack", "-D", "-p", "udp", "-f", f"ipv{family.version}", "--orig-port-dst", "443",
                       "--orig-src", family.client)
    assert not entries(own_lab, family)
    one.socket.sendto(b"still there?", s.getsockname()[:2])
    assert s.recv(100) == b"still there?"
    for _ in range(3):
        assert talks([s], "one")
    assert len(one.got) == 4


def test_strangers_are_forgotten_soon(own_lab, family):
    """Nobody answers them, so their entries last five seconds."""
    server(own_lab, family, serve=silent)
    started(own_lab, UDP_SITE, "copy")
    s = dial(own_lab.client, family, family.router, 443)
    s.send(b"hello")
    line = wait_for(lambda: entries(own_lab, family), what="an entry")[0]
    assert int(line.split()[2]) <= 5
    assert roles(own_lab, family) == [HELD]


def test_refused_while_closed(own_lab, family, way):
    """fail = closed: after a stop nobody else gets what is new, but what was there before goes on."""
    own_lab.router.nft(firewall.COUNT_INVALID)  # whatever makes conntrack look
    server(own_lab, family, family.router, name="local", ns=own_lab.router)
    before = dial(own_lab.client, family, family.router, 443, timeout=2)
    assert talks([before], "local")
    server(own_lab, family)
    closed = UDP_SITE.replace("udp =", "fail = closed\nforce = yes\nudp =")
    daemon = started(own_lab, closed, way)
    ours = dial(own_lab.client, family, family.router, 443, timeout=2)
    assert talks([ours], "one")
    daemon.stop()
    for s in (dial(own_lab.client, family, family.router, 443), *([ours] if way == "copy" else [])):
        s.send(b"?")
        with pytest.raises(ConnectionRefusedError):
            s.recv(100)
    assert talks([before], "local")


def spoof(lab, family, address, port=443):
    """Send one datagram to the router by its WAN, from an address that the sender does not have."""
    s = lab.client.socket(family.af, socket.SOCK_DGRAM)
    s.setsockopt(*{4: (socket.SOL_IP, 19), 6: (socket.IPPROTO_IPV6, 75)}[family.version], 1)  # IP_TRANSPARENT
    s.bind((address, 0))
    s.sendto(b"spoofed", (family.router, port))
    s.close()


NEW_NET = {V4: ("10.77.0.1/24", "10.77.0.9"), V6: ("2001:db8:77::1/64", "2001:db8:77::9")}


def test_sources_of_other_links(own_lab, family):
    """What says that it comes from a host of the LAN does not come in by the WAN; links are followed."""
    address, host = NEW_NET[family]
    one = server(own_lab, family)
    daemon = started(own_lab, UDP_SITE.replace("interface = wan\n", ""), "copy")
    s = dial(own_lab.client, family, family.router, 443)

    def is_taken():
        count = len(one.got)
        spoof(own_lab, family, host)
        assert talks([s], "one")
        return len(one.got) - count == 2
    for address_of_others in (family.nowhere, family.inside, family.other_router):
        spoof(own_lab, family, address_of_others)
        assert talks([s], "one")
    assert b"spoofed" not in [data for _, _, data in one.got]
    wait_for(is_taken, what="what comes from anywhere")  # by another carrier: not at once
    own_lab.router.run("conntrack", "-F")
    own_lab.router.ip(f"addr add {address} dev lan")
    wait_for(lambda: not is_taken(), what="that the new network is known")
    own_lab.router.ip(f"addr del {address} dev lan")
    wait_for(is_taken, what="that the network is forgotten")
    assert daemon.status()["nft"]["repairs"] == 0


def test_a_client_of_the_lan(own_lab, family):
    """It comes in where it belongs, though it goes for the address of the WAN."""
    server(own_lab, family, family.beyond)
    started(own_lab, UDP_SITE.replace("interface = wan\n", "").replace(family.backends[0], family.beyond), "copy")
    other = family.backends[5]
    s = dial(own_lab.backend, family, family.router, 443, other)
    s.send(b"?")
    wait_for(lambda: HELD in roles(own_lab, family), what="that it is taken")


def test_datagrams_for_many_are_left_alone(own_lab, family):
    """to = any takes neither multicast nor broadcast."""
    one = server(own_lab, family)
    started(own_lab, UDP_SITE.replace("interface = wan", "interface = wan\nto = any"), "copy")
    s = own_lab.client.socket(family.af, socket.SOCK_DGRAM)
    if family is V4:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_IP, socket.IP_MULTICAST_IF, socket.inet_aton(family.client))
        targets = ["198.51.100.255", "255.255.255.255", "224.0.0.251", "239.1.2.3"]
    else:
        targets = ["ff02::fb%wan", "ff05::2%wan"]
    for target in targets:
        info = socket.getaddrinfo if "%" not in target else None
        if info is None:
            with own_lab.client.inside():
                index = socket.if_nametoindex("wan")
            s.sendto(b"many", (target.split("%")[0], 443, 0, index))
        else:
            if target == "255.255.255.255":
                own_lab.client.run("ip", "route", "replace", target, "dev", "wan")
            s.sendto(b"many", (target, 443))
    last = dial(own_lab.client, family, family.router, 443)
    assert talks([last], "one")
    assert [data for _, _, data in one.got] == [b"?"]
    assert roles(own_lab, family).count(HELD) == 1
    s.close()
