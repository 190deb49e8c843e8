"""Probes that are programs, and another configuration; datagrams."""
import signal

import pytest

from clients import dial, read_line
from datagrams import DatagramServer
from datagrams import dial as dial_udp
from lab import V4, both
from reloading import Reloading
from servers import Farm, answer
from spawning import (USER, Spawner, divert, goes_to_one, has_spawner, is_refused, probe, program)
from waiting import wait_for

YES = "#!/bin/sh\nwhile read -r n rest; do echo \"$n yes\"; done\n"
NO = "#!/bin/sh\nwhile read -r n rest; do echo \"$n no\"; done\n"


@pytest.fixture
def reloading(lab):
    """A daemon whose configuration changes, and its shunt-spawn, which follows it."""
    farm = Farm(lab, one=answer)
    started = []

    def start(text, with_spawner=True):
        daemon = Reloading(lab, text + farm.backends(), shunt=USER)
        daemon.backends = farm.backends()
        spawner = Spawner(lab, daemon.file, start=with_spawner)
        started.extend((daemon, spawner))
        if with_spawner:
            has_spawner(daemon)
        return daemon, spawner
    yield start
    for one in started:
        one.end()
    farm.close()


def changed(daemon, spawner, text):
    """Both have the new file."""
    before = spawner.text().count("programs")
    assert daemon.reload(text + daemon.backends)["last"] == "ok"
    wait_for(lambda: spawner.text().count("programs") > before, 5, spawner.text)


def test_another_command(lab, reloading):
    yes, no = program(lab, "yes", YES), program(lab, "no", NO)
    daemon, spawner = reloading(divert(5101, {"own": f"line:{yes}"}))
    assert goes_to_one(lab, 5101)
    changed(daemon, spawner, divert(5101, {"own": f"line:{no}"}))
    assert is_refused(lab, daemon, 5101)
    changed(daemon, spawner, divert(5101, {"own": program(lab, "once", "#!/bin/sh\necho own\n")}))
    assert goes_to_one(lab, 5101)
    wait_for(lambda: not spawner.programs(), what="that those that are kept running have ended")
    assert probe(daemon, "own")["yes"] == 2, "it counts on"


def test_a_first_program_and_none(lab, reloading):
    """A daemon that had no use for shunt-spawn finds it when it has."""
    yes = program(lab, "yes", YES)
    pattern = divert(5102, {"own": "/bin/true"}).replace("exec = /bin/true", "bytes = 0:68")
    daemon, spawner = reloading(pattern, with_spawner=False)
    assert daemon.status()["spawn"] == {"wanted": False, "connected": False}
    assert "shunt-spawn" not in daemon.text() + daemon.ctl("status")
    spawner.start()
    changed(daemon, spawner, divert(5102, {"own": f"line:{yes}"}))
    has_spawner(daemon)
    assert goes_to_one(lab, 5102, b"other")
    changed(daemon, spawner, pattern)
    wait_for(lambda: not spawner.programs())
    assert daemon.status()["spawn"]["wanted"] is False
    assert is_refused(lab, daemon, 5102, b"other")


def test_a_fault_changes_nothing(lab, reloading):
    yes = program(lab, "yes", YES)
    daemon, spawner = reloading(divert(5103, {"own": f"line:{yes}"}))
    assert goes_to_one(lab, 5103)
    running = spawner.programs()
    daemon.reload(divert(5103, {"own": "relative/path"}) + daemon.backends, last="refused")
    spawner.says("refused")
    assert "must begin with the absolute path" in spawner.text()
    assert goes_to_one(lab, 5103) and spawner.programs() == running
    # the users of this box are not the daemon's concern, but shunt-spawn's
    other = divert(5103, {"own": f"line:{yes}\nexec_user = nobody-of-that-name"})
    assert daemon.reload(other + daemon.backends)["last"] == "ok"
    spawner.says("exec_user = nobody-of-that-name: there is no such user")
    assert goes_to_one(lab, 5103) and spawner.programs() == running


def test_another_file_of_the_same_name(lab, reloading):
    """A program that is kept running is started anew at SIGHUP."""
    path = program(lab, "own", YES)
    daemon, spawner = reloading(divert(5104, {"own": f"line:{path}"}))
    assert goes_to_one(lab, 5104)
    program(lab, "own", NO)
    assert goes_to_one(lab, 5104), "it runs as it was"
    spawner.process.send_signal(signal.SIGHUP)
    wait_for(lambda: is_refused(lab, daemon, 5104) if spawner.text().count("programs") > 1 else False)


def test_a_reload_while_they_are_asked(lab, reloading):
    """A flow whose program is at it is asked about again, by the new configuration."""
    slow = program(lab, "slow", "#!/bin/sh\nwhile read -r n rest; do :; done\n")
    yes = program(lab, "yes", YES)
    daemon, spawner = reloading(divert(5105, {"own": f"line:{slow}"}, more="wait = 20s\n"))
    s = dial(lab.client, V4, V4.router, 5105)
    s.sendall(b"hello there")
    wait_for(lambda: probe(daemon, "own")["asked"] == 1)
    # its shunt-spawn first: were it later, the former program's silence would be the answer
    daemon.change(divert(5105, {"own": f"line:{yes}"}, more="wait = 20s\n") + daemon.backends)
    assert b"one" in read_line(s)


DATAGRAM = """#!/bin/sh
test "$SHUNT_TRANSPORT" = udp && test "$(head -c 5)" = "hello" && echo "$SHUNT_PROBE"
"""


def two_answers(lab, daemon, first):
    """To that datagram and another; asked again where the box was too busy to run a program in its time."""
    while True:
        failed = probe(daemon, "once")["failed"]
        s = dial_udp(lab.client, V4, V4.router, 5106)
        s.send(first)
        s.send(b"second")
        try:
            return [s.recv(100).decode() for _ in range(2)]
        except ConnectionRefusedError:
            if probe(daemon, "once")["failed"] == failed:
                raise


def test_datagrams(lab, reloading):
    """The first one is shown, as it came; those behind it go where it goes."""
    once, line = program(lab, "datagram", DATAGRAM), program(lab, "lines", """#!/bin/sh
while read -r n transport client to hex; do
	case $transport$hex in
	udp776f726c64) echo "$n yes" ;;
	*) echo "$n no" ;;
	esac
done
""")
    text = "[divert d]\nudp = 5106\ninterface = wan\nunknown = reject\n"
    for name, command, port in (("once", once, 5001), ("line", f"line:{line}", 5002)):
        text += f"[probe {name}]\ntransport = udp\nexec = {command}\n" \
                f"[route {name}]\nprotocol = {name}\nbackend = {name}\n" \
                f"[backend {name}]\n{both(port)}\n"
        DatagramServer(lab, lab.backend, V4, V4.backends[0], port, name)
    daemon, _ = reloading(text)
    for first, server in ((b"hello" + bytes(9000), "once"), (b"world", "line")):
        answers = two_answers(lab, daemon, first)
        assert all(answer.startswith(f"{server} {V4.client} ") for answer in answers)
    s = dial_udp(lab.client, V4, V4.router, 5106)
    s.send(b"other")
    with pytest.raises(ConnectionRefusedError):
        s.recv(100)
    # the other one's no may be too late to be heard
    assert probe(daemon, "once")["no"] >= 1 and probe(daemon, "line")["no"] >= 1
