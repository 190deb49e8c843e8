"""The rule set with real packets: sockets of this test stand for the carrier's.

client --- router, where the tables are; beyond it no host exists, so that nothing but the rules
can bring a packet for an address beyond to the listener.
"""
import contextlib
import errno
import socket
import struct
import time

import pytest

from conftest import FIRST_PORT, run
from waiting import stays, wait_for

SO_MARK, IP_TRANSPARENT, IPV6_TRANSPARENT = 36, 19, 75
RELAY, BACKEND = 0x53000000, 0x52000000
PORT = 4430
UNREACHABLE = "EHOSTUNREACH", "ENETUNREACH"
CONFIG = """
[divert web]
tcp = 4430
to = any
handoff = never
{keys}
[route all]
backend = there
[backend there]
server = 198.51.100.7:80
"""


class Family:
    def __init__(self, version, af, client, router, beyond, loopback, prefix):
        self.version, self.af, self.client, self.router = version, af, client, router
        self.beyond, self.loopback, self.prefix = beyond, loopback, prefix

    def text(self, address, port):
        return f"[{address}]:{port}" if self.version == 6 else f"{address}:{port}"


V4 = Family(4, socket.AF_INET, "198.51.100.7", "198.51.100.1", "203.0.113.80", "127.0.0.1", 24)
V6 = Family(6, socket.AF_INET6, "2001:db8:1::7", "2001:db8:1::1", "2001:db8:80::80", "::1", 64)


@pytest.fixture(params=[V4, V6], ids=["ipv4", "ipv6"])
def family(request):
    return request.param


class Box:
    """A client, a router with tables, and what the router's carrier would hold open."""

    def __init__(self, namespace, start, directory, keys=""):
        self.client, self.router = namespace(), namespace()
        run("ip", "link", "add", "lan", "netns", self.client.name, "type", "veth",
            "peer", "name", "lan", "netns", self.router.name)
        for ns, mine in ((self.client, "client"), (self.router, "router")):
            ns.ip("link set lan up", *(f"addr add {getattr(f, mine)}/{f.prefix} dev lan" +
                                       (" nodad" if f is V6 else "") for f in (V4, V6)))
            ns.sysctl("net.ipv4.tcp_timestamps", 0)
        self.client.ip(*(f"route add default via {f.router}" for f in (V4, V6)))
        self.router.sysctl("net.ipv4.ip_forward", 1)
        self.router.sysctl("net.ipv6.conf.all.forwarding", 1)
        # what is not taken by the tables has nowhere to go, and says so at once
        self.router.ip(*(f"route add unreachable {f.beyond}" for f in (V4, V6)))
        self.config = directory / "shunt.conf"
        self.config.write_text(CONFIG.format(keys=keys))
        self.start = start
        self.open = []
        self.hear()
        self.begin()

    def hear(self):
        self.listeners = {f: self.transparent(f, RELAY) for f in (V4, V6)}
        for f, listener in self.listeners.items():
            listener.bind((f.loopback, FIRST_PORT))
            listener.listen()

    def deaf(self):
        """As when the keeper dies: carriers take no new connection."""
        for listener in self.listeners.values():
            listener.close()

    def begin(self):
        self.firewall = self.start(self.router, self.config)
        self.firewall.do("up")

    def socket(self, ns, family):
        s = ns.socket(family.af)
        s.settimeout(3)
        self.open.append(s)
        return s

    def transparent(self, family, mark):
        s = self.socket(self.router, family)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
        if family is V6:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        else:
            s.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
        return s

    def connect(self, family, port=PORT):
        """A connection of the client's to the host beyond: its two ends."""
        c = self.socket(self.client, family)
        c.connect((family.beyond, port))
        listener = self.listeners[family]
        s, peer = listener.accept()
        s.settimeout(3)
        self.open.append(s)
        assert peer[:2] == c.getsockname()[:2]
        assert s.getsockname()[:2] == (family.beyond, port)
        return c, s

    def refused(self, family):
        """How a connection fails that nobody takes."""
        c = self.socket(self.client, family)
        try:
            c.connect((family.beyond, PORT))
        except OSError as e:
            return errno.errorcode.get(e.errno, str(e))
        return None

    def dial(self, family, server, port=0):
        """As the carrier dials: from the client's address, and a port of it."""
        s = self.transparent(family, BACKEND)
        s.bind((family.beyond, port))
        s.connect(server)
        return s

    def close(self):
        for s in self.open:
            s.close()


