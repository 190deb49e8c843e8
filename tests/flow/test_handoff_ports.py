"""A client's port, used towards several addresses that lead to one server, while flows are handed over."""
import pytest

import hello
from clients import ask, dial, finish, own_port, sees_client
from handed import is_handed, open_flow, talk
from servers import Farm, answer
from shuntd import Shuntd

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route one]
server_name = one.example
backend = one
"""
HELLO = hello.tls("one.example")


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, one=answer)
    started = Shuntd(lab, CONFIG + farm.backends(), carried="handoff")
    yield started
    started.end()
    farm.close()


def taken(daemon):
    return daemon.status()["flows"]["fallback"]["port_taken"]


def test_another_address_same_port(lab, daemon, family):
    """The server is one, and so the second flow must have another port there: both live."""
    before = taken(daemon)
    first = open_flow(lab, family, HELLO, source_port=51001)
    talk(first, 1)
    second = dial(lab.client, family, family.other_router, 443, source_port=51001)
    report = ask(second, HELLO)
    assert report["peer"] == family.client and report["port"] != 51001
    assert taken(daemon) == before + 1
    for _ in range(3):
        talk(second, 1)
        talk(first, 1)
    assert is_handed(lab, first)
    finish(second)
    talk(first, 1)
    finish(first)


def test_free_again_when_the_first_is_over(lab, daemon, family):
    first = open_flow(lab, family, HELLO, source_port=51002)
    finish(first)
    second = dial(lab.client, family, family.other_router, 443, source_port=51002)
    sees_client(ask(second, HELLO), second, family)
    talk(second, 1)


def test_the_same_connection_begun_anew(lab, daemon, family):
    """A client that lost its memory: the server is told that the former one is over, as without us."""
    before = taken(daemon)
    first = open_flow(lab, family, HELLO, source_port=51003)
    lab.client.nft("table inet t { chain o { type filter hook output priority 0; "
                   "tcp sport 51003 drop; }; }")
    first.close()
    # it is silent now: not even its RST or FIN comes out
    lab.client.run("ss", "-K", "sport", "=", ":51003")
    lab.client.nft("delete table inet t")
    second = dial(lab.client, family, family.router, 443, source_port=51003)
    report = ask(second, HELLO)
    assert report["port"] == own_port(second) == 51003
    assert taken(daemon) == before
    talk(second, 2)
