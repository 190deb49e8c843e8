"""Other tables that would rewrite or drop our packets: masquerade, port forwards, strict states."""
import os
import socket

import pytest

import firewall
import hello
from clients import ask, dial, finish, read_exactly, read_all, sees_client
from lab import V4, V6
from servers import Farm, Server, answer
from shuntd import Shuntd
from sites import ONE_SITE_AND_TRANSIT

ELSEWHERE = {V4: V4.backends[9], V6: V6.backends[9]}
RULES = {
    "masquerade": firewall.MASQUERADE_EVERYWHERE,
    "port-forward": (firewall.port_forward(443, ELSEWHERE) +
                     firewall.port_forward(8443, ELSEWHERE, "another")),
    "stateful": firewall.STATEFUL,
}
RULES["all"] = "\n".join(RULES.values())


@pytest.fixture(scope="module", params=list(RULES))
def rules(lab, request):
    """The hostile rules, there before the daemon."""
    lab.router.nft(RULES[request.param] + firewall.COUNT_INVALID)
    yield
    lab.router.nft("flush ruleset")


@pytest.fixture(scope="module")
def daemon(lab, rules, way):
    farm = Farm(lab, one=answer)
    wrong = [Server(lab, lab.backend, f, ELSEWHERE[f], 443, answer, "elsewhere") for f in (V4, V6)]
    started = Shuntd(lab, ONE_SITE_AND_TRANSIT + farm.backends(), way)
    yield started
    started.end()
    farm.close()
    for server in wrong:
        server.close()


def test_the_right_backend_sees_the_right_client(lab, daemon, family):
    for _ in range(10):
        s = dial(lab.client, family, family.router, 443)
        report = ask(s, hello.tls("one.example"))
        assert (report["server"], report["local"]) == ("one", family.backends[0])
        sees_client(report, s, family)
        s.close()


def test_original(lab, daemon, family):
    server = Server(lab, lab.backend, family, family.beyond, 8443, answer, "beyond")
    s = dial(lab.client, family, family.beyond, 8443)
    report = ask(s, hello.GARBAGE)
    assert (report["server"], report["local"]) == ("beyond", family.beyond)
    sees_client(report, s, family)
    server.close()


def test_a_megabyte_and_a_half_close(lab, daemon, family):
    data = os.urandom(1 << 20)
    s = dial(lab.client, family, family.router, 443)
    ask(s, hello.tls("one.example"))
    for at in range(0, len(data), 1 << 16):
        s.sendall(data[at:at + (1 << 16)])
        assert read_exactly(s, 1 << 16) == data[at:at + (1 << 16)]
    s.shutdown(socket.SHUT_WR)
    assert read_all(s) == b""


def test_the_same_client_port_again(lab, daemon, family):
    for _ in range(5):
        s = dial(lab.client, family, family.router, 443, source_port=40100)
        sees_client(ask(s, hello.tls("one.example")), s, family)
        finish(s)


def test_no_packet_is_invalid(lab, daemon, family):
    """Not one in all the tests before, nor in a connection with a half-close."""
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("one.example"))
    finish(s)
    for counter in ("forwarded", "received"):
        assert lab.router.counter("invalid", counter) == 0, counter
