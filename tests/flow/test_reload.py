"""A new configuration in a running daemon: what asks for it, what it changes, what it must not."""
import contextlib
import os
import resource
import signal
import subprocess
import time

import hello
import pytest
from clients import ask, dial, ending, finish, read_line, report_of
from lab import V4
from processes import children_of
from reloading import (DIVERT, Reloading, ends, route, routed, server_of, sniffers, talks, write)
from servers import Farm, answer
from waiting import stays, wait_for


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer, two=answer)


@pytest.fixture
def start(lab, farm):
    """Start a daemon of these sections; all backends are there."""
    made = []

    def begin(text, **options):
        daemon = Reloading(lab, text + farm.backends(), **options)
        daemon.backends = farm.backends()
        made.append(daemon)
        return daemon
    yield begin
    for daemon in made:
        daemon.end()


@pytest.fixture
def daemon(start):
    return start(routed("one"))


def to_two(daemon):
    return routed("two") + daemon.backends


# what asks for it

def by_hup(daemon, text):
    # the folder is followed too, but not that soon
    daemon.change(text)
    daemon.hup()


def by_shuntctl(daemon, text):
    daemon.reload(text)


def by_rename(daemon, text):
    daemon.change(text)


def by_write(daemon, text):
    write(daemon.file, daemon.whole(text))


def by_editor(daemon, text):
    """As vim does: the old one is moved away, a new one written in its place."""
    os.rename(daemon.file, daemon.file + "~")
    write(daemon.file, daemon.whole(text))
    os.unlink(daemon.file + "~")


@pytest.mark.parametrize("cause", [by_hup, by_shuntctl, by_rename, by_write, by_editor])
def test_cause(daemon, lab, cause, family):
    assert server_of(daemon, lab, family) == "one"
    cause(daemon, to_two(daemon))
    daemon.wait_reload(count=1)
    assert server_of(daemon, lab, family) == "two"
    told = daemon.status()
    assert told["reload"]["last"] in ("ok", "unchanged") and told["reload"]["count"] == 1
    assert told["reload"]["problem"] is None and told["reload"]["failed"] == 0
    assert told["config"]["file"] == daemon.file and told["config"]["age_ms"] < 5000


def test_name_file(start, lab, family):
    """A file that the configuration names is followed as well; so is one that it includes."""
    names = lab.write("names.txt", "other.example\n")
    daemon = start(DIVERT + "[route one]\nserver_name_file = names.txt\nbackend = one\n"
                   "[route rest]\nbackend = two\n")
    assert server_of(daemon, lab, family) == "two"
    write(names, "# a comment\nother.example\none.example\n")
    daemon.wait_reload(count=1)
    assert server_of(daemon, lab, family) == "one"


def test_include(start, lab):
    """Files that a glob finds later are seen when they come."""
    os.makedirs(lab.path("more"), exist_ok=True)
    daemon = start(DIVERT + "[route rest]\nbackend = two\n", shunt="include = more/*.inc\n")
    assert server_of(daemon, lab, V4) == "two"
    write(lab.path("more/readme.txt"), "not of our business\n")
    write(lab.path("more/one.inc"), route("one", "one"))
    daemon.wait_reload(count=1)
    assert server_of(daemon, lab, V4) == "one"
    assert daemon.reloads()["count"] == 1


def test_include_from_folders(start, lab):
    """Where the folder is a pattern too, each one that there is is followed, also before it holds a file."""
    for folder in ("site-a", "site-b"):
        os.makedirs(lab.path(folder), exist_ok=True)
    write(lab.path("site-a/rest.inc"), "[route rest]\nbackend = two\n")
    daemon = start(DIVERT, shunt="include = site-*/*.inc\n")
    assert server_of(daemon, lab, V4) == "two"
    for count, folder in enumerate(("site-a", "site-b"), 1):
        write(lab.path(f"{folder}/one.inc"), route("one", "one") if count == 1 else route("more", "two"))
        daemon.wait_reload(count=count)
    assert server_of(daemon, lab, V4) == "one"


