"""Clients: connect from a given address and port, talk, see how a connection ends."""
import json
import socket

opened = []  # what dial() gave out and close_all() has to close


def dial(ns, family, address, port, source=None, source_port=0, timeout=5, prepare=None):
    """A connected socket from source (default: the usual client) to address:port.

    prepare: called with the socket before it connects.
    """
    s = ns.socket(family.af)
    opened.append(s)
    s.settimeout(timeout)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if prepare:
        prepare(s)
    try:
        s.bind((source or family.client, source_port))
        s.connect((address, port))
    except BaseException:
        s.close()
        raise
    return s


def close_all():
    """After each test: nothing that it left open disturbs the next."""
    while opened:
        opened.pop().close()


def own_port(s):
    return s.getsockname()[1]


def read_line(s):
    """One line, without its end; whatever came if the peer ends before."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = s.recv(1)
        if not byte:
            break
        line += byte
    return bytes(line)


def read_all(s):
    """Everything until the peer's end of stream."""
    data = bytearray()
    while chunk := s.recv(65536):
        data += chunk
    return bytes(data)


def read_exactly(s, count):
    data = bytearray()
    while len(data) < count:
        chunk = s.recv(min(65536, count - len(data)))
        assert chunk, f"the stream ended after {len(data)} of {count} bytes"
        data += chunk
    return bytes(data)


def ask(s, first_bytes):
    """Say the first bytes to an `answer` server; return its report."""
    s.sendall(first_bytes)
    return report_of(read_line(s))


def report_of(line):
    assert line, "the stream ended before a report came"
    return json.loads(line.removeprefix(b"220 "))


def ending(s, timeout=5):
    """How the connection ends, when nothing more is said: 'eof', 'reset', 'silence' or the data."""
    s.settimeout(timeout)
    try:
        data = s.recv(65536)
    except ConnectionResetError:
        return "reset"
    except socket.timeout:
        return "silence"
    return data or "eof"


def finish(s):
    """End first, see the other's end, close: no trace of the connection is left in the client."""
    s.shutdown(socket.SHUT_WR)
    while s.recv(65536):
        pass
    s.close()


def reset(s):
    """End the connection by RST."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    s.close()


def sees_client(report, s, family, source=None):
    """The backend saw the client's own address and port."""
    assert (report["peer"], report["port"]) == (source or family.client, own_port(s))
