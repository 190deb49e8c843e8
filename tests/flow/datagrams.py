"""Datagrams: a small server that remembers each with its sender, clients' sockets, recorded first datagrams."""
import contextlib
import os
import socket
import threading

import clients
from shuntd import ROOT
from waiting import wait_for

SO_RCVBUFFORCE = 33  # of asm-generic/socket.h
SEEDS = os.path.join(ROOT, "tests", "fuzz", "seeds")


def recorded(fuzzer, name):
    """What a real client sent first, of tests/fuzz/seeds (daemon/base/datagrams.h)."""
    with open(os.path.join(SEEDS, fuzzer, name), "rb") as file:
        run = file.read()
    told = []
    while run:
        size = int.from_bytes(run[:2], "big")
        told.append(run[2:2 + size])
        run = run[2 + size:]
    return told


class DatagramServer:
    """Listens on address:port of a namespace until its lab is closed; answers each datagram.

    serve(server, data, peer) sends what it wants; by default "NAME ADDRESS PORT" comes back.
    """

    def __init__(self, lab, ns, family, address, port, name="server", serve=None):
        self.name, self.serve = name, serve or DatagramServer.say_whom
        self.got = []   # (address, port, data), in the order in which they came
        self.socket = ns.socket(family.af, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20)
        self.socket.bind((address, port))
        self.is_open = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        lab.on_close(self.close)

    def _run(self):
        while True:
            try:
                data, peer = self.socket.recvfrom(65536)
            except ConnectionError:
                continue  # a client that is gone
            except OSError:
                break
            if not self.is_open:
                break
            self.got.append((peer[0], peer[1], data))
            with contextlib.suppress(OSError):
                self.serve(self, data, peer)
        self.socket.close()

    def say_whom(self, data, peer):
        self.socket.sendto(f"{self.name} {peer[0]} {peer[1]}".encode(), peer)

    def of(self, s):
        """What came from this client's socket so far."""
        own = s.getsockname()[:2]
        return [data for address, port, data in list(self.got) if (address, port) == own]

    def wait_of(self, s, count, seconds=5):
        """The first `count` datagrams of this client."""
        wait_for(lambda: len(self.of(s)) >= count, seconds,
                 lambda: f"{count} datagrams from {s.getsockname()[:2]} at {self.name}, got {len(self.of(s))}")
        return self.of(s)

    def close(self):
        self.is_open = False
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread up, though there is nobody to shut
        self.thread.join(5)
        assert not self.thread.is_alive(), f"the thread of server {self.name} does not end"


def dial(ns, family, address, port, source=None, source_port=0, timeout=5):
    """A client's socket that knows only address:port: what comes from elsewhere is not seen."""
    s = ns.socket(family.af, socket.SOCK_DGRAM)
    clients.opened.append(s)
    s.settimeout(timeout)
    s.bind((source or family.client, source_port))
    s.connect((address, port))
    return s
