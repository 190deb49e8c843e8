"""How the daemon looks after what is ours: what it says of it, and how often it repairs."""
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from conftest import BUILD
from processes import children_of, proc_status
from waiting import wait_for

CONFIG = """
[shunt]
control = {control}
workers = 1
[divert web]
tcp = 4430
interface = wan
[route all]
backend = there
[backend there]
server = 198.51.100.7:80
"""


class Daemon:
    """A daemon of that build, its log, and its children."""

    def __init__(self, ns, directory):
        config = directory / "shunt.conf"
        config.write_text(CONFIG.format(control=directory / "control.sock"))
        self.log = directory / "log"
        with self.log.open("w") as log:
            self.process = ns.popen(str(BUILD / "shuntd"), "-c", str(config), stderr=log)

    def lines(self, pattern):
        return [line for line in self.log.read_text().splitlines() if re.search(pattern, line)]

    def wait(self, pattern, seconds=5):
        return wait_for(lambda: self.lines(pattern), seconds,
                        lambda: f"{pattern} in the log:\n{self.log.read_text()}")

    def sniffers(self):
        return [pid for pid in children_of(self.process.pid)
                if int(proc_status(pid).get("CapEff", "1"), 16) == 0]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def daemon(ns, program, tmp_path):
    """A daemon that is ready; `program` sees to it that the build is there."""
    made = Daemon(ns, tmp_path)
    made.wait("ready")
    yield made
    made.stop()


def test_a_child_that_is_replaced_is_no_matter(daemon):
    for _ in range(3):
        before = daemon.sniffers()
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: daemon.sniffers() not in ([], before), 5, "another sniffer")
    time.sleep(2.5)
    assert not daemon.lines("fail. decides") and not daemon.lines("taken again")


def test_undoing_and_repairing_does_not_go_on_forever(daemon, ns):
    end = time.monotonic() + 6
    while time.monotonic() < end:
        if ns.table_exists("shunt_base"):
            ns.run("nft", "delete", "table", "inet", "shunt_base")
        time.sleep(0.05)
    said = daemon.lines("repaired: table inet shunt_base is missing")
    # five at once, then after 1, 2 and 4 seconds
    assert 6 <= len(said) <= 7
    assert ["keeps undoing" in line for line in said[:6]] == [False] * 4 + [True] * 2
    assert "the next repair in 1 s" in said[4] and "the next repair in 2 s" in said[5]
    wait_for(lambda: ns.table_exists("shunt_base"), 10, "the table")


def test_a_port_of_the_box_is_said(ns, program, tmp_path):
    ns.ip("link add lan type veth peer name wan", "addr add 192.0.2.1/24 dev wan")
    with ns.socket(socket.AF_INET) as served:
        served.bind(("192.0.2.1", 4430))
        served.listen()
        made = Daemon(ns, tmp_path)
        made.wait("ready")
        assert len(made.lines("divert web takes port 4430 on interface wan, .* 192.0.2.1")) == 1
        made.stop()
