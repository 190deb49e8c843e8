"""HTTP and HTTP/2 without TLS: by name, path and method, to real servers and from real clients."""
import re
import socket
import time

import pytest

import h2
import real
from clients import dial, ending, own_port, read_all
from lab import V4, V6
from shuntd import Shuntd

CONFIG = f"""
[divert web]
tcp = 80
interface = wan
wait = 3s
[route a]
divert = web
protocol = http
server_name = a.example
backend = a
[route b]
divert = web
protocol = http
server_name = *.b.example
backend = b
[route upload]
divert = web
protocol = http
server_name = a.example
method = PUT, POST
path = /upload/
backend = b
[route nameless]
divert = web
protocol = http
backend = c
[route a2]
divert = web
protocol = http2
server_name = a.example
backend = a2
[route b2]
divert = web
protocol = http2
server_name = *.b.example
backend = b2

[divert patient]
tcp = 81
interface = wan
wait = 700ms
[route named]
divert = patient
protocol = http2
server_name = a.example
backend = a2
[route waiting]
divert = patient
protocol = http2
backend = b2

[divert rpc]
tcp = 82
interface = wan
wait = 10s
[route site]
divert = rpc
protocol = tls
server_name = a.example
backend = a
[route rpc]
divert = rpc
protocol = grpc
backend = b2
"""

SITES = ("a", "b", "c")

pytestmark = pytest.mark.skipif(not real.is_installed("nginx", "curl"), reason="needs nginx and curl")


def backends():
    def endpoints(number, port):
        return ", ".join(f.endpoint(f.backends[number], port) for f in (V4, V6))
    return "".join(f"[backend {name}{suffix}]\nserver = {endpoints(number, port)}\n"
                   for number, name in enumerate(SITES) for suffix, port in (("", 80), ("2", 8080))
                   if name + suffix != "c2")


@pytest.fixture(scope="module")
def sites(lab):
    for number, name in enumerate(SITES):
        real.plain_nginx(lab, name, (V4, V6), number)


@pytest.fixture(scope="module")
def daemon(lab, sites, carried):
    started = Shuntd(lab, CONFIG + backends(), carried)
    yield started
    started.end()


def curl(lab, family, url, *options, port=80):
    """What curl prints, and the endpoint that it had."""
    address = family.endpoint(family.router, port).rsplit(":", 1)[0]
    name = re.match(r"\w+://([^/:]+)", url).group(1)
    told = lab.client.run("curl", "-sS", "--max-time", "15", "--resolve", f"{name}:{port}:{address}",
                          "-w", "%{local_port}", *options, url)
    said, own = told.rsplit("\n", 1)
    return said, family.endpoint(family.client, own), own


def reaches(lab, daemon, family, site, name, url, *options, proto="http", method="GET"):
    """The site answers, and saw this client and this name; the log says the same."""
    said, client, port = curl(lab, family, url, *options)
    target = re.sub(r"^\w+://[^/]+", "", url)
    assert said == f"{site} {family.client} {port} {name} {method} {target}"
    flow = daemon.flow(client=client)
    assert (flow["proto"], flow["name"], flow["why"]) == (proto, name, "closed")
    return flow


@pytest.mark.parametrize("name,site", [("a.example", "a"), ("x.b.example", "b"), ("y.x.b.example", "b"),
                                       ("other.example", "c")])
def test_curl_by_name(lab, daemon, family, name, site):
    flow = reaches(lab, daemon, family, site, name, f"http://{name}/x?y=z")
    assert flow["backend"] == site


@pytest.mark.parametrize("method,path,site", [
    ("GET", "/", "a"), ("GET", "/upload/x", "a"), ("PUT", "/upload/x", "b"), ("POST", "/upload/", "b"),
    ("POST", "/upload", "a"), ("DELETE", "/upload/x", "a")])
def test_curl_by_method_and_path(lab, daemon, family, method, path, site):
    reaches(lab, daemon, family, site, "a.example", f"http://a.example{path}", "-X", method, method=method)


def test_the_name_is_found_whatever_its_case_and_port(lab, daemon, family):
    said, client, port = curl(lab, family, "http://a.example/", "-H", "Host: A.Example.:8080")
    assert said == f"a {family.client} {port} a.example GET /"
    daemon.flow(client=client, name="a.example", route="a")


def test_http_1_0_without_a_host(lab, daemon, family):
    said, client, _ = curl(lab, family, "http://a.example/", "--http1.0", "-H", "Host:")
    assert said.startswith("c ")
    daemon.flow(client=client, name="-", route="nameless")


@pytest.mark.parametrize("name,site", [("a.example", "a"), ("x.b.example", "b")])
def test_absolute_form(lab, daemon, family, name, site):
    """curl -x asks its proxy with the whole URL. Host does not count."""
    proxy = "http://" + family.endpoint(family.router, 80)
    reaches(lab, daemon, family, site, name, f"http://{name}/x", "-x", proxy, "-H", "Host: c.example")


def ask(lab, daemon, family, first, port=80):
    """Say these bytes; what came back until the server's end, and the flow."""
    s = dial(lab.client, family, family.router, port)
    s.sendall(first)
    said = read_all(s).decode()
    s.shutdown(socket.SHUT_WR)
    return said, daemon.flow_of(s, family)


def test_connect(lab, daemon, family):
    """No site is a proxy, but the one that was asked for says so."""
    _, flow = ask(lab, daemon, family, b"CONNECT x.b.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n")
    assert (flow["name"], flow["route"]) == ("x.b.example", "b")


