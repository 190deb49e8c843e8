"""What a connection is for: `to = @IFACE`, `transit`, `any`, `local`, while addresses come and go."""
import time

import pytest

import hello
from clients import ask, dial, ending, sees_client
from lab import V4, V6
from servers import Farm, Server, answer
from shuntd import Shuntd
from waiting import stays, wait_for

SOON_S = 1.5  # 20 ms and a transaction, and what a busy box makes of it
AT_ONCE_S = 5  # a packet that must be answered has got time on a busy box
TLS, ANY = 445, 446
source_ports = iter(range(20000, 30000))  # none of those that the kernel chooses
CONFIG = """
[divert iface]
tcp = 443
to = @wan
[divert mixed]
tcp = 444
to = @lan, 203.0.113.0/24, 2001:db8:80::/48, @ext0
[divert police]
tcp = 445
to = transit
[divert whole]
tcp = 446
to = any
[divert box]
tcp = 447
[divert box_besides]
tcp = 448
to = @lan
[divert box_after]
tcp = 448

[route iface]
divert = iface mixed whole box box_besides
backend = one
[route after]
divert = box_after
backend = two
[route good]
divert = police
protocol = tls
server_name = *.good.example
backend = original
"""


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, one=answer, two=answer)
    return Shuntd(lab, CONFIG + farm.backends())


def who(lab, family, address, port, timeout=AT_ONCE_S, **options):
    """The server that answers, or None when nobody does."""
    try:
        s = dial(lab.client, family, address, port, timeout=timeout, **options)
    except OSError:
        return None
    report = ask(s, b"hello\n")
    sees_client(report, s, family)
    return report["server"]


def taken_soon(lab, family, address, port):
    """Taken within SOON_S, as far as a client can tell: the first connection that is not refused."""
    began = time.monotonic()
    wait_for(lambda: who(lab, family, address, port) == "one", 5, f"{address} to be taken", every=0.005)
    return time.monotonic() - began < SOON_S


def never_taken(lab, family, address, port, daemon):
    """Not diverted: the box itself refuses it, or nobody has that address any more."""
    source_port = next(source_ports)
    assert who(lab, family, address, port, timeout=1, source_port=source_port) is None
    client = family.endpoint(family.client, source_port)
    assert not [flow for flow in daemon.flow_lines() if flow["client"] == client]


def goes_soon(lab, address, divert):
    """Out of the set of that divert."""
    name = f"at{6 if ':' in address else 4}_{divert}"

    def is_out():
        text = lab.router.run("nft", "list", "set", "inet", "shunt", name)
        return address not in text.replace(",", " ").split()
    wait_for(is_out, SOON_S, f"{address} to go")


def test_all_addresses_of_an_interface(lab, daemon, family):
    for address in family.router, family.other_router:
        assert who(lab, family, address, 443) == "one"
    # another interface's address, though the packet comes in by wan
    never_taken(lab, family, family.inside, 443, daemon)
    assert who(lab, family, family.inside, 444) == "one"
    never_taken(lab, family, family.router, 444, daemon)


def test_prefixes_beside_an_interface(lab, daemon, family):
    assert who(lab, family, family.beyond, 444) == "one"
    server = Server(lab, lab.backend, family, family.beyond, 443, answer, "beyond")
    assert who(lab, family, family.beyond, 443) == "beyond"
    server.close()


def test_an_address_that_comes_and_goes(lab, daemon, family):
    new = family.router[:-1] + "5"
    for _ in range(2):
        lab.router.ip(f"addr add {new}/{family.prefix} dev wan")
        assert taken_soon(lab, family, new, 443)
        assert who(lab, family, new, 447) == "one"
        lab.router.ip(f"addr del {new}/{family.prefix} dev wan")
        goes_soon(lab, new, "iface")
        never_taken(lab, family, new, 443, daemon)
    assert who(lab, family, family.router, 443) == "one"
    assert "repaired" not in daemon.text()


def test_an_address_moves_to_another_interface(lab, daemon, family):
    """It is the interface that counts."""
    new, host = ("2001:db8:d::6", 128) if family is V6 else ("203.0.115.6", 32)
    lab.router.ip(f"addr add {new}/{host} dev lan")
    assert taken_soon(lab, family, new, 444)
    never_taken(lab, family, new, 443, daemon)
    lab.router.ip(f"addr del {new}/{host} dev lan", f"addr add {new}/{host} dev wan")
    assert taken_soon(lab, family, new, 443)
    never_taken(lab, family, new, 444, daemon)
    lab.router.ip(f"addr del {new}/{host} dev wan")
    goes_soon(lab, new, "iface")


def test_an_interface_that_comes_late(lab, daemon, family):
    """It comes, is renamed, comes back under its name, and goes."""
    address = "203.0.114.9" if family is V4 else "2001:db8:114::9"
    lab.router.ip("link add ext0 type veth peer name ext1", "link set ext1 up", "link set ext0 up",
                  f"addr add {address}/{family.prefix} dev ext0")
    assert taken_soon(lab, family, address, 444)
    lab.router.ip("link set ext0 down", "link set ext0 name gone", "link set gone up")
    goes_soon(lab, address, "mixed")
    lab.router.ip("link set gone down", "link set gone name ext0", "link set ext0 up")
    if family is V6:  # they went when it was down
        lab.router.ip(f"addr add {address}/{family.prefix} dev ext0")
    assert taken_soon(lab, family, address, 444)
    lab.router.ip("link del ext0")
    goes_soon(lab, address, "mixed")
    assert who(lab, family, family.inside, 444) == "one"


