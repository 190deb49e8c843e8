"""What shunt-spawn runs: what a program gets and may do, and what becomes of its flows when it fails."""
import os
import re
import resource

import pytest

from clients import ending
from lab import V4
from servers import Farm, answer
from shuntd import Shuntd
from spawning import (USER, Spawner, divert, echoes, goes_to_one, has_spawner, is_refused, lives, probe,
                      program, say, site)
from waiting import wait_for

__all__ = ["echoes", "site"]

# --- what a program may, and what it gets ---

TELLS = """#!/bin/sh
{
	cat /proc/self/status
	ls -l /proc/self/fd/
	echo "PWD=$PWD"
	env
	cat /proc/self/limits
	echo "session $(cut -d' ' -f6 /proc/$$/stat) group $(cut -d' ' -f5 /proc/$$/stat) own $$"
	exec 3<&-
	wc -c
} >&2
echo tells
"""
REACHES = """#!/usr/bin/python3
import os, socket, sys
for path, kind in ((sys.argv[1], socket.SOCK_STREAM), (sys.argv[2], socket.SOCK_SEQPACKET)):
    try:
        socket.socket(socket.AF_UNIX, kind).connect(path)
    except PermissionError:
        continue
    os._exit(3)
for pid in sys.argv[3:]:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        continue
    os._exit(4)
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
except PermissionError:
    print("reaches")
"""


def test_what_a_program_is(lab, site):
    """No capability, no group, no descriptor of ours, not the daemon's user, a session of its own, limits."""
    out = lab.path("tells.txt")
    open(out, "w").close()
    os.chmod(out, 0o666)
    tells = program(lab, "tells", TELLS.replace(">&2", f">{out}"))
    daemon, spawner = site(divert(5001, {"tells": tells + ' "two words" three'}))
    assert goes_to_one(lab, 5001)
    with open(out) as file:
        told = file.read()
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", told, re.M))
    nobody = str(65534)
    assert status["Uid"].split() == status["Gid"].split() == [nobody] * 4
    assert not status["Groups"].split()
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    for empty in ("SigBlk", "SigIgn"):
        assert int(status[empty], 16) & ~(1 << 31) == 0, empty
    links = dict(re.findall(r"(\d+) -> (\S+)$", told, re.M))
    assert links.keys() <= {"0", "1", "2", "3"} and links["0"].startswith("pipe:"), links
    assert "socket" not in str(links)
    assert "PWD=/\n" in told and "SHUNT_PROBE=tells" in told and "SHUNT_TRANSPORT=tcp" in told
    assert f"SHUNT_CLIENT={V4.client}:" in told and f"SHUNT_TO={V4.router}:5001" in told
    names = set(re.findall(r"^([A-Z_]+)=", told, re.M))
    assert names <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_", "SHUNT_PROBE", "SHUNT_TRANSPORT", "SHUNT_CLIENT",
                     "SHUNT_TO"}, names
    session, group, own = re.search(r"session (\d+) group (\d+) own (\d+)", told).groups()
    assert session == group == own
    assert re.search(r"^11$", told, re.M), "the bytes, and then the end"
    limits = dict(re.findall(r"^Max (\S.*?) {2,}(\d+) ", told, re.M))
    assert {limits[name] for name in ("open files", "address space", "core file size", "cpu time")} == {
        "64", str(512 << 20), "0", "2"}, limits


def test_limits_that_we_are_under(lab, site):
    """Lower ones of shunt-spawn's own are its programs', too, and no fault."""
    path = program(lab, "counts", '#!/bin/sh\ntest "$(ulimit -n) $(ulimit -Hn)" = "40 40" && echo counts\n')
    daemon, spawner = site(divert(5016, {"counts": path}))
    resource.prlimit(spawner.pid, resource.RLIMIT_NOFILE, (40, 40))
    resource.prlimit(spawner.pid, resource.RLIMIT_NPROC, (200, 200))
    assert goes_to_one(lab, 5016), spawner.text()


