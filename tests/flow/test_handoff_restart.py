"""Handed-over flows outlive every process of the daemon, and are found again."""
import contextlib
import os
import signal

import pytest

import hello
from clients import ask, dial, finish, read_exactly
from handed import is_handed, open_flow, talk
from lab import V4, V6
from processes import is_alive
from reloading import Reloading
from servers import Farm, answer
from shuntd import SHUNTD, endpoint_of, owns_table
from waiting import wait_for

CONFIG = """
[divert other]
tcp = 8443
[divert web]
tcp = 443
[route git]
server_name = git.example
backend = git
"""
HELLO = hello.tls("git.example")
END_S = 7  # a line comes by then: two looks, and some


@pytest.fixture
def farm(own_lab):
    return Farm(own_lab, git=answer, spare=answer)


@pytest.fixture
def daemon(own_lab, farm):
    made = Reloading(own_lab, CONFIG + farm.backends(), carried="handoff")
    yield made
    made.end()


def kill_all(daemon):
    """Every process of the daemon, at once."""
    children = daemon.children()
    pids = [daemon.pid, *children["carrier"], *children["sniffer"]]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    daemon.process.wait(timeout=5)
    wait_for(lambda: not any(map(is_alive, pids)), 5, "the end of all")


def listed(daemon):
    return {flow["client"]: flow for flow in daemon.live_flows()}


@pytest.mark.parametrize("end", [kill_all, Reloading.stop], ids=["killed", "stopped"])
def test_flows_are_found_again(own_lab, daemon, family, end):
    s = open_flow(own_lab, family, HELLO)
    talk(s, 5)
    end(daemon)
    talk(s, 5)
    daemon.start()
    flow = listed(daemon)[endpoint_of(s)]
    assert {"how": "handoff", "divert": "web", "backend": "git", "route": "-", "proto": "-", "name": "-",
            "source": "client", "server": family.endpoint(family.backends[0], 443),
            "to": family.endpoint(family.router, 443)}.items() <= flow.items()
    # both ends of the first flow with a server are asked to speak, and say what they had heard already
    assert all(flow[way] in (10_000, 10_012) for way in ("in", "out")), flow
    status = daemon.status()
    assert status["flows"]["handed_active"] == 1 and status["diverts"][1]["active"] == 1
    assert status["flows"]["in"] == 0  # this daemon saw none of them
    talk(s, 5)
    client = endpoint_of(s)
    finish(s)
    line = daemon.flow(client=client, why="closed", how="handoff", backend="git", seconds=END_S)
    assert [int(line[way]) - flow[way] for way in ("in", "out")] == [5000, 5000]
    assert daemon.status()["flows"]["in"] == 5000


def test_a_flow_that_ends_while_no_daemon_is_there_has_its_line(own_lab, daemon):
    s = open_flow(own_lab, V4, HELLO)
    client = endpoint_of(s)
    talk(s, 5)
    daemon.stop()
    assert own_lab.router.table_exists("shunt_base")
    assert "1 connections that were handed over go on without us" in daemon.text()
    finish(s)
    daemon.start()
    daemon.flow(client=client, why="closed", how="handoff", divert="web", seconds=END_S)
    daemon.stop()
    daemon.start()
    daemon.status()
    assert len(daemon.flow_lines()) == 1
    daemon.stop()
    # nothing lives any more: the lasting table went with the daemon
    assert not own_lab.router.table_exists("shunt_base")


@pytest.mark.deadline(90)
def test_two_hundred_flows_outlive_everything(own_lab, farm, daemon):
    flows = [dial(own_lab.client, family, family.router, 443) for _ in range(100) for family in (V4, V6)]
    clients = {endpoint_of(s) for s in flows}

    def all_talk():
        for s in flows:
            s.sendall(b"x" * 1000)
        for s in flows:
            read_exactly(s, 1000)

    for s in flows:
        ask(s, HELLO)
    wait_for(lambda: daemon.status()["flows"]["handed_active"] == 200, 5, "the handover of all")
    all_talk()
    assert clients == set(listed(daemon))
    kill_all(daemon)
    assert not owns_table(own_lab.router)
    all_talk()
    daemon.start()
    all_talk()
    assert clients == set(listed(daemon))
    daemon.reload(CONFIG.replace("tcp = 443", "tcp = 443-444") + farm.backends())
    all_talk()
    own_lab.router.run("nft", "flush", "ruleset")
    all_talk()  # the daemon's own table was not flushed: NAT is still switched on
    daemon.stop()
    assert own_lab.router.table_exists("shunt_base")  # it was put back, if only for this
    all_talk()
    daemon.start()
    all_talk()
    assert clients == set(listed(daemon))
    for s in flows:
        finish(s)
    wait_for(lambda: {line["client"] for line in daemon.flow_lines()} == clients, 2 * END_S,
             "all the lines")
    assert {(line["why"], line["how"]) for line in daemon.flow_lines()} == {("closed", "handoff")}
    assert not listed(daemon)


def test_purge_takes_them_away(own_lab, daemon, family):
    s = open_flow(own_lab, family, HELLO)
    kill_all(daemon)
    talk(s, 1)
    assert is_handed(own_lab, s)
    own_lab.router.run(SHUNTD, "--purge", "-c", daemon.file)
    assert not is_handed(own_lab, s)
    assert not own_lab.router.table_exists("shunt_base")