@pytest.fixture
def box(namespace, start, tmp_path):
    """A function that makes a box; its sockets close with the test."""
    with contextlib.ExitStack() as stack:
        def make(keys=""):
            made = Box(namespace, start, tmp_path, keys)
            stack.callback(made.close)
            return made
        yield make


def echo(ends):
    """A byte there and back."""
    for a, b in (ends, ends[::-1]):
        a.sendall(b"x")
        if b.recv(1) != b"x":
            return False
    return True


def conntrack(ns):
    return ns.run("conntrack", "-L", "-p", "tcp") + ns.run("conntrack", "-L", "-f", "ipv6", "-p", "tcp")


def test_taken_only_while_alive(box, family):
    b = box()
    assert b.refused(family) in UNREACHABLE
    b.firewall.do("alive")
    ends = b.connect(family)
    assert echo(ends)
    assert "zone=1443" in conntrack(b.router)
    b.firewall.do("unalive")
    assert b.refused(family) in UNREACHABLE
    assert echo(ends)


def test_ports_beside_the_divert_are_left_alone(box, family):
    b = box()
    b.firewall.do("alive")
    c = b.socket(b.client, family)
    with pytest.raises(OSError) as e:
        c.connect((family.beyond, PORT + 1))
    assert errno.errorcode[e.value.errno] in UNREACHABLE


def test_relayed_flows_live_through_flush_and_kill(tables, box, family):
    b = box()
    b.firewall.do("alive")
    ends = b.connect(family)
    b.router.run("nft", "flush", "ruleset")
    assert echo(ends)
    assert b.firewall.do("tend")[0] == 1
    assert echo(ends)
    b.firewall.kill()
    assert b.router.table_exists("shunt") == (tables == "one")
    stays(lambda: echo(ends), 0.5)
    b.deaf()
    assert b.refused(family) in UNREACHABLE
    b.begin()
    assert echo(ends)
    b.firewall.do("alive")
    assert b.refused(family) in UNREACHABLE
    b.hear()
    assert echo(b.connect(family))


def test_flow_that_was_there_before_is_left_alone(box, family):
    b = box()
    b.firewall.kill()
    server = b.socket(b.router, family)
    server.bind((family.router, PORT))
    server.listen()
    c = b.socket(b.client, family)
    c.connect((family.router, PORT))
    ends = c, server.accept()[0]
    b.config.write_text(b.config.read_text().replace("to = any", "to = any\nforce = yes"))
    b.begin()
    b.firewall.do("alive")
    stays(lambda: echo(ends), 0.5)
    ends[1].close()


def test_closed_divert_refuses(box, family):
    b = box("fail = closed")
    assert b.refused(family) == "ECONNREFUSED"
    b.firewall.do("alive")
    ends = b.connect(family)
    assert echo(ends)
    b.firewall.do("unalive")
    assert b.refused(family) == "ECONNREFUSED"
    assert echo(ends)
    b.firewall.do("down")
    assert b.refused(family) == "ECONNREFUSED"
    b.firewall.do("purge")
    assert b.refused(family) in UNREACHABLE


def test_a_time_wait_socket_takes_nothing_when_nobody_is_alive(box, family):
    b = box()
    b.firewall.do("alive")
    c, s = b.connect(family)
    port = c.getsockname()[1]
    s.shutdown(socket.SHUT_RDWR)
    c.close()
    s.close()
    wait_for(lambda: str(port) in time_waits(b.router), 2, "TIME_WAIT on the router")
    b.firewall.do("unalive")
    for _ in ("hung", "killed"):
        again = b.socket(b.client, family)
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind((family.client, port))
        assert again.connect_ex((family.beyond, PORT)) in (errno.EHOSTUNREACH, errno.ENETUNREACH)
        again.close()
        assert str(port) in time_waits(b.router)
        b.firewall.kill()


def test_what_is_no_tcp_of_ours_gets_no_zone(box, family):
    # as what leaves by a tunnel does, which keeps the mark of what is in it
    b = box()
    s = b.router.socket(family.af, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_MARK, RELAY)
    with contextlib.closing(s):
        s.sendto(b"x", (family.client, 9))
    entries = b.router.run("conntrack", "-L", "-f", f"ipv{family.version}", "-p", "udp")
    assert "dport=9" in entries and "zone=" not in entries