def test_what_a_program_cannot_reach(lab, site):
    """Our sockets, our processes, the network's raw side."""
    path = lab.path("reaches.sh")
    daemon, spawner = site(divert(5002, {"reaches": path}))
    children = sum(daemon.children().values(), [])
    reaches = program(lab, "reaches.py", REACHES)
    words = " ".join(map(str, [daemon.control, lab.path("spawn.sock"), daemon.pid, spawner.pid, *children]))
    program(lab, "reaches.sh", f"#!/bin/sh\nexec {reaches} {words}\n")
    assert goes_to_one(lab, 5002), spawner.text()
    mode = os.stat(lab.path("spawn.sock")).st_mode
    assert mode & 0o777 == 0o600


def test_a_program_that_leaves_its_group(lab, site):
    """It is ended all the same."""
    path = program(lab, "leaves", "#!/bin/sh\nsetsid sleep 300 <&- >&- 2>&- &\necho leaves\n")
    daemon, spawner = site(divert(5004, {"leaves": path}))
    assert goes_to_one(lab, 5004)
    wait_for(lambda: not spawner.programs(), what="that no program is left")
    found = lab.router.run("sh", "-c", "grep -l '^sleep.300' /proc/[0-9]*/cmdline 2>/dev/null || true")
    assert not [f for f in found.split() if open(f).read() == "sleep\x00300\x00"]


BOMBS = """#!/usr/bin/python3
import os, time
end = time.monotonic() + 20
if os.fork():
    time.sleep(0.3)
    os._exit(2)
os.closerange(0, 3)
while time.monotonic() < end:
    try:
        os.fork() or os.setsid()
    except OSError:
        time.sleep(0.001)
"""


def test_one_that_does_nothing_but_fork(lab, site, echoes):
    """What it left behind does not outlive it for long, and has not kept others of its user from running."""
    path = program(lab, "bombs", BOMBS)
    more = "wait = 5s\n"
    daemon, spawner = site(divert(5017, {"bombs": path}, more) + divert(5018, {"echoes": f"line:{echoes[0]}"}, more))
    s, _ = say(lab, 5017)
    wait_for(lambda: probe(daemon, "bombs")["failed"] == 1)
    s.close()
    wait_for(lambda: not spawner.programs(), 8, what="that all of it has ended")
    assert goes_to_one(lab, 5018)


def test_one_that_leaves_its_group_and_our_end(lab, site):
    """Nor does it outlive shunt-spawn, where the program that left it behind is still running."""
    pids = lab.path("left.txt")
    open(pids, "w").close()
    os.chmod(pids, 0o666)
    path = program(lab, "stays", f"""#!/bin/sh
setsid sh -c 'echo $$ >>{pids}; setsid sh -c "echo \\$\\$ >>{pids}; exec sleep 300" & exec sleep 300' &
while read -r n rest; do echo "$n yes"; done
""")
    daemon, spawner = site(divert(5015, {"stays": f"line:{path}"}))
    assert goes_to_one(lab, 5015)
    wait_for(lambda: len(lives(pids)) == 2)
    spawner.stop()
    assert not [pid for pid in lives(pids) if os.path.exists(f"/proc/{pid}")]


def test_kept_running(lab, site, echoes):
    """One life answers all; after its end there is another; silence costs one question, not the life."""
    path, pids = echoes
    daemon, spawner = site(divert(5006, {"echoes": f"line:{path}"}, more="wait = 5s\n"))
    assert not spawner.programs(), "it is started when it is needed"
    assert goes_to_one(lab, 5006)
    assert is_refused(lab, daemon, 5006, b"other")
    assert len(lives(pids)) == 1
    assert is_refused(lab, daemon, 5006, b"x it ends over this one")
    assert goes_to_one(lab, 5006), "its next life answers"
    assert len(lives(pids)) == 2
    assert is_refused(lab, daemon, 5006, b"silence")
    assert goes_to_one(lab, 5006)
    assert len(lives(pids)) == 2
    counts = probe(daemon, "echoes")
    assert (counts["yes"], counts["no"], counts["failed"]) == (3, 1, 2)
    spawner.process.send_signal(1)
    wait_for(lambda: not os.path.exists(f"/proc/{lives(pids)[1]}"), what="that SIGHUP ends it")
    assert goes_to_one(lab, 5006)
    assert len(lives(pids)) == 3


def test_many_at_once(lab, site, echoes):
    """More clients than a program is asked about at a time, all with an answer."""
    daemon, spawner = site(divert(5007, {"echoes": f"line:{echoes[0]}"}))
    clients = [say(lab, 5007)[0] for _ in range(200)]
    for s in clients:
        assert s.recv(1), spawner.text()
        s.close()
    assert probe(daemon, "echoes")["yes"] == 200


