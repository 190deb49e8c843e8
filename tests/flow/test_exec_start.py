"""When shunt-spawn does not start, and who may ask it."""
import os
import pwd
import socket
import struct
import subprocess

import pytest

from shuntd import configuration
from spawning import SHUNT_SPAWN, USER, Spawner, divert, program
from waiting import wait_for

REQUEST = struct.Struct("=HBBIQII24s24s64s")
V4_ADDRESS = bytes([192, 0, 2, 1]) + bytes(12) + struct.pack("=IHH", 0, 443, socket.AF_INET)


def request(number, name=b"own", version=1, kind=1, size=None, data=b"hello"):
    return REQUEST.pack(version, kind, 0, len(data) if size is None else size, number, 5000, 0, V4_ADDRESS, V4_ADDRESS,
                        name) + data


@pytest.fixture
def file(lab):
    """Writes a configuration with the probe `own`; its path."""
    own = program(lab, "own", "#!/bin/sh\necho own\n")

    def make(more="", shunt=USER):
        return configuration(lab, divert(1, {"own": own + more}).replace("backend = one", "backend = drop"), shunt)[0]
    return make


def refuses(lab, file, words, status=1, before=()):
    done = subprocess.run([*before, SHUNT_SPAWN, "-c", file], capture_output=True, text=True, timeout=10)
    assert done.returncode == status and words in done.stderr, done


def test_whom_programs_are_run_as(lab, file):
    refuses(lab, file("\nexec_user = root"), "no program is run as root")
    refuses(lab, file("\nexec_user = games"), "games is `user`, whom the daemon's own processes are")
    default = "shunt" if any(user.pw_name == "shunt" for user in pwd.getpwall()) else "nobody"
    refuses(lab, file(f"\nexec_user = {default}", shunt=""), "that is whom shuntd's children are")
    refuses(lab, file("\nexec_user = no-such-user"), "there is no such user")
    refuses(lab, file(shunt="user = no-such-user"), "user = no-such-user: there is no such user")


def test_not_root(lab, file):
    refuses(lab, file(), "start it as root", before=("setpriv", "--reuid=1", "--regid=1", "--clear-groups"))


def test_usage(lab):
    refuses(lab, lab.path("not-there"), "cannot open")
    for arguments, status in ((["-x"], 2), (["x"], 2), (["-h"], 0), (["-V"], 0), (["--version"], 0)):
        done = subprocess.run([SHUNT_SPAWN, *arguments], capture_output=True, text=True, timeout=5)
        assert done.returncode == status
        assert "-V" not in str(arguments) or done.stdout.startswith("shunt ")


def connect(lab):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(lab.path("spawn.sock"))
    s.settimeout(5)
    return s


@pytest.fixture
def spawner(lab, file):
    started = Spawner(lab, file())
    yield started
    started.end()


def ask(s, *arguments, **options):
    """One request; the word that is answered, by its number in the protocol."""
    s.send(request(*arguments, **options))
    version, kind, word, _, number = struct.unpack("=HBBIQ", s.recv(100))
    assert (version, kind, number) == (1, 1, arguments[0])
    return word


def test_only_one(lab, file, spawner):
    refuses(lab, file(), "another shunt-spawn answers on")
    assert ask(connect(lab), 7) == 2


def test_a_dead_ones_socket_is_replaced(lab, file, spawner):
    spawner.kill()
    assert os.path.exists(lab.path("spawn.sock"))
    spawner.start()
    assert ask(connect(lab), 7) == 2
    spawner.stop()
    assert not os.path.exists(lab.path("spawn.sock"))


def test_only_root_may_ask(lab, spawner):
    code = f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect({lab.path('spawn.sock')!r})"
    done = subprocess.run(["setpriv", "--reuid=5", "--regid=60", "--clear-groups", "/usr/bin/python3", "-c", code],
                          capture_output=True, text=True, timeout=10)
    assert "PermissionError" in done.stderr
    os.chmod(lab.path("spawn.sock"), 0o666)  # even so
    subprocess.run(["setpriv", "--reuid=5", "--regid=60", "--clear-groups", "/usr/bin/python3", "-c", code],
                   timeout=10, check=False)
    spawner.says("somebody who is not root wanted to ask")
    assert ask(connect(lab), 7) == 2


@pytest.mark.parametrize("bad", [
    b"", b"x", request(1)[:-1], request(1) + b"x", request(1, version=2), request(1, kind=9), request(1, size=5000),
    request(1, name=b"../x"), request(1, name=b""), request(1, name=b"a" * 64), bytes(65536)],
    ids=lambda bad: str(len(bad)))
def test_what_is_no_request(lab, spawner, bad):
    """Ends that connection, and no other; nothing is run."""
    good, s = connect(lab), connect(lab)
    s.send(bad)
    assert s.recv(100) == b""
    assert ask(good, 8) == 2
    assert bad == b"" or "cannot be understood" in spawner.text()


def test_names(lab, spawner):
    """A request names a probe of the configuration, or has no answer but `failed`."""
    s = connect(lab)
    assert ask(s, 1, name=b"own") == 2
    for name in (b"other", b"ow", b"owns", b"OWN"):
        assert ask(s, 2, name=name) == 4


def test_descriptors_that_come_along_are_closed(lab, spawner):
    s = connect(lab)
    assert ask(s, 1, name=b"other") == 4
    before = len(os.listdir(f"/proc/{spawner.pid}/fd"))
    for i in range(50):
        socket.send_fds(s, [request(i, name=b"other")], [0, 1])
        assert s.recv(100)
    wait_for(lambda: len(os.listdir(f"/proc/{spawner.pid}/fd")) <= before)


def test_one_that_does_not_listen(lab, spawner):
    """Holds nobody up."""
    deaf = connect(lab)
    for i in range(200):
        deaf.send(request(i, name=b"other"))
    assert ask(connect(lab), 7) == 2


def test_more_connections_than_may_be(lab, spawner):
    many = [connect(lab) for _ in range(256)]
    assert ask(many[-1], 1) == 2
    late = connect(lab)  # in the queue
    many.pop(0).close()
    assert ask(late, 2) == 2
    for s in many:
        s.close()
    assert ask(connect(lab), 3) == 2
