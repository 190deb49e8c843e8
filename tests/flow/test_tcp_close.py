"""Ends: half-close, reset, both ways and at any moment; and the keepalive of what never ends."""
import hashlib
import os
import socket

import pytest

import hello
from clients import dial, ending, read_all, read_exactly, read_line, report_of, reset
from lab import V4, V6, both
from processes import is_alive
from servers import Farm, answer, collect, hold
from shuntd import Shuntd, endpoint_of
from talking import entries
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route collect]
server_name = collect.example
backend = collect
[route answer]
server_name = answer.example
backend = answer
[route hold]
server_name = hold.example
backend = hold
[route last]
server_name = last.example
backend = last
[route abort]
server_name = abort.example
backend = abort
[route flood]
server_name = flood.example
backend = flood
[route talk]
server_name = talk.example
backend = talk
[route mute]
server_name = mute.example
backend = mute
"""
MUTE = 445
FLOOD = b"flood" * 100_000


def say_last(connection, visit):
    """Say all and end first, then read on to the client's end."""
    visit.got = connection.recv(65536)
    connection.sendall(visit.report())
    connection.shutdown(socket.SHUT_WR)
    digest = hashlib.sha256()
    while data := connection.recv(65536):
        visit.total += len(data)
        digest.update(data)
    visit.sha256, visit.end = digest.hexdigest(), "eof"


def abort(connection, visit):
    """Read something, answer, reset."""
    visit.got = connection.recv(65536)
    connection.sendall(visit.report())
    connection.recv(1)
    visit.end = "reset by the server"
    reset(connection)


def flood(connection, visit):
    """Send without end and without reading."""
    connection.recv(65536)
    while True:
        connection.sendall(FLOOD)


@pytest.fixture(scope="module")
def farm(lab):
    lab.backend.nft(f"""table inet silence {{
        chain in {{ type filter hook input priority 0;
            tcp dport {MUTE} drop
        }}
        }}""")
    return Farm(lab, collect=collect, answer=answer, hold=hold, last=say_last, abort=abort, flood=flood)


@pytest.fixture(scope="module")
def daemon(lab, farm, way):
    mute = "".join(f"server = {f.endpoint(f.backends[0], MUTE)}\n" for f in (V4, V6))
    started = Shuntd(lab, CONFIG + farm.backends() + f"[backend mute]\nconnect_timeout = 1s\n{mute}" +
                     f"[backend talk]\nidle = 1s\n{both(443, farm.names.index('answer'))}", way)
    yield started
    assert all(map(is_alive, [started.pid, *sum(started.children().values(), [])]))
    started.end()


def connect(lab, family, name=None):
    s = dial(lab.client, family, family.router, 443)
    if name:
        s.sendall(hello.tls(f"{name}.example"))
    return s


def test_the_client_ends_first_and_reads_on(lab, daemon, farm, family):
    s = connect(lab, family)
    data = hello.tls("collect.example") + os.urandom(300_000)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    report = report_of(read_all(s))
    visit = farm["collect", family].visit_of(*s.getsockname()[:2])
    assert visit.sha256 == hashlib.sha256(data).hexdigest()
    assert report["server"] == "collect"
    daemon.flow_of(s, family, why="closed")


def test_the_server_ends_first_and_reads_on(lab, daemon, farm, family):
    s = connect(lab, family, "last")
    assert read_line(s) and s.recv(1) == b""
    data = os.urandom(300_000)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    visit = farm["last", family].visit_of(*s.getsockname()[:2])
    wait_for(lambda: visit.end == "eof", 3, lambda: f"the client's end at the server: {visit.end}")
    assert visit.sha256 == hashlib.sha256(data).hexdigest()
    daemon.flow_of(s, family, why="closed")


def test_hello_and_end_in_one_breath(lab, daemon, family):
    s = connect(lab, family, "collect")
    s.shutdown(socket.SHUT_WR)
    assert report_of(read_all(s))["server"] == "collect"
    daemon.flow_of(s, family, why="closed")


def test_what_has_ended_leaves_conntrack_soon(lab, daemon, family):
    """Both legs: the kernel's own 120 s would fill it under load."""
    s = connect(lab, family, "collect")
    port = s.getsockname()[1]

    def legs():
        return {zone for line in entries(lab.router, family) for zone in (1443, 1444)
                if f"sport={port} " in line and f"zone={zone}" in line}
    wait_for(lambda: legs() == {1443, 1444}, 3, lambda: f"both legs: {legs()}")
    s.shutdown(socket.SHUT_WR)
    assert report_of(read_all(s))["server"] == "collect"
    daemon.flow_of(s, family, why="closed")
    wait_for(lambda: not legs(), 6, lambda: f"the end of both: {legs()}")