def test_fault_mended_elsewhere(start, lab):
    """A refused configuration names a file that comes later: that is the mend."""
    daemon = start(routed("one"))
    daemon.reload(routed("one") + "[route two]\nserver_name_file = late.txt\nbackend = two\n" +
                  daemon.backends, last="refused")
    write(lab.path("late.txt"), "late.example\n")
    daemon.wait_reload(count=1)
    assert server_of(daemon, lab, V4, "late.example") == "two"


def test_symbolic_link(start, lab):
    """Both ends of it are followed: the file that it leads to, and where it leads."""
    daemon = start(routed("one"))
    os.makedirs(lab.path("real"), exist_ok=True)
    os.rename(daemon.file, lab.path("real/a.conf"))
    os.symlink("real/a.conf", daemon.file)
    daemon.reload(last="unchanged")
    write(lab.path("real/a.conf"), daemon.whole(to_two(daemon)))
    daemon.wait_reload(count=1)
    write(lab.path("real/b.conf"), daemon.whole(routed("one") + daemon.backends))
    os.symlink("real/b.conf", daemon.file + ".new")
    os.rename(daemon.file + ".new", daemon.file)
    daemon.wait_reload(count=2)
    assert server_of(daemon, lab, V4) == "one"


def test_storm(daemon, lab):
    """50 writes within a second are a few reloads, and the last one counts."""
    texts = [daemon.whole(routed("one") + daemon.backends), daemon.whole(to_two(daemon))]
    end = time.monotonic() + 1
    for i in range(50):
        write(daemon.file, texts[i % 2])
        time.sleep(max(0, (end - time.monotonic()) / (50 - i)))
    wait_for(lambda: server_of(daemon, lab, V4) == "two", 3, "the last text in force")
    told = daemon.reloads()
    # a file that is just being written may be met half empty: the next look puts it right
    assert told["count"] <= 4 and told["failed"] <= 2, told


# what it must not change

class Monitor:
    """What nft tells of changes of our rules, between one look and the next."""

    def __init__(self, lab):
        self.ns, self.file, self.looks = lab.router, lab.path("monitor.txt"), 0
        with open(self.file, "w") as out:
            self.process = lab.start(self.ns, "stdbuf", "-oL", "nft", "monitor", stdout=out)
        wait_for(self.mark, 5, "the monitor")
        self.changes()

    def mark(self):
        """A table of our own shows that the monitor has come so far."""
        self.looks += 1
        self.ns.nft(f"table inet mark{self.looks}\n")
        try:
            return wait_for(lambda: f"mark{self.looks}" in self.text(), 0.5)
        except AssertionError:
            return False

    def text(self):
        with open(self.file) as file:
            return file.read()

    def changes(self):
        since = f"mark{self.looks}"
        wait_for(self.mark, 5, "the monitor")
        lines = self.text().split(since, 1)[1].splitlines()
        # `alive` is renewed, which is an element
        return [line for line in lines if "inet shunt" in line and " element " not in line]



def test_unchanged(daemon, lab):
    """The same content starts nothing: no process, no transaction, whatever the file's time."""
    before = daemon.children()
    seen = Monitor(lab)
    content = "; a comment\n" + daemon.whole(routed("one") + daemon.backends).replace(" = ", "=")
    write(daemon.file, content)
    wait_for(lambda: daemon.reloads()["last"] == "unchanged", 5, "an unchanged configuration")
    os.utime(daemon.file)
    assert daemon.reload(last="unchanged")["count"] == 0
    assert daemon.children() == before
    assert not seen.changes()
    # the order of routes is part of what is in force
    assert daemon.reload(DIVERT + route("two", "two") + route("one", "one") + daemon.backends)
    assert daemon.reloads()["count"] == 1
    assert daemon.children() != before
    daemon.change(DIVERT.replace("443", "8443") + route("one", "one") + daemon.backends)
    daemon.wait_reload(count=2)
    assert seen.changes()


