"""A thousand reloads under load: no connection is lost, and nothing is left behind."""
import contextlib
import os
import threading

import hello
import pytest
from clients import ask, dial, finish
from lab import V4, V6
from reloading import Reloading, put_files, routed, talks, told_of_reload
from servers import Farm, answer
from waiting import wait_for

RELOADS = 1000


class Load:
    """Clients, one a thread, that connect again and again, and count what they are told."""

    def __init__(self, lab, count):
        self.lab, self.is_over = lab, threading.Event()
        self.faults, self.answers = [], []
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        family = (V4, V6)[number % 2]
        try:
            while not self.is_over.is_set():
                self.answers.append(self.once(family, number))
        except Exception as fault:  # told by end(), where it fails the test
            self.faults.append(repr(fault))

    def once(self, family, number):
        first = hello.tls("one.example")
        with contextlib.closing(self.lab.client.socket(family.af)) as s:
            s.settimeout(10)
            s.connect((family.router, 443))
            cut = len(self.answers) % len(first)  # so that many are undecided when it changes
            s.sendall(first[:cut])
            report = ask(s, first[cut:])
            assert report["peer"] == family.client
            finish(s)
            return report["server"]

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(15)
        assert not any(thread.is_alive() for thread in self.threads)
        assert not self.faults, (len(self.answers), self.faults)


def open_files(pid):
    """What a process has open, without the numbers of sockets. The pipes of a carrier are kept for reuse."""
    files = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            files.append(os.readlink(f"/proc/{pid}/fd/{fd}").split("[")[0].split(":")[0])
    return sorted(file for file in files if file != "pipe")


def listeners(daemon):
    """How many TCP sockets listen: of each divert and carrier one per family."""
    return len(daemon.ns.run("ss", "-Hltn").splitlines())


def mappings(pid):
    """How many memory files it has mapped."""
    with open(f"/proc/{pid}/maps") as maps:
        return sum("/memfd:" in line for line in maps)


class Inventory:
    """What the daemon has, when nothing goes on."""

    def __init__(self, daemon):
        wait_for(lambda: daemon.status()["flows"]["active"] == 0, 5, "the end of all flows")
        wait_for(lambda: list(map(len, daemon.children().values())) == [2, 2], 5, "the end of old sniffers")
        self.carriers = sorted(daemon.children()["carrier"])
        self.files = {pid: open_files(pid) for pid in (daemon.pid, *self.carriers)}
        self.maps = {pid: mappings(pid) for pid in (daemon.pid, *self.carriers)}
        self.memory = {pid: daemon.memory(pid) for pid in (daemon.pid, *self.carriers)}
        self.rules = daemon.ns.run("nft", "-s", "list", "ruleset")
        self.ip_rules = daemon.ns.run("ip", "rule")


@pytest.mark.deadline(100)
def test_thousand_reloads(own_lab):
    lab = own_lab
    farm = Farm(lab, one=answer, two=answer)
    second = routed("one").replace("web", "second").replace("443", "4430").replace("one]", "other]")
    texts = [routed("one") + farm.backends(), routed("two") + farm.backends(),
             routed("two") + second + farm.backends()]
    daemon = Reloading(lab, texts[0], shunt="log_flows = no\nlog = warn\n")
    contents = [daemon.whole(text) for text in texts]
    for i in range(len(texts) * 5):  # what is allocated once is there
        put_files(daemon, contents[i % len(contents)])
        assert told_of_reload(daemon)["last"] == "ok" or i == 0
    put_files(daemon, contents[0])
    told_of_reload(daemon)
    # those of the second divert wait for what is on its way to them, then they go
    wait_for(lambda: listeners(daemon) == 4, 8, lambda: f"{listeners(daemon)} listeners")
    before = Inventory(daemon)
    lasting = [dial(lab.client, family, family.router, 443) for family in (V4, V6)]
    for s in lasting:
        assert ask(s, hello.tls("one.example"))["server"] == "one"
    count = daemon.reloads()["count"]
    load = Load(lab, 4)
    for i in range(1, RELOADS + 1):
        put_files(daemon, contents[2 if i % 10 == 0 else i % 2])
        told = told_of_reload(daemon)
        assert told["failed"] == 0, told
        if i % 50 == 0:
            for s in lasting:
                talks(s)
    load.end()
    assert daemon.reloads()["count"] >= count + RELOADS - 5  # now and then inotify was quicker
    assert {"one", "two"} == set(load.answers) and len(load.answers) > RELOADS / 4
    put_files(daemon, contents[0])
    told_of_reload(daemon)
    for s in lasting:
        talks(s)
        finish(s)
    # listeners of a divert that is gone wait for what is on its way to them
    wait_for(lambda: {pid: open_files(pid) for pid in before.files} == before.files, 8, "the same descriptors")
    after = Inventory(daemon)
    assert after.carriers == before.carriers
    assert after.files == before.files
    assert after.maps == before.maps
    assert after.rules == before.rules and after.ip_rules == before.ip_rules
    for pid, memory in before.memory.items():
        assert after.memory[pid] < memory + 2 * 1024 * 1024, (pid, memory, after.memory[pid])
    told = daemon.status()
    assert told["nft"]["repairs"] == 0 and told["problem"] is None
    assert all(c["restarts"] == c["sniffer_restarts"] == 0 for c in told["processes"]["carriers"])
