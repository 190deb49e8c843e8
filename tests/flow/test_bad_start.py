"""Starts that cannot be: one line with what, which object and the remedy; exit 1; nothing changed."""
import os
import socket
import subprocess

import pytest

import hello
from clients import ask, dial, read_exactly
from kernel_state import difference, kernel_state
from lab import V4
from servers import Farm, Server, answer
from shuntd import SHUNTCTL, SHUNTD, Shuntd, configuration
from sites import ONE_SITE
from waiting import wait_for


@pytest.fixture
def farm(own_lab):
    return Farm(own_lab, one=answer)


def refused(lab, text, *words, control=None, **options):
    """The daemon does not start, says so in one error line with these words, and changes nothing."""
    file, own_control = configuration(lab, text)
    if control:
        with open(file) as whole:
            changed = whole.read().replace(own_control, control)
        lab.write(os.path.basename(file), changed)
    before = kernel_state(lab.router)
    with lab.router.inside():
        done = subprocess.run([SHUNTD, "-c", file], capture_output=True, text=True, timeout=10, **options)
    assert done.returncode == 1, done.stderr
    errors = [line for line in done.stderr.splitlines() if "error" in line or file in line]
    assert len(errors) == 1, done.stderr
    for word in words:
        assert word in errors[0], f"no {word!r} in: {errors[0]}"
    assert not difference(before, kernel_state(lab.router))
    return errors[0]


def test_no_permission(own_lab, farm):
    os.chmod(own_lab.dir, 0o777)
    refused(own_lab, ONE_SITE + farm.backends(), "CAP_NET_ADMIN", user="nobody", group="nogroup",
            extra_groups=[])


def test_a_port_on_which_the_box_listens_itself(own_lab, farm, family):
    """The LAN's own service on that port would be taken: only with `force`."""
    any_address = "::" if family.version == 6 else "0.0.0.0"
    Server(own_lab, own_lab.router, family, any_address, 443, answer, "router")
    refused(own_lab, ONE_SITE.replace("interface = wan\n", "") + farm.backends(), "443", "force")
    forced = ONE_SITE.replace("interface = wan", "force = yes")
    Shuntd(own_lab, forced + farm.backends())
    s = dial(own_lab.client, family, family.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"


def test_a_table_of_somebody_else(own_lab, farm):
    """Another program owns a table of our name."""
    owner = own_lab.start(own_lab.router, "nft", "-i", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, text=True)
    owner.stdin.write("add table inet shunt { flags owner; }\n")
    owner.stdin.flush()
    wait_for(lambda: own_lab.router.table_exists("shunt"), 5, "the other's table")
    refused(own_lab, ONE_SITE + farm.backends(), "table", "shunt")
    owner.stdin.close()
    owner.wait(timeout=5)


def test_a_second_daemon(own_lab, farm):
    """The first goes on as if nothing had been."""
    first = Shuntd(own_lab, ONE_SITE + farm.backends())
    s = dial(own_lab.client, V4, V4.router, 443)
    ask(s, hello.tls("one.example"))
    refused(own_lab, ONE_SITE + farm.backends(), first.control, control=first.control)
    s.sendall(b"still here?")
    assert read_exactly(s, 11) == b"still here?"
    assert first.status()
    s2 = dial(own_lab.client, V4, V4.router, 443)
    assert ask(s2, hello.tls("one.example"))["server"] == "one"


def test_a_second_daemon_with_another_control_socket(own_lab, farm):
    """The table is the first one's."""
    Shuntd(own_lab, ONE_SITE + farm.backends())
    refused(own_lab, ONE_SITE + farm.backends(), "shunt")
    s = dial(own_lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"


def test_a_user_that_does_not_exist(own_lab, farm):
    file, _ = configuration(own_lab, ONE_SITE + farm.backends(), shunt="user = nosuchuser")
    before = kernel_state(own_lab.router)
    with own_lab.router.inside():
        done = subprocess.run([SHUNTD, "-c", file], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1 and "nosuchuser" in done.stderr
    assert not difference(before, kernel_state(own_lab.router))


def test_the_control_socket_of_a_dead_daemon(own_lab, farm):
    first = Shuntd(own_lab, ONE_SITE + farm.backends())
    first.kill()
    assert os.path.exists(first.control)
    os.rename(first.control, own_lab.path("dead"))
    again = Shuntd(own_lab, ONE_SITE + farm.backends(), start=False)
    os.rename(own_lab.path("dead"), again.control)
    again.start()
    wait_for(again.status, 2, "an answer")


REQUESTS = {
    "empty": b"\n", "no-command": b"{}\n", "no-object": b"[1]\n", "unknown": b'{"command":"stauts"}\n',
    "binary": b"\xff\xfe\n", "deep": b'{"command":' * 300 + b"\n", "long": b"x" * 100_000,
}


@pytest.mark.parametrize("words", list(REQUESTS.values()), ids=list(REQUESTS))
def test_bad_control_requests(own_lab, farm, words):
    """An error, the connection closed; the daemon goes on."""
    daemon = Shuntd(own_lab, ONE_SITE + farm.backends())
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(8)
        s.connect(daemon.control)
        try:
            s.sendall(words)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        assert b'"error"' in heard(s)
    assert daemon.status()


def heard(s):
    """All that is said before the end, which may be a reset when not all was read."""
    said = b""
    try:
        while data := s.recv(65536):
            said += data
    except ConnectionResetError:
        pass
    return said


def test_a_control_client_that_says_nothing(own_lab, farm):
    """It is sent away in the end; meanwhile others are served."""
    daemon = Shuntd(own_lab, ONE_SITE + farm.backends())
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(8)
        s.connect(daemon.control)
        assert daemon.status()
        heard(s)


def test_control_without_a_daemon(own_lab):
    with own_lab.router.inside():
        done = subprocess.run([SHUNTCTL, "-s", own_lab.path("nobody.sock"), "status"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert done.stderr.startswith("shuntctl: ")
