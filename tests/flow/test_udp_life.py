"""Flows of datagrams through what happens to the daemon: reload, crash, restart, purge; and by a bridge."""
import os
import shutil
import signal

import pytest

import firewall
from datagrams import dial
from lab import Lab, household
from reloading import Reloading
from shuntd import SHUNTD
from udp import (HANDED, HELD, OLD, UDP_SITE, ask, kill_keeper_alone, roles, server, started, talks,
                 wait_for_alive, wait_for_the_end)
from waiting import stays, wait_for

COUNT = 20
TO_OLD = firewall.port_forward(443, OLD).replace("tcp dport", "udp dport")
NO_SITE = UDP_SITE.replace("udp = 443", "tcp = 443")
ANOTHER = """
[divert more]
udp = 444
interface = wan
"""


@pytest.fixture(params=["handoff", "copy"])
def way(request):
    """Datagrams are handed over, or copied."""
    return request.param


def clients_of(lab, family, port=443, count=COUNT, name="one"):
    """Clients that were answered."""
    sockets = [dial(lab.client, family, family.router, port, timeout=2) for _ in range(count)]
    assert talks(sockets, name)
    return sockets


def reloading(lab, text):
    daemon = Reloading(lab, text, carried="copy")
    wait_for_alive(daemon)
    return daemon


def test_a_reload_that_changes_ports(own_lab, family):
    """A further port, a further divert, one that goes: each counts at once, running flows stay."""
    server(own_lab, family)
    daemon = reloading(own_lab, UDP_SITE)
    clients = clients_of(own_lab, family)
    daemon.reload(UDP_SITE.replace("udp = 443", "udp = 443, 445"))
    clients += clients_of(own_lab, family, 445)
    assert talks(clients, "one")
    daemon.reload(UDP_SITE.replace("udp = 443", "udp = 443, 445") + ANOTHER)
    clients += clients_of(own_lab, family, 444)
    assert talks(clients, "one")
    daemon.reload(UDP_SITE)
    s = dial(own_lab.client, family, family.router, 444, timeout=1)
    assert ask(s) == ""
    # those of the port that a divert has lost may go; those of the divert that is gone do not
    stays(lambda: talks(clients[:COUNT] + clients[2 * COUNT:], "one"), 4, "running flows")


def test_a_reload_without_datagrams(own_lab, family):
    """The last divert of datagrams goes: new flows go where they would without us, running ones stay."""
    one = server(own_lab, family, serve=unless_mute)
    server(own_lab, family, OLD[family], name="old")
    own_lab.router.nft(TO_OLD)
    daemon = reloading(own_lab, UDP_SITE)
    clients = clients_of(own_lab, family)
    unanswered = dial(own_lab.client, family, family.router, 443)
    unanswered.send(b"mute")
    one.wait_of(unanswered, 1)
    daemon.reload(NO_SITE)
    clients_of(own_lab, family, name="old")
    assert talks([unanswered], "old")
    stays(lambda: talks(clients, "one"), 4, "running flows")
    daemon.reload(UDP_SITE)
    clients_of(own_lab, family)
    assert talks(clients, "one")


def unless_mute(one, data, peer):
    if data != b"mute":
        one.say_whom(data, peer)


def kill_all(daemon):
    for pid in [daemon.pid, *sum(daemon.children().values(), [])]:
        os.kill(pid, signal.SIGKILL)
    daemon.process.wait(timeout=5)


def test_after_a_crash_of_all(own_lab, family):
    """Relayed flows find the next daemon, and their server sees the same client."""
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE, "copy")
    clients = clients_of(own_lab, family)
    kill_all(daemon)
    wait_for_the_end(own_lab)
    assert roles(own_lab, family).count(HELD) == COUNT
    started(own_lab, UDP_SITE, "copy")
    assert talks(clients, "one")