@pytest.mark.parametrize("keys", ["interface = elsewhere", "from = !198.51.100.0/24, !2001:db8:1::/48"])
def test_another_transparent_daemon_is_left_alone(box, family, keys):
    b = box(keys)
    b.firewall.do("alive")
    s = b.transparent(family, 0)
    s.bind((family.router, PORT))
    s.listen()
    c = b.socket(b.client, family)
    c.connect((family.router, PORT))
    ends = c, s.accept()[0]
    assert echo(ends)
    ends[1].close()
    assert c.recv(1) == b""
    c.close()
    assert "zone=" not in conntrack(b.router)


def time_waits(ns):
    return ns.run("ss", "-Htan", "state", "time-wait")


def test_evict_ends_a_time_wait_socket(box, family):
    b = box()
    server = b.socket(b.client, family)
    server.bind((family.client, 8080))
    server.listen()
    first = b.dial(family, (family.client, 8080))
    port = first.getsockname()[1]
    other = server.accept()[0]
    first.shutdown(socket.SHUT_RDWR)
    other.close()
    first.close()
    wait_for(lambda: str(port) in time_waits(b.router), 2, "TIME_WAIT on the router")
    with pytest.raises(OSError) as e:
        b.dial(family, (family.client, 8080), port)
    assert e.value.errno in (errno.EADDRNOTAVAIL, errno.EADDRINUSE)
    b.firewall.do(f"evict {family.text(family.beyond, port)} {family.text(family.client, 8080)}")
    wait_for(lambda: str(port) not in time_waits(b.router), 2, "the end of the TIME_WAIT socket")
    again = b.dial(family, (family.client, 8080), port)
    assert echo((again, server.accept()[0]))


def test_ended_flows_leave_conntrack_soon(box, family):
    b = box()
    b.firewall.do("alive")
    server = b.socket(b.client, family)
    server.bind((family.client, 8080))
    server.listen()
    ends = b.connect(family)
    second = b.dial(family, (family.client, 8080)), server.accept()[0]
    assert echo(ends) and echo(second)
    zones = conntrack(b.router)
    assert "zone=1443" in zones and "zone=1444" in zones
    for s in ends + second:
        s.close()
    wait_for(lambda: "zone=" not in conntrack(b.router), 6, "the end of both entries", every=0.2)


def packet(family, flags, source_port, sequence=1000):
    """A TCP segment of the client's, without its IP header."""
    tcp = struct.pack("!HHIIBBHHH", source_port, PORT, sequence, 1, 5 << 4, flags, 8192, 0, 0)
    source, target = (socket.inet_pton(family.af, a) for a in (family.client, family.beyond))
    summed = source + target + struct.pack("!II", 6, len(tcp)) + tcp
    total = sum(struct.unpack(f"!{len(summed) // 2}H", summed))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return tcp[:16] + struct.pack("!H", ~total & 0xffff) + tcp[18:]


def answered(b, family, flags, source_port):
    """Does a segment out of nothing get a RST from beyond?"""
    raw = b.client.socket(family.af, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.settimeout(0.5)
    with contextlib.closing(raw):
        raw.sendto(packet(family, flags, source_port), (family.beyond, 0))
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            try:
                data = raw.recv(2048)
            except socket.timeout:
                return False
            tcp = data[(data[0] & 15) * 4:] if family is V4 else data
            if tcp[:4] == struct.pack("!HH", PORT, source_port) and tcp[13] & 4:
                return True
    return False


def test_stray_segments_are_not_answered(box, family):
    b = box()
    b.router.ip(f"route del unreachable {family.beyond}",
                f"route add blackhole {family.beyond}")
    b.firewall.do("alive")
    assert not answered(b, family, 0x10, 40001)
    # the control: with cookies in use it goes to the listener
    b.router.sysctl("net.ipv4.tcp_syncookies", 2)
    b.firewall.do("cookies")
    assert answered(b, family, 0x10, 40002)


def test_syn_cookies(box, family):
    b = box()
    b.firewall.do("alive")
    b.router.sysctl("net.ipv4.tcp_syncookies", 2)
    b.firewall.do("cookies")
    for _ in range(5):
        assert echo(b.connect(family))
