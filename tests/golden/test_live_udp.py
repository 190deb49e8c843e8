"""Datagrams and the rule set: sockets of this test stand for the carrier's. A service of the router's own
shows what is not taken."""
import re
import socket

import pytest

from conftest import FIRST_PORT
from test_live import BACKEND, IP_TRANSPARENT, IPV6_TRANSPARENT, RELAY, SO_MARK, V4, V6, Box, family  # noqa: F401

REPLY, PORT = 0x57000000, 5000
CONFIG = """
[divert web]
udp = 5000
to = local
force = yes
{keys}
[route all]
backend = there
[backend there]
server = 198.51.100.7:80
"""


class UdpBox(Box):
    """The router has listeners only after listen()."""

    def __init__(self, namespace, start, directory, keys=""):
        super().__init__(namespace, start, directory)
        self.firewall.close()
        self.config.write_text(CONFIG.format(keys=keys))
        self.services = {f: self.bound(self.router, f, (f.router, PORT)) for f in (V4, V6)}
        self.listeners = {}
        self.begin()

    def bound(self, ns, family, name, mark=0):
        s = ns.socket(family.af, socket.SOCK_DGRAM)
        s.settimeout(1)
        self.open.append(s)
        if mark:
            s.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
            s.setsockopt(*{4: (socket.IPPROTO_IP, IP_TRANSPARENT),
                           6: (socket.IPPROTO_IPV6, IPV6_TRANSPARENT)}[family.version], 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(name)
        return s

    def listen(self, family):
        self.listeners[family] = self.bound(self.router, family, (family.loopback, FIRST_PORT), RELAY)

    def client_of(self, family):
        s = self.bound(self.client, family, (family.client, 0))
        s.connect((family.router, PORT))
        return s

    def marks(self, family):
        """Of conntrack's entries for the port."""
        text = self.router.run("conntrack", "-L", "-p", "udp", "-f", f"ipv{family.version}")
        return [int(mark) >> 24 for mark in re.findall(rf"dport={PORT} .*mark=(\d+)", text)]


@pytest.fixture
def box(namespace, start, tmp_path):
    made = UdpBox(namespace, start, tmp_path)
    yield made
    made.close()


def comes_to(s, client, data=b"hello"):
    client.send(data)
    got, peer = s.recvfrom(100)
    assert (got, peer[:2]) == (data, client.getsockname()[:2])
    return True


def comes_not_to(s):
    s.setblocking(False)
    with pytest.raises(BlockingIOError):
        s.recv(100)
    s.settimeout(1)


def test_nobody_alive(box, family):
    box.listen(family)
    assert comes_to(box.services[family], box.client_of(family))
    comes_not_to(box.listeners[family])
    assert box.marks(family) == [0]


def test_nobody_listens(box, family):
    """The flow is not ours then: it has no mark, and stays where it went."""
    box.firewall.do("alive")
    client = box.client_of(family)
    assert comes_to(box.services[family], client)
    assert box.marks(family) == [0]
    box.listen(family)
    assert comes_to(box.services[family], client)
    comes_not_to(box.listeners[family])
    assert comes_to(box.listeners[family], box.client_of(family))


def test_both_ways(box, family):
    """The answer leaves from where the client sent to, and so does one after conntrack forgot the flow."""
    box.firewall.do("alive")
    box.listen(family)
    client = box.client_of(family)
    assert comes_to(box.listeners[family], client)
    answers = box.bound(box.router, family, (family.router, PORT), REPLY)
    answers.connect((family.loopback, 9))
    for data in (b"one", b"two"):
        answers.sendto(data, client.getsockname()[:2])
        assert client.recv(100) == data
        assert comes_to(box.listeners[family], client)
        box.router.run("conntrack", "-F")
    # nothing of all that was the service's, and what it had before us stays its own
    comes_not_to(box.services[family])


def test_a_servers_answer_has_its_zone(box, family):
    box.firewall.do("alive")
    server = box.bound(box.client, family, (family.client, 80))
    ours = box.bound(box.router, family, ({4: "192.0.2.9", 6: "2001:db8:9::9"}[family.version], 700), BACKEND)
    ours.connect((family.client, 80))
    ours.send(b"question")
    data, peer = server.recvfrom(100)
    server.sendto(b"answer", peer)
    assert ours.recv(100) == b"answer"
    assert "zone=1444" in box.router.run("conntrack", "-L", "-p", "udp", "-f", f"ipv{family.version}")


def is_refused(client):
    client.send(b"hello")
    with pytest.raises(ConnectionRefusedError):
        client.recv(100)
    return True


def test_closed(namespace, start, tmp_path, family):
    """Refused while nobody is alive; running flows go on as long as somebody listens."""
    box = UdpBox(namespace, start, tmp_path, keys="fail = closed")
    assert is_refused(box.client_of(family))
    box.firewall.do("alive")
    assert is_refused(box.client_of(family))  # nobody listens
    box.listen(family)
    client = box.client_of(family)
    assert comes_to(box.listeners[family], client)
    box.firewall.do("unalive")
    assert is_refused(box.client_of(family))
    assert comes_to(box.listeners[family], client)
    box.listeners[family].close()
    assert is_refused(client)
    comes_not_to(box.services[family])
    box.close()


def test_a_stop_forgets(box, family):
    box.firewall.do("alive")
    box.listen(family)
    assert comes_to(box.listeners[family], box.client_of(family))
    assert box.marks(family) == [0x59]
    box.firewall.do("down")
    assert box.marks(family) == []
