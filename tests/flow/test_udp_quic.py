"""QUIC by name on one UDP port: HTTP/3 to two real sites; hellos of several datagrams, held and passed on in order."""
import json
import re

import pytest

import datagrams
import real
from lab import V4, V6, both
from netns import run
from shuntd import SHUNTCTL, endpoint_of
from udp import started
from waiting import stays, wait_for

WAIT_S = 0.6
CONFIG = f"""
[divert web]
udp = 443
interface = wan
wait = 600ms
[divert rest]
udp = 444
interface = wan
[route one]
protocol = quic
server_name = one.example
backend = one
[route two]
divert = web
server_name = *.two.example
backend = two
[route seeds]
divert = web
protocol = quic
server_name = a.seed.example
backend = seeds
[route h3]
divert = web
protocol = quic
backend = nameless
[route any]
divert = rest
backend = nameless
[backend one]
{both(443, 0)}
idle = 1s
[backend two]
{both(443, 1)}
idle = 1s
[backend seeds]
{both(5000, 2)}
[backend nameless]
{both(5001, 2)}
"""
SITES = {"one": 0, "two": 1}
CHROMIUM = datagrams.recorded("fuzz_wire_quic", "chromium-156.0.8078.79-h3")
GREASED = datagrams.recorded("fuzz_wire_quic", "gtlsclient-0.12.1-greased-noname")
NAMELESS = datagrams.recorded("fuzz_wire_quic", "chromium-156.0.8078.79-noname-h3")
needs_ngtcp2 = pytest.mark.skipif(not real.is_installed("gtlsclient", "gtlsserver", "openssl"),
                                  reason="needs ngtcp2-client, ngtcp2-server and openssl")


@pytest.fixture(scope="module")
def sites(lab):
    """One HTTP/3 server per site, in both families; each logs whom it sees. The second one asks every client to
    begin anew (Retry), so that its Initial packets have another connection id."""
    if not real.is_installed("gtlsserver", "openssl"):
        return
    real.certificate(lab, ["one.example", "*.two.example"])
    for name, number in SITES.items():
        run("mkdir", lab.path(name))
        lab.write(f"{name}/site", name + "\n")
        for family in (V4, V6):
            with open(lab.path(f"{name}-{family}.log"), "wb") as log:
                lab.start(lab.backend, "gtlsserver", *(["-V"] if name == "two" else []), "--no-quic-dump",
                          "--no-http-dump", "-d", lab.path(name),
                          family.backends[number], "443", lab.path("key.pem"), lab.path("cert.pem"), stdout=log, stderr=log)
    wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "443").count("gtlsserver") == 4, 10, "four HTTP/3 servers")


@pytest.fixture(scope="module")
def servers(lab):
    """(backend, family) -> the server of hellos that real clients once sent."""
    return {(name, family): datagrams.DatagramServer(lab, lab.backend, family, family.backends[2], port, name)
            for name, port in (("seeds", 5000), ("nameless", 5001)) for family in (V4, V6)}


@pytest.fixture(scope="module", params=["handoff", "copy"])
def daemon(request, lab, sites, servers):
    daemon = started(lab, CONFIG, request.param)
    yield daemon
    daemon.end()


def flow_of(daemon, s):
    """The flow of this client's socket, as it lives."""
    def find():
        return next((f for f in daemon.live_flows() if f["client"] == endpoint_of(s)), None)
    return wait_for(find, 5, f"a flow of {endpoint_of(s)}")


def http3(lab, family, name):
    """GET /site; returns what came, and the client's own port."""
    run("rm", "-rf", lab.path("got"))
    run("mkdir", lab.path("got"))
    hosts = lab.write("hosts", f"{family.router} {name}\n")  # the name asked for is the one that is called
    told = lab.client.run("unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@" 2>&1', hosts,
                          "timeout", "10", "gtlsclient", "--exit-on-all-streams-close", "--no-quic-dump",
                          "--download", lab.path("got"), name, "443", f"https://{name}/site")
    with open(lab.path("got/site")) as file:
        return file.read().strip(), int(re.search(r"local=\[\S+\]:(\d+)", told)[1])


def seen_by(lab, site, family):
    """Every client address and port that a site has seen."""
    with open(lab.path(f"{site}-{family}.log"), errors="replace") as log:
        return {(address, int(port)) for address, port in re.findall(r"remote=\[(\S+)\]:(\d+)", log.read())}


@needs_ngtcp2
@pytest.mark.parametrize("name,site", [("one.example", "one"), ("a.two.example", "two")])
def test_http3_by_name(lab, daemon, family, name, site):
    said, port = http3(lab, family, name)
    assert said == site
    assert (family.client, port) in seen_by(lab, site, family)
    other = "two" if site == "one" else "one"
    assert (family.client, port) not in seen_by(lab, other, family)
    line = daemon.flow(client=family.endpoint(family.client, port))
    assert (line["proto"], line["name"], line["route"], line["backend"], line["source"], line["transport"]) == \
        ("quic", name, site, site, "client", "udp")
    assert line["alpn"].split(",")[0] == "h3"
    assert int(line["in"]) >= 1200 and int(line["out"]) >= 1200


def say(lab, family, told, port=443):
    s = datagrams.dial(lab.client, family, family.router, port)
    for one in told:
        s.send(one)
    return s


