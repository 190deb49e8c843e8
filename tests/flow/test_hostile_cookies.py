"""Under SYN cookies the last ACK of a handshake meets no socket; it is taken all the same."""
import pytest

import hello
from clients import ask, dial, sees_client
from sites import ONE_SITE, serving
from waiting import wait_for


@pytest.fixture(scope="module")
def daemon(lab, carried):
    """Cookies are sent always, as in the worst flood."""
    before = lab.router.sysctl("net.ipv4.tcp_syncookies")
    lab.router.sysctl("net.ipv4.tcp_syncookies", 2)
    with serving(lab, ONE_SITE, carried) as started:
        yield started
    lab.router.sysctl("net.ipv4.tcp_syncookies", before)


def cookies_seen(lab):
    """SyncookiesRecv of the router: handshakes that were finished by a cookie."""
    with lab.router.inside(), open("/proc/thread-self/net/netstat") as file:
        names, values = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(dict(zip(names, values))["SyncookiesRecv"])


def connects(lab, family):
    try:
        s = dial(lab.client, family, family.router, 443, timeout=3)
        sees_client(ask(s, hello.tls("one.example")), s, family)
        return True
    except ConnectionResetError:
        return False


def test_every_handshake_once_the_cookies_are_noticed(lab, daemon, family):
    wait_for(lambda: connects(lab, family), 2, "the daemon to notice the cookies")
    before = cookies_seen(lab)
    assert all(connects(lab, family) for _ in range(50))
    assert cookies_seen(lab) >= before + 50
