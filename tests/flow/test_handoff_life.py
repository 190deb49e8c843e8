"""Flows after their handover: the list, the counts, the line at the end, idle, drain, and restarts."""
import time

import pytest

import hello
from clients import ask, dial, ending, finish, own_port, read_exactly, reset
from lab import V4, V6
from servers import Farm, answer, echo
from shuntd import Shuntd, endpoint_of
from waiting import stays, wait_for

CONFIG = """
[divert web]
tcp = 443
[route git]
server_name = git.example
backend = git
[route brief]
server_name = brief.example
backend = brief
"""
HELLO = hello.tls("git.example")
BRIEF_HELLO = hello.tls("brief.example")
IDLE_S = 3
MARK = 0x58000000   # of a handed-over flow's entry


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, git=answer, brief=answer)


def text(farm):
    return CONFIG + farm.backend("git") + farm.backend("brief", f"idle = {IDLE_S}s")


@pytest.fixture
def shuntd(lab, farm):
    daemon = Shuntd(lab, text(farm), carried="handoff")
    yield daemon
    daemon.end()


def handed(lab, s):
    """Wait until conntrack has the flow of this socket as an entry with our mark."""
    def find():
        lines = lab.router.run("conntrack", "-L", "-p", "tcp",
                               "-f", "ipv6" if s.family == V6.af else "ipv4").splitlines()
        return [x for x in lines if f"sport={own_port(s)} " in x and f"mark={MARK} " in x]
    return wait_for(find, 5, f"the handover of {endpoint_of(s)}")


def open_flow(lab, family, first=HELLO):
    """A flow that was handed over."""
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, first)
    handed(lab, s)
    return s, len(first), report


def talk(s, count, size=1000):
    for _ in range(count):
        s.sendall(b"x" * size)
        read_exactly(s, size)


def listed(shuntd, s):
    hits = [f for f in shuntd.live_flows() if f["client"] == endpoint_of(s)]
    return hits[0] if hits else None


def test_a_flow_is_listed_counted_and_has_its_line(lab, shuntd, family):
    began = time.monotonic()
    s, said, report = open_flow(lab, family)
    heard = len(str(report))  # near enough to begin with
    talk(s, 20)
    flow = wait_for(lambda: listed(shuntd, s))
    assert (flow["how"], flow["route"], flow["backend"], flow["name"], flow["divert"], flow["proto"]) == \
        ("handoff", "git", "git", "git.example", "web", "tls")
    assert flow["in"] == said + 20_000
    assert flow["out"] > 20_000 and flow["out"] < 20_000 + 2 * heard
    status = shuntd.status()
    assert status["flows"]["active"] == 1
    assert status["diverts"][0]["active"] == 1
    assert sum(x["flows"] for x in status["backends"][0]["servers"]) == 1
    finish(s)
    lasted = (time.monotonic() - began) * 1000
    line = shuntd.flow(client=flow["client"], how="handoff", why="closed", seconds=8)
    assert int(line["in"]) == said + 20_000
    assert int(line["out"]) == flow["out"]
    assert abs(int(line["ms"]) - lasted) < 1200, (line, lasted)
    status = shuntd.status()
    assert status["flows"]["active"] == 0 and status["flows"]["how"]["handoff"] == 1
    assert status["flows"]["in"] == said + 20_000