def test_a_hello_of_several_datagrams(lab, daemon, servers, family):
    """All that was held arrives, unchanged and in its order; the answers come from where the client sent to."""
    server = servers["seeds", family]
    s = say(lab, family, CHROMIUM)
    assert server.wait_of(s, len(CHROMIUM)) == CHROMIUM
    assert s.recv(2000).decode() == f"seeds {family.client} {s.getsockname()[1]}"
    s.send(b"afterwards")
    assert server.wait_of(s, len(CHROMIUM) + 1)[-1] == b"afterwards"
    line = flow_of(daemon, s)
    assert (line["name"], line["alpn"], line["route"]) == ("a.seed.example", "h3", "seeds")


def test_nothing_leaves_before_the_decision(lab, daemon, servers, family):
    """The second half of the hello overtaken, by other things too: all of it waits for the first."""
    said = [CHROMIUM[1], b"", b"\x40 such as 0-RTT", CHROMIUM[1], bytes(1400)]
    s = say(lab, family, said)
    stays(lambda: not any(server.of(s) for server in servers.values()), WAIT_S / 3, "nothing is sent on")
    s.send(CHROMIUM[0])
    assert servers["seeds", family].wait_of(s, 6) == [*said, CHROMIUM[0]]
    assert not servers["nameless", family].of(s)


def test_half_a_hello(lab, daemon, servers, family):
    """After `wait` what is certain counts: QUIC, of no name."""
    s = say(lab, family, CHROMIUM[:1])
    stays(lambda: not servers["nameless", family].of(s), WAIT_S / 2, "it is waited for more")
    assert servers["nameless", family].wait_of(s, 1, 2 * WAIT_S) == CHROMIUM[:1]
    line = flow_of(daemon, s)
    assert (line["proto"], line["name"], line["route"]) == ("quic", "-", "h3")


@pytest.mark.parametrize("said", [GREASED, NAMELESS], ids=["unknown version", "no name"])
def test_quic_without_a_name(lab, daemon, servers, family, said):
    s = say(lab, family, said)
    assert servers["nameless", family].wait_of(s, len(said)) == said
    line = flow_of(daemon, s)
    assert (line["proto"], line["name"], line["route"]) == ("quic", "-", "h3")


def test_the_most_that_is_held(lab, daemon, servers, family):
    """The sixteenth datagram ends the waiting, and so does one that goes beyond 24 KiB: that one is lost."""
    server = servers["nameless", family]
    said = [CHROMIUM[0], *(bytes([0x40, n]) * 8 for n in range(19))]
    s = say(lab, family, said[:15])
    stays(lambda: not server.of(s), WAIT_S / 4, "fifteen are held")
    s.send(said[15])
    assert server.wait_of(s, 16) == said[:16]
    for one in said[16:]:
        s.send(one)
    assert server.wait_of(s, len(said)) == said
    large = [CHROMIUM[0], *(bytes([0x40, n]) + bytes(1998) for n in range(12))]
    s = say(lab, family, large)
    assert server.wait_of(s, 12) == large[:12]
    s.send(b"\x40 is not lost")
    assert server.wait_of(s, 13) == [*large[:12], b"\x40 is not lost"]


def test_whom_no_route_wants(lab, daemon, servers, family):
    """Dropped: not a word, for as long as the flow is remembered."""
    s = say(lab, family, [b"GET / HTTP/1.1\r\n\r\n"])
    s.send(CHROMIUM[0])
    s.settimeout(0.3)
    with pytest.raises(TimeoutError):
        s.recv(1)
    assert not any(server.of(s) for server in servers.values())


def test_a_divert_of_one_route_asks_nobody(lab, daemon, servers, family):
    s = say(lab, family, [b"anything"], 444)
    assert servers["nameless", family].wait_of(s, 1) == [b"anything"]
    assert s.recv(2000).decode() == f"nameless {family.client} {s.getsockname()[1]}"
    line = flow_of(daemon, s)
    assert (line["proto"], line["route"], line["transport"]) == ("-", "any", "udp")


def test_live_flows_go_where_explain_says(lab, daemon, servers):
    """Recorded hellos told to both."""
    flows = {name: datagrams.recorded("fuzz_wire_quic", name) for name in (
        "chromium-156.0.8078.79-v2-h3", "gtlsclient-0.12.1-0rtt-h3", "gtlsclient-0.12.1-retry-h3", "quic-go-0.29.0-h3",
        "gtlsclient-0.12.1-greased-noname", "gtlsclient-0.12.1-handshake-noname", "rfc9369-a.2")}
    lines = "".join(json.dumps({"id": name, "divert": "web", "transport": "udp", "from": V4.client, "to": V4.router,
                                "chunks": [one.hex() for one in told]}) + "\n" for name, told in flows.items())
    answers = map(json.loads, daemon.ns.run(SHUNTCTL, "explain", "-c", daemon.file, "--batch", input=lines).splitlines())
    explained = {one["id"]: one for one in answers}
    clients = {name: say(lab, V4, told) for name, told in flows.items()}
    for name, s in clients.items():
        server = servers["seeds" if explained[name]["server_name"] == "a.seed.example" else "nameless", V4]
        assert server.wait_of(s, len(flows[name])) == flows[name]
        line, want = flow_of(daemon, s), explained[name]
        assert (line["proto"], line["name"], line["route"], line["backend"]) == \
            (want["protocol"], want["server_name"] or "-", want["route"], want["backend"]), name
    assert {one["route"] for one in explained.values()} == {"seeds", "h3"}
