"""What the ends agreed upon with us when their connections began: such flows are handed over, or it is
counted why not; and every byte arrives in any case."""
import socket

import pytest

from clients import ask, dial, own_port, read_exactly
from lab import V4, V6
from servers import Server, answer
from shuntd import Shuntd
from talking import CONFIG, Counted, Crowd, handed_ports
from waiting import wait_for

KINDS = ("dialogue", "pipelined", "large_first", "segments")  # all have a moment for it
BULK = ("upload", "download")                                 # some of these end before
COUNT = 2
SCALES = range(15)
FIRST_PORT = 7000
# a divert for each scale: what its server says is learned from the first flow
BEYOND = "".join(f"[divert scale{k}]\ntcp = {FIRST_PORT + k}\ninterface = wan\nto = any\n"
                 for k in SCALES) + "[route any]\nbackend = original\n"
ALL_MEMORY = f"4096 131072 {(1 << 30) - 1}"   # a window that needs a scale of 14


def tcp(name, value):
    return lambda lab, ns, towards: ns.sysctl("net.ipv4.tcp_" + name, value)


def between(name, value):
    return lambda lab, ns, towards: lab.router.sysctl("net.ipv4.tcp_" + name, value)


def says_mss(size):
    """This host's SYNs say so."""
    def setup(lab, ns, towards):
        for family, version in ((V4, "-4"), (V6, "-6")):
            via = family.router if ns is lab.client else family.inside
            ns.run("ip", version, "route", "replace", "default", "via", via, "advmss", str(size))
    return setup


def link(mtu):
    def setup(lab, ns, towards):
        for end in (ns, lab.router):
            end.ip(f"link set {towards} mtu {mtu}")
    return setup


def cookies(lab, ns, towards):
    """The router's listeners answer with nothing else."""
    lab.router.sysctl("net.ipv4.tcp_syncookies", 2)


NONE = ()
# the client's side, the server's side, and why those flows are relayed; None: they are handed over
SETTINGS = {
    "usual": (NONE, NONE, None),
    "no-scale-client": ([tcp("window_scaling", 0)], NONE, "scale"),
    "no-scale-server": (NONE, [tcp("window_scaling", 0)], "scale"),
    "no-scale": ([tcp("window_scaling", 0)], [tcp("window_scaling", 0)], None),
    "no-sack-client": ([tcp("sack", 0)], NONE, "sack"),
    "no-sack-server": (NONE, [tcp("sack", 0)], "sack"),
    "no-sack": ([tcp("sack", 0)], [tcp("sack", 0)], None),
    "no-timestamps-client": ([tcp("timestamps", 0)], NONE, None),
    "no-timestamps": ([tcp("timestamps", 0)], [tcp("timestamps", 0)], None),
    "no-timestamps-router": ([between("timestamps", 0)], NONE, None),
    # without an offset of each pair of hosts' own: all three show the same clock
    "bare-timestamps": ([tcp("timestamps", 2), between("timestamps", 2)], [tcp("timestamps", 2)], None),
    "bare-timestamps-client": ([tcp("timestamps", 2)], NONE, None),
    "bare-timestamps-server": (NONE, [tcp("timestamps", 2)], None),
    "ecn-client": ([tcp("ecn", 1)], [tcp("ecn", 0)], "ecn"),
    "ecn-server": ([tcp("ecn", 0)], [tcp("ecn", 1)], None),
    "ecn-asked": ([tcp("ecn", 1), between("ecn", 1)], NONE, None),
    "ecn-asked-for-nobody": ([between("ecn", 1)], NONE, "ecn"),
    "cookies": ([cookies], NONE, "syn_cookie"),
    "cookies-server": (NONE, [tcp("syncookies", 2)], None),  # its timestamps tell the rest
    "cookies-no-timestamps": ([tcp("timestamps", 0)], [tcp("syncookies", 2)], "sack"),
    "mss-536-client": ([says_mss(536)], NONE, None),
    "mss-536-server": (NONE, [says_mss(536)], "mss"),
    "mss-1300-server": (NONE, [says_mss(1300)], None),
    "jumbo-client": ([link(9000)], NONE, None),
    "jumbo-server": (NONE, [link(9000)], None),
    "narrow": ([link(1280)], [link(1280)], None),
}


