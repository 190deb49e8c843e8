"""Plugins as recognisers: the example as it stands, and what those cost that crash, hang or cannot be loaded."""
import os
import re
import subprocess

import pytest

import datagrams
from clients import ask, dial, ending, finish
from lab import V4
from probing import EXAMPLES, example, plugin, servers_of
from processes import children_of
from reloading import Reloading
from servers import Farm, Server, answer
from shuntd import ROOT, SHUNTCTL, SHUNTD, endpoint_of
from waiting import wait_for

SSH = b"SSH-2.0-OpenSSH_9.2p1\r\n"
GDB = b"qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;exec-events+;vContSupported+"
GDB = b"+$" + GDB + b"#%02x" % (sum(GDB) & 255)
PLUGIN = r"""
#include <shunt-probe.h>
#include <unistd.h>
%s
static int probe(const uint8_t *bytes, size_t size, int is_final, size_t *wanted)
{
	(void)is_final, (void)size, (void)wanted;
	switch (bytes[0]) {
	case 'C':
		*(volatile int *)bytes[0] = 1;
		return SHUNT_PROBE_YES;
	case 'H':
		for (volatile int i = 0;; i++)
			;
	case 'K':
		return getppid() > 0;
	case 'M':
		return SHUNT_PROBE_MORE;
	case 'X':
		return 77;
	}
	return bytes[0] == 'G';
}
const struct shunt_probe shunt_probe_v1 = SHUNT_PROBE(probe);
"""
CRASHES = "__attribute__((constructor)) static void begin(void) { *(volatile int *)1 = 1; }"
ENDS = "__attribute__((constructor)) static void begin(void) { _exit(0); }"
THREAD = """
#include <pthread.h>
static void *idle(void *arg) { for (;;) pause(); return arg; }
__attribute__((constructor)) static void begin(void) { pthread_t t; pthread_create(&t, NULL, idle, NULL); if (fork() == 0) for (;;) pause(); }
"""
CONFIG = """
[divert work]
tcp = 443
udp = 443
interface = wan
wait = 700ms
[route own]
protocol = own
backend = one
[route udp]
protocol = own-udp
backend = one
[route shell]
protocol = ssh
backend = two
[probe own]
plugin = %s
[probe own-udp]
plugin = %s
transport = udp
"""


class Suffering(Reloading):
    """Its sniffers crash in a plugin, which is meant; nobody else does."""

    def did_not_crash(self):
        crashes = [line for line in self.text().splitlines() if re.search(r"(?<!sniffer) \d+ ended \(signal|Sanitizer", line)]
        assert not crashes, crashes


def test_example(lab):
    text = example("probe-plugin.conf")
    made = re.search(r";\t(cc .*) -o (\S+) (\S+)", text)
    path = lab.path("gdb.so")
    subprocess.run([*made[1].split(), "-I", os.path.join(ROOT, "daemon"), "-Wall", "-Wextra", "-Werror", "-o", path,
                    os.path.join(EXAMPLES, os.path.basename(made[3]))], check=True, timeout=20)
    for name, (address, port) in servers_of(text).items():
        Server(lab, lab.backend, V4, address, port, answer, name)
    daemon = Reloading(lab, text.replace(made[2], path))
    for protocol, said, backend in (("gdb", GDB, "debugger"), ("ssh", SSH, "shell")):
        s = dial(lab.client, V4, V4.router, 2345)
        s.sendall(said[:4])
        assert ask(s, said[4:])["server"] == backend
        client = endpoint_of(s)
        finish(s)
        assert daemon.flow(client=client)["proto"] == protocol
    s = dial(lab.client, V4, V4.router, 2345)
    s.sendall(GDB[:-1] + b"x")
    assert ending(s, 2) == "reset"
    explained = lab.router.run(SHUNTCTL, "explain", "-c", daemon.file, "--hex", GDB.hex())
    assert re.search(r"^gdb +yes +%d" % len(GDB), explained, re.M), explained
    daemon.end()


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer, two=answer)


