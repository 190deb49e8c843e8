"""Flows of datagrams after their handover: listed, counted, ended, found again."""
import contextlib
import os
import signal
import time

import pytest

from datagrams import dial
from handed import entries, is_handed
from lab import V4, both
from processes import is_alive
from reloading import Reloading
from shuntd import SHUNTD, endpoint_of
from udp import UDP_SITE, ask, seen_by, server, started, talks
from waiting import stays, wait_for

IDLE_S = 2
END_S = IDLE_S + 5  # two looks at conntrack, and some
COUNT = 5
STREAM = "net.netfilter.nf_conntrack_udp_timeout_stream"
UNANSWERED = "net.netfilter.nf_conntrack_udp_timeout"


def handed_flow(lab, family, **options):
    """A flow that is the kernel's."""
    s = dial(lab.client, family, family.router, 443, **options)

    def is_there():
        assert ask(s) == seen_by("one", s)
        return is_handed(lab, s)
    wait_for(is_there, 5, "the handover")
    return s


def test_the_line_at_the_end(own_lab, family):
    """Its bytes are those of the datagrams, whoever carried them; the same port can begin anew."""
    one = server(own_lab, family, serve=lambda own, data, peer: own.socket.sendto(data * 2, peer))
    daemon = started(own_lab, UDP_SITE + f"\nidle = {IDLE_S}s\n")
    s = dial(own_lab.client, family, family.router, 443)
    for _ in range(10):
        s.send(b"x" * 100)
        assert len(s.recv(1000)) == 200
    flow, = daemon.live_flows()
    assert (flow["in"], flow["out"]) == (1000, 2000)
    line = daemon.flow_of(s, family, END_S, why="idle", how="handoff", transport="udp", divert="web",
                          route="all", backend="one", source="client")
    assert (line["in"], line["out"]) == ("1000", "2000")
    flows = daemon.status()["flows"]
    assert (flows["active"], flows["in"], flows["out"]) == (0, 1000, 2000)
    assert not is_handed(own_lab, s)
    s.send(b"again")
    assert s.recv(100) == b"againagain"
    assert is_handed(own_lab, s) and len(one.got) == 11


def test_it_is_kept_for_as_long_as_idle_says(own_lab):
    """The kernel alone would forget it sooner."""
    server(own_lab, V4)
    own_lab.router.sysctl(STREAM, 4)
    daemon = started(own_lab, UDP_SITE + "\nidle = 1h\n")
    s = handed_flow(own_lab, V4)
    stays(lambda: is_handed(own_lab, s), 6, "the entry", every=0.5)
    assert ask(s) == seen_by("one", s)
    assert len(daemon.live_flows()) == 1 and not daemon.flow_lines()


def test_nobody_answers_whom_the_kernel_forgets(own_lab):
    """Whatever `idle` says: anybody may have spoofed its client."""
    server(own_lab, V4, serve=lambda own, data, peer: None)
    own_lab.router.sysctl(UNANSWERED, 4)
    daemon = started(own_lab, UDP_SITE + "\nidle = 1h\n")
    s = dial(own_lab.client, V4, V4.router, 443)
    s.send(b"mute")
    wait_for(lambda: is_handed(own_lab, s), 5, "the handover")
    daemon.flow_of(s, V4, 4 + END_S, why="idle", how="handoff")


def test_what_the_kernel_forgets_is_idle(own_lab):
    server(own_lab, V4)
    own_lab.router.sysctl(STREAM, 2)
    daemon = started(own_lab, UDP_SITE + "\nidle = 2s\n")
    s = handed_flow(own_lab, V4)
    daemon.flow_of(s, V4, END_S + 2, why="idle", how="handoff")


def kill_all(daemon):
    """Every process of the daemon, at once."""
    children = daemon.children()
    pids = [daemon.pid, *children["carrier"], *children["sniffer"]]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    daemon.process.wait(timeout=5)
    wait_for(lambda: not any(map(is_alive, pids)), 5, "the end of all")


@pytest.mark.parametrize("end", [kill_all, Reloading.stop], ids=["killed", "stopped"])
def test_flows_are_found_again(own_lab, family, end):
    server(own_lab, family)
    daemon = Reloading(own_lab, UDP_SITE)
    flows = [handed_flow(own_lab, family) for _ in range(COUNT)]
    end(daemon)
    assert talks(flows, "one")
    daemon.start()
    assert talks(flows, "one")
    found = {flow["client"]: flow for flow in daemon.live_flows()}
    assert set(found) == {endpoint_of(s) for s in flows}
    assert {"transport": "udp", "how": "handoff", "divert": "web", "backend": "one",
            "route": "-"}.items() <= found[endpoint_of(flows[0])].items()
    assert daemon.status()["flows"]["handed_active"] == COUNT


def test_carriers_die(own_lab, family):
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE)
    flows = [handed_flow(own_lab, family) for _ in range(COUNT)]
    for pid in daemon.children()["carrier"]:
        os.kill(pid, signal.SIGKILL)
    stays(lambda: talks(flows, "one"), 0.5, "the flows")
    assert len(daemon.live_flows()) == COUNT


def test_purge_takes_them_away(own_lab, family):
    server(own_lab, family)
    daemon = Reloading(own_lab, UDP_SITE)
    s = handed_flow(own_lab, family)
    daemon.stop()
    own_lab.router.run(SHUNTD, "--purge", "-c", daemon.file)
    assert not entries(own_lab, family, s.getsockname()[1], "udp")


def test_its_server_is_no_more(own_lab, family):
    """It may go on for as long as `drain` says."""
    server(own_lab, family)
    daemon = Reloading(own_lab, UDP_SITE, shunt="drain = 3s")
    s = handed_flow(own_lab, family)
    daemon.reload(UDP_SITE.replace(both(443), both(445)))
    began = time.monotonic()
    assert ask(s) == seen_by("one", s)
    daemon.flow_of(s, family, 10, why="drained", how="handoff")
    assert time.monotonic() - began > 1
    assert not is_handed(own_lab, s)