def test_after_a_crash_with_another_configuration(own_lab, family):
    """What nobody takes any more goes where it would without us."""
    server(own_lab, family)
    server(own_lab, family, OLD[family], name="old")
    own_lab.router.nft(TO_OLD)
    daemon = started(own_lab, UDP_SITE, "copy")
    clients = clients_of(own_lab, family)
    kill_all(daemon)
    wait_for_the_end(own_lab)
    started(own_lab, NO_SITE, "copy")
    assert HELD not in roles(own_lab, family)
    assert talks(clients, "old")


def test_another_daemon_beside_carriers_of_before(own_lab, family):
    """The keeper was killed and started anew: old flows stay with the old carriers, new ones do not."""
    server(own_lab, family)
    daemon = started(own_lab, UDP_SITE, "copy")
    clients = clients_of(own_lab, family)
    kill_keeper_alone(daemon)
    wait_for_the_end(own_lab)
    assert talks(clients, "one")
    started(own_lab, UDP_SITE, "copy")
    stays(lambda: talks(clients, "one"), 0.5, "the flows of before")
    clients_of(own_lab, family)


def test_purge(own_lab, family, way):
    server(own_lab, family)
    server(own_lab, family, OLD[family], name="old")
    own_lab.router.nft(TO_OLD)
    daemon = started(own_lab, UDP_SITE, way)
    clients = clients_of(own_lab, family)
    kill_all(daemon)
    wait_for_the_end(own_lab)
    own_lab.router.run(SHUNTD, "--purge", "-c", daemon.file)
    assert not {HELD, HANDED} & set(roles(own_lab, family))
    assert talks(clients, "old")


def test_purge_beside_a_running_daemon(own_lab):
    """It is refused, and takes nothing from that one: not what is known of flows either."""
    memory = f"/dev/shm/{own_lab.prefix}"  # what is known of flows is kept in memory alone
    try:
        daemon = started(own_lab, UDP_SITE, shunt=f"control = {memory}/control.sock\n")
        known = f"{daemon.control}.known"
        assert os.path.exists(known)
        with pytest.raises(AssertionError, match="stop the other shuntd"):
            own_lab.router.run(SHUNTD, "--purge", "-c", daemon.file)
        assert os.path.exists(known)
        kill_all(daemon)
        wait_for_the_end(own_lab)
        own_lab.router.run(SHUNTD, "--purge", "-c", daemon.file)
        assert not os.path.exists(known)
    finally:
        shutil.rmtree(memory, ignore_errors=True)


def test_two_diverts_of_one_port(own_lab, family):
    """Each takes what is for its address, and a flow stays with its own."""
    server(own_lab, family)
    server(own_lab, family, family.backends[1], name="two")
    text = UDP_SITE.replace("interface = wan", f"interface = wan\nto = {family.router}").replace(
        "[route all]", "[divert rest]\nudp = 400-500\n[route all]\ndivert = web")
    other = (f"\n[route rest]\ndivert = rest\nbackend = two\n[backend two]\n"
             f"server = {family.endpoint(family.backends[1], 443)}\n")
    started(own_lab, text + other, "copy")
    one = clients_of(own_lab, family)
    two = [dial(own_lab.client, family, family.other_router, 443, timeout=2) for _ in range(COUNT)]
    for _ in range(3):
        assert talks(one, "one")
        assert talks(two, "two")


@pytest.fixture
def house():
    made = Lab()
    try:
        yield household(made)
    finally:
        made.close()


def test_by_a_bridge(house, family):
    """With br_netfilter datagrams of a bridge's hosts find their listener, the first and all others."""
    server(house, family, family.beyond)
    where = family.endpoint(family.beyond, 443)
    started(house, f"[divert web]\nudp = 443\n[route all]\nbackend = one\n"
                   f"[backend one]\nsource = router\nserver = {where}\n", "copy")
    s = dial(house.home, family, family.router, 443, family.home, timeout=2)
    for _ in range(3):
        assert ask(s).split()[0] == "one"
    wait_for(lambda: HELD in roles(house, family), what="that it was taken")