def test_flows_go_on(daemon, lab, family, farm):
    """Relayed flows keep every byte, and their backend, while others go elsewhere."""
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    for backend in ("two", "one", "two"):
        talks(s)
        daemon.reload(routed(backend) + daemon.backends)
        talks(s)
        assert server_of(daemon, lab, family) == backend
    assert daemon.live_flows()[0]["backend"] == "one"
    # a divert that is gone does not end its flows either
    daemon.reload(DIVERT.replace("web", "other").replace("443", "4430") + route("one", "two") +
                  daemon.backends)
    talks(s)
    flow = ends(daemon, s, why="closed")
    assert (flow["divert"], flow["route"], flow["backend"]) == ("web", "one", "one")


@pytest.mark.parametrize("split", [0, 1, 40])
def test_held_flow(daemon, lab, family, split):
    """Half a hello was sent: the other half is judged by the new configuration."""
    first = hello.tls("one.example")
    s = dial(lab.client, family, family.router, 443)
    if split:
        s.sendall(first[:split])
        wait_for(lambda: daemon.status()["flows"]["undecided"] == 1, 5, "the flow")
    daemon.reload(to_two(daemon))
    s.sendall(first[split:])
    assert report_of(read_line(s))["server"] == "two"
    talks(s)
    assert ends(daemon, s)["backend"] == "two"
    assert daemon.status()["flows"]["undecided"] == 0


def test_held_flow_decided_by_it(start, lab, family):
    """What was `more` is decided at once when the new configuration needs no more."""
    daemon = start(routed("one"))
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("one.example")[:30])
    wait_for(lambda: daemon.status()["flows"]["undecided"] == 1, 5, "the flow")
    daemon.reload(DIVERT + "[route all]\nbackend = two\n" + daemon.backends)
    assert report_of(read_line(s))["server"] == "two"
    finish(s)


def test_held_flow_of_a_divert_that_goes(start, lab, family):
    """Nobody is left to ask: its own `unknown` decides."""
    daemon = start(routed("one").replace("interface", "unknown = two\ninterface"))
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("one.example")[:30])
    wait_for(lambda: daemon.status()["flows"]["undecided"] == 1, 5, "the flow")
    daemon.reload(DIVERT.replace("web", "other").replace("443", "4430") + route("one", "one") +
                  daemon.backends)
    assert report_of(read_line(s))["server"] == "two"
    flow = ends(daemon, s)
    assert (flow["divert"], flow["route"], flow["backend"]) == ("web", "unknown", "two")


@pytest.mark.parametrize("handoff", ("never", "auto"))
def test_servers_that_go(start, lab, family, handoff):
    """Flows to servers that the configuration no longer has go on for `drain`, then end."""
    def config(name, more):
        return routed(name).replace("[divert web]", f"[divert web]\nhandoff = {handoff}") + more

    daemon = start(config("one", route("two", "two")), shunt="drain = 1s\n")
    gone = dial(lab.client, family, family.router, 443)
    kept = dial(lab.client, family, family.router, 443)
    assert ask(gone, hello.tls("one.example"))["server"] == "one"
    assert ask(kept, hello.tls("two.example"))["server"] == "two"
    only_two = daemon.backends[daemon.backends.index("[backend two]"):]
    daemon.reload(config("two", route("two", "two") + only_two))
    talks(gone)
    # that it has the same servers under another name is enough to be kept
    daemon.reload(config("three", only_two.replace("backend two", "backend three")))
    assert ending(gone) == "reset"  # also where the kernel has it
    assert daemon.flow_of(gone, family)["why"] == "drained"
    talks(kept)
    assert ends(daemon, kept)["why"] == "closed"


def test_handshake_of_before(start, lab, family):
    """It ends at a listener whose divert is gone, and goes to a server that is gone: `drain` holds for it."""
    daemon = start(DIVERT + "handoff = never\n[route all]\nbackend = one\n", shunt="drain = 1s\n")
    s = dial(lab.client, family, family.router, 443)  # the kernel keeps it until the first byte
    only_two = daemon.backends[daemon.backends.index("[backend two]"):]
    daemon.reload(DIVERT.replace("web", "other").replace("443", "4430") + route("one", "two") + only_two)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    assert ending(s) == "reset"
    daemon.flow_of(s, family, divert="web", why="drained")


