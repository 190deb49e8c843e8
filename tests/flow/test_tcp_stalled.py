"""Clients that read nothing of much: they cost themselves something, not the others."""
import time

import pytest

import hello
from clients import dial, read_exactly, reset
from lab import V4
from servers import Farm
from shuntd import Shuntd
from waiting import wait_for

STALLED, MEGABYTES = 150, 20
CONFIG = """
[divert web]
tcp = 443
interface = wan
[route bulk]
server_name = bulk.example
backend = bulk
"""
DATA = bytes(1 << 18)


def bulk(connection, visit):
    """Send without end."""
    connection.recv(65536)
    while True:
        connection.sendall(DATA)


@pytest.fixture
def daemon(lab, carried):
    farm = Farm(lab, bulk=bulk)
    started = Shuntd(lab, CONFIG + farm.backends(), carried, shunt="workers = 1")
    yield started
    started.end()
    farm.close()


def call(lab):
    s = dial(lab.client, V4, V4.router, 443, timeout=20)
    s.sendall(hello.tls("bulk.example"))
    return s


def download_s(lab):
    """How long 20 MB take, the best of three."""
    def once():
        s = call(lab)
        begin = time.monotonic()
        read_exactly(s, MEGABYTES << 20)
        spent = time.monotonic() - begin
        reset(s)
        return spent
    return min(once() for _ in range(3))


def test_stalled_downloads_do_not_slow_another_one_down(lab, daemon):
    [carrier] = daemon.children()["carrier"]
    alone_s, before = download_s(lab), daemon.memory(carrier)
    stalled = [call(lab) for _ in range(STALLED)]
    wait_for(lambda: len(daemon.live_flows()) == STALLED, 5, "all of them")

    def moved():
        return sum(int(f["out"]) for f in daemon.live_flows())
    last = [-1]

    def is_still():
        last[0], was = moved(), last[0]
        return was == last[0]
    wait_for(is_still, 15, "all buffers full", every=0.3)
    assert download_s(lab) < 12 * alone_s
    assert daemon.memory(carrier) - before < 64 << 20
    for s in stalled:
        reset(s)
    wait_for(lambda: not daemon.live_flows(), 5, "no live flow")
    assert daemon.children()["carrier"] == [carrier]
