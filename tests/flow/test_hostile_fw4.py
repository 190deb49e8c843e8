"""Behind the rules that a stock fw4 writes, with shunt's one line at the top of input."""
import time

import pytest

import firewall
import hello
from clients import ask, dial, read_line, report_of, sees_client
from servers import Farm, answer
from shuntd import Shuntd
from sites import ONE_SITE
from test_tcp_many import crowd

CLIENTS = 300


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm, way):
    lab.router.nft(firewall.fw4())
    started = Shuntd(lab, ONE_SITE + farm.backends(), way)
    yield started
    started.end()
    lab.router.nft("delete table inet fw4")


def test_one_connection(lab, daemon, family):
    """The backend's zone rejects what comes in for the router."""
    s = dial(lab.client, family, family.router, 443)
    sees_client(ask(s, hello.tls("one.example")), s, family)


def test_300_connections_at_once(lab, daemon, family):
    """No SYN meets the limiter, which lets 25 a second pass for the whole box."""
    limited = lab.router.counter("fw4", "limited")
    begin = time.monotonic()
    sockets = crowd(lab.client, family, CLIENTS, hello.tls("one.example"))
    reports = [report_of(read_line(s)) for s in sockets]
    assert [r["port"] for r in reports] == [s.getsockname()[1] for s in sockets]
    assert time.monotonic() - begin < 5
    assert lab.router.counter("fw4", "limited") == limited
    for s in sockets:
        s.close()


def test_the_limiter_is_there(lab, daemon, family):
    """Without shunt's line the same crowd is cut down: the test above can fail."""
    limited = lab.router.counter("fw4", "limited")
    for _ in range(200):
        s = lab.client.socket(family.af)
        s.setblocking(False)
        s.connect_ex((family.router, 444))
        s.close()
    assert lab.router.counter("fw4", "limited") > limited


def test_other_ports_are_refused_still(lab, daemon, family):
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 445, timeout=2)


def test_nothing_of_ours_is_rejected(lab, daemon, family):
    rejected = lab.router.counter("fw4", "rejected")
    for _ in range(20):
        s = dial(lab.client, family, family.router, 443)
        assert ask(s, hello.tls("one.example"))
        s.close()
    assert lab.router.counter("fw4", "rejected") == rejected
    assert lab.router.counter("fw4", "invalid") == 0


def test_the_acceptance_is_needed(own_lab, family):
    """Without the line nothing passes: this rule set is as strict as it claims."""
    farm = Farm(own_lab, one=answer)
    own_lab.router.nft(firewall.fw4(accept=None))
    Shuntd(own_lab, ONE_SITE + farm.backends())
    with pytest.raises(ConnectionRefusedError):
        dial(own_lab.client, family, family.router, 443, timeout=2)
