"""Datagrams before the decision: held, bounded, passed on in order or answered as `unknown` says."""
import os
import socket

import pytest

from datagrams import DatagramServer, dial, recorded
from lab import V4, V6, both
from shuntd import Shuntd, endpoint_of
from waiting import stays, wait_for

WAIT_S = 1
CONFIG = f"""
[divert drop]
udp = 9400
interface = wan
wait = {WAIT_S}s
[divert reject]
udp = 9401
interface = wan
unknown = reject
[divert echo]
udp = 9402
interface = wan
wait = {WAIT_S}s
unknown = echo
[divert passing]
udp = 9300
interface = wan
to = transit
unknown = original
[route quic]
protocol = quic
server_name = nowhere.example
backend = echo
[backend echo]
{both(5000)}
"""
STRANGE = b"nobody knows what this is"
MOST_HELD = 16  # datagrams of one flow


def echo(server, data, peer):
    server.socket.sendto(data, peer)


def half_a_hello(count=1):
    """The first datagram of a hello of several, so that nobody can tell its name; with padding that tells
    the copies apart."""
    first = recorded("fuzz_wire_quic", "chromium-156.0.8078.79-h3")[0]
    return [first + bytes([i]) for i in range(count)]


@pytest.fixture(scope="module")
def servers(lab):
    told = {}
    for family in (V4, V6):
        told[family.version] = DatagramServer(lab, lab.backend, family, family.backends[0], 5000, serve=echo)
        told["beyond", family.version] = DatagramServer(lab, lab.backend, family, family.beyond, 9300, serve=echo)
    return told


@pytest.fixture(scope="module")
def daemon(lab, servers):
    started = Shuntd(lab, CONFIG)
    yield started
    started.end()


def is_silent(s):
    s.setblocking(False)
    try:
        s.recv(100)
    except BlockingIOError:
        return True
    return False


def test_drop(lab, daemon, servers, family):
    """Silence, also for what comes later; one line, and no server hears of it."""
    s = dial(lab.client, family, family.router, 9400)
    s.send(STRANGE)
    line = daemon.flow_of(s, family, why="dropped")
    assert (line["transport"], line["route"], line["backend"], line["server"], line["how"]) == \
        ("udp", "unknown", "drop", "-", "none")
    s.send(half_a_hello()[0])
    stays(lambda: is_silent(s), 0.3, "silence")
    assert len([f for f in daemon.flow_lines() if f["client"] == endpoint_of(s)]) == 1
    assert servers[family.version].of(s) == []


def test_reject(lab, daemon, family):
    """The kernel takes the message for one about its socket: it is quoted as it was, from where it was sent to."""
    refused = daemon.status()["flows"]["udp"]["refused"]
    s = dial(lab.client, family, family.router, 9401)
    for _ in range(2):
        s.send(STRANGE)
        with pytest.raises(ConnectionRefusedError):
            s.recv(100)
    line = daemon.flow_of(s, family, why="rejected")
    assert (line["transport"], line["route"], line["backend"]) == ("udp", "unknown", "reject")
    assert daemon.status()["flows"]["udp"]["refused"] == refused + 2


def test_reject_quotes_the_datagram(lab, daemon, family):
    level, name = (socket.SOL_IP, 11) if family.version == 4 else (socket.IPPROTO_IPV6, 25)
    s = dial(lab.client, family, family.router, 9401)
    s.setsockopt(level, name, 1)  # IP_RECVERR, IPV6_RECVERR
    s.send(STRANGE)
    with pytest.raises(ConnectionRefusedError):
        s.recv(100)
    quoted, control, _, _ = s.recvmsg(2000, 200, socket.MSG_ERRQUEUE)
    assert quoted == STRANGE
    offender = control[-1][2][16:]
    said = socket.inet_ntop(family.af, offender[4:8] if family.version == 4 else offender[8:24])
    assert said == family.router


def test_original(lab, daemon, servers, family):
    s = dial(lab.client, family, family.beyond, 9300)
    s.send(STRANGE)
    assert s.recv(100) == STRANGE
    line = next(f for f in daemon.live_flows() if f["client"] == endpoint_of(s))
    assert (line["route"], line["backend"], line["server"]) == \
        ("unknown", "original", family.endpoint(family.beyond, 9300))


def test_wait(lab, daemon, servers, family):
    """Who leaves it open is decided when `wait` is over, and all it has said goes on in order."""
    hello = half_a_hello(3)
    s = dial(lab.client, family, family.router, 9402, timeout=WAIT_S + 5)
    for one in hello:
        s.send(one)
    wait_for(lambda: daemon.status()["flows"]["undecided"] > 0, what="an undecided flow")
    assert servers[family.version].of(s) == []
    assert daemon.status()["limits"]["udp_held_bytes"]["use"] > sum(map(len, hello))
    assert [s.recv(2000) for _ in hello] == hello
    assert servers[family.version].of(s) == hello
    assert daemon.status()["limits"]["udp_held_bytes"]["use"] == 0


def test_wait_and_drop(lab, daemon, family):
    s = dial(lab.client, family, family.router, 9400)
    s.send(half_a_hello()[0])
    line = daemon.flow_of(s, family, why="dropped", seconds=WAIT_S + 5)
    assert int(line["ms"]) >= WAIT_S * 1000


def test_no_more_than_is_looked_at(lab, daemon, servers, family):
    """After sixteen it is decided at once; they arrive in order, and each that had no place is counted."""
    sent = half_a_hello(MOST_HELD + 4)
    lost = daemon.status()["flows"]["udp"]["lost"]
    s = dial(lab.client, family, family.router, 9402)
    for one in sent:
        s.send(one)
    got = [s.recv(2000) for _ in range(MOST_HELD)]
    assert got == sent[:MOST_HELD]
    more = daemon.status()["flows"]["udp"]["lost"] - lost
    assert [s.recv(2000) for _ in range(len(sent) - MOST_HELD - more)] == sent[MOST_HELD + more:]


def test_a_first_datagram_larger_than_any_that_is_looked_at(lab, daemon, servers, family):
    data = os.urandom(60000)
    s = dial(lab.client, family, family.router, 9402)
    s.send(data)
    assert s.recv(65536) == data


def test_an_empty_first_datagram(lab, daemon, servers, family):
    s = dial(lab.client, family, family.router, 9402, timeout=WAIT_S + 5)
    s.send(b"")
    assert s.recv(100) == b""
