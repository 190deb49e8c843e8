"""A chain of namespaces with a narrow link beyond the router, on each side or on one.

    client - c1 = c2 - router - b1 = b2 - backend       = is narrow (1300 bytes), - has 1500
"""
from lab import V4, V6, forwarding

NARROW = 1300
CHAIN = ("client", "c1", "c2", "router", "b1", "b2", "backend")
INTERFACES = (("eth0", "left"), ("right", "left"), ("right", "wan"),
              ("lan", "left"), ("right", "left"), ("right", "eth0"))
# counts the ICMP errors that come in from either side
ERRORS = """table inet watch {
    counter wan { }
    counter lan { }
    chain pre { type filter hook prerouting priority raw - 10;
        icmp type destination-unreachable icmp code frag-needed jump count
        icmpv6 type packet-too-big jump count
    }
    chain count {
        iifname wan counter name wan
        iifname lan counter name lan
    }
    }"""


def ends(family, link):
    """The addresses of the two ends of a link of the chain."""
    client_net, net, backend_net = (
        ("198.51.100.", f"10.0.{link}.", "192.168.1.") if family.version == 4 else
        ("2001:db8:1::", f"fd00:aa:{link}::", "fd00:1::"))
    return {0: (family.client, client_net + "9"),
            5: (backend_net + "9", family.backends[0])}.get(link, (net + "1", net + "2"))


def build(lab):
    spaces = [lab.namespace(role) for role in CHAIN]
    for link, names in enumerate(INTERFACES):
        left, right = spaces[link:link + 2]
        lab.link(left, names[0], right, names[1])
        for ns, name, end in ((left, names[0], 0), (right, names[1], 1)):
            for family in (V4, V6):
                ns.ip(f"addr add {ends(family, link)[end]}/{family.prefix} dev {name}")
    for ns in spaces[1:6]:
        forwarding(ns)
    for family in (V4, V6):
        routes(family, spaces)
    make_narrow(lab, 1, 4)
    return lab


def make_narrow(lab, *links):
    """Of the middle links these, and no other."""
    for link in (1, 4):
        mtu = NARROW if link in links else 1500
        for role, name in zip(CHAIN[link:link + 2], INTERFACES[link]):
            lab.namespaces[role].ip(f"link set {name} mtu {mtu}")


def routes(family, spaces):
    """Up to the router everything else is to the right, behind it to the left."""
    def route(at, to, link, end):
        spaces[at].run("ip", f"-{family.version}", "route", "add", to, "via", ends(family, link)[end])
    for at in (0, 1, 2):
        route(at, "default", at, 1)
    for at in (4, 5, 6):
        route(at, "default", at - 1, 0)
    for at, link in ((2, 1), (3, 2)):
        route(at, family.client, link, 0)
    for at in (3, 4):
        route(at, family.backends[0], at, 1)
    for at in (3, 4, 5):
        route(at, family.beyond, at, 1)
    spaces[6].ip(f"addr add {family.beyond} dev lo")


def forget_mtus(lab, roles=("client", "router", "backend")):
    """They do not know any more how narrow a way is."""
    for role in roles:
        for version in (4, 6):
            lab.namespaces[role].run("ip", f"-{version}", "route", "flush", "cache")


def errors(lab):
    """ICMP errors that came in, by the router's interface."""
    return {side: lab.router.counter("watch", side) for side in ("wan", "lan")}
