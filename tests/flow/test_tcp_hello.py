"""First bytes as the world sends them: in crumbs, in records, huge, broken, never, too slowly."""
import os
import socket
import time

import pytest

import hello
from clients import ask, dial, ending, read_line, report_of, sees_client
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert patient]
tcp = 443
interface = wan
wait = 10s

[divert hasty]
tcp = 444
interface = wan
wait = 500ms

[divert short]
tcp = 445
interface = wan
sniff_bytes = 4k

[divert open]
tcp = 446
interface = wan
wait = 10s
unknown = fallback

[route git]
protocol = tls
server_name = git.example
backend = git

[route ssh]
protocol = ssh
backend = ssh

[route old]
protocol = sslv2
backend = old
"""


@pytest.fixture(scope="module")
def daemon(lab, carried):
    farm = Farm(lab, git=answer, ssh=answer, old=answer, fallback=answer)
    started = Shuntd(lab, CONFIG + farm.backends(), carried)
    yield started
    started.end()
    farm.close()


def no_delay(s):
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def send_parts(s, parts, pause):
    """Each part in a segment of its own, with nothing heard in the pauses."""
    no_delay(s)
    for part in parts[:-1]:
        s.sendall(part)
        assert ending(s, pause) == "silence"
    s.settimeout(5)
    s.sendall(parts[-1])


def cut(data, *places):
    ends = [*places, len(data)]
    return [data[a:b] for a, b in zip([0, *places], ends)]


def arrives_at(s, family, server, first):
    report = report_of(read_line(s))
    assert report["server"] == server
    sees_client(report, s, family)
    got = bytes.fromhex(report["got"])
    assert got and first.startswith(got)


def test_byte_by_byte(lab, daemon, family):
    first = hello.tls("git.example", ["h2"])
    s = dial(lab.client, family, family.router, 443)
    send_parts(s, cut(first, *range(1, len(first))), 0.003)
    arrives_at(s, family, "git", first)


@pytest.mark.parametrize("place", [1, 3, 5, 6, 9, 43, 44, -1])
def test_two_segments(lab, daemon, family, place):
    first = hello.tls("git.example")
    s = dial(lab.client, family, family.router, 443)
    send_parts(s, cut(first, place % len(first)), 0.05)
    arrives_at(s, family, "git", first)


@pytest.mark.parametrize("count", [2, 3, 40])
def test_several_records(lab, daemon, family, count):
    first = hello.in_records(hello.handshake("git.example", ["h2"]), count)
    s = dial(lab.client, family, family.router, 443)
    s.sendall(first)
    arrives_at(s, family, "git", first)


def test_three_records_in_five_segments(lab, daemon, family):
    first = hello.in_records(hello.handshake("git.example"), 3)
    fifth = len(first) // 5
    s = dial(lab.client, family, family.router, 443)
    send_parts(s, cut(first, fifth, 2 * fifth, 3 * fifth, 4 * fifth), 0.02)
    arrives_at(s, family, "git", first)


def test_a_hello_of_60_kilobytes(lab, daemon, family):
    """The name stands at its end; it is the answer's sum that tells whether all bytes came."""
    first = hello.tls("git.example", padding=60_000)
    s = dial(lab.client, family, family.router, 443)
    s.sendall(first)
    arrives_at(s, family, "git", first)
    client = endpoint_of(s)
    s.shutdown(socket.SHUT_WR)
    while s.recv(65536):
        pass
    assert int(daemon.flow(client=client, why="closed")["in"]) == len(first)


def test_a_hello_longer_than_may_be_looked_at(lab, daemon, family):
    s = dial(lab.client, family, family.router, 445)
    s.sendall(hello.tls("git.example", padding=6000))
    assert ending(s, 2) == "reset"
    daemon.flow_of(s, family, divert="short", route="unknown", why="rejected")


def test_sslv2(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.sslv2())["server"] == "old"


@pytest.mark.parametrize("place", [1, 3, 4, 7])
def test_ssh_in_two_segments(lab, daemon, family, place):
    s = dial(lab.client, family, family.router, 443)
    send_parts(s, cut(hello.SSH, place), 0.05)
    arrives_at(s, family, "ssh", hello.SSH)


@pytest.mark.parametrize("first", [
    b"\x16", b"\x16\x03\x01", b"S", hello.tls("git.example")[:-1], hello.record(b"")],
    ids=["one", "three", "ssh", "all-but-one", "empty-record"])
def test_too_little_for_too_long(lab, daemon, family, first):
    s = dial(lab.client, family, family.router, 444)
    begin = time.monotonic()
    s.sendall(first)
    assert ending(s, 3) == "reset"
    assert time.monotonic() - begin > 0.4 or first == hello.record(b"")
    daemon.flow_of(s, family, route="unknown", why="rejected")


def test_nothing_for_too_long(lab, daemon, family):
    s = dial(lab.client, family, family.router, 444)
    begin = time.monotonic()
    assert ending(s, 3) == "reset"
    assert 0.4 < time.monotonic() - begin < 1.5
    daemon.flow_of(s, family, route="silent", why="rejected", proto="-")


def test_crumbs_do_not_lengthen_the_wait(lab, daemon, family):
    """One byte now and then is no way to stay."""
    s = dial(lab.client, family, family.router, 444)
    begin = time.monotonic()
    end = "silence"
    for byte in hello.tls("git.example"):
        s.send(bytes([byte]))
        end = ending(s, 0.15)
        if end != "silence":
            break
    assert end == "reset"
    assert 0.4 < time.monotonic() - begin < 1.5
    daemon.flow_of(s, family, route="unknown", why="rejected")


@pytest.mark.parametrize("first", [hello.GARBAGE, hello.HTTP, b"\x16\x09rest", b"SSX"],
                         ids=["garbage", "http", "no-tls", "no-ssh"])
def test_a_recogniser_that_is_out_does_not_stall(lab, daemon, family, first):
    """Though `wait` is 10 s, the decision falls with the bytes that decide."""
    s = dial(lab.client, family, family.router, 446)
    begin = time.monotonic()
    assert ask(s, first)["server"] == "fallback"
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("seed", range(3))
def test_garbage_after_a_good_start(lab, daemon, family, seed):
    """A record header and rubbish: an answer soon, whatever it is, and the daemon lives."""
    s = dial(lab.client, family, family.router, 444)
    s.sendall(hello.tls("git.example")[:5 + 17 * seed] + os.urandom(700))
    assert ending(s, 3) != "silence"
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("git.example"))["server"] == "git"


def test_undecided_clients_cost_nothing_afterwards(lab, daemon, family):
    """Those that say nothing or garbage are gone with their descriptors after `wait`."""
    def descriptors():
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in daemon.children()["carrier"])
    wait_for(lambda: not daemon.live_flows(), 5, "an idle daemon")
    before = descriptors()
    sockets = [dial(lab.client, family, family.router, 444) for _ in range(50)]
    for s in sockets[:25]:
        s.sendall(b"\x16\x03")
    wait_for(lambda: descriptors() >= before + 50, 0.4, "one descriptor for each")
    for s in sockets:
        assert ending(s, 3) == "reset"
    wait_for(lambda: descriptors() <= before, 3, lambda: f"{before} descriptors, not {descriptors()}")
