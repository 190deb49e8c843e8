"""Many clients at once, and a daemon that runs out of descriptors."""
import itertools
import select
import selectors

import pytest

import hello
from clients import ask, dial, read_line, report_of
from processes import is_alive
from servers import Farm, answer
from shuntd import Shuntd
from test_tcp_bulk import is_idle
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
wait = 20s
[route one]
server_name = one.example
backend = one
"""
CLIENTS = 500
DIVERTS = 16


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm, carried):
    started = Shuntd(lab, CONFIG + farm.backends(), carried)
    yield started
    started.end()


def crowd(ns, family, count, first, ports=(443,)):
    """Connect `count` clients in one go, let each say `first`; returns the sockets."""
    sockets = []
    for port in itertools.islice(itertools.cycle(ports), count):
        s = ns.socket(family.af)
        s.setblocking(False)
        s.bind((family.client, 0))
        s.connect_ex((family.router, port))
        sockets.append(s)
    waiting = selectors.DefaultSelector()
    for s in sockets:
        waiting.register(s, selectors.EVENT_WRITE)
    while waiting.get_map():
        ready = waiting.select(5)
        assert ready, f"{len(waiting.get_map())} of {count} clients are not connected"
        for key, _ in ready:
            waiting.unregister(key.fileobj)
            key.fileobj.send(first)
    for s in sockets:
        s.settimeout(10)
    return sockets


def test_500_clients_at_once(lab, daemon, farm, family):
    sockets = crowd(lab.client, family, CLIENTS, hello.tls("one.example"))
    reports = [report_of(read_line(s)) for s in sockets]
    assert [r["port"] for r in reports] == [s.getsockname()[1] for s in sockets]
    assert {r["peer"] for r in reports} == {family.client}
    wait_for(lambda: len(daemon.live_flows()) == CLIENTS, 3, "500 live flows")
    for s in sockets:
        s.close()
    wait_for(lambda: not daemon.live_flows(), 5, "no live flow")
    ended = [f for f in daemon.flow_lines() if f["why"] == "closed" and f["name"] == "one.example"]
    assert len(ended) >= CLIENTS


def test_500_undecided_clients_do_not_stop_the_next_one(lab, daemon, family):
    sockets = crowd(lab.client, family, CLIENTS, b"\x16")
    next_one = dial(lab.client, family, family.router, 443)
    assert ask(next_one, hello.tls("one.example"))["server"] == "one"
    for s in (*sockets, next_one):
        s.close()
    wait_for(lambda: not daemon.live_flows(), 5, "no live flow")


@pytest.fixture
def poor(own_lab, carried):
    """A daemon with one carrier and 64 descriptors."""
    farm = Farm(own_lab, one=answer)
    return Shuntd(own_lab, CONFIG + farm.backends(), carried, shunt="workers = 1", files=64)


def readable(sockets):
    """Those with something to read, or at their end; nothing is read."""
    poll = select.poll()
    for s in sockets:
        poll.register(s, select.POLLIN)
    ready = {number for number, _ in poll.poll(0)}
    return [s for s in sockets if s.fileno() in ready]


def test_a_limit_of_64_descriptors(own_lab, poor, family):
    """Some are served, the others wait their turn; nothing dies, nothing spins, all recover."""
    [carrier] = poor.children()["carrier"]
    waiting = crowd(own_lab.client, family, 100, hello.tls("one.example"))
    wait_for(lambda: readable(waiting), 5, "service of the first clients")
    is_idle(carrier)
    assert 5 <= len(readable(waiting)) < 64
    all_are_served(waiting)
    assert poor.children()["carrier"] == [carrier] and is_alive(poor.pid)
    s = dial(own_lab.client, family, family.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"


def all_are_served(waiting):
    """Each in its turn: one that has its report makes room for the next."""
    while waiting:
        for s in wait_for(lambda: readable(waiting), 5, lambda: f"service of {len(waiting)} clients"):
            assert report_of(read_line(s))["port"] == s.getsockname()[1]
            waiting.remove(s)
            s.close()


def test_a_limit_of_64_descriptors_with_16_diverts(own_lab, carried, family):
    """The listeners take half of them: the rest wait in the queue, nobody is let in to be refused."""
    ports = range(4430, 4430 + DIVERTS)
    diverts = "".join(f"[divert d{port}]\ntcp = {port}\ninterface = wan\n" for port in ports)
    farm = Farm(own_lab, one=answer)
    routes = CONFIG[CONFIG.index("[route"):] + farm.backends()
    daemon = Shuntd(own_lab, diverts + routes, carried, shunt="workers = 1", files=64)
    [carrier] = daemon.children()["carrier"]
    for _ in range(2):
        waiting = crowd(own_lab.client, family, 60, hello.tls("one.example"), ports)
        wait_for(lambda: readable(waiting), 5, "service of the first clients")
        is_idle(carrier)
        assert len(readable(waiting)) < 60
        all_are_served(waiting)
        wait_for(lambda: not daemon.live_flows(), 5, "no live flow")
    assert {f["why"] for f in daemon.flow_lines()} == {"closed"}
    assert len(daemon.flow_lines()) == 120
    assert daemon.children()["carrier"] == [carrier] and is_alive(daemon.pid)
