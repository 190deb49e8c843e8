"""`shuntd -s`: lines go to syslog and nowhere else, whoever of its processes writes them."""
import os
import re
import signal
import socket
import threading

import pytest

import hello
from clients import ask, dial, ending, read_exactly
from processes import is_alive
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from sites import ONE_SITE
from waiting import wait_for

# a /dev of its own whose log is the socket $0; then the daemon
OWN_DEV = 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && ln -s "$0" /dev/log && exec "$@"'


class Syslog:
    """Whoever reads /dev/log; can be away and come back."""

    def __init__(self, lab):
        self.path, self.lines = lab.path("syslog"), []
        lab.on_close(self.stop)
        self.start()

    def start(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while line := self.socket.recv(8192):
            self.lines.append(line.decode(errors="replace"))

    def stop(self):
        self.socket.shutdown(socket.SHUT_RD)  # what was sent is read, then the end
        self.thread.join(5)
        self.socket.close()
        os.unlink(self.path)


class SyslogShuntd(Shuntd):
    """A daemon whose log is what came to syslog."""

    def __init__(self, lab, syslog, text, carried):
        self.syslog = syslog
        before = ("unshare", "--mount", "sh", "-c", OWN_DEV, syslog.path)
        super().__init__(lab, text, carried, before=before, arguments=("-s",))

    def text(self):
        return "\n".join(self.syslog.lines)

    def on_stderr(self):
        return super().text()


@pytest.fixture
def syslog(own_lab):
    return Syslog(own_lab)


@pytest.fixture
def farm(own_lab):
    return Farm(own_lab, one=answer)


@pytest.fixture
def daemon(own_lab, farm, syslog, carried):
    return SyslogShuntd(own_lab, syslog, ONE_SITE + farm.backends(), carried)


class Flow:
    """A flow whose every byte, both ways, is known."""

    def __init__(self, lab, farm, family):
        self.farm, self.family = farm, family
        self.first, self.sent = hello.tls("one.example"), 0
        self.s = dial(lab.client, family, family.router, 443)
        self.client, self.name = endpoint_of(self.s), self.s.getsockname()[:2]
        self.report = ask(self.s, self.first)

    def echo(self):
        data = os.urandom(500)
        self.s.sendall(data)
        self.sent += len(data)
        assert read_exactly(self.s, len(data)) == data

    def end(self):
        """Nothing came to either side that the other had not sent."""
        self.s.shutdown(socket.SHUT_WR)
        assert ending(self.s) == "eof"
        self.s.close()
        visit = self.farm["one", self.family].visit_of(*self.name)
        wait_for(lambda: visit.end == "eof", 3, "the client's end at the server")
        assert visit.total == len(self.first) + self.sent


def told(daemon):
    """How many flows' lines came, or were dropped and counted: its queue is short, its reader may be slow."""
    lost = re.findall(r"(\d+) log lines were lost", daemon.text())
    return len(daemon.flow_lines()) + sum(map(int, lost))


def test_lines_come_to_syslog_and_to_nobody_else(own_lab, daemon, farm, family):
    """Flows end, and are told of, while others live: their streams hold nothing of it."""
    children = sum(daemon.children().values(), [])
    lasting = [Flow(own_lab, farm, family) for _ in range(16)]
    for turn in range(3):
        short = [Flow(own_lab, farm, family) for _ in range(16)]
        for flow in short:
            flow.echo()
            flow.end()
        for flow in lasting:
            flow.echo()
        wait_for(lambda count=16 * (turn + 1): told(daemon) >= count, 5, daemon.text)
    for flow in lasting:
        flow.end()
        daemon.flow(client=flow.client, why="closed")
    assert sum(daemon.children().values(), []) == children and all(map(is_alive, children))
    assert told(daemon) == 64
    assert daemon.on_stderr() == ""


def test_a_replaced_child_writes_there_too(own_lab, daemon, farm, family):
    for role in ("sniffer", "carrier"):
        for pid in daemon.children()[role]:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: pid not in daemon.children()[role] and len(daemon.children()[role]) == 2, 5,
                     f"another {role}")
    for flow in [Flow(own_lab, farm, family) for _ in range(16)]:
        flow.echo()
        flow.end()
        daemon.flow(client=flow.client, why="closed")
    assert " ended (signal 9)" in daemon.text()


def test_the_last_lines_of_a_stop(own_lab, daemon, farm, family):
    flows = [Flow(own_lab, farm, family) for _ in range(4)]
    daemon.stop()
    for flow in flows:
        daemon.flow(client=flow.client, why="stopped")


def test_syslog_is_away(own_lab, daemon, syslog, farm, family):
    """No line is more important than the flows: they go on without it."""
    children = sum(daemon.children().values(), [])
    syslog.stop()
    lasting = [Flow(own_lab, farm, family) for _ in range(8)]
    for _ in range(2):
        for flow in [Flow(own_lab, farm, family) for _ in range(8)]:
            flow.echo()
            flow.end()
    for flow in lasting:
        flow.echo()
        flow.end()
    assert sum(daemon.children().values(), []) == children and all(map(is_alive, children))
    syslog.start()


def test_a_syslogd_that_hangs_holds_nobody_up(own_lab, farm, syslog, daemon, family):
    """It is there and reads nothing: lines are dropped, flows are not."""
    syslog.stop()
    stuck = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stuck.bind(syslog.path)
    os.chmod(syslog.path, 0o666)
    for _ in range(60):  # a queue holds some ten lines; the daemon has several processes
        s = dial(own_lab.client, family, family.router, 443)
        assert ask(s, hello.tls("one.example"))["server"] == "one"
        s.close()
    assert daemon.status()["flows"]["total"] >= 60
    stuck.close()
    os.unlink(syslog.path)
    syslog.start()
    s = dial(own_lab.client, family, family.router, 443)
    ask(s, hello.tls("one.example"))
    s.close()
    wait_for(lambda: "log lines were lost" in daemon.text(), 5, lambda: daemon.text())
