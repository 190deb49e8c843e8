"""What shuntctl explain says of a flow is what happens to it: the same first bytes told to both."""
import json
import time

import pytest

import h2
import hello
from clients import dial, ending, read_line
from lab import V4, V6
from servers import Farm, answer, greet
from shuntd import SHUNTCTL, Shuntd, endpoint_of

HTTP = b"%b %b HTTP/1.1\r\nHost: %b\r\n\r\n"
ROUTES = f"""
[divert web]
tcp = 443
interface = wan
wait = 400ms
silent = mail
[divert any]
tcp = 444
interface = wan
wait = 400ms
[divert patient]
tcp = 445
interface = wan
wait = 1m
[route patient]
divert = patient
protocol = tls, ssh, sslv2, http, http2
server_name = git.example
backend = one
[route exact]
divert = web
server_name = git.example
backend = one
[route wild]
divert = web
protocol = tls
server_name = *.example
backend = two
[route regex]
divert = web
server_name = /^r[0-9]+\\./
backend = one
[route nameless]
divert = web
protocol = tls
server_name = none
backend = two
[route h2]
divert = web
protocol = tls
alpn = h2
to = 0.0.0.0/0, ::/0
backend = reject
[route lan]
divert = web
protocol = tls
from = {V4.client}, {V6.client}
backend = drop
[route api]
divert = web
protocol = http
path = /api/
backend = one
[route posts]
divert = web
protocol = http
method = POST
path = /
backend = reject
[route http]
divert = web
protocol = http
backend = two
[route grpc]
divert = web
protocol = http2
backend = two
[route old]
divert = web
protocol = sslv2
backend = reject
[route ssh]
divert = web
protocol = ssh
backend = one
[route tls-elsewhere]
divert = any
protocol = tls
backend = one
[route rest]
divert = any
backend = two
"""
GIT = hello.tls("git.example", ["h2", "http/1.1"])
MANY_RECORDS = hello.in_records(hello.handshake("a.example", padding=5000), 7)
FLOWS = {
    "exact": ("web", GIT),
    "exact in pieces": ("web", GIT[:1], GIT[1:70], GIT[70:]),
    "capitals": ("web", hello.tls("GIT.Example.")),
    "wild": ("web", hello.tls("x.y.example")),
    "wild in records": ("web", MANY_RECORDS[:900], MANY_RECORDS[900:]),
    "regex": ("web", hello.tls("r2.d2")),
    "nameless": ("web", hello.tls(None)),
    "bad name": ("web", hello.tls("no name")),
    "alpn": ("web", hello.tls("else.invalid", ["h3", "h2"])),
    "from": ("web", hello.tls("else.invalid")),
    "api": ("web", HTTP % (b"GET", b"/api/v1", b"plain.test")),
    "post": ("web", HTTP % (b"POST", b"/api", b"plain.test")),
    "host": ("web", HTTP % (b"GET", b"/", b"git.example:443")),
    "http": ("web", b"GET / HTTP/1.0\r\n", b"\r\n"),
    "http2 waits for settings": ("web", h2.begin()),
    "http2": ("web", h2.begin(), h2.request("git.example")),
    "sslv2": ("web", hello.sslv2()),
    "ssh": ("web", hello.SSH),
    "ssh in bytes": ("web", *(hello.SSH[i:i + 1] for i in range(10))),
    "garbage": ("web", hello.GARBAGE),
    "half a hello": ("web", GIT[:60]),
    "half a banner": ("web", b"SSH-"),
    "nothing": ("web",),
    "tls elsewhere": ("any", GIT),
    "rest": ("any", hello.SSH),
    "rest undecided": ("any", b"\x16\x03"),
    "nothing elsewhere": ("any",),
}
PORTS = {"web": 443, "any": 444}
# no protocol any more by the last byte of the second piece, with fewer bytes than a whole one has
NEAR_MISSES = {
    "request line": (b"HELO", b"\r\n"),
    "http2": (b"PRI * H", b"\0"),
    "ssh": (b"SSH-2", b"\0"),
    "sslv2": (b"\x80\x2e", b"\x02"),
    "tls record": (GIT[:2], b"\xff"),
    "tls length": (GIT[:7], b"\xff\xff"),
    "tls session id": (GIT[:30], GIT[30:43] + b"\x21"),
    "tls second record": (hello.in_records(hello.handshake("a.example"), 3)[:90], bytes(90)),
}


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, one=answer, two=answer, mail=greet)
    started = Shuntd(lab, ROUTES + farm.backends())
    yield started
    started.end()


def explained(daemon, family, flows):
    lines = "".join(json.dumps({"id": name, "divert": divert, "from": family.client, "to": family.router,
                                "chunks": [chunk.hex() for chunk in chunks]}) + "\n"
                    for name, (divert, *chunks) in flows.items())
    told = daemon.ns.run(SHUNTCTL, "explain", "-c", daemon.file, "--batch", input=lines)
    return {one["id"]: one for one in map(json.loads, told.splitlines())}


def as_logged(told):
    """The fields of a flow line that say the same."""
    return {"proto": told["protocol"] or "-", "name": told["server_name"] or "-", "route": told["route"],
            "alpn": ",".join(name.replace("/", "_") for name in told["alpn"]) or "-",
            "backend": told["backend"] or told["action"]}


def test_live_flows_go_where_explain_says(lab, daemon, family):
    told = explained(daemon, family, FLOWS)
    sockets = {}
    for name, (divert, *chunks) in FLOWS.items():
        s = sockets[name] = dial(lab.client, family, family.router, PORTS[divert])
        for chunk in chunks:
            s.sendall(chunk)
    clients = {name: endpoint_of(s) for name, s in sockets.items()}
    for name, s in sockets.items():
        if told[name]["action"] == "backend":
            read_line(s)  # from the server, or there is no end to wait for
            s.close()
    for name, client in clients.items():
        line = daemon.flow(client=client, divert=FLOWS[name][0])
        want = as_logged(told[name])
        assert {key: line[key] for key in want} == want, name
    # the flows have something to say
    assert len({one["route"] for one in told.values()}) == 16
    assert {one["verdict"] for one in told.values()} == {"yes", "no", "more"}


def test_a_near_miss_is_decided_as_soon_as_explain_says(lab, daemon):
    told = explained(daemon, V4, {name: ("patient", *pieces) for name, pieces in NEAR_MISSES.items()})
    assert {name: (one["verdict"], one["chunk"]) for name, one in told.items()} == \
        dict.fromkeys(NEAR_MISSES, ("no", 2))
    sockets = [(dial(lab.client, V4, V4.router, 445), *pieces) for pieces in NEAR_MISSES.values()]
    for s, first, _ in sockets:
        s.sendall(first)
    time.sleep(0.2)  # so that they are judged by themselves, and then slept on
    for s, _, second in sockets:
        s.sendall(second)
    for s, *_ in sockets:
        assert ending(s) == "reset"
        assert int(daemon.flow_of(s, V4, route="unknown")["ms"]) < 10_000  # `wait` is a minute
