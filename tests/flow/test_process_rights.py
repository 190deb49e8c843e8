"""What each process may do: descriptors, capabilities, system calls, identity."""
import contextlib
import os
import re

import pytest

import hello
from clients import ask, dial, finish
from lab import V4
from processes import proc_status
from servers import Farm, answer
from shuntd import CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, Shuntd
from sites import ONE_SITE


FORWARDS = {"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"}


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, one=answer)
    started = Shuntd(lab, ONE_SITE + farm.backends(), shunt="sniffers = 2")
    s = dial(lab.client, V4, V4.router, 443)  # a flow lives while we look
    ask(s, hello.tls("one.example"))
    yield started
    s.close()
    started.end()


@pytest.fixture(params=["sniffer", "carrier"])
def role(request):
    return request.param


@pytest.fixture
def pids(daemon, role):
    found = daemon.children()[role]
    assert len(found) == {"carrier": 2, "sniffer": 4}[role]
    return found


def descriptors(pid):
    """What each descriptor of a process is: {number: text}. Some of a carrier's come and go."""
    folder = f"/proc/{pid}/fd"
    found = {}
    for fd in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            found[int(fd)] = os.readlink(f"{folder}/{fd}")
    return found


def netlink_inodes(pid):
    """The netlink sockets of its namespace: {inode: port}. The kernel calls the first by its process."""
    with open(f"/proc/{pid}/net/netlink") as table:
        return {line.split()[-1]: int(line.split()[2]) for line in table.readlines()[1:]}


def socket_inodes(pid):
    return set(re.findall(r"socket:\[(\d+)\]", " ".join(descriptors(pid).values())))


def test_no_child_holds_the_keepers_netlink(daemon, pids, role):
    """But for the one that shows ICMP errors to the carriers: tables go with the socket of their owner."""
    ports = netlink_inodes(daemon.pid)
    keepers = socket_inodes(daemon.pid) & ports.keys()
    assert daemon.pid in {ports[inode] for inode in keepers}, "the keeper owns the table"
    for pid in pids:
        held = socket_inodes(pid) & ports.keys()
        assert daemon.pid not in {ports[inode] for inode in held}
        assert len(held & keepers) <= (role == "carrier") and (role == "carrier" or not held)


def test_a_sniffer_holds_one_socketpair(daemon):
    for pid in daemon.children()["sniffer"]:
        held = descriptors(pid)
        assert len(socket_inodes(pid)) == 1, held
        others = {text for text in held.values() if not text.startswith("socket:")}
        assert others <= {"/dev/null", daemon.log}, held


def test_no_two_sniffers_share_a_socket(daemon):
    sniffers = daemon.children()["sniffer"]
    assert len(set.union(*map(socket_inodes, sniffers))) == len(sniffers)


def test_no_carrier_holds_anothers_socket(daemon):
    """Nor its listeners, of which the keeper has copies; but all may see the ICMP errors."""
    one, two = map(socket_inodes, daemon.children()["carrier"])
    assert not (one & two) - netlink_inodes(daemon.pid).keys()


def test_no_child_holds_a_file_or_the_control_socket(daemon, pids, role):
    """Carriers see whether the box forwards."""
    with open(f"/proc/{daemon.pid}/net/unix") as table:
        control = {line.split()[6] for line in table if daemon.control in line}
    assert control and control & socket_inodes(daemon.pid)
    for pid in pids:
        assert not control & socket_inodes(pid)
        files = {text for text in descriptors(pid).values() if text.startswith("/") and "memfd:" not in text}
        assert files <= {"/dev/null", daemon.log} | (FORWARDS if role == "carrier" else set())


def test_capabilities(pids, role):
    """The carrier speaks for any client (NET_ADMIN, NET_RAW), also one with a low source port."""
    may = {"sniffer": 0, "carrier": CAP_NET_ADMIN | CAP_NET_RAW | CAP_NET_BIND_SERVICE}[role]
    for pid in pids:
        status = proc_status(pid)
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == may
        assert int(status["CapInh"], 16) == int(status["CapAmb"], 16) == 0


def test_system_calls_are_filtered(pids):
    for pid in pids:
        status = proc_status(pid)
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")


def test_identity(pids):
    for pid in pids:
        status = proc_status(pid)
        assert "0" not in status["Uid"].split() and "0" not in status["Gid"].split()
        assert not status["Groups"].split() or "0" not in status["Groups"].split()


def test_not_dumpable(pids):
    """The files of a process that may not be dumped belong to root."""
    for pid in pids:
        assert os.stat(f"/proc/{pid}/status").st_uid == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_started_with_standard_descriptors_closed(own_lab, closed):
    """No socket of ours gets such a number, where every child keeps it and a log line would go."""
    farm = Farm(own_lab, one=answer)
    before = ("sh", "-c", f'exec "$@" {closed}', "sh")
    daemon = Shuntd(own_lab, ONE_SITE + farm.backends(), before=before)
    s = dial(own_lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    finish(s)
    nothing = {"/dev/null", daemon.log}
    assert {descriptors(daemon.pid)[number] for number in range(3)} <= nothing
    for pid in daemon.children()["carrier"]:
        assert descriptors(pid)[2] in nothing, "where it logs"
    for pid in sum(daemon.children().values(), []):
        ports = netlink_inodes(pid)
        assert daemon.pid not in {ports.get(inode) for inode in socket_inodes(pid)}, descriptors(pid)
    assert daemon.status()
    daemon.stop()
