"""Datagrams while processes end, configurations change and strangers flood: what goes on, and what it may cost."""
import os
import random
import re
import signal
import socket
import struct
import threading

import pytest

from datagrams import DatagramServer, dial, recorded
from lab import V4, V6, both, standard
from processes import children_of, is_alive
from reloading import Reloading
from shuntd import Shuntd, endpoint_of
from udp import entries
from waiting import stays, wait_for

SITE = """
[divert game]
udp = 9600
interface = wan
[route game]
divert = game
backend = one
[backend one]
""" + both(5000, 0)
MOVED = SITE.replace(both(5000, 0), both(5000, 1))
OTHER = SITE.replace("9600", "9601").replace("game", "play")
STRANGERS = 20_000
HELD_BYTES = 4 << 20  # of a carrier's undecided flows


def say_who(server, data, peer):
    server.socket.sendto(server.name.encode() + b" " + data, peer)


@pytest.fixture
def net(fresh):
    """Servers one and two in both families."""
    made = standard(fresh)
    for family in (V4, V6):
        for number, name in enumerate(("one", "two")):
            DatagramServer(made, made.backend, family, family.backends[number], 5000, name, serve=say_who)
    return made


def ask(s, data=None):
    """Ask until it is answered, as those who use datagrams do; who answered."""
    data = data or os.urandom(8)
    s.settimeout(0.2)
    for _ in range(50):
        try:
            s.send(data)
            answer = s.recv(65536)
        except (TimeoutError, ConnectionRefusedError):
            continue
        if answer.endswith(data):
            return answer[:-len(data) - 1].decode()
    return None


def ask_once(s):
    data = os.urandom(8)
    s.settimeout(5)
    s.send(data)
    return s.recv(65536) == b"one " + data


