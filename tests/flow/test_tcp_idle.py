"""`idle`: a reader that is slow is not idle, one that reads nothing is."""
import socket
import threading
import time

import pytest

import hello
from clients import dial, ending, read_exactly
from lab import V4, V6
from servers import Farm
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

IDLE_S = 1
STEP_BYTES, STEP_S = 20_000, 0.1     # 200 kB/s
MANY_BYTES = 4 * IDLE_S * 200_000    # what takes a slow reader four times as long as `idle`
CONFIG = """
[divert web]
tcp = 443
interface = wan
[route send]
server_name = send.example
backend = send
[route take]
server_name = take.example
backend = take
[route flood]
server_name = flood.example
backend = flood
[route sleep]
server_name = sleep.example
backend = sleep
"""


def read_slowly(s):
    """200 kB/s until the end; how much."""
    total, begin = 0, time.monotonic()
    while data := s.recv(STEP_BYTES):
        total += len(data)
        time.sleep(max(0, begin + total / STEP_BYTES * STEP_S - time.monotonic()))
    return total


def send(connection, visit):
    connection.recv(65536)
    connection.sendall(bytes(MANY_BYTES))
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)


def take(connection, visit):
    visit.total = read_slowly(connection)
    visit.end = "eof"


def flood(connection, visit):
    while True:
        connection.sendall(bytes(1 << 20))


def sleep(connection, visit):
    """Read nothing; see how it ends."""
    hung_up(connection)
    visit.end = "reset"


def hung_up(s):
    """Wait for the end of a connection without reading from it."""
    def has_error():
        return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return wait_for(has_error, 10, "a reset", every=0.1)


@pytest.fixture(scope="module", params=["4096 16384 16384", "4096 1500000 3000000"],
                ids=["small-buffers", "big-buffers"])
def buffers(lab, request):
    """What waits for the reader waits in the daemon, or all of it in the kernel's buffers."""
    before = lab.router.sysctl("net.ipv4.tcp_wmem")
    lab.router.sysctl("net.ipv4.tcp_wmem", request.param)
    yield
    lab.router.sysctl("net.ipv4.tcp_wmem", before)


@pytest.fixture(scope="module")
def farm(lab):
    lab.backend.sysctl("net.ipv4.tcp_rmem", "4096 30000 30000")
    return Farm(lab, send=send, take=take, flood=flood, sleep=sleep)


@pytest.fixture(scope="module")
def daemon(lab, farm, buffers, carried):
    backends = "".join(farm.backend(name, f"idle = {IDLE_S}s") for name in farm.names)
    started = Shuntd(lab, CONFIG + backends, carried)
    yield started
    started.end()


def little(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 30_000)


def call(lab, family, name):
    s = dial(lab.client, family, family.router, 443, prepare=little)
    s.sendall(hello.tls(f"{name}.example"))
    return s


def in_parallel(*works):
    """Run them at once; the first fault is the test's."""
    faults = []

    def guarded(work):
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def downloads_slowly(lab, daemon, family):
    s = call(lab, family, "send")
    assert read_slowly(s) == MANY_BYTES
    client = endpoint_of(s)
    s.close()
    daemon.flow(client=client, why="closed")


def uploads_slowly(lab, daemon, farm, family):
    s = call(lab, family, "take")
    s.settimeout(15)
    s.sendall(bytes(MANY_BYTES))
    s.shutdown(socket.SHUT_WR)
    assert s.recv(1) == b""
    visit = farm["take", family].visit_of(*s.getsockname()[:2])
    assert visit.total >= MANY_BYTES
    daemon.flow_of(s, family, why="closed")


def test_a_slow_reader_is_not_idle(lab, daemon, farm):
    in_parallel(*(lambda f=f: downloads_slowly(lab, daemon, f) for f in (V4, V6)),
                *(lambda f=f: uploads_slowly(lab, daemon, farm, f) for f in (V4, V6)))


def stalls(lab, daemon, family):
    s = call(lab, family, "flood")
    assert hung_up(s)
    daemon.flow_of(s, family, why="idle")


def is_stalled(lab, daemon, farm, family):
    s = call(lab, family, "sleep")
    s.settimeout(8)
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        while True:
            s.sendall(bytes(1 << 20))
    daemon.flow_of(s, family, why="idle")


def says_nothing(lab, daemon, family):
    s = call(lab, family, "send")
    assert len(read_exactly(s, MANY_BYTES)) == MANY_BYTES
    assert ending(s) == "eof"
    assert ending(s, 6) in ("reset", "eof")
    daemon.flow_of(s, family, why="idle")


def test_one_that_reads_nothing_is_idle(lab, daemon, farm):
    in_parallel(*(lambda f=f: stalls(lab, daemon, f) for f in (V4, V6)),
                *(lambda f=f: is_stalled(lab, daemon, farm, f) for f in (V4, V6)),
                *(lambda f=f: says_nothing(lab, daemon, f) for f in (V4, V6)))
