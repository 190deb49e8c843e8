"""When the daemon dies, hangs or stops: what goes on, what is refused, what is left behind."""
import os
import signal
import time

import pytest

import hello
from clients import ask, dial, ending, read_exactly, reset
from kernel_state import difference, kernel_state
from lab import V4, V6
from processes import is_alive
from servers import Farm, Server, answer
from shuntd import SHUNTD, Shuntd, endpoint_of, owns_table
from waiting import wait_for

OPEN, CLOSED = 443, 444
CONFIG = f"""
[divert open]
tcp = {OPEN}
interface = wan
fail = open
force = yes

[divert closed]
tcp = {CLOSED}
interface = wan
fail = closed
force = yes

[route one]
server_name = one.example
backend = one
"""


@pytest.fixture
def farm(own_lab):
    """Backends behind shunt, and services of the router itself on the same ports."""
    for family in (V4, V6):
        for port in (OPEN, CLOSED):
            Server(own_lab, own_lab.router, family, family.router, port, answer, "router")
    return Farm(own_lab, one=answer)


@pytest.fixture
def daemon(own_lab, farm, carried):
    state = kernel_state(own_lab.router)
    started = Shuntd(own_lab, CONFIG + farm.backends(), carried)
    started.state_before = state
    return started


def only_open():
    """The configuration without the closed divert."""
    head, tail = CONFIG.split("[divert closed]")
    return head + "[route" + tail.partition("[route")[2]


def flow(lab, family, port=OPEN):
    s = dial(lab.client, family, family.router, port)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    return s


def lives(s):
    s.sendall(b"still here?")
    return read_exactly(s, 11) == b"still here?"


def who_answers(lab, family, port):
    """The server that a new client meets, or 'refused'."""
    try:
        s = dial(lab.client, family, family.router, port, timeout=2)
        return ask(s, hello.tls("one.example"))["server"]
    except ConnectionRefusedError:
        return "refused"
    except (OSError, AssertionError) as fault:
        return str(fault)


def fail_has_taken_over(lab):
    return all(who_answers(lab, family, OPEN) == "router" and
               who_answers(lab, family, CLOSED) == "refused" for family in (V4, V6))


@pytest.fixture(params=["one table", "two tables"])
def tables(request, monkeypatch):
    """With a table that stays without its owner, and as it is by itself."""
    if request.param == "one table":
        monkeypatch.setenv("SHUNT_TABLES", "one")
    return request.param


def test_the_keeper_is_killed(own_lab, tables, daemon):
    flows = [flow(own_lab, family, port) for family in (V4, V6) for port in (OPEN, CLOSED)]
    children = sum(daemon.children().values(), [])
    daemon.kill()
    wait_for(lambda: not owns_table(own_lab.router), 1, "the end of the owner")
    assert own_lab.router.table_exists("shunt") == (tables == "one table")
    assert own_lab.router.table_exists("shunt_base")
    assert all(map(lives, flows))
    wait_for(lambda: fail_has_taken_over(own_lab), 1, "`fail`")
    assert all(map(lives, flows))
    clients = [endpoint_of(s) for s in flows]
    for s in flows:
        s.close()
    for client in clients:
        daemon.flow(client=client, why="closed")
    wait_for(lambda: not any(map(is_alive, children)), 3, "the end of the orphans without flows")


def test_the_keeper_is_killed_without_flows(own_lab, daemon):
    children = sum(daemon.children().values(), [])
    assert len(children) == 4
    daemon.kill()
    wait_for(lambda: not any(map(is_alive, children)), 2, "the end of the orphans")


def test_killed_and_started_again(own_lab, tables, daemon):
    """The new daemon takes over, the flows of the old one live on, nothing stands there twice."""
    state = kernel_state(own_lab.router)
    old = flow(own_lab, V4)
    daemon.kill()
    again = Shuntd(own_lab, "", carried=daemon.carried, start=False)
    again.file, again.control = daemon.file, daemon.control
    again.start()
    assert not difference(state, kernel_state(own_lab.router))
    for family in (V4, V6):
        assert lives(flow(own_lab, family))
    assert lives(old)


@pytest.mark.deadline(40)
def test_the_keeper_hangs(own_lab, daemon):
    flows = [flow(own_lab, family, port) for family in (V4, V6) for port in (OPEN, CLOSED)]
    os.kill(daemon.pid, signal.SIGSTOP)
    begin = time.monotonic()
    wait_for(lambda: fail_has_taken_over(own_lab), 12, "`fail`", every=0.5)
    assert time.monotonic() - begin < 11.5
    assert all(map(lives, flows))
    os.kill(daemon.pid, signal.SIGCONT)
    wait_for(lambda: who_answers(own_lab, V4, OPEN) == "one", 5, "the daemon's return")
    assert all(map(lives, flows)), "it must not blame its children for its own absence"


def test_stopped(own_lab, farm, carried):
    """SIGTERM: nothing is left in the kernel, each flow ends with why=stopped."""
    before = kernel_state(own_lab.router)
    daemon = Shuntd(own_lab, only_open() + farm.backends(), carried)
    flows = [flow(own_lab, family) for family in (V4, V6)]
    undecided = dial(own_lab.client, V4, V4.router, OPEN)
    clients = [endpoint_of(s) for s in (*flows, undecided)]
    wait_for(lambda: len(daemon.live_flows()) == 3, 2, "the undecided flow in the list")
    daemon.stop()
    for client in clients:
        daemon.flow(client=client, why="stopped")
    assert all(ending(s) in ("eof", "reset") for s in (*flows, undecided))
    assert not difference(before, kernel_state(own_lab.router))
    assert not os.path.exists(daemon.control)
    assert who_answers(own_lab, V4, OPEN) == "router"


def test_stopped_with_a_closed_divert(own_lab, daemon):
    """The refusal outlives a clean stop, until --purge."""
    daemon.stop()
    assert not own_lab.router.table_exists("shunt")
    assert fail_has_taken_over(own_lab)
    own_lab.router.run(SHUNTD, "--purge")
    assert not difference(daemon.state_before, kernel_state(own_lab.router))
    assert who_answers(own_lab, V4, CLOSED) == "router"


def test_purge_after_a_kill(own_lab, daemon):
    daemon.kill()
    own_lab.router.run(SHUNTD, "--purge")
    assert not difference(daemon.state_before, kernel_state(own_lab.router))


def test_a_start_with_another_setting_lifts_the_refusal(own_lab, farm, daemon):
    daemon.stop()
    assert who_answers(own_lab, V4, CLOSED) == "refused"
    Shuntd(own_lab, only_open() + farm.backends())
    assert who_answers(own_lab, V4, CLOSED) == "router"


def test_the_client_of_a_stopped_daemon_may_reset(own_lab, farm, carried):
    """A stop in the midst of resets ends cleanly."""
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), carried)
    for s in [flow(own_lab, V4) for _ in range(10)]:
        reset(s)
    daemon.stop()