def flows_of(net, count=12):
    sockets = [dial(net.client, family, family.router, 9600) for family in (V4, V6) for _ in range(count // 2)]
    assert {ask(s) for s in sockets} == {"one"}
    return sockets


@pytest.mark.parametrize("how", ["copy", "handoff"])
def test_a_reload_under_traffic(net, how):
    """Flows stay with their server; new ones go where the new configuration says. None misses an answer."""
    daemon = Reloading(net, SITE, carried=how)
    sockets = flows_of(net)
    faults, is_over = [], threading.Event()

    def chat(s):
        while not is_over.is_set():
            if not ask_once(s):
                faults.append(s)
                return
    threads = [threading.Thread(target=chat, args=(s,)) for s in sockets]
    for thread in threads:
        thread.start()
    try:
        for text in (MOVED, SITE, MOVED):
            daemon.reload(text)
    finally:
        is_over.set()
        for thread in threads:
            thread.join(10)
    assert not faults and not any(thread.is_alive() for thread in threads)
    for family in (V4, V6):
        assert ask(dial(net.client, family, family.router, 9600)) == "two"
    daemon.stop()


def test_undecided_ones_move(net):
    """They are asked about anew by the new configuration, with all they had said."""
    quic = "[route game]\ndivert = game\nprotocol = quic\nserver_name = {}\nbackend = one\n[backend one]\n" + both(5000, 0)
    head = "[divert game]\nudp = 9600\ninterface = wan\nwait = 20s\n"
    daemon = Reloading(net, head + quic.format("x.example"))
    hello = recorded("fuzz_wire_quic", "chromium-156.0.8078.79-h3")
    s = dial(net.client, V4, V4.router, 9600)
    s.send(hello[0])
    wait_for(lambda: daemon.status()["flows"]["undecided"] == 1, what="an undecided flow")
    daemon.reload(head + quic.format("a.seed.example"))
    s.send(hello[1])
    s.send(hello[2])
    # in the moment of the handover an answer may overtake another
    assert sorted(s.recv(2000) for _ in hello) == sorted(b"one " + one for one in hello)
    daemon.stop()


@pytest.mark.parametrize("how", ["copy", "handoff"])
def test_a_divert_that_goes(net, how):
    """Its flows go on, though no rule and no listener is there for them; new ones are nobody's."""
    daemon = Reloading(net, SITE, carried=how)
    sockets = flows_of(net)
    daemon.reload(OTHER)
    assert all(map(ask_once, sockets))
    stays(lambda: all(map(ask_once, sockets)), 3.5, "the flows of a divert that is gone")  # its listener's end
    s = dial(net.client, V4, V4.router, 9600)
    s.send(b"?")
    with pytest.raises(ConnectionRefusedError):
        s.recv(100)
    daemon.stop()


def test_the_end_of_a_flow_whose_divert_is_gone(net):
    """Conntrack forgets it as well: what its client sends next goes where it would without us."""
    text = SITE.replace("interface = wan\n", "interface = wan\nhandoff = never\n").replace("[backend one]", "[backend one]\nidle = 1s")
    daemon = Reloading(net, text)
    sockets = flows_of(net, 2)
    daemon.reload(OTHER)
    assert all(map(ask_once, sockets))
    assert all(entries(net, family, 9600) for family in (V4, V6))
    for s, family in zip(sockets, (V4, V6)):
        daemon.flow_of(s, family, why="idle")
        wait_for(lambda f=family: not entries(net, f, 9600), 1, "that its entry is gone")
    daemon.stop()


def test_drain(net):
    """Flows to a server that is gone end when `drain` is over, and begin anew."""
    daemon = Reloading(net, SITE, carried="copy", shunt="drain = 1s\n")
    sockets = flows_of(net, 4)
    daemon.reload(MOVED)
    for s, family in zip(sockets, (V4, V4, V6, V6)):
        daemon.flow_of(s, family, why="drained")
    assert {ask(s) for s in sockets} == {"two"}
    daemon.stop()


def test_stop(net):
    daemon = Shuntd(net, SITE, "copy")
    sockets = flows_of(net, 4)
    daemon.stop()
    for s in sockets:
        daemon.flow(client=endpoint_of(s), why="stopped", seconds=1)


def test_a_killed_sniffer(net):
    text = SITE.replace("divert = game\n", "divert = game\nprotocol = dns\n")
    daemon = Shuntd(net, text)
    query = recorded("fuzz_wire_dns", sorted(os.listdir("tests/fuzz/seeds/fuzz_wire_dns"))[0])[0]
    for victim in daemon.children()["sniffer"]:
        os.kill(victim, signal.SIGKILL)
    for _ in range(8):
        s = dial(net.client, V4, V4.router, 9600)
        s.send(query)
        assert s.recv(2000) == b"one " + query
    daemon.stop()


def test_a_killed_carrier(net):
    """Its flows begin anew, the others do not notice."""
    daemon = Shuntd(net, SITE, "copy")
    sockets = flows_of(net)
    victim = daemon.children()["carrier"][0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(daemon.children()["carrier"]) == 2 and victim not in daemon.children()["carrier"], 5, "another carrier")
    assert {ask(s) for s in sockets} == {"one"}
    assert len(daemon.live_flows()) == len(sockets)
    daemon.stop()


def known_file(pid):
    """The keeper's file of what is known of flows."""
    where = f"/proc/{pid}/fd"
    return next(f"{where}/{fd}" for fd in os.listdir(where)
                if re.search(r"memfd:shunt-known|[.]known$", os.readlink(f"{where}/{fd}")))


def test_a_carrier_that_spoils_what_is_known(net):
    """Those that are born behind it go without."""
    daemon = Shuntd(net, SITE, "copy")
    with open(known_file(daemon.pid), "r+b") as known:
        known.write(b"?" * 16)  # form and number of entries
    for victim in daemon.children()["carrier"]:
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda gone=victim: len(daemon.children()["carrier"]) == 2 and gone not in daemon.children()["carrier"], 5,
                 "another carrier")
    assert {ask(s) for s in flows_of(net)} == {"one"}
    assert daemon.text().count("cannot map what is known of flows") == 2
    daemon.stop()


def test_a_stopped_carrier(net):
    """Another takes over what comes to its port; once it comes back its flows are its own again, until they end."""
    daemon = Shuntd(net, SITE.replace("[backend one]", "[backend one]\nidle = 2s"), "copy")
    sockets = flows_of(net)
    victim = daemon.children()["carrier"][0]
    os.kill(victim, signal.SIGSTOP)
    wait_for(lambda: len(set(daemon.children()["carrier"]) - {victim}) == 2, 20, "another carrier")
    assert {ask(s) for s in sockets} == {"one"}
    os.kill(victim, signal.SIGCONT)
    assert {ask(s) for s in sockets} == {"one"}
    wait_for(lambda: not is_alive(victim), 10, "its end")
    assert {ask(s) for s in sockets} == {"one"}
    daemon.stop()


def test_the_keeper_dies_alone(net):
    """Relayed flows go on without it."""
    daemon = Shuntd(net, SITE, "copy")
    sockets = flows_of(net)
    carriers = [pid for pid in children_of(daemon.pid)]
    daemon.kill()
    assert all(map(ask_once, sockets))
    for pid in carriers:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def flood(net, data, count):
    """One datagram each from random addresses that are nobody's."""
    target = socket.inet_aton(V4.router)
    with net.client.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for _ in range(count):
            source = struct.pack("!BBBB", 10, random.randrange(256), random.randrange(256), random.randrange(1, 255))
            udp = struct.pack("!HHHH", random.randrange(1024, 65536), 9600, 8 + len(data), 0) + data
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0) + source + target
            raw.sendto(ip + udp, (V4.router, 0))