@pytest.mark.parametrize("first", [
    b"GET / HTTP/1.0\nHost: a.example\n\n",
    b"\r\nGET / HTTP/1.0\r\nhost:a.example\r\n\r\n",
    b"GET / HTTP/1.0\r\nX: " + b"x" * 7000 + b"\r\nY: " + b"y" * 7000 + b"\r\nHost: a.example\r\n\r\n"],
    ids=["lf-only", "empty-line-first", "far-behind"])
def test_a_request_by_hand(lab, daemon, family, first):
    said, flow = ask(lab, daemon, family, first)
    assert f"\na {family.client} " in said
    assert (flow["name"], flow["in"]) == ("a.example", str(len(first)))


@pytest.mark.parametrize("fields", [
    b"Host: a.example\r\nHost: x.b.example\r\n", b"Host: a.example\r\nHost: a.example\r\n",
    b"Host: a.example\r\n folded\r\n", b"X: y\r\n Host: a.example\r\n", b"Host : a.example\r\n"],
    ids=["two-hosts", "twice", "folded", "hidden", "blank"])
def test_what_gives_no_name(lab, daemon, family, fields):
    """A head that servers read in different ways names nobody."""
    _, flow = ask(lab, daemon, family, b"GET / HTTP/1.1\r\nConnection: close\r\n" + fields + b"\r\n")
    assert (flow["name"], flow["route"]) == ("-", "nameless")


def test_byte_by_byte(lab, daemon, family):
    first = b"GET /upload/ HTTP/1.0\r\nHost: a.example\r\n\r\n"
    s = dial(lab.client, family, family.router, 80)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in first[:-1]:
        s.sendall(bytes([byte]))
        assert ending(s, 0.003) == "silence"
    s.settimeout(5)
    s.sendall(first[-1:])
    assert f"\na {family.client} {own_port(s)} a.example GET /upload/" in read_all(s).decode()


def test_pipelined(lab, daemon, family):
    """The first request decides; the second one arrives behind it, at the same server."""
    said, flow = ask(lab, daemon, family,
                     b"GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
                     b"GET /2 HTTP/1.0\r\nHost: x.b.example\r\n\r\n")
    assert re.findall(r"^(\w) .* (\S+) GET (\S+)$", said, re.M) == [
        ("a", "a.example", "/1"), ("a", "x.b.example", "/2")]
    assert flow["name"] == "a.example"


@pytest.mark.parametrize("first", [b"GET key\r\n", b"OPTIONS rtsp://a.example/ R", b"CONNECT {", b"\r\n\r\n\r"],
                         ids=["redis", "rtsp", "nats", "empty-lines"])
def test_what_looks_alike_is_refused_at_once(lab, daemon, family, first):
    s = dial(lab.client, family, family.router, 80)
    begin = time.monotonic()
    s.sendall(first)
    assert ending(s, 3) == "reset"
    assert time.monotonic() - begin < 2
    daemon.flow_of(s, family, proto="-", route="unknown", why="rejected")


@pytest.mark.parametrize("name,site", [("a.example", "a"), ("x.b.example", "b")])
def test_http2(lab, daemon, family, name, site):
    flow = reaches(lab, daemon, family, site, name, f"http://{name}/x", "--http2-prior-knowledge",
                   proto="http2")
    assert flow["backend"] == site + "2"


def test_http2_with_a_name_without_a_route(lab, daemon, family):
    with pytest.raises(AssertionError, match="exit (56|16|52)"):
        curl(lab, family, "http://nobody.example/", "--http2-prior-knowledge")
    daemon.flow(proto="http2", name="nobody.example", route="unknown", why="rejected")


def test_http2_byte_by_byte(lab, daemon, family):
    first = h2.begin() + h2.request("x.b.example", "/h2")
    s = dial(lab.client, family, family.router, 80)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in first[:-1]:
        s.sendall(bytes([byte]))
        assert ending(s, 0.003) == "silence"
    s.settimeout(5)
    s.sendall(first[-1:])
    assert h2.read_body(s) == f"b {family.client} {own_port(s)} x.b.example GET /h2\n"


def wait_for_settings(lab, daemon, family, port):
    """A client that says no name before it has heard of the server: the seconds that took, and the flow."""
    s = dial(lab.client, family, family.router, port)
    begin = time.monotonic()
    s.sendall(h2.begin())
    h2.read_settings(s)
    took = time.monotonic() - begin
    s.sendall(h2.request("a.example"))
    assert h2.read_body(s) == f"b {family.client} {own_port(s)} a.example GET /\n"
    s.shutdown(socket.SHUT_WR)
    return took, daemon.flow_of(s, family)


def test_http2_that_waits_for_the_server(lab, daemon, family):
    """Where names count it is http2 without one when `wait` is over ..."""
    took, flow = wait_for_settings(lab, daemon, family, 81)
    assert 0.6 < took < 2
    assert (flow["proto"], flow["name"], flow["route"]) == ("http2", "-", "waiting")


def test_http2_where_no_name_counts(lab, daemon, family):
    """... and where they do not, but for other protocols, it is not kept waiting at all."""
    took, flow = wait_for_settings(lab, daemon, family, 82)
    assert took < 2
    assert (flow["proto"], flow["name"], flow["route"]) == ("http2", "-", "rpc")


def test_http2_that_names_itself_does_not_wait(lab, daemon, family):
    s = dial(lab.client, family, family.router, 81)
    begin = time.monotonic()
    s.sendall(h2.begin() + h2.request("a.example"))
    assert h2.read_body(s).startswith("a ")
    assert time.monotonic() - begin < 0.6
