"""One network namespace: commands, sockets, sysctls and rule sets inside it."""
import contextlib
import ctypes
import os
import socket
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def setns(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def at_once(line):
    """An IPv6 address is of use as soon as it is there, and not a moment later: accept_dad = 0 alone
    leaves that moment to a work queue of the kernel, which a busy box makes long."""
    words = line.split()
    return f"{line} nodad" if words[:2] == ["addr", "add"] and ":" in words[2] else line


def run(*command, **options):
    """Run a command to its end; its fault is the test's fault, with what it said."""
    options.setdefault("timeout", 20)
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, f"{command}: exit {done.returncode}: {done.stderr or done.stdout}"
    return done.stdout


class Netns:
    """Made by Lab.namespace(), which also removes it and whatever runs in it."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.file = open(f"/run/netns/{name}")
        self.inode = os.fstat(self.file.fileno()).st_ino
        self.sysctl("net.ipv6.conf.default.accept_dad", 0)
        self.sysctl("net.ipv4.conf.all.rp_filter", 0)
        self.sysctl("net.ipv4.conf.default.rp_filter", 0)
        self.ip("link set lo up")

    @contextlib.contextmanager
    def inside(self):
        """Sockets and processes made in this block belong to the namespace."""
        with open("/proc/thread-self/ns/net") as home:
            setns(self.file.fileno())
            try:
                yield
            finally:
                setns(home.fileno())

    def socket(self, family, kind=socket.SOCK_STREAM, protocol=0):
        with self.inside():
            return socket.socket(family, kind, protocol)

    def ip(self, *lines):
        """Run lines of ip(8), as many as wanted in one process."""
        run("ip", "-n", self.name, "-batch", "-", input="\n".join(map(at_once, lines)) + "\n")

    def popen(self, *command, **options):
        with self.inside():
            return subprocess.Popen(command, **options)

    def run(self, *command, **options):
        with self.inside():
            return run(*command, **options)

    def nft(self, text):
        """Load a rule set."""
        self.run("nft", "-f", "-", input=text)

    def rules(self):
        return self.run("nft", "-s", "list", "ruleset")

    def table_exists(self, name):
        with self.inside():
            done = subprocess.run(["nft", "list", "table", "inet", name], capture_output=True)
        return done.returncode == 0

    def counter(self, table, name):
        """Packets of a named counter of a test's own table."""
        text = self.run("nft", "list", "counter", "inet", table, name)
        return int(text.split("packets ")[1].split()[0])

    def sysctl(self, key, value=None):
        path = "/proc/sys/" + key.replace(".", "/")
        with self.inside(), open(path, "r+" if value is not None else "r") as file:
            if value is None:
                return file.read().strip()
            file.write(str(value))
            return str(value)

    def pids(self):
        """Every process that runs here, whoever started it."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.stat(f"/proc/{entry}/ns/net").st_ino == self.inode:
                    found.append(int(entry))
            except OSError:
                continue
        return [pid for pid in found if pid != os.getpid()]

    def remove(self):
        self.file.close()
        run("ip", "netns", "del", self.name)
