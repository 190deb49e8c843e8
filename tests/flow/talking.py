"""A crowd of conversations (talk.py) between the usual client and backend, through a daemon or not."""
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field

from lab import V4, V6
from netns import run
from scripts import KINDS
from waiting import wait_for

PROGRAM = __file__.replace("talking.py", "talk.py")
LOWEST_PORT, HIGHEST_PORT = 2000, 32000   # below those that the kernel chooses
HANDED = 0x58000000
CONFIG = """
[divert talk]
tcp = 443
interface = wan
wait = 50ms
silent = talk
[route any]
backend = talk
[backend talk]
""" + "".join(f"server = {f.endpoint(f.backends[0], 443)}\n" for f in (V4, V6))


@dataclass
class Outcome:
    """What became of some conversations; ports tell them apart."""
    kinds: dict                                   # of each port
    faults: list = field(default_factory=list)    # texts
    handed: set = field(default_factory=set)      # ports with an entry of conntrack that is ours

    def share_handed(self, *kinds):
        """Of these kinds, or of all."""
        ports = [p for p, kind in self.kinds.items() if not kinds or kind in kinds]
        return sum(p in self.handed for p in ports) / len(ports)


class Crowd:
    """The server's side, and calls from the client's."""

    def __init__(self, lab, kinds=tuple(KINDS), listen=None, tos=0):
        self.lab, self.kinds, self.port = lab, list(kinds), LOWEST_PORT
        self.heard, self.number = {}, 0
        self.server = self.start(lab.backend, "serve", tos=tos,
                                 listen=listen or [(f.backends[0], 443, None) for f in (V4, V6)])
        assert self.server.stdout.readline() == "ready\n"
        threading.Thread(target=self.listen, daemon=True).start()

    def start(self, ns, role, **spec):
        self.number += 1
        file = self.lab.write(f"talk-{id(self)}-{self.number}.json",
                              json.dumps({"kinds": self.kinds, **spec}))
        return self.lab.start(ns, sys.executable, PROGRAM, role, file, stdout=subprocess.PIPE, text=True)

    def listen(self):
        for line in self.server.stdout:
            told = json.loads(line)
            self.heard.setdefault(told["port"], []).append(told["fault"])

    def next_port(self, kind):
        """The next free one whose number says that kind."""
        while True:
            self.port = self.port + 1 if self.port < HIGHEST_PORT else LOWEST_PORT
            if self.kinds[self.port % len(self.kinds)] == kind:
                return self.port

    def flows(self, family, count, *kinds, spread_s=0.3):
        """count conversations of each kind (default: all), which begin at moments of that time."""
        wanted = [kind for kind in (kinds or self.kinds) for _ in range(count)]
        return [(family.client, self.next_port(kind), family.router, 443, None,
                 spread_s * number / len(wanted)) for number, kind in enumerate(wanted)]

    def call(self, flows, tos=0, times=1, isns=()):
        """Have these conversations, to their ends at both sides; `times` of them from each port, one
        after the other. isns: the sequence numbers of the SYNs, in turn."""
        ports = [flow[1] for flow in flows]
        for port in ports:
            self.heard.pop(port, None)
        client = self.start(self.lab.client, "call", flows=flows, tos=tos, times=times, isns=isns)
        told = [json.loads(line) for line in client.stdout]
        assert client.wait(5) == 0 and len(told) == len(flows) * times

        def missing():
            return [port for port in ports if len(self.heard.get(port, ())) < times]
        wait_for(lambda: not missing() or any(t["fault"] for t in told), 5,
                 lambda: f"the server's ends of {missing()}")
        outcome = Outcome({t["port"]: t["kind"] for t in told}, handed=handed_ports(self.lab.router))
        outcome.faults = [f"{side} {port} ({outcome.kinds[port]}, "
                          f"{'handed over' if port in outcome.handed else 'relayed'}): {fault}"
                          for side, port, fault in
                          [("client", t["port"], t["fault"]) for t in told] +
                          [("server", port, fault) for port in ports for fault in self.heard.get(port, [])]
                          if fault]
        return outcome

    def close(self):
        self.server.kill()
        self.server.wait(5)


def entries(ns, family, *more):
    """conntrack's lines of TCP."""
    return ns.run("conntrack", "-L", "-p", "tcp", "-f", f"ipv{family.version}", *more).splitlines()


def handed_ports(ns):
    """Clients' ports of all flows that conntrack has with our mark, the ended ones of late too."""
    return {int(re.search(r"sport=(\d+)", line)[1]) for family in (V4, V6)
            for line in entries(ns, family, "-m", f"{HANDED:#x}/0xf9000000")}


def forget_entries(ns):
    """No entry of an earlier flow is left."""
    ns.run("conntrack", "-F")


class Counted:
    """What a daemon counted since this object was made."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.before = self.now()

    def now(self):
        flows = self.daemon.status()["flows"]
        return Counter({"handed": flows["handed_over"], **flows["fallback"]})

    def since(self):
        """Only what changed."""
        return {name: number - self.before[name] for name, number in self.now().items()
                if number != self.before[name]}


LOSS = """table inet loss {
    counter lost { }
    chain in { type filter hook input priority 0
        meta l4proto tcp numgen random mod 100 == 0 counter name lost drop
    }
    chain out { type filter hook output priority 0
        meta l4proto tcp numgen random mod 100 == 0 counter name lost drop
    }
    }"""
DETOUR = """table inet reorder {
    counter late { }
    chain in { type filter hook prerouting priority -160
        iifname != "detour" meta l4proto tcp numgen random mod 50 == 0 counter name late meta mark set 0x77
    }
    chain out { type route hook output priority -160
        meta l4proto tcp numgen random mod 50 == 0 counter name late meta mark set 0x77
    }
    }"""


def lose(ns):
    """1 % of this host's segments are lost, those that come and those that go."""
    ns.nft(LOSS)


def reorder(lab, ns):
    """2 % of this host's segments, those that come and those that go, are overtaken by others: they go
    by a TUN interface whose program (detour.py) holds them for a while."""
    program = lab.start(ns, sys.executable, PROGRAM.replace("talk.py", "detour.py"), "detour",
                        stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "ready\n"
    ns.sysctl("net.ipv4.ip_forward", 1)
    ns.sysctl("net.ipv6.conf.all.forwarding", 1)
    ns.sysctl("net.ipv4.conf.all.send_redirects", 0)
    for which in ("all", "detour"):
        ns.sysctl(f"net.ipv4.conf.{which}.accept_local", 1)
        ns.sysctl(f"net.ipv4.conf.{which}.rp_filter", 0)
    ns.ip("link set detour up mtu 9000")
    for version in ("-4", "-6"):
        for line in ("rule add pref 10 lookup local", "rule add pref 5 fwmark 0x77 lookup 77",
                     "rule del pref 0", "route add default dev detour table 77"):
            run("ip", "-n", ns.name, version, *line.split())
    ns.nft(DETOUR)
