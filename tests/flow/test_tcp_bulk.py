"""Much data: exact under loss, held back by a slow reader, never hoarded by the daemon."""
import hashlib
import os
import socket
import threading

import pytest

import hello
from clients import ask, dial, read_line, reset
from servers import Farm
from shuntd import Shuntd, endpoint_of
from waiting import stays, wait_for

MEGABYTES = 20
CONFIG = """
[divert web]
tcp = 443
interface = wan
[route exchange]
server_name = exchange.example
backend = exchange
[route slow]
server_name = slow.example
backend = slow
"""
LOSS = """table inet loss {
    counter lost { }
    chain in { type filter hook input priority 0;
        meta l4proto tcp meta length > 200 numgen random mod 100 0 counter name lost drop
    }
    }"""
resume = threading.Event()


def send_end(s, data):
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)


def read_hash(s):
    digest = hashlib.sha256()
    while data := s.recv(1 << 20):
        digest.update(data)
    return digest.hexdigest()


def slow(connection, visit):
    """Report, then read nothing until told to."""
    visit.got = connection.recv(65536)
    connection.sendall(visit.report())
    resume.wait(20)
    while data := connection.recv(1 << 20):
        visit.total += len(data)
    visit.end = "eof"


@pytest.fixture(scope="module")
def farm(lab):
    downward = os.urandom(MEGABYTES << 20)

    def exchange(connection, visit):
        """Report; then send 20 MB and the end while reading all."""
        visit.got = connection.recv(65536)
        connection.sendall(visit.report())
        sender = threading.Thread(target=send_end, args=(connection, downward))
        sender.start()
        visit.sha256 = read_hash(connection)
        sender.join()
        visit.end = "eof"
    made = Farm(lab, exchange=exchange, slow=slow)
    made.downward = hashlib.sha256(downward).hexdigest()
    return made


@pytest.fixture(scope="module")
def daemon(lab, farm, carried):
    started = Shuntd(lab, CONFIG + farm.backends(), carried, shunt="workers = 1")
    yield started
    started.end()
    resume.set()


@pytest.fixture
def loss(lab):
    """1 % of the packets with data are lost on their way into either host."""
    for ns in (lab.client, lab.backend):
        ns.nft(LOSS)
    yield lambda: sum(ns.counter("loss", "lost") for ns in (lab.client, lab.backend))
    for ns in (lab.client, lab.backend):
        ns.nft("delete table inet loss")


def swap(lab, daemon, farm, family, carried):
    """20 MB each way at once, byte-exact."""
    upward = os.urandom(MEGABYTES << 20)
    s = dial(lab.client, family, family.router, 443, timeout=20)
    assert ask(s, hello.tls("exchange.example"))["server"] == "exchange"
    sender = threading.Thread(target=send_end, args=(s, upward))
    sender.start()
    assert read_hash(s) == farm.downward
    sender.join()
    visit = farm["exchange", family].visit_of(*s.getsockname()[:2])
    wait_for(lambda: visit.end == "eof", 5, "the end of the upload")
    assert visit.sha256 == hashlib.sha256(upward).hexdigest()
    flow = daemon.flow_of(s, family, why="closed", how=carried)
    assert int(flow["in"]) > MEGABYTES << 20 and int(flow["out"]) > MEGABYTES << 20


def test_20_megabytes_each_way(lab, daemon, farm, family, carried):
    swap(lab, daemon, farm, family, carried)


@pytest.mark.deadline(40)
def test_20_megabytes_each_way_with_loss(lab, daemon, farm, family, carried, loss):
    swap(lab, daemon, farm, family, carried)
    assert loss() > 0


def test_a_slow_reader_holds_the_writer_back(lab, daemon, farm, family):
    """What the server does not read the client cannot send; the daemon does not store it."""
    resume.clear()
    [carrier] = daemon.children()["carrier"]
    before = daemon.memory(carrier)
    s = dial(lab.client, family, family.router, 443)
    first = hello.tls("slow.example")
    ask(s, first)
    sent = send_until_stuck(s)
    assert sent < 64 << 20
    assert daemon.memory(carrier) - before < 4 << 20
    is_idle(carrier)
    resume.set()
    s.settimeout(10)
    s.shutdown(socket.SHUT_WR)
    assert s.recv(1) == b""
    visit = farm["slow", family].visit_of(*s.getsockname()[:2])
    wait_for(lambda: visit.end == "eof", 5, "the end of the upload")
    assert visit.total == sent
    daemon.flow_of(s, family, why="closed")


def send_until_stuck(s):
    """Send until nothing moves for half a second; return how much went."""
    s.settimeout(0.5)
    sent = 0
    try:
        while sent < 1 << 30:
            sent += s.send(bytes(1 << 18))
    except socket.timeout:
        return sent
    raise AssertionError("the daemon swallowed a gigabyte")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_idle(pid):
    """A process that waits does not spin."""
    begin = cpu_seconds(pid)
    stays(lambda: cpu_seconds(pid) - begin < 0.2, 0.5, "an idle process")


def test_a_slow_client_holds_the_server_back(lab, daemon, farm, family):
    """The client does not read; the server's data wait at the server."""
    [carrier] = daemon.children()["carrier"]
    before = daemon.memory(carrier)
    s = dial(lab.client, family, family.router, 443, timeout=20)
    s.sendall(hello.tls("exchange.example"))
    assert read_line(s)
    stays(lambda: daemon.memory(carrier) - before < 4 << 20, 0.5, "small memory")
    is_idle(carrier)
    assert read_hash(s) == farm.downward
    client = endpoint_of(s)
    reset(s)
    daemon.flow(client=client)
