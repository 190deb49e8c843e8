"""Datagrams of those who mean harm, or may: what others notice of them."""
import socket

import pytest

from datagrams import DatagramServer, dial
from lab import V4, both, standard
from shuntd import Shuntd

SITE = """
[divert game]
udp = 9600
tcp = 9600
interface = wan
[route game]
divert = game
backend = one
[backend one]
""" + both(5000, 0)
LIMIT = "workers = 1\nmax_connections = 8\n"


def echo(server, data, peer):
    server.socket.sendto(server.name.encode() + b" " + data, peer)


@pytest.fixture
def net(fresh):
    made = standard(fresh)
    for number, name in enumerate(("one", "two")):
        DatagramServer(made, made.backend, V4, V4.backends[number], 5000, name, serve=echo)
    return made


def ask(s, data):
    s.send(data)
    return s.recv(65536)


def greeter(net):
    """A TCP server that says a word to everybody."""
    listening = net.backend.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind((V4.backends[0], 5000))
    listening.listen(16)
    net.on_close(listening.close)
    return listening


def test_one_datagram_holds_no_place(net):
    """At the limit of flows the oldest gives way whose client may have made up its address."""
    daemon = Shuntd(net, SITE.replace("interface = wan\n", "interface = wan\nhandoff = never\n"), shunt=LIMIT)
    talkers = [dial(net.client, V4, V4.router, 9600) for _ in range(3)]
    for s in talkers + talkers:
        assert ask(s, b"?") == b"one ?"
    once = [dial(net.client, V4, V4.router, 9600) for _ in range(20)]
    for s in once:
        assert ask(s, b"?") == b"one ?"
    daemon.flow_of(once[0], V4, why="limit")
    for s in talkers:
        assert ask(s, b"!") == b"one !"
    gone = {line["client"] for line in daemon.flow_lines()}
    # nor one in conntrack
    assert net.router.run("conntrack", "-L", "-p", "udp").count("zone=1444") <= 8
    assert len(gone) == 15 and not gone & {V4.endpoint(*s.getsockname()) for s in talkers}
    daemon.stop()


def test_connections_have_a_place_beside_strangers(net):
    """Datagrams of nobody in particular fill all places: a TCP connection is carried all the same."""
    daemon = Shuntd(net, SITE, "copy", shunt=LIMIT)
    for s in [dial(net.client, V4, V4.router, 9600) for _ in range(8)]:
        assert ask(s, b"?") == b"one ?"
    listening = greeter(net)
    c = net.client.socket(socket.AF_INET, socket.SOCK_STREAM)
    c.settimeout(5)
    c.connect((V4.router, 9600))
    c.sendall(b"hello")
    listening.settimeout(5)
    accepted, _ = listening.accept()
    assert accepted.recv(5) == b"hello"
    c.close()
    accepted.close()
    assert daemon.status()["flows"]["parked"] == 0
    daemon.stop()


def test_lines_about_services_of_the_box(net):
    """Answers that leave by raw sockets, for a service has their port, are told of a few times, and counted."""
    ports = range(9600, 9620)
    services = [net.router.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
    text = SITE.replace("udp = 9600\ntcp = 9600\n", f"udp = {ports[0]}-{ports[-1]}\nto = {V4.router}\n")
    daemon = Shuntd(net, text, "copy", shunt="workers = 1\n")
    for service, port in zip(services, ports):
        service.bind((V4.router, port))
        assert ask(dial(net.client, V4, V4.router, port), b"?") == b"one ?"
        service.close()
    assert daemon.status()["flows"]["udp"]["raw"] == len(ports)
    assert daemon.text().count("by a raw socket") == 16
    daemon.stop()
