"""Probes that are programs: the worked example of packaging/examples."""
import os
import re

import pytest

from clients import ask, dial, ending, finish
from lab import V4
from processes import proc_status
from servers import Farm, answer
from shuntd import ROOT, Shuntd, endpoint_of
from spawning import USER, Spawner, has_spawner, probe, program
from waiting import wait_for

EXAMPLES = os.path.join(ROOT, "packaging", "examples")
GEARMAN = b"\0REQ\0\0\0\x10\0\0\0\x04ping"
FIX = b"8=FIX.4.4\x019=65\x0135=A\x01"


def example(lab):
    """The worked example, with its programs and addresses here."""
    for name in ("probe-gearman", "probe-fix"):
        with open(os.path.join(EXAMPLES, name)) as file:
            program(lab, name, file.read())
    with open(os.path.join(EXAMPLES, "probe-exec.conf")) as file:
        text = file.read()
    text = text.replace("/usr/share/doc/shunt", lab.dir).replace("wan0", "wan")
    return re.sub(r"^\[backend.*", "", text, flags=re.S | re.M)


@pytest.fixture(scope="module")
def worked(lab):
    farm = Farm(lab, jobs=answer, orders=answer, pages=answer)
    daemon = Shuntd(lab, example(lab) + farm.backends(), shunt=USER)
    spawner = Spawner(lab, daemon.file)
    has_spawner(daemon)
    yield daemon, spawner
    daemon.end()
    spawner.stop()
    farm.close()


@pytest.mark.parametrize("first, server, name", [
    (GEARMAN, "jobs", "gearman"), (FIX, "orders", "fix"),
    (b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "pages", "http")])
def test_the_worked_example(lab, worked, first, server, name):
    daemon, _ = worked
    s = dial(lab.client, V4, V4.router, 4730)
    client = endpoint_of(s)
    assert ask(s, first)["server"] == server
    finish(s)
    assert daemon.flow(client=client)["proto"] == name


@pytest.mark.parametrize("first, server", [(GEARMAN, "jobs"), (FIX, "orders")])
def test_byte_by_byte(lab, worked, first, server):
    """Programs say `more` of what is too little."""
    s = dial(lab.client, V4, V4.router, 4730)
    for i in range(4):
        before = probe(worked[0], "fix")["asked"]
        s.sendall(first[i:i + 1])
        wait_for(lambda: i > 0 or probe(worked[0], "fix")["asked"] > before)
    assert ask(s, first[4:])["server"] == server
    finish(s)


def test_what_no_program_knows(lab, worked):
    daemon, _ = worked
    s = dial(lab.client, V4, V4.router, 4730)
    s.sendall(b"\xff nobody knows what this is")
    assert ending(s) == "reset"
    assert daemon.flow_of(s, V4)["route"] == "unknown"


def test_half_closed_at_once(lab, worked):
    """The end of what a client says does not keep its programs from being asked."""
    s = dial(lab.client, V4, V4.router, 4730)
    s.sendall(GEARMAN)
    finish(s)
    wait_for(lambda: any(f["route"] == "jobs" and f["in"] == str(len(GEARMAN)) for f in worked[0].flow_lines()))


def test_it_keeps_little_power_itself(worked):
    _, spawner = worked
    setgid, setuid, setpcap, kill = 1 << 6, 1 << 7, 1 << 8, 1 << 5
    status = proc_status(spawner.pid)
    for kind in ("CapEff", "CapPrm", "CapBnd"):
        assert int(status[kind], 16) == setgid | setuid | setpcap | kill, kind
    assert status["NoNewPrivs"] == "1"
