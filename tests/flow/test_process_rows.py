"""Rows of deaths: `alive` goes on as long as flows are decided in between, and no longer."""
import os
import re
import resource
import signal
import subprocess
import threading
import time

import pytest

import hello
from clients import ask, dial, finish, read_exactly
from lab import V4, V6, Lab, standard
from processes import is_alive
from servers import Farm, Server, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
force = yes
wait = 10s
[route one]
server_name = one.example
backend = one
"""
ROW_S, EVERY_S = 15, 0.35
TRIES = 5           # a client whose carrier is killed comes again
FAIL_S = 10         # spec: `fail` has taken over by then
BUSY_S = 1.5        # and something for a busy machine
NO_CHILD_FORKS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
pid_t fork(void)
{
	pid_t pid = ((pid_t (*)(void))dlsym(RTLD_NEXT, "fork"))();

	if (pid == 0 && access(getenv("STILLBORN"), F_OK) == 0)
		_exit(3);
	return pid;
}
"""


class Site:
    """A laboratory with a daemon of one carrier and one sniffer; behind it the box has its own server."""

    def __init__(self, **options):
        self.lab = Lab()
        try:
            standard(self.lab)
            for family in (V4, V6):
                Server(self.lab, self.lab.router, family, family.router, 443, answer, "router")
            farm = Farm(self.lab, one=answer)
            self.stillborn = self.lab.path("stillborn")
            self.daemon = Shuntd(self.lab, CONFIG + farm.backends(), shunt="workers = 1\nsniffers = 1",
                                 **{key: make(self) for key, make in options.items()})
            wait_for(lambda: self.alive() == 2, 2, "the first `alive`")
        except BaseException:
            self.lab.close()
            raise

    def victim(self, role):
        children = self.daemon.children()[role]
        return children[0] if children else None

    def kill(self, role):
        """Whether there was somebody to kill."""
        victim = self.victim(role)
        if victim:
            os.kill(victim, signal.SIGKILL)
        return bool(victim)

    def served_by(self, family, timeout=3):
        """The server's name, or None: the connection was lost, or undecided for too long."""
        try:
            s = dial(self.lab.client, family, family.router, 443, timeout=timeout)
            name = ask(s, hello.tls("one.example"))["server"]
            finish(s)
            return name
        except (OSError, AssertionError):
            return None

    def alive(self):
        """For how many families the kernel takes new connections for us."""
        told = self.lab.router.run("nft", "list", "set", "inet", "shunt", "alive")
        return len(re.findall("expires", told))


@pytest.fixture
def sites(request):
    made = []

    def make(**options):
        made.append(Site(**options))
        return made[-1]
    yield make
    for site in made:
        site.lab.close()


@pytest.fixture
def threads(sites):
    """Starts threads, which end when their `done` is set: in the test, or after it."""
    started = []

    def stop():
        for thread in started:
            thread.done.set()
        for thread in started:
            thread.join(20)

    def start(*new):
        for thread in new:
            thread.start()
            started.append(thread)
        return stop
    yield start
    stop()


class Row(threading.Thread):
    """Kills whoever has that role, again and again."""

    def __init__(self, site, role):
        super().__init__(daemon=True)
        self.site, self.role, self.done, self.kills = site, role, threading.Event(), 0

    def run(self):
        while not self.done.wait(EVERY_S):
            self.kills += self.site.kill(self.role)


class Visitor(threading.Thread):
    """One flow after the other; remembers how many tries each took, and who served it."""

    def __init__(self, site, family):
        super().__init__(daemon=True)
        self.site, self.family, self.done = site, family, threading.Event()
        self.tries, self.servers = [], set()

    def visit(self):
        for number in range(1, TRIES + 1):
            server = self.site.served_by(self.family)
            if server:
                self.servers.add(server)
                self.tries.append(number)
                return
        self.tries.append(TRIES + 1)

    def run(self):
        while not self.done.wait(0.05):
            self.visit()


