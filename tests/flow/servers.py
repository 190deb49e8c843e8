"""Small TCP servers that report whom they saw. One thread accepts, one thread serves each client."""
import contextlib
import hashlib
import json
import socket
import threading
from dataclasses import dataclass

from lab import V4, V6, both
from waiting import wait_for


@dataclass
class Visit:
    """What one server saw of one connection."""
    server: str
    peer: str
    port: int
    local: str
    local_port: int
    got: bytes = b""    # the first bytes read
    total: int = 0      # bytes read in all
    sha256: str = ""    # of all of them, once the client's end was seen
    end: str = "open"   # then "eof" or "reset"

    def report(self):
        told = {k: getattr(self, k) for k in ("server", "peer", "port", "local", "local_port")}
        told["got"] = self.got.hex()
        return json.dumps(told).encode() + b"\n"


class Server:
    """Listens on address:port of a namespace until it, or its lab, is closed.

    Each socket is closed by the one thread that uses it: with a descriptor closed under a thread,
    that thread's next call may meet another socket of the same number.
    """

    def __init__(self, lab, ns, family, address, port, serve, name="server", backlog=1024):
        self.name, self.serve = name, serve
        self.visits, self.connections, self.threads = [], [], []
        self.closing = threading.Lock()
        self.socket = ns.socket(family.af)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(backlog)
        lab.on_close(self.close)
        self._run(self._accept)

    def _run(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, peer = self.socket.accept()
                local = connection.getsockname()
                visit = Visit(self.name, peer[0], peer[1], local[0], local[1])
                self.visits.append(visit)
                self.connections.append(connection)
                self._run(self._serve, connection, visit)
        self._end(self.socket)

    def _serve(self, connection, visit):
        try:
            self.serve(connection, visit)
        except ConnectionResetError:
            visit.end = "reset"
        except OSError as fault:
            if visit.end == "open":
                visit.end = f"fault {fault.errno}"
        finally:
            self._end(connection)

    def _end(self, own_socket):
        with self.closing:
            own_socket.close()

    def close(self):
        """Wake every thread up, so that it closes what is its own and ends."""
        self._wake(self.socket)
        self.threads[0].join(5)  # from now on there are no more connections
        for connection in self.connections:
            self._wake(connection)
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive(), f"a thread of server {self.name} does not end"

    def _wake(self, s):
        with self.closing, contextlib.suppress(OSError):
            s.shutdown(socket.SHUT_RDWR)

    def visit_of(self, address, port, seconds=5):
        """Wait for the connection that came from address:port."""
        def find():
            hits = [v for v in self.visits if (v.peer, v.port) == (address, port)]
            return hits[-1] if hits else None
        return wait_for(find, seconds, lambda: f"a visit from {address} {port}, "
                        f"seen {[(v.peer, v.port) for v in self.visits[-5:]]}")


def read_first(connection, visit):
    visit.got = connection.recv(65536)
    visit.total = len(visit.got)
    return visit.got


def answer(connection, visit):
    """Read something, say who is seen, then echo until the client's end."""
    if not read_first(connection, visit):
        visit.end = "eof"
        return
    connection.sendall(visit.report())
    echo(connection, visit)


def echo(connection, visit):
    """Send everything back, then the end."""
    while True:
        data = connection.recv(65536)
        if not data:
            break
        visit.total += len(data)
        connection.sendall(data)
    visit.end = "eof"
    connection.shutdown(socket.SHUT_WR)


def greet(connection, visit):
    """A server that speaks first: a banner with what it saw, then echo."""
    connection.sendall(b"220 " + visit.report())
    echo(connection, visit)


def collect(connection, visit):
    """Read all, say nothing until the client's end, then the report."""
    digest = hashlib.sha256()
    while data := connection.recv(262144):
        visit.got = visit.got or data
        visit.total += len(data)
        digest.update(data)
    visit.sha256, visit.end = digest.hexdigest(), "eof"
    connection.sendall(visit.report())


def hold(connection, visit):
    """Read the first bytes, report, then wait for the client's end without echoing."""
    read_first(connection, visit)
    connection.sendall(visit.report())
    while connection.recv(65536):
        pass
    visit.end = "eof"


class Farm:
    """Servers by name, each on an address of its own in both families, and their configuration."""

    def __init__(self, lab, port=443, **serve_by_name):
        self.port, self.names = port, list(serve_by_name)
        self.servers = {
            (name, family): Server(lab, lab.backend, family, family.backends[number], port, serve, name)
            for number, (name, serve) in enumerate(serve_by_name.items())
            for family in (V4, V6)}

    def __getitem__(self, name_and_family):
        return self.servers[name_and_family]

    def address(self, name, family):
        return family.backends[self.names.index(name)]

    def backend(self, name, *keys):
        """A [backend] section of that name, with further keys."""
        servers = both(self.port, self.names.index(name))
        return "\n".join((f"[backend {name}]", servers, *keys, ""))

    def backends(self):
        return "\n".join(map(self.backend, self.names))

    def close(self):
        for server in self.servers.values():
            server.close()
