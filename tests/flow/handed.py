"""Flows that were handed to the kernel, as seen from outside: conntrack's entries with our mark."""
import socket

from clients import ask, dial, read_exactly
from lab import V4, V6
from waiting import wait_for

MARK, MASK = 0x58000000, 0xf9000000  # two bits of the role tell which directions were seen to pass


def mark_of(line):
    return int(line.split("mark=")[1].split()[0]) if "mark=" in line else 0


def entries(lab, family, port, transport="tcp"):
    """The lines of conntrack -L that have our mark and that client's port."""
    lines = lab.router.run("conntrack", "-L", "-p", transport, "-f", f"ipv{family.version}").splitlines()
    return [line for line in lines if mark_of(line) & MASK == MARK and f"sport={port} " in line]


def is_handed(lab, s):
    return entries(lab, V6 if s.family == V6.af else V4, s.getsockname()[1],
                   "udp" if s.type == socket.SOCK_DGRAM else "tcp")


def open_flow(lab, family, first, port=443, **options):
    """A flow that was handed over, after its first bytes and the server's report."""
    s = dial(lab.client, family, family.router, port, **options)
    ask(s, first)
    wait_for(lambda: is_handed(lab, s), 5, f"the handover of {s.getsockname()}")
    return s


def talk(s, count, size=1000):
    """Say so many bytes so many times to a server that echoes."""
    for _ in range(count):
        s.sendall(b"x" * size)
        read_exactly(s, size)