def test_server_that_comes_back(start, lab):
    """Gone for less than `drain`: as if it had never been gone."""
    daemon = start(routed("one"), shunt="drain = 2s\n")
    s = dial(lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    only_two = daemon.backends[daemon.backends.index("[backend two]"):]
    daemon.reload(routed("two") + only_two)
    daemon.reload(routed("one") + daemon.backends)
    stays(lambda: talks(s) is None, 2.5, "the flow", every=0.2)
    finish(s)


# diverts that come, go and change

def test_divert_comes_and_goes(daemon, lab, family, farm):
    second = DIVERT.replace("web", "second").replace("443", "4430")
    both_of_them = routed("one") + second + route("two", "two")
    daemon.reload(both_of_them + daemon.backends)
    assert server_of(daemon, lab, family, "two.example", 4430) == "two"
    assert server_of(daemon, lab, family) == "one"
    assert [d["listening"] for d in daemon.status()["diverts"]] == [True, True]
    s = dial(lab.client, family, family.router, 4430)
    assert ask(s, hello.tls("two.example"))["server"] == "two"
    daemon.reload(routed("one") + daemon.backends)
    # nothing leads there any more: the box itself answers, as without shunt
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 4430)
    assert server_of(daemon, lab, family) == "one"
    talks(s)
    finish(s)
    # and again, with listeners of its own
    daemon.reload(both_of_them + daemon.backends)
    assert server_of(daemon, lab, family, "two.example", 4430) == "two"


def test_divert_changes(daemon, lab, family):
    """Other ports and another `wait`; its listeners stay, so that nothing is missed."""
    changed = routed("one").replace("443", "8443").replace("interface", "wait = 100ms\ninterface")
    daemon.reload(changed + daemon.backends)
    assert server_of(daemon, lab, family, port=8443) == "one"
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 443)
    s = dial(lab.client, family, family.router, 8443)
    began = time.monotonic()
    assert ending(s) == "reset"
    assert time.monotonic() - began < 1
    daemon.flow_of(s, family, route="silent", why="rejected")


# what is refused

def test_bad_config(daemon, lab):
    """A bad file changes nothing; log, status and shuntctl say why, each fault of it."""
    before = daemon.children(), daemon.ctl("nft"), daemon.ctl("config")
    s = dial(lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    bad = routed("nowhere") + "[route three]\nbackend = one\nprotocl = tls\n"
    told = daemon.reload(bad + daemon.backends, last="refused")
    assert told["failed"] >= 1 and told["count"] == 0
    assert [fault.split(": ", 1)[0].rpartition(":")[0] for fault in told["faults"]] == [daemon.file] * 2
    assert "nowhere" in told["problem"] + told["faults"][1] and "protocl" in "".join(told["faults"])
    for fault in told["faults"]:
        assert fault in daemon.text()
    status = daemon.status()["reload"]
    assert status["last"] == "refused" and status["problem"] == told["problem"]
    assert f"last reload refused: {told['problem']}" in daemon.ctl("status")
    assert (daemon.children(), daemon.ctl("nft"), daemon.ctl("config")) == before
    talks(s)
    assert server_of(daemon, lab, V4) == "one"
    failed = daemon.reloads()["failed"]
    daemon.reload(routed("one") + daemon.backends, last="unchanged")
    told = daemon.reloads()
    assert (told["last"], told["problem"], told["failed"]) == ("unchanged", None, failed)


def test_shuntctl_says_why(daemon, lab):
    """As text: one line for each fault on stderr, exit 1; a word on stdout when it was good."""
    command = ["ip", "netns", "exec", lab.router.name, os.environ.get("SHUNTCTL", "build/shuntctl"),
               "-s", daemon.control, "reload"]
    done = subprocess.run(command, text=True, capture_output=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "unchanged: there was nothing to do\n", "")
    os.unlink(daemon.file)
    done = subprocess.run(command, text=True, capture_output=True, timeout=20)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (f"shuntctl: reload: {daemon.file}: cannot open {daemon.file}: "
                           "No such file or directory\n")


def test_keys_that_need_a_restart(daemon):
    """All of them are named, and nothing of the file is taken up."""
    fixed = {"user": "daemon", "workers": "3", "sniffers": "2", "mark": "0x60000000/0xff000000",
             "table": "1500", "control_group": "daemon"}
    shunt = "".join(f"{key} = {value}\n" for key, value in fixed.items())
    told = daemon.reload(to_two(daemon), shunt=shunt, last="refused")
    assert len(told["faults"]) == len(fixed)
    for key in fixed:
        assert any(f"`{key}` cannot change in a running daemon: restart shuntd" in fault
                   for fault in told["faults"]), key
    assert daemon.reload(routed("one") + daemon.backends, last="unchanged")


def test_no_descriptor_left(daemon, lab):
    """A step that fails in the midst: all is as before, until somebody asks again."""
    before = daemon.children(), daemon.ctl("nft"), daemon.ctl("config")
    second = DIVERT.replace("web", "second").replace("443", "4430") + route("two", "two")
    in_use = max(int(fd) for fd in os.listdir(f"/proc/{daemon.pid}/fd"))
    limits = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    # the reader and the control socket need some; four listeners, their table and sniffers need more
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (in_use + 5, limits[1]))
    told = daemon.reload(routed("one") + second + daemon.backends, last="refused")
    assert "Too many open files" in told["problem"], told
    assert told["problem"] in daemon.text()
    assert (daemon.children(), daemon.ctl("nft"), daemon.ctl("config")) == before
    assert server_of(daemon, lab, V4) == "one"
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, limits)
    daemon.reload()
    assert server_of(daemon, lab, V4, "two.example", 4430) == "two"