@pytest.fixture
def suffering(lab, farm):
    """One carrier with one sniffer: every flow meets the same one."""
    udp = datagrams.DatagramServer(lab, lab.backend, V4, farm.address("one", V4), 443, "one")
    path = plugin(lab, "own", PLUGIN % "")
    daemon = Suffering(lab, CONFIG % (path, path) + farm.backends(), shunt="workers = 1\n")
    yield daemon
    daemon.end()
    udp.close()


def says(daemon, words, seconds=10):
    wait_for(lambda: words in daemon.text(), seconds, lambda: f"{words!r} in:\n{daemon.text()[-3000:]}")


def served(lab, said, server):
    s = dial(lab.client, V4, V4.router, 443, timeout=8)
    assert ask(s, said)["server"] == server
    finish(s)


def test_plugin_decides(lab, suffering):
    served(lab, b"Good", "one")
    served(lab, SSH, "two")
    for said in (b"Bad", b"X is no verdict", b"More than is ever there"):
        s = dial(lab.client, V4, V4.router, 443)
        s.sendall(said)
        assert ending(s, 3) == "reset"
    for said, is_taken in ((b"Good", True), (b"Bad", False), (b"More", False)):
        s = datagrams.dial(lab.client, V4, V4.router, 443, timeout=2 if is_taken else 0.3)
        s.send(said)
        if is_taken:
            assert s.recv(2000).decode().startswith("one ")
        else:
            with pytest.raises(TimeoutError):
                s.recv(2000)


@pytest.mark.parametrize("said", [b"Crash", b"Hang", b"Kernel"])
def test_plugin_that_ends_sniffers(lab, suffering, said):
    """It is switched off after the third time; what it is asked about until then costs itself, and nobody else."""
    for _ in range(3):
        s = dial(lab.client, V4, V4.router, 443, timeout=8)
        s.sendall(said)
        assert ending(s, 8) in ("reset", "eof")
        served(lab, SSH, "two")
    says(suffering, "[probe own] 3 sniffers ended in its plugin: it is switched off")
    assert suffering.text().count("[probe own] a sniffer ended in its plugin") == 2
    restarts = suffering.text().count(", a new one starts in")
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(said)
    assert ending(s, 3) == "reset"
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(b"Good")
    assert ending(s, 3) == "reset"  # off is off
    assert suffering.text().count(", a new one starts in") == restarts
    s = datagrams.dial(lab.client, V4, V4.router, 443)
    s.send(b"Good")
    assert s.recv(2000).decode().startswith("one ")  # the other probe's is still there
    assert {p["name"]: p["state"] for p in suffering.status()["probes"]} == {"own": "off", "own-udp": "on"}


@pytest.mark.parametrize("said", [b"Crash", b"Hang"])
def test_nobody_else_is_harmed(lab, suffering, said):
    """Everybody else who is undecided when a sniffer ends is asked about again, and gets where he wanted."""
    others = [(dial(lab.client, V4, V4.router, 443, timeout=8), *way) for way in ((b"Good", "one"), (SSH, "two")) * 40]
    bad = dial(lab.client, V4, V4.router, 443, timeout=8)
    for i, (s, first, _) in enumerate(others):
        if i == len(others) // 2:
            bad.sendall(said)
        s.sendall(first)
    assert [ask(s, b"")["server"] for s, _, _ in others] == [server for _, _, server in others]
    assert ending(bad, 8) in ("reset", "eof")
    assert "[probe own] a sniffer ended in its plugin" in suffering.text()
    for s, _, _ in others:
        finish(s)


def test_new_plugin_takes_over(lab, suffering):
    """A new file of that name is followed, also behind one that was switched off."""
    for _ in range(2):
        s = dial(lab.client, V4, V4.router, 443, timeout=8)
        s.sendall(b"Crash")
        assert ending(s, 8) in ("reset", "eof")
    says(suffering, "it is switched off")
    plugin(lab, "own", PLUGIN.replace("case 'C'", "case 'D'").replace("== 'G'", "!= 'S'") % "")
    suffering.wait_reload(count=1)
    served(lab, b"Crash", "one")
    served(lab, SSH, "two")