@pytest.fixture
def net(own_lab, request):
    """What the parameter says is set up before a daemon starts."""
    client, server, why = SETTINGS[request.param]
    for setup in client:
        setup(own_lab, own_lab.client, "wan")
    for setup in server:
        setup(own_lab, own_lab.backend, "lan")
    own_lab.why = why
    return own_lab


def teach(crowd):
    """The first flow tells the listener what this server takes."""
    assert not crowd.call([flow for family in (V4, V6)
                           for flow in crowd.flows(family, 1, "segments", spread_s=0)]).faults


@pytest.mark.parametrize("net", SETTINGS, indirect=True)
def test_terms(net):
    daemon = Shuntd(net, CONFIG, "handoff", shunt="workers = 1")
    crowd = Crowd(net, KINDS + BULK)
    if not net.why:
        teach(crowd)
    counted = Counted(daemon)
    flows = [flow for family in (V4, V6) for flow in crowd.flows(family, COUNT)]
    outcome = crowd.call(flows)
    assert not outcome.faults
    if net.why:
        assert counted.since() == {net.why: len(flows)}
        assert not outcome.handed
    else:
        assert set(counted.since()) == {"handed"}
        assert outcome.share_handed(*KINDS) == 1
    daemon.stop()
    crowd.close()


@pytest.mark.deadline(60)
def test_window_scales(own_lab):
    """Of 0 to 14 on either side, each with each: a client's is passed on, a server's is learned."""
    for ns in (own_lab.client, own_lab.router, own_lab.backend):
        ns.sysctl("net.ipv4.tcp_rmem", ALL_MEMORY)
    daemon = Shuntd(own_lab, BEYOND, "handoff", shunt="workers = 1")
    crowd = Crowd(own_lab, KINDS, listen=[(f.beyond, FIRST_PORT + k, k) for f in (V4, V6) for k in SCALES])

    def flows(clients, family):
        """A client of each of these scales to a server of each scale, one after the other begins."""
        pairs = [(c, s) for c in clients for s in SCALES]
        return [(family.client, crowd.next_port(KINDS[n % len(KINDS)]), family.beyond, FIRST_PORT + s, c,
                 0.4 * n / len(pairs)) for n, (c, s) in enumerate(pairs)]
    for family in (V4, V6):
        assert not crowd.call(flows([7], family)).faults
        counted = Counted(daemon)
        outcome = crowd.call(flows(SCALES, family))
        assert not outcome.faults
        assert set(counted.since()) == {"handed"}
        assert outcome.share_handed() > 0.9
    daemon.stop()


def dscp_rules(family, right):
    """Counts what comes in with this DSCP, and with another."""
    return f"""table inet dscp {{
        counter right {{ }}
        counter wrong {{ }}
        chain in {{ type filter hook input priority 0
            {family.ip} dscp {right} tcp sport 443 counter name right return
            {family.ip} dscp {right} tcp dport 443 counter name right return
            meta l4proto tcp counter name wrong
        }}
        }}"""


def test_dscp_of_the_client(own_lab, family):
    """It is on every packet to the server, those that we send when handing over among them."""
    daemon = Shuntd(own_lab, CONFIG, "handoff")
    crowd = Crowd(own_lab, KINDS, tos=0x48)
    own_lab.backend.nft(dscp_rules(family, "af11"))
    outcome = crowd.call(crowd.flows(family, 10), tos=0x28)
    assert not outcome.faults and outcome.share_handed() > 0.8
    assert own_lab.backend.counter("dscp", "wrong") == 0
    assert own_lab.backend.counter("dscp", "right") > 100
    daemon.stop()


def set_dscp(s, family, tos):
    if family.version == 6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, tos)
    else:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)


def test_dscp_of_the_server(own_lab, family):
    """From the handover on, when its packets are forwarded as they are."""
    def marked(connection, visit):
        set_dscp(connection, family, 0x48)
        answer(connection, visit)
    Server(own_lab, own_lab.backend, family, family.backends[0], 443, marked)
    daemon = Shuntd(own_lab, CONFIG, "handoff")
    s = dial(own_lab.client, family, family.router, 443)
    ask(s, b"hello")
    wait_for(lambda: own_port(s) in handed_ports(own_lab.router), 5, "the handover")
    own_lab.client.nft(dscp_rules(family, "af21"))
    for _ in range(20):
        s.sendall(b"x" * 3000)
        read_exactly(s, 3000)
    assert own_lab.client.counter("dscp", "wrong") == 0
    assert own_lab.client.counter("dscp", "right") > 20
    daemon.stop()
