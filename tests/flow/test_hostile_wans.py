"""Two WANs, one default route, connmark routing: answers leave by the way the client came."""
import hashlib
import os
import socket

import pytest

import firewall
import hello
from clients import ask, dial, read_all, read_exactly, sees_client
from lab import V4, V6, Lab, standard
from sites import serving

CONFIG = """
[divert web]
tcp = 443
interface = wan, wan2
[route one]
server_name = one.example
backend = one
"""
# the far client, the second WAN: client's end, router's end
FAR = {V4: ("203.0.113.7", "198.51.101.7", "198.51.101.1"),
       V6: ("2001:db8:7::7", "2001:db8:2::7", "2001:db8:2::1")}


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    try:
        yield two_wans(standard(made))
    finally:
        made.close()


def two_wans(lab):
    """A second link between client and router; the client's far address is behind both."""
    lab.link(lab.client, "wan2", lab.router, "wan2")
    for family, (far, client, router) in FAR.items():
        lab.client.ip(f"addr add {far} dev lo", f"addr add {client}/{family.prefix} dev wan2")
        lab.router.ip(f"addr add {router}/{family.prefix} dev wan2")
        dash = f"-{family.version}"
        for table, via in ((1, family.client), (2, client)):
            link = ("wan", "wan2")[table - 1]
            lab.router.run("ip", dash, "route", "add", "default", "via", via, "dev", link,
                           "table", str(table))
            lab.router.run("ip", dash, "rule", "add", "pref", str(2000 + table), "fwmark",
                           f"{table * 256}/0x3f00", "lookup", str(table))
        lab.router.run("ip", dash, "route", "add", "default", "via", family.client)
        # what is not far away is not the WANs': their tables have nothing but a default route
        lab.router.run("ip", dash, "rule", "add", "pref", "1999", "lookup", "main",
                       "suppress_prefixlength", "0")
    lab.client.nft("""table inet watch {
        counter wrong { }
        chain in { type filter hook input priority 0;
            iifname "wan" ip saddr 198.51.101.1 counter name wrong drop
            iifname "wan" ip6 saddr 2001:db8:2::1 counter name wrong drop
            iifname "wan2" ip saddr 198.51.100.1 counter name wrong drop
            iifname "wan2" ip6 saddr 2001:db8:1::1 counter name wrong drop
        }
        }""")
    lab.router.nft(firewall.TWO_WANS)
    return lab


@pytest.fixture(scope="module")
def daemon(lab, way):
    with serving(lab, CONFIG, way) as started:
        yield started


@pytest.fixture(params=["wan", "wan2"])
def way_in(request, family):
    """The router's address by which the far client comes in."""
    return family.router if request.param == "wan" else FAR[family][2]


def test_the_far_client_is_answered_by_its_wan(lab, daemon, family, way_in):
    far = FAR[family][0]
    for _ in range(10):
        s = dial(lab.client, family, way_in, 443, source=far, timeout=3)
        sees_client(ask(s, hello.tls("one.example")), s, family, far)
        s.close()
    assert lab.client.counter("watch", "wrong") == 0


def test_five_megabytes_and_back(lab, daemon, family, way_in):
    s = dial(lab.client, family, way_in, 443, source=FAR[family][0], timeout=5)
    ask(s, hello.tls("one.example"))
    data = os.urandom(1 << 18)
    for _ in range(20):
        s.sendall(data)
        assert hashlib.sha256(read_exactly(s, len(data))).digest() == hashlib.sha256(data).digest()
    s.shutdown(socket.SHUT_WR)
    assert read_all(s) == b""
    assert lab.client.counter("watch", "wrong") == 0


def test_a_connection_that_is_refused(lab, daemon, family, way_in):
    """The RST, too, leaves by the right WAN."""
    s = dial(lab.client, family, way_in, 443, source=FAR[family][0], timeout=3)
    s.sendall(hello.GARBAGE)
    with pytest.raises(ConnectionResetError):
        s.recv(1)