@pytest.mark.parametrize("constructor, fault", [
    (CRASHES, "loading it ends the process"),
    (ENDS, "loading it ends the process"),
    ("__attribute__((constructor)) static void begin(void) { for (volatile int i = 0;; i++) ; }", "loading it does not end"),
    ("extern int nobody_has_this(void); static int (*const use)(void) = nobody_has_this;", "undefined symbol: nobody_has_this"),
], ids=["crash", "end", "hang", "symbol"])
def test_plugin_that_cannot_be_loaded(lab, farm, constructor, fault):
    """-t says so; a daemon that meets it starts, though all its sniffers do at once, and all else is decided as ever."""
    source = PLUGIN % constructor
    if "use" in constructor:
        source = source.replace("case 'M':", "case 'U': return use();\ncase 'M':")
    path = plugin(lab, "bad", source)
    text = re.sub(r"\[(route udp|probe own-udp)\][^[]*", "", CONFIG % (path, path)) + farm.backends()
    daemon = Suffering(lab, text, shunt="workers = 2\nsniffers = 2\n", start=False)
    checked = subprocess.run([SHUNTD, "-t", "-c", daemon.file], capture_output=True, text=True, timeout=15)
    assert checked.returncode == 1
    assert re.search(r":\d+: \[probe own\] plugin: .*" + fault, checked.stderr), checked.stderr
    daemon.start()
    served(lab, SSH, "two")
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(b"Good")
    assert ending(s, 3) == "reset"
    said = re.findall(r"\[probe own\] .*", daemon.text())
    assert len(said) == 1, said
    daemon.end()


def test_reload_with_one_that_crashes(lab, suffering):
    """The configuration with it is refused, and the one in force goes on, also with its plugin."""
    plugin(lab, "own", PLUGIN % CRASHES)
    suffering.wait_reload(failed=1)
    assert "[probe own] a sniffer ended when it loaded the plugin" in suffering.text()
    served(lab, b"Good", "one")
    served(lab, SSH, "two")


def test_plugin_with_threads(lab, farm):
    """It gets none, nor a process: one that was there before the filter of system calls would be without it."""
    path = plugin(lab, "threads", PLUGIN % THREAD)
    daemon = Suffering(lab, CONFIG % (path, path) + farm.backends(), shunt="workers = 1\n")
    served(lab, b"Good", "one")
    sniffer = daemon.children()["sniffer"][0]
    assert os.listdir(f"/proc/{sniffer}/task") == [str(sniffer)]
    assert not children_of(sniffer)
    daemon.end()


def test_plugin_that_is_none(lab, farm):
    """Neither is a library that exports no recogniser, nor a text; one that is missing or anybody's refuses the file."""
    text = CONFIG + farm.backends()

    def check(path):
        file = lab.write("none.conf", text % (path, path))
        told = subprocess.run([SHUNTD, "-t", "-c", file], capture_output=True, text=True, timeout=15)
        assert told.returncode == 1
        return told.stderr
    library = plugin(lab, "none", "int other;")
    assert "exports no `shunt_probe_v1`: it is no plugin of this version" in check(library)
    assert "is not that of shunt-probe.h" in check(plugin(lab, "zero", "#include <shunt-probe.h>\nconst struct shunt_probe "
                                                                        "shunt_probe_v1 = { 1, 0, 0 };"))
    assert "cannot load" in check(lab.write("text.so", "no object\n"))
    os.chmod(library, 0o777)
    assert "may be written by everybody: chmod o-w" in check(library)
    assert f"plugin: cannot find {lab.path('missing.so')}: No such file" in check(lab.path("missing.so"))
    assert "plugin: `x.so` must be an absolute path" in check("x.so")
