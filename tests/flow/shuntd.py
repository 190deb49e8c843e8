"""The daemon under test: start, readiness, flow lines, status, its processes."""
import json
import os
import re
import shlex
import signal
import subprocess

from netns import run
from processes import children_of, proc_status
from waiting import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHUNTD = os.environ.get("SHUNTD", os.path.join(ROOT, "build", "shuntd"))
SHUNTCTL = os.environ.get("SHUNTCTL", os.path.join(ROOT, "build", "shuntctl"))
CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW = 1 << 10, 1 << 12, 1 << 13
CRASHES = {signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS}
CRASH = re.compile(r"Sanitizer|runtime error|ended \(signal (%s)\)" % "|".join(str(int(s)) for s in CRASHES))
numbers = iter(range(1_000_000))

# how a flow is carried -> the environment that forces it (shuntd(8))
CARRIED = {how: {"SHUNT_RELAY": how} for how in ("splice", "copy")}
WAYS = {"auto": {}, **CARRIED, "handoff": {"SHUNT_RELAY": "handoff"}}


def configuration(lab, text, shunt=""):
    """Write a configuration whose control socket is the lab's own, or the one it names; returns (file, socket)."""
    number = next(numbers)
    named = re.search(r"^control = (.*)", shunt, re.M)
    control = named[1] if named else lab.path(f"control-{number}.sock")
    workers = "" if "workers" in shunt else "workers = 2\n"
    where = "" if named else f"control = {control}\n"
    whole = f"[shunt]\n{where}{workers}{shunt}\n{text}\n"
    return lab.write(f"shunt-{number}.conf", whole), control


def owns_table(ns):
    """Has table `shunt` an owner?"""
    return ns.table_exists("shunt") and "flags owner" in ns.run("nft", "list", "table", "inet", "shunt")


class Shuntd:
    """One daemon in a namespace. Ended by stop(), kill() or the end of its lab.

    before: words in front of the program, which must exec what follows; arguments: words behind it.
    """

    def __init__(self, lab, text, carried="auto", ns=None, shunt="", files=None, before=(),
                 arguments=(), start=True):
        self.lab, self.ns = lab, ns or lab.router
        self.carried, self.before, self.arguments = carried, before, arguments
        self.limited = ("prlimit", f"--nofile={files}") if files else ()
        self.file, self.control = configuration(lab, text, shunt)
        self.log = self.file.replace(".conf", ".log")
        self.process = None
        lab.on_close(self.did_not_crash)
        if start:
            self.start()

    def start(self):
        env = {**os.environ, **WAYS[self.carried]}
        command = (*self.limited, *self.before, SHUNTD, "-c", self.file, *self.arguments)
        with open(self.log, "ab") as log:
            self.process = self.lab.start(self.ns, *command, env=env, stderr=log, stdout=log,
                                          stdin=subprocess.DEVNULL)
        wait_for(self.is_ready, 10, lambda: f"readiness of shuntd:\n{self.text()}")
        return self

    def is_ready(self):
        code = self.process.poll()
        assert code is None, f"shuntd ended with {code} at its start:\n{self.text()}"
        return os.path.exists(self.control) and self.is_owner() and self.is_alive()

    def is_owner(self):
        """The table is a living daemon's, not one that a dead one left."""
        return owns_table(self.ns)

    def is_alive(self):
        """Its rules take new flows: that begins a moment after they are there."""
        return "expires" in self.ns.run("nft", "list", "set", "inet", "shunt", "alive")

    # what it says

    def text(self):
        """All that it has logged."""
        if not os.path.exists(self.log):
            return ""
        with open(self.log, errors="replace") as log:
            return log.read()

    def flow_lines(self):
        """Every flow line so far, as dicts of text."""
        lines = re.findall(r"(?:^|\s)flow (id=.*)$", self.text(), re.M)
        return [dict(item.partition("=")[::2] for item in shlex.split(line)) for line in lines]

    def flow(self, seconds=5, **want):
        """Wait for the line of a flow that has these fields."""
        want = {key: str(value) for key, value in want.items()}

        def find():
            hits = [f for f in self.flow_lines() if want.items() <= f.items()]
            return hits[-1] if hits else None
        return wait_for(find, seconds, lambda: f"a flow line with {want} in:\n{self.text()[-2000:]}")

    def flow_of(self, s, family, seconds=5, **want):
        """Wait for the line of the flow of this client socket (closed or not)."""
        return self.flow(seconds, client=endpoint_of(s), **want)

    def ctl(self, *arguments):
        return self.ns.run(SHUNTCTL, "-s", self.control, *arguments)

    def status(self):
        return json.loads(self.ctl("status", "--json"))

    def live_flows(self):
        return json.loads(self.ctl("flows", "--json"))

    # its processes

    @property
    def pid(self):
        return self.process.pid

    def children(self):
        """Process ids of the keeper's children, by role: the sniffers have no capability."""
        roles = {"sniffer": [], "carrier": []}
        for pid in children_of(self.pid):
            with_capabilities = proc_status(pid).get("CapEff", "0")
            roles["carrier" if int(with_capabilities, 16) else "sniffer"].append(pid)
        return roles

    def memory(self, pid):
        """Resident bytes of a process."""
        return int(proc_status(pid)["VmRSS"].split()[0]) * 1024

    def stop(self):
        """End by SIGTERM, with exit status 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        assert code == 0, f"shuntd ended with {code} at SIGTERM:\n{self.text()[-2000:]}"

    def did_not_crash(self):
        """No process of its was ended by a fault of its own: a replaced child is easily overlooked."""
        crashes = [line for line in self.text().splitlines() if CRASH.search(line)]
        assert not crashes, crashes
        assert not self.process or -(self.process.poll() or 0) not in CRASHES

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=5)

    def end(self):
        """End it and what it left in the kernel, so that another can start here."""
        if self.process.poll() is None:
            self.stop()
        self.did_not_crash()
        self.ns.run(SHUNTD, "--purge", "-c", self.file)


def endpoint_of(s):
    address, port = s.getsockname()[:2]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def missing():
    """Why flow tests cannot run here, or None."""
    if os.geteuid() != 0:
        return "needs root: network namespaces"
    for program in (SHUNTD, SHUNTCTL):
        if not os.access(program, os.X_OK):
            return f"{program} is not built (make; or name it in SHUNTD and SHUNTCTL)"
    for tool in ("ip", "nft"):
        try:
            run(tool, "-V" if tool == "ip" else "-v")
        except OSError:
            return f"needs {tool}"
    return None
