"""Servers that say just as much as a real client of their protocol needs; for servers.Server. Each tells the client,
somewhere, whom it sees: "ADDRESS PORT"."""
import contextlib
import struct


class Reader:
    """Reads whole messages, whatever the segments. At the client's end the server's ends, too."""

    def __init__(self, connection, visit):
        self.connection, self.visit = connection, visit

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                self.visit.end = "eof"
                raise EOFError
            data += more
        self.visit.got += data[:4096]
        return data

    def line(self):
        data = b""
        while not data.endswith(b"\n"):
            data += self.take(1)
        return data


def script(serve):
    """A function of what is sent, of a reader and of the text that names the client."""
    def run(connection, visit):
        with contextlib.suppress(EOFError):
            serve(connection.sendall, Reader(connection, visit), f"{visit.peer} {visit.port}".encode())
    return run


@script
def postgresql(send, reader, seen):
    """Refuses TLS, takes any user, answers each query with one row."""
    def message(kind, data=b""):
        send(kind + struct.pack(">I", 4 + len(data)) + data)
    size, code = struct.unpack(">II", reader.take(8))
    if size == 8:
        send(b"N")
        size, code = struct.unpack(">II", reader.take(8))
    assert code == 0x30000
    reader.take(size - 8)
    message(b"R", struct.pack(">I", 0))
    for name, value in ((b"server_version", b"15.0"), (b"client_encoding", b"UTF8"),
                        (b"standard_conforming_strings", b"on")):
        message(b"S", name + b"\0" + value + b"\0")
    message(b"Z", b"I")
    while True:
        kind, size = struct.unpack(">cI", reader.take(5))
        reader.take(size - 4)
        if kind == b"Q":
            message(b"T", struct.pack(">H", 1) + b"seen\0" + struct.pack(">IHIhiH", 0, 0, 25, -1, -1, 0))
            message(b"D", struct.pack(">HI", 1, len(seen)) + seen)
            message(b"C", b"SELECT 1\0")
            message(b"Z", b"I")


def document(**elements):
    """In BSON."""
    kinds = {bool: (8, lambda v: bytes([v])), int: (16, lambda v: struct.pack("<i", v)), float: (1, lambda v: struct.pack("<d", v)),
             bytes: (2, lambda v: struct.pack("<I", len(v) + 1) + v + b"\0")}
    body = b""
    for name, value in elements.items():
        kind, encode = kinds[type(value)]
        body += bytes([kind]) + name.encode() + b"\0" + encode(value)
    return struct.pack("<I", len(body) + 5) + body + b"\0"


@script
def mongodb(send, reader, seen):
    """Answers the handshake of before 3.6, and any command."""
    while True:
        size, number, _, code = struct.unpack("<IIII", reader.take(16))
        reader.take(size - 16)
        answer = document(ismaster=True, maxBsonObjectSize=1 << 24, maxMessageSizeBytes=48000000, maxWriteBatchSize=1000,
                          minWireVersion=0, maxWireVersion=8, ok=1.0, seen=seen)
        is_query = code == 2004
        body = struct.pack("<IQII", 8, 0, 0, 1) if is_query else struct.pack("<IB", 0, 0)
        send(struct.pack("<IIII", 16 + len(body) + len(answer), 7, number, 1 if is_query else 2013) + body + answer)


@script
def cassandra(send, reader, seen):
    """Says what it supports, is ready, and knows nothing else."""
    def text(data):
        return struct.pack(">H", len(data)) + data

    def option(name, value):
        return text(name) + struct.pack(">H", 1) + text(value)
    while True:
        version, _, stream, opcode, size = struct.unpack(">BBHBI", reader.take(9))
        reader.take(size)
        if opcode == 5:
            opcode, body = 6, struct.pack(">H", 3) + option(b"CQL_VERSION", b"3.4.4") + \
                option(b"COMPRESSION", b"none") + option(b"SEEN", seen)
        elif opcode == 1:
            opcode, body = 2, b""
        else:
            opcode, body = 0, struct.pack(">I", 0) + text(seen)
        send(struct.pack(">BBHBI", version | 0x80, 0, stream, opcode, len(body)) + body)


@script
def amqp(send, reader, seen):
    """A broker of 0-9-1 that takes messages and forgets them."""
    answers = {
        (10, 11): (10, 30, struct.pack(">HIH", 0, 131072, 0)),
        (10, 40): (10, 41, b"\0"),
        (20, 10): (20, 11, bytes(4)),
        (20, 40): (20, 41, b""),
        (10, 50): (10, 51, b""),
    }

    def method(channel, number, kind, arguments):
        body = struct.pack(">HH", number, kind) + arguments
        send(struct.pack(">BHI", 1, channel, len(body)) + body + b"\xce")
    assert reader.take(8) == b"AMQP\0\0\x09\1"
    told = b"\4seenS" + struct.pack(">I", len(seen)) + seen
    method(0, 10, 10, b"\0\x09" + struct.pack(">I", len(told)) + told +
           struct.pack(">I", 5) + b"PLAIN" + struct.pack(">I", 5) + b"en_US")
    while True:
        kind, channel, size = struct.unpack(">BHI", reader.take(7))
        body = reader.take(size + 1)
        answer = answers.get(struct.unpack(">HH", body[:4])) if kind == 1 else None
        if answer:
            method(channel, *answer)


@script
def mysql(send, reader, seen):
    """Speaks first, takes any user, answers each query with one row."""
    def packet(number, data):
        send(struct.pack("<I", len(data))[:3] + bytes([number]) + data)

    def text(data):
        return bytes([len(data)]) + data
    end = b"\xfe\0\0\2\0"
    packet(0, b"\x0a" + b"5.7.0-scripted\0" + struct.pack("<I", 1) + b"12345678\0" +
           struct.pack("<HBHHB", 0xa20d, 33, 2, 0x0008, 21) + bytes(10) + b"123456789012\0" +
           b"mysql_native_password\0")
    size = int.from_bytes(reader.take(4)[:3], "little")
    reader.take(size)
    packet(2, b"\0\0\0\2\0\0\0")
    while True:
        size = int.from_bytes(reader.take(4)[:3], "little")
        if reader.take(size)[:1] != b"\x03":
            continue
        packet(1, b"\1")
        packet(2, text(b"def") + text(b"") * 3 + text(b"seen") * 2 + b"\x0c" +
               struct.pack("<HIBHBH", 33, 255, 253, 0, 0, 0))
        packet(3, end)
        packet(4, text(seen))
        packet(5, end)


@script
def smtp(send, reader, seen):
    """Speaks first, and takes any mail."""
    send(b"220 " + seen + b" scripted ESMTP\r\n")
    while True:
        word = reader.line()[:4].upper()
        if word == b"DATA":
            send(b"354 go on\r\n")
            while reader.line() != b".\r\n":
                pass
        send(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
