"""What can go wrong in a handover although no byte is lost: ports used again, numbers that wrap."""
import re

import pytest

from shuntd import Shuntd
from talking import CONFIG, HANDED, Counted, Crowd, entries
from test_hostile_ports import listener_ports

MOST = 1 << 32


@pytest.fixture(scope="module")
def crowd(lab):
    made = Crowd(lab)
    yield made
    made.close()


@pytest.fixture(scope="module")
def daemon(lab):
    started = Shuntd(lab, CONFIG, "handoff")
    yield started
    started.end()


def test_the_same_ports_again_and_again(lab, daemon, crowd, family):
    """2,000 flows from 100 ports: each finds the entry of the one before, which ended a moment ago."""
    flows = [(*flow[:5], 0.002 * n) for n, flow in enumerate(crowd.flows(family, 100, "brief"))]
    counted = Counted(daemon)
    outcome = crowd.call(flows, times=20)
    assert not outcome.faults
    assert set(counted.since()) == {"handed"} and counted.since()["handed"] > 1600  # the others end before
    # source and port are the client's, or it would have been told of another stream; so they are in conntrack
    for line in entries(lab.router, family, "-m", f"{HANDED:#x}/0xf9000000"):
        came, answered = (re.findall(rf"{word}=(\d+)", line) for word in ("sport", "dport"))
        assert came[0] == answered[1] and came[1] == answered[0], line


def test_the_same_ports_however_it_ended(lab, daemon, crowd, family):
    kinds = ("reset_of_client", "reset_of_server", "end_of_client", "end_of_server")
    outcome = crowd.call(crowd.flows(family, 8, *kinds), times=4)
    assert not outcome.faults


@pytest.mark.parametrize("isns", [(0, 1, MOST - 1), (MOST - 100, MOST - 3000, MOST - 40000),
                                  ((1 << 31) - 100, 1 << 31)], ids=["first", "wrap", "half"])
def test_sequence_numbers_wrap(lab, daemon, crowd, family, isns):
    outcome = crowd.call(crowd.flows(family, 3), isns=isns)
    assert not outcome.faults
    assert outcome.share_handed("dialogue", "segments", "drizzle", "idle") > 0.6


def test_a_client_whose_port_is_that_of_a_listener(lab, daemon, crowd, family):
    """Which the socket of that listener must not claim."""
    ports = listener_ports(lab)
    assert ports
    flows = [(family.client, port, family.router, 443, None, 0) for port in ports]
    outcome = crowd.call(flows, times=3)
    assert not outcome.faults