def test_more_than_may_wait(lab, site):
    """Slow programs: what waits for too long, or would be one too many, is a no; at most 16 run."""
    path = program(lab, "slow", "#!/bin/sh\nexec sleep 30\n")
    daemon, spawner = site(divert(5008, {"slow": path}, more="wait = 2s\n"))
    clients = [say(lab, 5008) for _ in range(330)]
    most = 0
    for s, _ in clients:
        most = max(most, len(spawner.programs()))
        assert ending(s) == "reset"
    counts = probe(daemon, "slow")
    # the `wait` of some is over before
    assert counts["asked"] == 330 and counts["failed"] > 300 and not counts["yes"], counts
    assert 0 < most <= 16
    spawner.says("too many wait")
    wait_for(lambda: not spawner.programs())


# --- programs that fail ---

ONCE = {
    "fails": ("exit 7", "ended with status 7"),
    "denies": ("echo denies; exit 1", None),
    "other": ("echo something else", None),
    "mute": (":", None),
    "dies": ("kill -SEGV $$", "ended by signal 11"),
    "sleeps": ("sleep 60", "no answer in time"),
    "floods": ("exec yes floods", "said too much"),
    "blows": ("exec yes blows >&2", "said too much"),
    "spins": ("while :; do :; done", "no answer in time"),
    "hides": ("sleep 60 & exit 0", None),
    "missing": (None, "cannot run: No such file"),
    "broken": (None, "cannot run: Exec format error"),
}
LINES = {
    "garbage": "while read -r n rest; do echo hello; done",
    "flood": "read -r n rest; exec yes hello",
    "stale": 'while read -r n rest; do while :; do echo "$n no"; done; done',
    "endless": "read -r n rest; exec tr '\\0' x </dev/zero",
    "crash": "read -r n rest; kill -SEGV $$",
    "quits": "exit 3",
    "silent": "exec sleep 300",
    "deaf": "exec sleep 300 <&-",
    "shut": "exec >&-; exec sleep 300",
    "future": "while read -r n rest; do echo $((n + 5)) yes; done",
}
PORTS = {name: 6000 + i for i, name in enumerate([*ONCE, *LINES])}


@pytest.fixture(scope="module")
def wrong(lab):
    """One daemon with all of these, each behind a port of its own."""
    text = ""
    for name, (body, _) in ONCE.items():
        path = lab.path(f"once-{name}")
        if name != "missing":
            program(lab, f"once-{name}", f"#!/bin/sh\n{body}\n" if body else "\x7fELF is no program\n")
        text += divert(PORTS[name], {name: path}, more="wait = 5s\n")
    for name, body in LINES.items():
        path = program(lab, f"line-{name}", f"#!/bin/sh\n{body}\n")
        text += divert(PORTS[name], {name: f"line:{path}"}, more="wait = 5s\n")
    farm = Farm(lab, one=answer)
    daemon = Shuntd(lab, text + farm.backends(), shunt=USER)
    spawner = Spawner(lab, daemon.file)
    has_spawner(daemon)
    yield daemon, spawner
    daemon.end()
    farm.close()
    spawner.stop()


@pytest.mark.parametrize("name", ONCE)
def test_run_for_each_flow(lab, wrong, name):
    """Only its own name and exit status 0 are yes; the rest is no, and leaves nothing behind."""
    daemon, spawner = wrong
    said = ONCE[name][1]
    assert is_refused(lab, daemon, PORTS[name])
    counts = probe(daemon, name)
    assert (counts["asked"], counts["yes"], counts["failed"]) == (1, 0, bool(said)), counts
    if said:
        spawner.says(said)
    wait_for(lambda: not spawner.programs(), what="that no program is left")


@pytest.mark.parametrize("name", LINES)
def test_kept_running_and_wrong(lab, wrong, name):
    """What says no answer is ended and started anew; its flows get a no."""
    daemon, spawner = wrong
    assert is_refused(lab, daemon, PORTS[name])
    counts = probe(daemon, name)
    assert counts["asked"] == 1 and counts["yes"] == 0
    assert counts["failed"] == (name != "stale"), counts
