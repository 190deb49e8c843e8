"""Children are killed at random, thirty times, while clients come and go: the keeper lives, service is back soon."""
import os
import random
import signal
import threading
import time

import pytest

import hello
from clients import ask, dial, finish
from lab import V4, V6
from processes import is_alive
from servers import Farm, answer
from shuntd import Shuntd
from sites import ONE_SITE
from waiting import wait_for

KILLS = 30
SOON_S = 1.5  # a second, and something for a busy machine


def is_served(lab, family, timeout):
    """One flow from its first word to its end."""
    try:
        s = dial(lab.client, family, family.router, 443, timeout=timeout)
        served = ask(s, hello.tls("one.example"))["server"] == "one"
        finish(s)
        return served
    except (OSError, AssertionError):
        return False


class Guest(threading.Thread):
    """One flow after the other; its own may be lost with their carrier."""

    def __init__(self, lab, family):
        super().__init__(daemon=True)
        self.lab, self.family, self.done, self.served = lab, family, threading.Event(), 0

    def run(self):
        while not self.done.is_set():
            self.served += is_served(self.lab, self.family, 2)
            self.done.wait(0.01)


@pytest.fixture
def guests(own_lab):
    made = [Guest(own_lab, family) for family in (V4, V6)]
    yield made
    for guest in made:
        guest.done.set()
        guest.join(10)


@pytest.mark.deadline(90)
def test_thirty_deaths(own_lab, guests):
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, ONE_SITE + farm.backends(), shunt="sniffers = 2")
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    choice = random.Random(seed)
    for guest in guests:
        guest.start()
    for _ in range(KILLS):
        children = daemon.children()
        victim = choice.choice(children[choice.choice(["sniffer", "carrier"])] or sum(children.values(), []))
        os.kill(victim, signal.SIGKILL)
        died = time.monotonic()
        wait_for(lambda: not is_alive(victim), 2, "its end")
        for family in (V4, V6):
            wait_for(lambda: is_served(own_lab, family, SOON_S), SOON_S, "service")
        assert time.monotonic() - died < 2 * SOON_S
        assert is_alive(daemon.pid)
        time.sleep(choice.random() * 0.2)  # the next comes at any moment of the recovery
    before = [guest.served for guest in guests]
    wait_for(lambda: all(g.served > b + 5 for g, b in zip(guests, before)), 5, "the guests' service")
    wait_for(lambda: {r: len(p) for r, p in daemon.children().items()} == {"sniffer": 4, "carrier": 2}, 3,
             lambda: f"everybody: {daemon.children()}")
    assert daemon.status()
    daemon.stop()
