"""Sysctls that wg-quick, Tailscale and careful people set, each alone and all at once."""
import pytest

import hello
from clients import ask, dial, sees_client
from servers import Server, answer
from shuntd import endpoint_of
from sites import ONE_SITE_AND_TRANSIT, serving

SETTINGS = {
    "rp_filter-0": {"net.ipv4.conf.*.rp_filter": 0},
    "rp_filter-1": {"net.ipv4.conf.*.rp_filter": 1},
    "rp_filter-2": {"net.ipv4.conf.*.rp_filter": 2},
    "src_valid_mark": {"net.ipv4.conf.*.src_valid_mark": 1},
    "tcp_fwmark_accept": {"net.ipv4.tcp_fwmark_accept": 1},
    "fwmark_reflect": {"net.ipv4.fwmark_reflect": 1, "net.ipv6.fwmark_reflect": 1},
}
MARKS = {k: v for name in ("src_valid_mark", "tcp_fwmark_accept", "fwmark_reflect")
         for k, v in SETTINGS[name].items()}
SETTINGS |= {f"all-{n}": {**MARKS, **SETTINGS[f"rp_filter-{n}"]} for n in (0, 1, 2)}


def expand(setting):
    """A `*` stands for all interfaces, those to come, and each."""
    return {key.replace("*", name): value for key, value in setting.items()
            for name in (("all", "default", "wan", "lan", "lo") if "*" in key else ("",))}


@pytest.fixture(scope="module", params=list(SETTINGS))
def setting(lab, request):
    wanted = expand(SETTINGS[request.param])
    before = {key: lab.router.sysctl(key) for key in wanted}
    for key, value in wanted.items():
        lab.router.sysctl(key, value)
    yield request.param
    for key, value in before.items():
        lab.router.sysctl(key, value)


@pytest.fixture(scope="module")
def daemon(lab, setting):
    with serving(lab, ONE_SITE_AND_TRANSIT) as started:
        yield started


def test_a_backend(lab, daemon, family):
    for _ in range(3):
        s = dial(lab.client, family, family.router, 443, timeout=3)
        sees_client(ask(s, hello.tls("one.example")), s, family)
        client = endpoint_of(s)
        s.close()
        daemon.flow(client=client, source="client", why="closed")


def test_original(lab, daemon, family):
    server = Server(lab, lab.backend, family, family.beyond, 8443, answer, "beyond")
    s = dial(lab.client, family, family.beyond, 8443, timeout=3)
    sees_client(ask(s, hello.GARBAGE), s, family)
    server.close()


def test_the_daemon_leaves_the_settings(lab, daemon, setting):
    """It lives with them; it does not put them back."""
    for key, value in expand(SETTINGS[setting]).items():
        assert lab.router.sysctl(key) == str(value), key
