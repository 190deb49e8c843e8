"""Routes by method and path of an HTTP/1 request, and by regular expressions of the server's name.

Hostile names meet hostile expressions in a real sniffer, which its filter of system calls kills for
any allocation: none may be replaced.
"""
import re

import pytest

import hello
from clients import ask, dial, ending
from lab import V4
from servers import Farm, answer
from shuntd import Shuntd

ROUTES = r"""
[divert plain]
tcp = 80
wait = 500ms

[divert tls]
tcp = 443
unknown = fallback

[divert hostile]
tcp = 8443
unknown = fallback

[route any]
divert = plain
backend = any

[route http]
divert = plain
protocol = http
backend = http

[route api]
divert = plain
protocol = http
path = /api/
backend = api

[route longer]
divert = plain
protocol = http
path = /api/v2/, /v2/
backend = longer

[route post]
divert = plain
protocol = http
method = POST, PUT
path = /
backend = post

[route digits]
divert = tls
server_name = /^a[0-9]{1,3}\.(x, |y)*example$/, /^slash\/?\./
backend = digits

[route whole]
divert = tls
server_name = a7.example
backend = whole

[route hostile]
divert = hostile
server_name = /^(a+)+$/, /(a*)*(a*)*[^a-z0-9.-]$/
server_name = /^(?:(a)|(b)|(c)|(d)|(e)|(f)|(g)|(h)|(i)|(j)|(k)|(l)|(m)|(n)|(o)|.)*[^a-z.]/
server_name = /^(?:.|.|.|.)*(?:(?=.*_)a|.)*_/, /(?:[a-z.]*[a-z.]*[a-z.]*)*[^a-z.-]/
backend = reject
"""
BACKENDS = ("any", "http", "api", "longer", "post", "digits", "whole", "fallback")


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, **dict.fromkeys(BACKENDS, answer))
    started = Shuntd(lab, ROUTES + farm.backends())
    yield started
    started.end()
    farm.close()


def request(line, *fields):
    return "\r\n".join((line, *fields, "", "")).encode()


@pytest.mark.parametrize("line, backend", [
    ("GET / HTTP/1.1", "http"),
    ("GET /api HTTP/1.1", "http"),
    ("GET /api/ HTTP/1.1", "api"),
    ("GET /API/ HTTP/1.1", "http"),
    ("GET /api/v2/x?y=z HTTP/1.0", "longer"),
    ("GET http://other.example/api/x HTTP/1.1", "api"),
    ("POST /api/v2/ HTTP/1.1", "post"),  # more keys, before the longer path
    ("post /api/v2/ HTTP/1.1", "longer"),
    ("PUT /x HTTP/1.1", "post"),
    ("OPTIONS * HTTP/1.1", "http"),
])
def test_the_request_decides(lab, daemon, line, backend):
    s = dial(lab.client, V4, V4.router, 80)
    assert ask(s, request(line, "Host: www.example"))["server"] == backend


def test_a_request_in_pieces(lab, daemon):
    s = dial(lab.client, V4, V4.router, 80)
    whole = request("GET /api/v2/x HTTP/1.1", "Host: www.example")
    for at in range(0, len(whole), 7):
        s.sendall(whole[at:at + 7])
    assert ask(s, b"")["server"] == "longer"
    s.close()
    assert daemon.flow(route="longer", proto="http", name="www.example")


@pytest.mark.parametrize("first", [hello.SSH, hello.GARBAGE], ids=["ssh", "garbage"])
def test_what_is_no_request_goes_to_any(lab, daemon, first):
    s = dial(lab.client, V4, V4.router, 80)
    assert ask(s, first)["server"] == "any"


def test_any_needs_a_byte(lab, daemon):
    s = dial(lab.client, V4, V4.router, 80)
    assert ending(s, 3) == "reset"
    assert daemon.flow_of(s, V4)["route"] == "silent"
    s = dial(lab.client, V4, V4.router, 80)
    s.sendall(b"\0")
    assert b'"any"' in ending(s, 3)


@pytest.mark.parametrize("name, backend", [
    ("a12.example", "digits"),
    ("A12.EXAMPLE", "digits"),
    ("a1234.example", "fallback"),
    ("ba1.example", "fallback"),
    ("a7.example", "whole"),  # a whole name before any expression
    ("slash.example", "digits"),
    (None, "fallback"),
])
def test_a_name_by_expression(lab, daemon, name, backend):
    s = dial(lab.client, V4, V4.router, 443)
    assert ask(s, hello.tls(name))["server"] == backend


def long_names():
    """Names up to the longest there is, made of what the expressions above repeat."""
    for size in (1, 30, 63, 64, 127, 200, 253):
        labels = re.findall(".{1,63}", "a" * size)
        yield ".".join(labels)[:size].rstrip(".")
        yield ".".join(labels)[:max(size - 1, 1)].rstrip(".") + "b"


def test_hostile_names_kill_no_sniffer(lab, daemon):
    before = daemon.children()["sniffer"]
    for name in long_names():
        s = dial(lab.client, V4, V4.router, 8443)
        s.sendall(hello.tls(name))
        end = ending(s)
        # what fits is refused; what does not, or was given up, is unknown: that server answers
        assert end == "reset" if set(name) == {"a"} else b'"fallback"' in end, name
    assert daemon.children()["sniffer"] == before
    status = daemon.status()
    assert status["flows"]["regex_cut"] > 10
    assert status["limits"]["regexes"] == {"limit": 256, "use": 7}
    assert all(c["sniffer_restarts"] == 0 for c in status["processes"]["carriers"])
    assert "given up at their limit" in daemon.ctl("status")
