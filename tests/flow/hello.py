"""First bytes of protocols, made by hand: TLS ClientHello (RFC 8446 4.1.2), SSH, SSLv2."""
import os
import struct

SSH = b"SSH-2.0-flowtest\r\n"
HTTP = b"GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n"
GARBAGE = b"\xff\xfe\xfdthis is no protocol\r\n\r\n"


def vector(size_bytes, body):
    """A vector of TLS: its length in size_bytes, then its bytes."""
    return len(body).to_bytes(size_bytes, "big") + body


def extension(number, body):
    return struct.pack("!H", number) + vector(2, body)


def server_name(name):
    return extension(0, vector(2, b"\0" + vector(2, name.encode())))


def application_protocols(names):
    return extension(16, vector(2, b"".join(vector(1, n.encode()) for n in names)))


def handshake(name=None, alpn=(), padding=0):
    """A ClientHello handshake message. padding: bytes of an extra padding extension."""
    extensions = extension(43, b"\x02\x03\x04") + extension(10, vector(2, b"\0\x1d"))
    if name is not None:
        extensions += server_name(name)
    if alpn:
        extensions += application_protocols(alpn)
    if padding:
        extensions = extension(21, bytes(padding)) + extensions
    body = b"\x03\x03" + os.urandom(32) + vector(1, os.urandom(32))
    body += vector(2, b"\x13\x01\x13\x02\xc0\x2f") + b"\x01\x00" + vector(2, extensions)
    return b"\x01" + vector(3, body)


def record(fragment):
    return b"\x16\x03\x01" + vector(2, fragment)


def in_records(message, count):
    """The message over `count` records of nearly equal size."""
    step = -(-len(message) // count)
    return b"".join(record(message[i:i + step]) for i in range(0, len(message), step))


def tls(name=None, alpn=(), padding=0):
    """A ClientHello in as few records as the standard allows."""
    message = handshake(name, alpn, padding)
    return in_records(message, -(-len(message) // 16384))


def sslv2():
    """A version 2 hello that offers TLS (RFC 5246 E.2)."""
    body = b"\x01\x03\x01" + struct.pack("!HHH", 3, 0, 16) + b"\0\0\x2f" + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body