def test_a_reset_of_the_client_reaches_the_server(lab, daemon, farm, family):
    s = connect(lab, family, "hold")
    assert read_line(s)
    client, name = endpoint_of(s), s.getsockname()[:2]
    reset(s)
    visit = farm["hold", family].visit_of(*name)
    wait_for(lambda: visit.end == "reset", 2, lambda: f"a reset at the server, not {visit.end}")
    daemon.flow(client=client, why="reset_client")


def test_a_reset_of_the_server_reaches_the_client(lab, daemon, family):
    s = connect(lab, family, "abort")
    assert read_line(s)
    s.sendall(b"x")
    assert ending(s, 2) == "reset"
    daemon.flow_of(s, family, why="reset_server")


def test_a_reset_after_a_half_close(lab, daemon, farm, family):
    """The client ended its direction; the server's reset still comes through."""
    s = connect(lab, family, "abort")
    assert read_line(s)
    s.shutdown(socket.SHUT_WR)
    assert ending(s, 2) == "reset"


def test_a_reset_while_the_server_floods(lab, daemon, family):
    """The daemon writes to sockets that are gone: no signal, no harm."""
    sockets = [connect(lab, family, "flood") for _ in range(10)]
    clients = [endpoint_of(s) for s in sockets]
    for s in sockets:
        read_exactly(s, 100_000)
        reset(s)
    for client in clients:
        daemon.flow(client=client, why="reset_client")


def test_a_server_that_dies_while_the_client_floods(lab, daemon, farm, family):
    s = connect(lab, family, "abort")
    assert read_line(s)
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        for _ in range(200):
            s.sendall(FLOOD)
    daemon.flow_of(s, family, why="reset_server")


def test_a_reset_before_the_decision(lab, daemon, family):
    s = connect(lab, family)
    s.sendall(b"\x16\x03\x01")
    assert ending(s, 0.05) == "silence"
    client = endpoint_of(s)
    reset(s)
    daemon.flow(client=client, why="reset_client", server="-", how="none")


def test_a_reset_while_dialling(lab, daemon, family):
    s = connect(lab, family, "mute")
    assert ending(s, 0.1) == "silence"
    client = endpoint_of(s)
    reset(s)
    assert daemon.flow(client=client, seconds=2)["why"] == "reset_client"


def test_an_end_while_dialling_waits_for_the_server(lab, daemon, family):
    """A client that has said all may end its direction; the server is still asked."""
    s = connect(lab, family, "mute")
    s.shutdown(socket.SHUT_WR)
    assert ending(s, 0.3) == "silence"
    daemon.flow_of(s, family, seconds=3, why="connect_timeout")


def test_many_ends_at_once(lab, daemon, farm, family):
    """Every way to end, interleaved: each flow is told with its own reason."""
    ends = {}
    sockets = [connect(lab, family, "answer") for _ in range(30)]
    for number, s in enumerate(sockets):
        assert read_line(s)
        client = endpoint_of(s)
        ends[client] = "reset_client" if number % 2 else "closed"
        reset(s) if number % 2 else s.close()
    for client, why in ends.items():
        daemon.flow(client=client, why=why)


def test_both_legs_are_kept_alive(lab, daemon, family, way):
    """At the first look at an old flow, which a short `idle` hastens, keepalive is set on both sides."""
    if way == "handoff":
        pytest.skip("no leg of ours is left")
    s = connect(lab, family, "talk")
    port = s.getsockname()[1]
    assert read_line(s)

    def legs():
        s.sendall(b"x")
        assert read_exactly(s, 1) == b"x"
        lines = lab.router.run("ss", "-tnoH", "state", "established").splitlines()
        return [line for line in lines if f":{port}" in line]
    assert len(legs()) == 2
    wait_for(lambda: sum("timer:(keepalive" in leg for leg in legs()) == 2, 5,
             lambda: f"keepalive: {legs()}", every=0.3)


def test_nothing_is_left(lab, daemon, family):
    """After all these ends the daemon holds no flow and the router no open connection of ours."""
    wait_for(lambda: not daemon.live_flows(), 5, lambda: f"no flow: {daemon.live_flows()}")

    def ours():
        lines = lab.router.run("ss", "-tnaH", "sport = :443 or dport = :443").splitlines()
        return [line for line in lines if line.split()[0] not in ("LISTEN", "TIME-WAIT")]
    wait_for(lambda: not ours(), 5, lambda: f"no connection: {ours()}")
