"""TCP timestamps: clocks of sockets, and what they show on the wire."""
import socket
import struct
import threading

TCP_REPAIR, TCP_TIMESTAMP = 19, 24
REPAIR_ON, REPAIR_OFF_SILENTLY = 1, -1
ROUND = 1 << 32
FEW_MS = 10
MOST_STEP = 0x55555000  # that a peer takes
SYN, RST = 0x02, 0x04
ETH_P_ALL = 3
OUTGOING = 4            # PACKET_OUTGOING


def clock_of(s):
    """What its next segment will show."""
    return s.getsockopt(socket.IPPROTO_TCP, TCP_TIMESTAMP) % ROUND


def set_clock(s, value):
    value = value % ROUND & ~1
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_ON)
    s.setsockopt(socket.IPPROTO_TCP, TCP_TIMESTAMP, struct.pack("I", value))
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF_SILENTLY)


def steps(distance):
    """Jumps that together are that far, each of which a peer takes."""
    count = -(-distance // MOST_STEP)
    return [distance // count & ~1] * count if count else []


def find_stamp(options):
    """(value, echo) among the options of a TCP header, or None."""
    while options:
        kind = options[0]
        if kind == 0:
            return None
        size = 1 if kind == 1 else options[1]
        if kind == 8:
            return struct.unpack("!II", options[2:10])
        options = options[size:]
    return None


class Segment:
    """A TCP segment, from its IP header on; as much as tells who said it when."""

    def __init__(self, packet, is_sent):
        head = 40 if packet[0] >> 4 == 6 else (packet[0] & 15) * 4
        tcp = packet[head:]
        self.is_sent = is_sent  # by the host where it was seen
        self.ports = struct.unpack("!HH", tcp[:4])
        self.flags = tcp[13]
        whole = struct.unpack("!H", packet[4:6])[0] + 40 if head == 40 else struct.unpack("!H", packet[2:4])[0]
        data = whole - head - (tcp[12] >> 4) * 4
        self.end = struct.unpack("!I", tcp[4:8])[0] + data if data else None
        self.stamp = find_stamp(tcp[20:(tcp[12] >> 4) * 4])


def is_tcp(packet):
    return len(packet) >= 40 and packet[6 if packet[0] >> 4 == 6 else 9] == socket.IPPROTO_TCP


class Wire:
    """Every TCP segment that comes to a host's interface and leaves by it, in the order of the wire."""

    def __init__(self, lab, ns, interface):
        self.segments = []
        self.raw = ns.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.raw.bind((interface, ETH_P_ALL))
        self.raw.settimeout(0.05)
        self.is_over = False
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()
        lab.on_close(self.close)

    def listen(self):
        while not self.is_over:
            try:
                packet, name = self.raw.recvfrom(200)
            except TimeoutError:
                continue
            if is_tcp(packet):
                self.segments.append(Segment(packet, name[2] == OUTGOING))
        self.raw.close()

    def close(self):
        self.is_over = True
        self.thread.join(5)

    def of(self, port):
        """Those of the connection with that client's port."""
        return [s for s in list(self.segments) if port in s.ports]


def faults_of(segments):
    """What is wrong with a connection's segments in their order: one without timestamps, but for a RST, or
    one with new data that looks old to whoever has seen those before. A few ms are what two processors that
    send at once make of it."""
    last, ends, faults = {}, {}, []
    for number, s in enumerate(segments):
        if s.flags & RST:
            continue
        if not s.stamp:
            faults.append(f"segment {number} has no timestamps")
            continue
        before = last.get(s.ports, s.stamp[0])
        is_new = s.end is not None and (s.end - ends.get(s.ports, s.end - 1) - 1) % ROUND < ROUND // 2
        if is_new:
            ends[s.ports] = s.end
        if (s.stamp[0] - before + FEW_MS) % ROUND >= ROUND // 2 and is_new:
            faults.append(f"segment {number} looks old: {s.stamp[0]:#x} after {before:#x}")
        if (s.stamp[0] - before) % ROUND < ROUND // 2:
            last[s.ports] = s.stamp[0]
    return faults
