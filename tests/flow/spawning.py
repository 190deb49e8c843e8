"""shunt-spawn beside a daemon, and programs for it to run."""
import os
import signal
import subprocess

import pytest

from clients import ask, dial, ending, finish
from lab import V4
from processes import children_of
from servers import Farm, answer
from shuntd import SHUNTD, Shuntd, endpoint_of
from waiting import wait_for

SHUNT_SPAWN = os.environ.get("SHUNT_SPAWN", os.path.join(os.path.dirname(SHUNTD), "shunt-spawn"))
USER = "user = games"  # of the daemon: programs are nobody's


class Spawner:
    """One shunt-spawn with a daemon's configuration. Ended by stop(), kill() or the end of its lab."""

    def __init__(self, lab, file, ns=None, start=True):
        self.lab, self.file, self.ns = lab, file, ns or lab.router
        self.log = file.replace(".conf", ".spawn.log")
        self.process = None
        lab.on_close(self.did_not_crash)
        if start:
            self.start()

    def start(self):
        before = self.text().count("ready:")
        with open(self.log, "ab") as log:
            self.process = self.lab.start(self.ns, SHUNT_SPAWN, "-c", self.file, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log)
        wait_for(lambda: self.process.poll() is not None or self.text().count("ready:") > before, 5,
                 lambda: f"readiness of shunt-spawn:\n{self.text()}")
        assert self.process.poll() is None, self.text()
        return self

    @property
    def pid(self):
        return self.process.pid

    def programs(self):
        """Process ids of what it runs."""
        return children_of(self.pid)

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, errors="replace") as log:
            return log.read()

    def says(self, words, seconds=5):
        wait_for(lambda: words in self.text(), seconds, lambda: f"{words!r} in:\n{self.text()[-3000:]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=5) == 0, self.text()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.stop()

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=5)

    def did_not_crash(self):
        assert "Sanitizer" not in self.text() and "runtime error" not in self.text(), self.text()
        assert not self.process or self.process.poll() in (None, 0, -signal.SIGKILL), self.text()


def program(lab, name, text):
    """An executable file of root's; returns its path."""
    path = lab.write(name, text)
    os.chmod(path, 0o755)
    return path


def has_spawner(daemon, is_there=True):
    """Its carriers have their connection, or know that they have none."""
    wait_for(lambda: daemon.status()["spawn"]["connected"] == is_there, 5,
             lambda: f"spawn connected={is_there}:\n{daemon.text()[-2000:]}")


def probe(daemon, name):
    """The counts of one probe."""
    return next(p for p in daemon.status()["probes"] if p["name"] == name)


def divert(port, programs, more="", routes=""):
    """A divert whose routes are these probes': {name: command}."""
    text = f"[divert d{port}]\ntcp = {port}\ninterface = wan\n{more}"
    for name, command in programs.items():
        text += f"[probe {name}]\nexec = {command}\n[route {name}]\ndivert = d{port}\n" \
                f"protocol = {name}\nbackend = one\n"
    return text + routes


@pytest.fixture
def site(lab):
    """Starts a daemon with these probes and its shunt-spawn; all lead to the server `one`."""
    farm = Farm(lab, one=answer)
    started = []

    def start(text, with_spawner=True, shunt=USER):
        daemon = Shuntd(lab, text + farm.backends(), shunt=shunt)
        spawner = Spawner(lab, daemon.file, start=with_spawner)
        started.append((daemon, spawner))
        if with_spawner:
            has_spawner(daemon)
        return daemon, spawner
    yield start
    for daemon, spawner in started:
        daemon.end()
        spawner.end()
    farm.close()


def say(lab, port, data=b"hello there"):
    """One client; its socket, and its address as flow lines have it."""
    s = dial(lab.client, V4, V4.router, port)
    client = endpoint_of(s)
    s.sendall(data)
    return s, client


def goes_to_one(lab, port, data=b"hello there"):
    s = dial(lab.client, V4, V4.router, port)
    server = ask(s, data)["server"]
    finish(s)
    return server == "one"


def is_refused(lab, daemon, port, data=b"hello there"):
    s, client = say(lab, port, data)
    assert ending(s) == "reset"
    return daemon.flow(client=client)["route"] == "unknown"


ECHOES = """#!/bin/sh
# yes to what begins with `h` (0x68), and an end at `x` (0x78)
echo $$ >>{pids}
while read -r n transport client to hex; do
	case $hex in
	68*) echo "$n yes" ;;
	78*) exit 1 ;;
	73*) ;;
	*) echo "$n no" ;;
	esac
done
"""


def lives(path):
    with open(path) as file:
        return file.read().split()


@pytest.fixture
def echoes(lab):
    pids = lab.path("pids.txt")
    open(pids, "w").close()
    os.chmod(pids, 0o666)
    return program(lab, "echoes", ECHOES.format(pids=pids)), pids
