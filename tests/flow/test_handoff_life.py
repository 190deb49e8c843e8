"""Flows after their handover: the list, the counts, the line at the end, idle, drain."""
import socket
import time

import pytest

import hello
from clients import ask, dial, ending, finish, reset
from handed import entries, is_handed, open_flow, talk
from lab import V4, V6
from reloading import Reloading
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from waiting import stays, wait_for

CONFIG = """
[divert web]
tcp = 443
[divert relayed]
tcp = 8443
handoff = never
[route git]
server_name = git.example
backend = git
[route brief]
server_name = brief.example
backend = brief
[route rude]
server_name = rude.example
backend = rude
"""
HELLO = hello.tls("git.example")
IDLE_S = 2
LOOK_S = 2.5        # between two looks at conntrack
END_S = LOOK_S + 4  # a line comes by then
ACCT = "net.netfilter.nf_conntrack_acct"


def rude(connection, visit):
    """Reset whoever says more than the first bytes."""
    connection.recv(65536)
    connection.sendall(visit.report())
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, git=answer, brief=answer, rude=rude)


@pytest.fixture(scope="module")
def shuntd(lab, farm):
    text = CONFIG + farm.backend("git") + farm.backend("rude")
    daemon = Shuntd(lab, text + farm.backend("brief", f"idle = {IDLE_S}s"), carried="handoff")
    first_flows(lab, daemon)
    yield daemon
    daemon.end()


def first_flows(lab, daemon):
    """Of the first flow with a server both ends are asked to speak, which counts as a few bytes."""
    flows = [open_flow(lab, family, HELLO) for family in (V4, V6)]
    clients = [endpoint_of(s) for s in flows]
    for s in flows:
        finish(s)
    for client in clients:
        end_of(daemon, client, why="closed")


def listed(shuntd, client):
    hits = [f for f in shuntd.live_flows() if f["client"] == client]
    assert len(hits) < 2
    return hits[0] if hits else None


def end_of(shuntd, client, **want):
    return shuntd.flow(client=client, how="handoff", seconds=END_S, **want)


def test_a_flow_is_listed_counted_and_has_its_line(lab, shuntd, family):
    before = shuntd.status()["flows"]
    began = time.monotonic()
    s = open_flow(lab, family, HELLO)
    talk(s, 20)
    flow = listed(shuntd, endpoint_of(s))
    assert {"how": "handoff", "route": "git", "backend": "git", "name": "git.example", "divert": "web",
            "proto": "tls", "source": "client"}.items() <= flow.items()
    assert flow["in"] == len(HELLO) + 20_000
    assert 20_000 < flow["out"] < 20_500  # and the server's report
    status = shuntd.status()
    assert (status["flows"]["active"], status["flows"]["handed_active"]) == (1, 1)
    assert status["diverts"][0]["active"] == 1
    assert sum(server["flows"] for server in status["backends"][0]["servers"]) == 1
    assert status["limits"]["handed_over"]["use"] == 1 and status["limits"]["flows"]["use"] == 0
    finish(s)
    lasted = (time.monotonic() - began) * 1000
    line = end_of(shuntd, flow["client"], why="closed")
    assert (int(line["in"]), int(line["out"])) == (flow["in"], flow["out"])
    assert abs(int(line["ms"]) - lasted) < 1200, (line, lasted)
    after = shuntd.status()["flows"]
    assert after["active"] == after["handed_active"] == 0
    assert after["how"]["handoff"] == before["how"]["handoff"] + 1
    assert after["why"]["closed"] == before["why"]["closed"] + 1
    assert after["handed_over"] == before["handed_over"] + 1
    assert after["in"] == before["in"] + flow["in"] and after["out"] == before["out"] + flow["out"]
    assert shuntd.status()["diverts"][0]["active"] == 0


def test_bulk_is_counted_to_the_byte(lab, shuntd):
    s = open_flow(lab, V4, HELLO)
    talk(s, 40, 250_000)
    client = endpoint_of(s)
    finish(s)
    line = end_of(shuntd, client, why="closed")
    # nothing was lost on this link, or the sender's repetitions would be counted, too
    assert int(line["in"]) == len(HELLO) + 10_000_000
    assert 10_000_000 < int(line["out"]) < 10_000_500


def test_what_is_over_frees_its_client_and_port(lab, shuntd):
    s = open_flow(lab, V4, HELLO)
    client, port = endpoint_of(s), s.getsockname()[1]
    finish(s)
    end_of(shuntd, client)
    wait_for(lambda: not entries(lab, V4, port), 10, "the end of the entry")


