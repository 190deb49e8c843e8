"""Segments that nobody's socket sent."""
import socket
import struct

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


def folded_sum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return (total + (total >> 16)) & 0xffff


def segment(family, source, target, flags, seq, ack=0):
    """A TCP segment without options and data; source and target are (address, port)."""
    head = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 5 << 4, flags, 65535, 0, 0)
    addresses = b"".join(socket.inet_pton(family.af, end[0]) for end in (source, target))
    checksum = ~folded_sum(addresses + struct.pack("!II", len(head), socket.IPPROTO_TCP) + head) & 0xffff
    return head[:16] + struct.pack("!H", checksum) + head[18:]


def packet(family, source, target, tcp):
    addresses = b"".join(socket.inet_pton(family.af, end[0]) for end in (source, target))
    if family.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(tcp), socket.IPPROTO_TCP, 64) + addresses + tcp
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0) + addresses + tcp


def send(ns, family, source, target, flags, seq, ack=0):
    """Send one from that namespace, whatever its addresses are."""
    data = packet(family, source, target, segment(family, source, target, flags, seq, ack))
    with ns.socket(family.af, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(data, (target[0], 0))
