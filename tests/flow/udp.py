"""What tests of datagrams set up: one site behind one divert, flows that are asked again and again."""
import os
import re
import signal
import socket

from datagrams import DatagramServer, dial
from lab import V4, V6, both
from processes import children_of
from shuntd import Shuntd, owns_table
from waiting import wait_for

# [backend one] is where DatagramServer "one" is
UDP_SITE = """
[divert web]
udp = 443
interface = wan
[route all]
backend = one
[backend one]
""" + both(443)
HELD, REPLY, HANDED = 0x59, 0x57, 0x58
OLD = {V4: V4.backends[9], V6: V6.backends[9]}


def wait_for_alive(daemon):
    """It takes new flows: an entry that a datagram made before that stays somebody's."""
    wait_for(lambda: "expires" in daemon.ns.run("nft", "list", "set", "inet", "shunt", "alive"),
             what="that the daemon is alive")


def started(lab, *arguments, **options):
    """A daemon that takes new flows already."""
    daemon = Shuntd(lab, *arguments, **options)
    wait_for_alive(daemon)
    return daemon


def server(lab, family, address=None, port=443, name="one", ns=None, **options):
    """A server on the backend, by default where UDP_SITE leads."""
    return DatagramServer(lab, ns or lab.backend, family, address or family.backends[0], port, name,
                          **options)


def silent(*_):
    """A server that never answers."""


def ask(s, data=b"?"):
    """Send one datagram and give the first answer as text; "" when none comes in time."""
    s.send(data)
    try:
        return s.recv(65536).decode()
    except (socket.timeout, ConnectionRefusedError):
        return ""


def seen_by(name, s):
    """What server `name` says to a client whose address and port it sees."""
    address, port = s.getsockname()[:2]
    return f"{name} {address} {port}"


def talks(sockets, name):
    """All get their answer from that server, which sees each of them."""
    return all(ask(s) == seen_by(name, s) for s in sockets)


def entries(lab, family, port=443):
    """Lines of conntrack, of datagrams to that port outside our zones."""
    text = lab.router.run("conntrack", "-L", "-f", f"ipv{family.version}", "-p", "udp")
    return [line for line in text.splitlines() if f"dport={port} " in line and "zone=" not in line]


def roles(lab, family, port=443):
    """The roles in the marks of those entries."""
    return [int(mark) >> 24 for line in entries(lab, family, port)
            for mark in re.findall(r"mark=(\d+)", line)]


def kill_keeper_alone(daemon):
    """SIGKILL for the keeper; its carriers finish what they have. Returns their process ids."""
    children = children_of(daemon.pid)
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.process.wait(timeout=5)
    return children


def wait_for_table(lab, name):
    wait_for(lambda: lab.router.table_exists(name), what=f"table {name}")


def wait_for_the_end(lab):
    """Of a keeper that was killed, as the kernel sees it."""
    wait_for(lambda: not owns_table(lab.router), what="the end of the table's owner")


__all__ = ["HANDED", "HELD", "OLD", "REPLY", "UDP_SITE", "ask", "dial", "entries", "kill_keeper_alone",
           "roles", "seen_by", "server", "silent", "started",
           "talks", "wait_for_alive", "wait_for_table"]
