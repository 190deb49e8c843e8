"""A killed or stopped child is replaced within a second, and nobody outside notices more than must be."""
import os
import re
import signal
import threading

import pytest

import hello
from clients import ask, dial, ending, read_exactly, sees_client
from lab import V4
from processes import is_alive
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
wait = 10s
[route one]
server_name = one.example
backend = one
"""
SOON_S = 1.5  # a second, and something for a busy machine


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm, carried):
    started = Shuntd(lab, CONFIG + farm.backends(), carried)
    yield started
    started.end()


@pytest.fixture
def flows(lab, daemon):
    """Sixteen live flows that echo, spread over the carriers by the kernel."""
    sockets = [dial(lab.client, V4, V4.router, 443) for _ in range(16)]
    for s in sockets:
        ask(s, hello.tls("one.example"))
    yield sockets
    for s in sockets:
        s.close()


def numbers_in(value):
    """Every number in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {n for item in value for n in numbers_in(item)}
    return {value} if isinstance(value, int) else set()


def echoes(s):
    s.settimeout(2)
    try:
        s.sendall(b"still here?")
        return read_exactly(s, 11) == b"still here?"
    except (OSError, AssertionError):
        return False


def owners(lab):
    """(client's port, process) of each connection from a client that the daemon holds."""
    found = {}
    for line in lab.router.run("ss", "-tnpH", "sport = :443").splitlines():
        port, pid = re.search(r":(\d+)\s+users:.*?pid=(\d+)", line).groups()
        found[int(port)] = int(pid)
    return found


def replaced(daemon, role, victim, before):
    """Wait until as many of its role as before, without the victim, live and are known to status."""
    def is_replaced():
        now = set(daemon.children()[role]) - {victim}
        return len(now) == before and now <= numbers_in(daemon.status())
    wait_for(is_replaced, SOON_S, lambda: f"another {role} for {victim}: {daemon.children()}\n"
             f"{daemon.text()[-1000:]}")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["kill", "stop"])
def test_a_sniffer(lab, daemon, flows, how):
    sniffers = daemon.children()["sniffer"]
    os.kill(sniffers[0], how)
    replaced(daemon, "sniffer", sniffers[0], len(sniffers))
    assert not is_alive(sniffers[0])
    assert all(map(echoes, flows))
    all_is_well(lab)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["kill", "stop"])
def test_every_sniffer_while_clients_are_undecided(lab, daemon, how):
    """The questions are asked again: these clients lose time, not their connection."""
    first = hello.tls("one.example")
    waiting = [dial(lab.client, V4, V4.router, 443) for _ in range(8)]
    for s in waiting:
        s.sendall(first[:40])
    sniffers = daemon.children()["sniffer"]
    for pid in sniffers:
        os.kill(pid, how)
    for s in waiting:
        sees_client(ask(s, first[40:]), s, V4)
    for pid in sniffers:
        replaced(daemon, "sniffer", pid, len(sniffers))


def victim_of(lab, daemon):
    """(the carrier with most flows, which client port is whose)"""
    carriers = daemon.children()["carrier"]
    assert len(carriers) == 2
    held_by = owners(lab)
    return max(carriers, key=list(held_by.values()).count), held_by


def test_a_killed_carrier(lab, daemon, flows):
    """Its own flows end; those of the others do not notice."""
    victim, held_by = victim_of(lab, daemon)
    os.kill(victim, signal.SIGKILL)
    replaced(daemon, "carrier", victim, 2)
    for s in flows:
        if held_by[s.getsockname()[1]] == victim:
            assert ending(s) in ("eof", "reset")
        else:
            assert echoes(s)
    all_is_well(lab)


def test_a_stopped_carrier(lab, daemon, flows):
    """Another takes over; when the stopped one comes back it finishes its flows, and goes."""
    victim, held_by = victim_of(lab, daemon)
    os.kill(victim, signal.SIGSTOP)
    replaced(daemon, "carrier", victim, 2)
    assert all(echoes(s) for s in flows if held_by[s.getsockname()[1]] != victim)
    all_is_well(lab)
    os.kill(victim, signal.SIGCONT)
    assert all(map(echoes, flows))
    assert {endpoint_of(s) for s in flows} <= {flow["client"] for flow in daemon.live_flows()}
    for s in flows:
        s.close()
    wait_for(lambda: not is_alive(victim), 5, "the end of the replaced carrier without flows")
    all_is_well(lab)


def test_the_stop_of_a_carrier_that_was_replaced(own_lab, carried):
    """It was stopped, another took over, it finishes its flows: it is asked to end as everybody is."""
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), carried)
    flows = [dial(own_lab.client, V4, V4.router, 443) for _ in range(8)]
    for s in flows:
        ask(s, hello.tls("one.example"))
    victim, held_by = victim_of(own_lab, daemon)
    os.kill(victim, signal.SIGSTOP)
    replaced(daemon, "carrier", victim, 2)
    assert all(map(echoes, flows)) and is_alive(victim)
    clients = [endpoint_of(s) for s in flows]
    daemon.stop()
    for client in clients:
        daemon.flow(client=client, seconds=1, why="stopped")
    assert len([f for f in daemon.flow_lines() if f["why"] == "stopped"]) == len(flows)
    assert not is_alive(victim)


def all_is_well(lab):
    for _ in range(4):
        s = dial(lab.client, V4, V4.router, 443)
        sees_client(ask(s, hello.tls("one.example")), s, V4)


class Knocker(threading.Thread):
    """Connects again and again; remembers what went wrong."""

    def __init__(self, lab, family):
        super().__init__(daemon=True)
        self.lab, self.family = lab, family
        self.done, self.faults, self.connects = threading.Event(), [], 0

    def run(self):
        while not self.done.is_set():
            try:
                dial(self.lab.client, self.family, self.family.router, 443, timeout=3).close()
                self.connects += 1
            except OSError as fault:
                self.faults.append(fault)

    def stop(self):
        self.done.set()
        self.join(5)
        return self.connects


def test_the_listeners_never_close(lab, daemon, family):
    """Every child is killed in turn while clients connect: no connect fails."""
    knocker = Knocker(lab, family)
    knocker.start()
    for role in ("sniffer", "carrier"):
        for victim in daemon.children()[role]:
            count = len(daemon.children()[role])
            os.kill(victim, signal.SIGKILL)
            replaced(daemon, role, victim, count)
    assert knocker.stop() > 20
    assert not knocker.faults


def test_a_child_that_dies_again_and_again(lab, daemon):
    for _ in range(4):
        sniffers = daemon.children()["sniffer"]
        os.kill(sniffers[0], signal.SIGKILL)
        replaced(daemon, "sniffer", sniffers[0], len(sniffers))
    s = dial(lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
