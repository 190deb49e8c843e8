"""Servers on the router see the client under other people's rules and settings, and after the keeper's end."""
import pytest

import firewall
import hello
from clients import ask, dial, finish, own_port, read_exactly, sees_client
from lab import V4, V6
from servers import Server, answer
from shuntd import Shuntd, endpoint_of
from test_hostile_sysctl import MARKS, SETTINGS, expand
from waiting import stays

LOOPBACK = {4: "127.0.0.1", 6: "::1"}
CONFIG = f"""
[divert web]
tcp = 443
interface = wan

[divert own]
tcp = 8443
interface = wan
silent = original
unknown = original

[route loopback]
divert = web
server_name = loopback.example
backend = loopback

[route address]
divert = web
server_name = address.example
backend = address

[backend loopback]
server = 127.0.0.1:7001
server = [::1]:7001

[backend address]
server = {V4.endpoint(V4.inside, 7002)}
server = {V6.endpoint(V6.inside, 7002)}
"""
ELSEWHERE = {V4: V4.backends[9], V6: V6.backends[9]}
# as tuning guides have it: what passes lo need not be tracked
UNTRACKED = """
table inet untracked {
    chain out { type filter hook output priority raw;
        oif lo notrack
    }
    chain in { type filter hook prerouting priority raw;
        iif lo notrack
    }
}
"""
FORWARDS = """
table inet forwards {
    chain out { type nat hook output priority -100;
        meta nfproto ipv4 tcp dport { 7001, 7002, 8443 } dnat ip to %s:443
        meta nfproto ipv6 tcp dport { 7001, 7002, 8443 } dnat ip6 to [%s]:443
    }
}
""" % (ELSEWHERE[V4], ELSEWHERE[V6])
RULES = {
    "fw4": firewall.fw4(),
    "untracked": UNTRACKED,
    "masquerade": firewall.MASQUERADE_EVERYWHERE,
    "forwards": FORWARDS,
    "stateful": firewall.STATEFUL,
    "sysctl-1": {**MARKS, **SETTINGS["rp_filter-1"]},
    "sysctl-2": {**MARKS, **SETTINGS["rp_filter-2"]},
}


@pytest.fixture(scope="module", params=list(RULES))
def rules(lab, request):
    """There before the daemon."""
    given = RULES[request.param]
    before = {}
    if isinstance(given, str):
        lab.router.nft(given)
    else:
        before = {key: lab.router.sysctl(key) for key in expand(given)}
        for key, value in expand(given).items():
            lab.router.sysctl(key, value)
    yield request.param
    lab.router.nft("flush ruleset")
    for key, value in before.items():
        lab.router.sysctl(key, value)


def serve(lab):
    return [Server(lab, lab.router, family, address, port, answer, name=str(port))
            for family in (V4, V6)
            for address, port in ((LOOPBACK[family.version], 7001), (family.inside, 7002),
                                  (family.router, 8443))]


@pytest.fixture(scope="module")
def servers(lab):
    made = serve(lab)
    yield
    for server in made:
        server.close()


@pytest.fixture(scope="module")
def daemon(lab, rules, servers):
    started = Shuntd(lab, CONFIG)
    yield started
    started.end()


def call(lab, family, name):
    """A connection that is served; the server saw the client's address, and its port but for `original`."""
    s = dial(lab.client, family, family.router, 8443 if name == "original" else 443)
    report = ask(s, hello.tls(f"{name}.example"))
    assert report["server"] == {"loopback": "7001", "address": "7002", "original": "8443"}[name]
    if name == "original":
        assert report["peer"] == family.client and report["port"] != own_port(s)
    else:
        sees_client(report, s, family)
    return s


@pytest.mark.parametrize("name", ["loopback", "address", "original"])
def test_it_is_served(lab, daemon, family, name):
    for _ in range(3):
        s = call(lab, family, name)
        s.sendall(b"x" * 100_000)
        assert read_exactly(s, 100_000) == b"x" * 100_000
        client = endpoint_of(s)
        finish(s)
        daemon.flow(client=client, why="closed", source="address" if name == "original" else "client")


def test_they_live_through_the_keepers_end(own_lab, family):
    """The rules that bring answers back are not those that go with it."""
    serve(own_lab)
    daemon = Shuntd(own_lab, CONFIG)
    sockets = [call(own_lab, family, name) for name in ("loopback", "address", "original")]

    def echo():
        for s in sockets:
            s.sendall(b"tick")
            assert read_exactly(s, 4) == b"tick"
        return True
    daemon.kill()
    stays(echo, 0.3, "the connections")
    for s in sockets:
        finish(s)