@pytest.mark.parametrize("port", [443, 447], ids=["iface", "local"])
def test_a_prefix_change(lab, daemon, port):
    """A provider gives another IPv6 prefix: what runs goes on, new connections find the new address."""
    old, new = "2001:db8:a::1", "2001:db8:b::1"
    lab.client.ip(*(f"route replace {a}/64 via {V6.router}" for a in (old[:-1], new[:-1])))
    lab.router.ip(f"addr add {old}/64 dev wan")
    assert taken_soon(lab, V6, old, port)
    s = dial(lab.client, V6, old, port)
    ask(s, b"hello\n")
    lab.router.ip(f"addr add {new}/64 dev wan", f"addr change {old}/64 dev wan preferred_lft 0")
    assert taken_soon(lab, V6, new, port)
    lab.router.ip(f"addr del {old}/64 dev wan")
    goes_soon(lab, old, "iface")
    never_taken(lab, V6, old, port, daemon)

    def goes_on():
        s.sendall(b"x")
        return s.recv(1) == b"x"
    stays(goes_on, 0.3, "the flow to the old address")
    assert who(lab, V6, new, port) == "one"
    lab.router.ip(f"addr del {new}/64 dev wan")


def test_temporary_addresses(lab, daemon):
    """RFC 8981: the kernel makes them by itself, and they are the box's as any other."""
    lab.client.ip(f"route replace 2001:db8:c::/64 via {V6.router}")
    lab.router.sysctl("net.ipv6.conf.wan.use_tempaddr", 2)
    lab.router.run("ip", "addr", "add", "2001:db8:c::1/64", "dev", "wan", "mngtmpaddr",
                   "valid_lft", "7200", "preferred_lft", "3600", "nodad")

    def temporary():
        text = lab.router.run("ip", "-o", "-6", "addr", "show", "dev", "wan", "temporary")
        return next((w.split("/")[0] for w in text.split() if w.startswith("2001:db8:c:")), None)
    address = wait_for(temporary, 5, "a temporary address")
    for port in 443, 447:
        assert taken_soon(lab, V6, address, port)
    lab.router.ip("addr del 2001:db8:c::1/64 dev wan")
    goes_soon(lab, address, "iface")


def test_policing_what_passes(lab, daemon, family):
    """`transit` and `original`: only what is TLS to these names gets to where it wanted to go."""
    server = Server(lab, lab.backend, family, family.beyond, TLS, answer, "beyond")
    s = dial(lab.client, family, family.beyond, TLS)
    report = ask(s, hello.tls("www.good.example"))
    sees_client(report, s, family)
    assert (report["server"], report["local"], report["local_port"]) == ("beyond", family.beyond, TLS)
    for first in hello.tls("www.bad.example"), hello.tls(), hello.SSH, hello.GARBAGE:
        s = dial(lab.client, family, family.beyond, TLS)
        s.sendall(first)
        assert ending(s) == "reset"
    assert len(server.visits) == 1
    server.close()
    # the box's own are none of its business, whatever the interface
    for address in family.router, family.other_router, family.inside:
        never_taken(lab, family, address, TLS, daemon)


def test_policing_follows_the_boxs_addresses(lab, daemon, family):
    """What was beyond is the box's own from the moment that it has the address."""
    s = dial(lab.client, family, family.beyond, TLS)
    s.sendall(hello.GARBAGE)
    assert ending(s) == "reset"
    daemon.flow_of(s, family, divert="police")
    host = 128 if family is V6 else 32
    lab.router.ip(f"addr add {family.beyond}/{host} dev lan")
    try:
        never_taken(lab, family, family.beyond, TLS, daemon)
        assert who(lab, family, family.beyond, 447) == "one"
    finally:
        lab.router.ip(f"addr del {family.beyond}/{host} dev lan")
    never_taken(lab, family, family.beyond, 447, daemon)


def test_any_is_both(lab, daemon, family):
    for address in family.router, family.other_router, family.inside, family.beyond:
        assert who(lab, family, address, ANY) == "one"


def test_never_by_lo(lab, daemon, family):
    """The box's own connections to its own addresses, and to loopback."""
    loopback = "::1" if family is V6 else "127.0.0.1"
    for port in 443, TLS, ANY, 447:
        for address in loopback, family.router:
            with pytest.raises(ConnectionRefusedError):
                dial(lab.router, family, address, port, source=address)


def test_the_first_of_the_file_takes_it(lab, daemon, family):
    """Two that overlap in some addresses."""
    assert who(lab, family, family.inside, 448) == "one"
    assert who(lab, family, family.router, 448) == "two"


def test_the_overlap_is_said(daemon):
    text = daemon.text()
    assert "[divert box_after] overlaps [divert box_besides], which comes first" in text
    assert text.count(" overlaps ") == 1
