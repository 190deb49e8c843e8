"""HTTP/2 without TLS, frame by frame (RFC 9113), with names as plain literals (RFC 7541)."""
from clients import read_exactly

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
ACK = END_STREAM = 1
END_HEADERS = 4


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def begin():
    """What a client sends before it has heard of the server."""
    return PREFACE + frame(SETTINGS)


def request(authority, path="/"):
    fields = {":method": "GET", ":scheme": "http", ":path": path, ":authority": authority}
    block = b"".join(literal(*item) for item in fields.items())
    return frame(HEADERS, END_HEADERS | END_STREAM, 1, block)


def read_frame(s):
    head = read_exactly(s, 9)
    return head[3], head[4], read_exactly(s, int.from_bytes(head[:3], "big"))


def read_settings(s):
    """Wait for the server's SETTINGS, its first frame."""
    kind, flags, _ = read_frame(s)
    assert (kind, flags & ACK) == (SETTINGS, 0), f"the server began with frame {kind} {flags}"


def read_body(s):
    """The body of the one response."""
    body = b""
    while True:
        kind, flags, payload = read_frame(s)
        if kind == DATA:
            body += payload
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            return body.decode()
