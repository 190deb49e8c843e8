"""A laboratory: namespaces joined by veth pairs, with one unique prefix, removed at the end.

    client (two addresses) --- router (shunt runs here) --- backend (many addresses)
"""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field

from netns import Netns, run
from processes import end_processes, is_alive

PREFIX = "sflow"
numbers = iter(range(1_000_000))


@dataclass(frozen=True)
class Family:
    """The addresses of the usual topology in one IP version."""
    version: int
    af: int
    client: str
    other_client: str
    router: str         # the router's address that clients know
    other_router: str   # a second one
    inside: str         # the router's address towards the backends
    backends: tuple     # addresses of the backend host
    beyond: str         # a host behind the router that clients address directly
    nowhere: str        # on the backends' link, but nobody is there
    home: str           # a client on the backends' link, where there is one
    prefix: int

    @property
    def ip(self):
        return "ip6" if self.version == 6 else "ip"

    def endpoint(self, address, port):
        return f"[{address}]:{port}" if self.version == 6 else f"{address}:{port}"

    def __str__(self):
        return f"ipv{self.version}"


V4 = Family(4, socket.AF_INET, "198.51.100.7", "198.51.100.8", "198.51.100.1", "198.51.100.2",
            "192.168.1.1", tuple(f"192.168.1.{n}" for n in range(10, 20)), "203.0.113.80",
            "192.168.1.99", "192.168.1.50", 24)
V6 = Family(6, socket.AF_INET6, "2001:db8:1::7", "2001:db8:1::8", "2001:db8:1::1",
            "2001:db8:1::2", "fd00:1::1", tuple(f"fd00:1::{n}" for n in range(10, 20)),
            "2001:db8:80::80", "fd00:1::99",
            "fd00:1::50", 64)


def both(port, number=0):
    """A backend's `server` lines for both families, e.g. for a configuration."""
    return "\n".join(f"server = {f.endpoint(f.backends[number], port)}" for f in (V4, V6))


@dataclass
class Lab:
    """Owns namespaces, processes and a directory; close() removes all of them, whatever happened."""
    namespaces: dict = field(default_factory=dict)
    processes: list = field(default_factory=list)
    closers: list = field(default_factory=list)

    def __post_init__(self):
        self.prefix = f"{PREFIX}-{os.getpid()}-{next(numbers)}"
        self.dir = tempfile.mkdtemp(prefix=self.prefix + "-")
        os.chmod(self.dir, 0o755)

    def __getattr__(self, role):
        try:
            return self.__dict__["namespaces"][role]
        except KeyError:
            raise AttributeError(role) from None

    def namespace(self, role):
        ns = Netns(f"{self.prefix}-{role}")
        self.namespaces[role] = ns
        return ns

    def link(self, left, left_if, right, right_if):
        """Join two namespaces by a veth pair, both ends up."""
        left.ip(f"link add {left_if} type veth peer name {right_if} netns {right.name}",
                f"link set {left_if} up")
        right.ip(f"link set {right_if} up")

    def start(self, ns, *command, **options):
        """Start a process inside; it is ended with the lab."""
        process = ns.popen(*command, **options)
        self.processes.append(process)
        return process

    def on_close(self, function):
        self.closers.append(function)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def close(self):
        """Remove everything; then fail if a closer found a fault."""
        faults = []
        for function in self.closers:
            try:
                function()
            except Exception as fault:  # the rest is cleaned up all the same
                faults.append(fault)
        for ns in self.namespaces.values():
            end_processes(ns.pids)
        for process in self.processes:
            process.wait(timeout=5)
        for ns in self.namespaces.values():
            ns.remove()
        shutil.rmtree(self.dir, ignore_errors=True)
        for owned in (self.closers, self.namespaces, self.processes):
            owned.clear()
        if faults:
            raise faults[0]


def never_first(family):
    """The further addresses of an IPv6 host are not chosen as source by themselves."""
    return " preferred_lft 0" if family.version == 6 else ""


def standard(lab):
    """client - router - backend, IPv4 and IPv6."""
    client, router, backend = map(lab.namespace, ("client", "router", "backend"))
    lab.link(client, "wan", router, "wan")
    lab.link(backend, "lan", router, "lan")
    return addresses(lab, client, router, backend)


def household(lab):
    """The same, but the LAN is a bridge of the router's, on which there is also a client: `home`."""
    client, router, backend, home = map(lab.namespace, ("client", "router", "backend", "home"))
    lab.link(client, "wan", router, "wan")
    lab.link(backend, "lan", router, "lan1")
    lab.link(home, "lan", router, "lan2")
    router.ip("link add lan type bridge", "link set lan1 master lan", "link set lan2 master lan",
              "link set lan up")
    addresses(lab, client, router, backend)
    for family in (V4, V6):
        home.ip(f"addr add {family.home}/{family.prefix} dev lan",
                f"route add default via {family.inside}")
    return lab


def addresses(lab, client, router, backend):
    """Addresses and routes of the usual three."""
    for family in (V4, V6):
        p = family.prefix
        client.ip(f"addr add {family.client}/{p} dev wan",
                  f"addr add {family.other_client}/{p} dev wan{never_first(family)}",
                  f"route add default via {family.router}")
        router.ip(f"addr add {family.router}/{p} dev wan",
                  f"addr add {family.other_router}/{p} dev wan{never_first(family)}",
                  f"addr add {family.inside}/{p} dev lan",
                  f"route add {family.beyond} via {family.backends[0]}")
        backend.ip(*(f"addr add {address}/{p} dev lan" for address in family.backends),
                   f"addr add {family.beyond} dev lo",
                   f"route add default via {family.inside}")
    forwarding(router)
    # the client forgets its own TIME_WAIT: nothing but the router can block a port of it
    client.sysctl("net.ipv4.tcp_max_tw_buckets", 0)
    return lab


def forwarding(ns):
    ns.sysctl("net.ipv4.ip_forward", 1)
    ns.sysctl("net.ipv6.conf.all.forwarding", 1)


def sweep():
    """Remove what runs left that were killed before they could clean up."""
    for name, pid in re.findall(rf"^({PREFIX}-(\d+)-\S+)", run("ip", "netns", "list"), re.M):
        if is_alive(pid):
            continue
        for left in run("ip", "netns", "pids", name).split():
            os.kill(int(left), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", name], check=False)
    for path in glob.glob(os.path.join(tempfile.gettempdir(), f"{PREFIX}-*")):
        if not is_alive(os.path.basename(path).split("-")[1]):
            shutil.rmtree(path, ignore_errors=True)