@pytest.mark.deadline(50)
def test_a_row_of_deaths_lifts_nothing(sites, threads):
    """A sniffer here, a carrier there is killed every 0.35 s: nobody passes by the divert, all are served."""
    rows = [Row(sites(), role) for role in ("sniffer", "carrier")]
    visitors = [Visitor(row.site, family) for row in rows for family in (V4, V6)]
    stop = threads(*rows, *visitors)
    end = time.monotonic() + ROW_S
    while time.monotonic() < end:
        for row in rows:
            assert row.site.alive() == 2, row.site.daemon.text()[-2000:]
        time.sleep(0.1)
    stop()
    for row in rows:
        assert row.kills > ROW_S / EVERY_S / 2
        assert "`fail`" not in row.site.daemon.text()
    for visitor in visitors:
        assert visitor.servers == {"one"}
        assert max(visitor.tries) <= TRIES and len(visitor.tries) > 15, visitor.tries


def born_dead(site):
    """From now on its children end before their first word."""
    open(site.stillborn, "w").close()


def reared(site):
    os.unlink(site.stillborn)


def no_descriptors(site):
    """From now on it cannot make the socket of a child."""
    site.limit = resource.prlimit(site.daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(site.daemon.pid, resource.RLIMIT_NOFILE, (3, site.limit[1]))


def descriptors(site):
    resource.prlimit(site.daemon.pid, resource.RLIMIT_NOFILE, site.limit)


def midwife(site):
    """Words in front of the daemon that let its children be born dead while site.stillborn exists."""
    source, library = site.lab.write("stillborn.c", NO_CHILD_FORKS), site.lab.path("stillborn.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True, timeout=20)
    return ("env", f"LD_PRELOAD={library}", f"STILLBORN={site.stillborn}",
            "ASAN_OPTIONS=verify_asan_link_order=0")


def fails(site):
    return site.alive() == 0 and all(site.served_by(f) == "router" for f in (V4, V6))


def lives(s):
    s.sendall(b"still here?")
    return read_exactly(s, 11) == b"still here?"


@pytest.mark.deadline(60)
def test_nobody_who_answers(sites):
    """The sniffer dies, and each new one at its birth; or there can be none; or so the carrier: `fail`
    takes over in time. Nobody forks at full speed; when all is well again flows are taken again."""
    cases = [(sites(before=midwife), born_dead, reared, "sniffer"),
             (sites(), no_descriptors, descriptors, "sniffer"),
             (sites(before=midwife), born_dead, reared, "carrier")]
    flows = [dial(site.lab.client, V4, V4.router, 443) for site, *_ in cases]
    for s in flows:
        assert ask(s, hello.tls("one.example"))["server"] == "one"
    begin = time.monotonic()
    for site, break_it, _, role in cases:
        break_it(site)
        assert site.kill(role)
    for site, *_ in cases:
        wait_for(lambda: fails(site), begin + FAIL_S + BUSY_S - time.monotonic(),
                 lambda: f"`fail`: {site.daemon.text()[-2000:]}", every=0.1)
    assert time.monotonic() - begin > 3, "a moment without a child is no reason"
    for site, _, _, role in cases:
        wait_for(lambda: re.search(rf"error: {role} 1.*started .* in vain.*`fail` decides", site.daemon.text()),
                 2, lambda: f"its line: {site.daemon.text()}")
        births = len(re.findall(rf"{role} \d+ ended|cannot start", site.daemon.text()))
        assert 3 <= births <= 9, site.daemon.text()
    assert all(lives(s) for s, (_, _, _, role) in zip(flows, cases) if role == "sniffer")
    for site, _, mend, _ in cases:
        mend(site)
    for site, *_ in cases:
        wait_for(lambda: all(site.served_by(f) == "one" for f in (V4, V6)), 7,
                 lambda: f"service: {site.daemon.text()[-2000:]}", every=0.1)
        assert site.alive() == 2
        for said in ("`fail` decides", "taken again"):
            assert site.daemon.text().count(said) == 1, f"{said} is said once: {site.daemon.text()}"