def test_who_reset_it(lab, shuntd, family):
    s = open_flow(lab, family, HELLO)
    client = endpoint_of(s)
    assert wait_for(lambda: listed(shuntd, client))["how"] == "handoff"
    reset(s)
    end_of(shuntd, client, why="reset_client")
    s = open_flow(lab, family, hello.tls("rude.example"))
    client = endpoint_of(s)
    assert wait_for(lambda: listed(shuntd, client))["how"] == "handoff"
    s.sendall(b"x")
    assert ending(s) == "reset"
    end_of(shuntd, client, why="reset_server")


def test_a_port_that_is_used_again_at_once(lab, shuntd, family):
    s = open_flow(lab, family, HELLO)
    client, port = endpoint_of(s), s.getsockname()[1]
    talk(s, 3)
    finish(s)
    s = open_flow(lab, family, HELLO, source_port=port)
    talk(s, 5)
    line = shuntd.flow(client=client, how="handoff", why="closed", seconds=END_S)
    assert int(line["in"]) == len(HELLO) + 3_000
    flow = wait_for(lambda: listed(shuntd, client))
    assert flow["in"] == len(HELLO) + 5_000 and flow["route"] == "git"
    finish(s)
    line = end_of(shuntd, client, id=flow["id"])
    assert (line["why"], int(line["in"])) == ("closed", len(HELLO) + 5_000)


def test_idle(lab, shuntd, family):
    s = open_flow(lab, family, hello.tls("brief.example"))
    client, port = endpoint_of(s), s.getsockname()[1]
    for _ in range(3 * IDLE_S):
        time.sleep(0.5)
        talk(s, 1)
    line = end_of(shuntd, client, why="idle")
    assert int(line["ms"]) >= (3 * IDLE_S / 2 + IDLE_S) * 1000
    assert not entries(lab, family, port)
    assert ending(s) == "reset"


def test_a_flow_that_somebody_forgot_is_lost(lab, shuntd):
    s = open_flow(lab, V4, HELLO)
    client = endpoint_of(s)
    assert wait_for(lambda: listed(shuntd, client))
    lab.router.run("conntrack", "-D", "-p", "tcp", "--sport", str(s.getsockname()[1]))
    end_of(shuntd, client, why="lost")


def test_never(lab, shuntd):
    s = dial(lab.client, V4, V4.router, 8443)
    ask(s, HELLO)
    talk(s, 5)
    stays(lambda: not is_handed(lab, s), 0.5)
    assert listed(shuntd, endpoint_of(s))["how"] == "copy"
    client = endpoint_of(s)
    finish(s)
    shuntd.flow(client=client, how="copy", why="closed")
    assert shuntd.status()["handoff"] == "available"


def test_a_carrier_that_dies_takes_none_along(lab, shuntd):
    s = open_flow(lab, V4, HELLO)
    client = endpoint_of(s)
    flow = wait_for(lambda: listed(shuntd, client))
    before = shuntd.children()["carrier"]
    for pid in before:
        lab.router.run("kill", "-9", str(pid))
    wait_for(lambda: len(set(shuntd.children()["carrier"]) - set(before)) == 2, 5, "new carriers")
    talk(s, 5)
    assert listed(shuntd, client)["id"] == flow["id"]
    finish(s)
    line = end_of(shuntd, client, why="closed")
    assert (int(line["in"]), line["route"]) == (len(HELLO) + 5_000, "git")


def test_drain(lab, farm, shuntd):
    shuntd.end()
    first, second = farm.address("git", V4), farm.address("brief", V4)
    text = CONFIG + farm.backend("brief") + farm.backend("rude") + "[backend git]\nserver = {}:443\n"
    daemon = Reloading(lab, text.format(first), shunt="drain = 3s", carried="handoff")
    s = open_flow(lab, V4, HELLO)
    client = endpoint_of(s)
    daemon.reload(text.format(second))
    began = time.monotonic()
    assert listed(daemon, client)
    end_of(daemon, client, why="drained")
    assert time.monotonic() - began > 2
    assert ending(s) == "reset"
    daemon.end()
    shuntd.start()


@pytest.mark.parametrize("carried, said", [("copy", "off: the environment has SHUNT_RELAY"),
                                           ("handoff", "off: every divert says handoff = never")])
def test_status_says_why_not(lab, farm, shuntd, carried, said):
    shuntd.end()
    text = CONFIG.replace("tcp = 443", "tcp = 443\nhandoff = never")
    daemon = Shuntd(lab, text + farm.backends(), carried=carried)
    assert daemon.status()["handoff"].startswith(said)
    daemon.end()
    shuntd.start()


def test_bytes_are_counted_from_the_start_on(own_lab):
    lab = own_lab
    farm = Farm(lab, git=answer, brief=answer, rude=rude)
    daemon = Shuntd(lab, CONFIG + farm.backends(), carried="handoff")
    assert lab.router.run("sysctl", "-n", ACCT).strip() == "1"
    assert f"{ACCT} set to 1" in daemon.text()
    daemon.end()
    daemon.start()
    assert daemon.text().count(f"{ACCT} set to 1") == 1