def test_sniffers_that_die_at_birth(daemon, lab):
    """A configuration whose sniffers end at once is refused, once; nothing goes round in circles."""
    refused = 0
    for _ in range(40):
        old = set(children_of(daemon.pid))
        daemon.change(to_two(daemon))
        daemon.hup()
        end = time.monotonic() + 2
        while not set(children_of(daemon.pid)) - old and time.monotonic() < end:
            pass
        for pid in set(children_of(daemon.pid)) - old:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        told = daemon.reloads()
        if "a sniffer ended when it began (signal 9)" in (told["problem"] or ""):
            refused += 1
            assert server_of(daemon, lab, V4) == "one"
            if refused == 2:
                break
        daemon.try_reload()  # what was refused is tried again when somebody asks
        wait_for(lambda: server_of(daemon, lab, V4) == "two", 5, "the new configuration")
        daemon.reload(routed("one") + daemon.backends)
    assert refused == 2, daemon.text()[-2000:]


def test_port_of_the_box(daemon, lab):
    """A divert that would take a port which this box itself serves is refused at a reload too."""
    listener = lab.router.socket(V4.af)
    listener.bind(("0.0.0.0", 8022))
    listener.listen()
    greedy = DIVERT.replace("web", "second").replace("443", "8022").replace("interface = wan\n", "")
    told = daemon.reload(routed("one") + greedy + daemon.backends, last="refused")
    assert "8022" in told["problem"] and "force" in told["problem"]
    listener.close()
    daemon.reload()


def test_few_descriptors(start, lab):
    """At the limit of flows there is still room for what a reload brings."""
    daemon = start(routed("one"), files=64, shunt="workers = 1\n")
    limit = daemon.status()["limits"]["flows"]["limit"]
    open_ones = [dial(lab.client, V4, V4.router, 443) for _ in range(limit)]
    for s in open_ones:
        assert ask(s, hello.tls("one.example"))["server"] == "one"
    second = DIVERT.replace("web", "second").replace("443", "4430") + route("two", "two")
    daemon.reload(routed("one") + second + daemon.backends)
    daemon.reload(to_two(daemon))
    for s in open_ones:
        talks(s)
        finish(s)
    assert server_of(daemon, lab, V4) == "two"