def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


@pytest.mark.deadline(60)
def test_a_flood_of_strangers(net):
    """Twenty thousand that leave us undecided: bounded memory, no descriptor, and a client in between is served."""
    text = SITE.replace("interface = wan\n", "interface = wan\nwait = 30s\n").replace(
        "divert = game\n", "divert = game\nprotocol = quic dns\nserver_name = a.seed.example\n") + \
        "\n[route dns]\nprotocol = dns\nbackend = one\n"
    daemon = Shuntd(net, text, shunt="log_flows = no\n")
    carriers = daemon.children()["carrier"]
    query = recorded("fuzz_wire_dns", sorted(os.listdir("tests/fuzz/seeds/fuzz_wire_dns"))[0])[0]
    s = dial(net.client, V4, V4.router, 9600)
    assert ask(s, query) == "one"
    s.close()
    files, memory = descriptors(carriers), sum(map(daemon.memory, carriers))
    hello = recorded("fuzz_wire_quic", "chromium-156.0.8078.79-h3")[0]
    for part in range(4):
        flood(net, hello, STRANGERS // 4)
        s = dial(net.client, V4, V4.router, 9600)
        assert ask(s, query) == "one"
        s.close()
    status = daemon.status()
    assert status["flows"]["udp"]["evicted"] > STRANGERS // 4
    assert status["limits"]["udp_held_bytes"]["use"] <= status["limits"]["udp_held_bytes"]["limit"] == len(carriers) * HELD_BYTES
    assert status["limits"]["udp_undecided"]["use"] <= status["limits"]["udp_undecided"]["limit"]
    assert descriptors(carriers) <= files + 4 + 2 * len(carriers)  # those of the client in between
    assert sum(map(daemon.memory, carriers)) < memory + len(carriers) * 8 * HELD_BYTES
    daemon.stop()


def test_the_limit_of_flows(net):
    """One too many has no server; when another ends there is room again."""
    daemon = Shuntd(net, SITE.replace("[backend one]", "[backend one]\nidle = 1s"), "copy",
                    shunt="workers = 1\nmax_connections = 8\n")
    sockets = [dial(net.client, V4, V4.router, 9600) for _ in range(8)]
    for _ in range(2):  # whoever speaks after an answer has got it, and gives way to nobody
        assert all(map(ask_once, sockets))
    late = dial(net.client, V4, V4.router, 9600)
    late.send(b"?")
    daemon.flow_of(late, V4, why="limit")
    wait_for(lambda: ask(late) == "one", 5, "room")
    daemon.stop()