def test_keys_that_change(daemon, lab):
    """log, log_format, log_flows and max_connections are in force at once, for flows that are there too."""
    s = dial(lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls("one.example"))["server"] == "one"
    daemon.reload(routed("one") + daemon.backends, shunt="log_format = json\nmax_connections = 10\n")
    finish(s)
    wait_for(lambda: '"route":"one"' in daemon.text(), 5, "the flow's line as JSON")
    assert daemon.status()["limits"]["flows"]["limit"] == 10
    quiet = {"shunt": "log_flows = no\nlog = error\n"}
    daemon.reload(routed("one") + daemon.backends, **quiet)
    before = daemon.text()
    assert server_of(daemon, lab, V4) == "one"
    daemon.reload(to_two(daemon), **quiet)
    assert server_of(daemon, lab, V4) == "two"
    assert daemon.text() == before


# counters

def test_counters_go_on(daemon, lab):
    """They belong to names: other places in the file, other totals, but never another's."""
    for _ in range(3):
        assert server_of(daemon, lab, V4) == "one"
    s = dial(lab.client, V4, V4.router, 443)
    ask(s, hello.tls("one.example"))
    daemon.reload(DIVERT.replace("web", "front").replace("443", "4430") + route("new", "two") +
                  routed("one") + "[backend zero]\nserver = 192.0.2.9:1\n" + daemon.backends)
    assert server_of(daemon, lab, V4) == "one"
    told = daemon.status()
    assert {d["name"]: (d["total"], d["active"]) for d in told["diverts"]} == {"front": (0, 0), "web": (5, 1)}
    assert {r["name"]: r["total"] for r in told["routes"]} == {"new": 0, "one": 5}
    totals = {(b["name"], server["address"]): (server["total"], server["flows"])
              for b in told["backends"] for server in b["servers"]}
    assert totals["one", f"{V4.backends[0]}:443"] == (5, 1)
    assert all(value == (0, 0) for (name, _), value in totals.items() if name != "one")
    finish(s)
    wait_for(lambda: daemon.status()["diverts"][1]["active"] == 0, 5, "the end of the flow")


# processes

def test_dead_children_during_reloads(daemon, lab):
    """Carriers and sniffers are killed in the midst of reloads: each one comes to its end."""
    for i in range(6):
        children = daemon.children()
        daemon.change(routed("two" if i % 2 == 0 else "one") + daemon.backends)
        daemon.hup()
        os.kill(children["carrier" if i < 4 else "sniffer"][i % 2], signal.SIGKILL)
        daemon.try_reload()
        wait_for(lambda: [len(pids) for pids in daemon.children().values()] == [2, 2], 10, "all children")
        told = daemon.reload()
        assert told["last"] in ("ok", "unchanged"), told
        wait_for(lambda: server_of(daemon, lab, V4) == ("two" if i % 2 == 0 else "one"), 5, "the route")


def test_old_sniffers_end(daemon):
    before = sniffers(daemon)
    daemon.reload(to_two(daemon))
    wait_for(lambda: not set(sniffers(daemon)) & set(before), 5, "the end of the old sniffers")
    assert len(sniffers(daemon)) == len(before)
    assert all(c["restarts"] == c["sniffer_restarts"] == 0 for c in daemon.status()["processes"]["carriers"])


def test_told_to_stop_in_the_midst(start, lab):
    """SIGTERM while the tables are changed: the daemon ends in order, and leaves nothing behind."""
    lab.write("many.txt", "".join(f"10.{i >> 8}.{i & 255}.0/24\n" for i in range(0, 30000, 2)))
    many = DIVERT.replace("web", "second").replace("443", "4430") + "from_file = many.txt\n"
    for late in (0, 0.03, 0.06):
        daemon = start(routed("one"))
        old = set(children_of(daemon.pid))
        daemon.change(routed("two") + many + daemon.backends)
        daemon.hup()
        wait_for(lambda: len(set(children_of(daemon.pid)) - old) == 2, 5, "the new sniffers", every=0.001)
        time.sleep(late)  # they answer, and then it is nft's turn, which takes longer than that
        daemon.stop()
        daemon.did_not_crash()
        assert "table inet shunt {" not in lab.router.rules()  # what others handed over may keep the lasting one
        assert "1443" not in lab.router.run("ip", "rule") + lab.router.run("ip", "-6", "rule")
