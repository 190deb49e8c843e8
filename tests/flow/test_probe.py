"""Recognisers of the user's own that are patterns: the examples as they stand, the order of asking, a reload."""
import json
import time

import pytest

import datagrams
import hello
from clients import ask, dial, ending, finish, sees_client
from lab import V4
from probing import example, servers_of
from reloading import Reloading
from servers import Server, answer
from shuntd import SHUNTCTL, endpoint_of

# what clients say first: a version message of Bitcoin's (protocol documentation), a STOMP 1.2 frame (stomp.github.io), queries of
# Valve's (Server queries, A2S_INFO) and ioquake3's servers
FIRST = {
    "bitcoin": bytes.fromhex("f9beb4d976657273696f6e000000000064000000358d4932") + bytes(100),
    "stomp": b"CONNECT\nhost:stomp.example\naccept-version:1.2\n\n\0",
    "tls": hello.tls("www.example"),
    "valve": b"\xff\xff\xff\xffTSource Engine Query\0",
    "quake": b"\xff\xff\xff\xffgetinfo xxx\n",
}
@pytest.fixture(scope="module")
def patterns(lab):
    text = example("probe-pattern.conf")
    for name, (address, port) in servers_of(text).items():
        if name in ("valve", "quake"):
            datagrams.DatagramServer(lab, lab.backend, V4, address, port, name)
        else:
            Server(lab, lab.backend, V4, address, port, answer, name)
    daemon = Reloading(lab, text)
    yield daemon
    daemon.end()


@pytest.mark.parametrize("protocol, backend", [("bitcoin", "node"), ("stomp", "broker"), ("tls", "site")])
@pytest.mark.parametrize("pieces", [1, 16])
def test_example_patterns(lab, patterns, protocol, backend, pieces):
    s = dial(lab.client, V4, V4.router, 443)
    s.setsockopt(6, 1, 1)  # TCP_NODELAY
    first, rest = FIRST[protocol][:pieces - 1], FIRST[protocol][pieces - 1:]
    for i in range(len(first)):
        s.sendall(first[i:i + 1])
        time.sleep(0.002)
    report = ask(s, rest)
    assert report["server"] == backend
    sees_client(report, s, V4)
    client = endpoint_of(s)
    finish(s)
    assert patterns.flow(client=client)["proto"] == protocol


@pytest.mark.parametrize("protocol", ["valve", "quake"])
def test_example_datagrams(lab, patterns, protocol):
    s = datagrams.dial(lab.client, V4, V4.router, 27015)
    s.send(FIRST[protocol])
    assert s.recv(2000).decode() == f"{protocol} {V4.client} {s.getsockname()[1]}"


def test_near_misses(lab, patterns):
    """No example takes what it does not fit, and none of them is waited for."""
    for said in (b"\xf9\xbe\xb4\xd8" + FIRST["bitcoin"][4:], b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"):
        s = dial(lab.client, V4, V4.router, 443)
        s.sendall(said)
        assert ending(s, 2) == "reset"
    s = datagrams.dial(lab.client, V4, V4.router, 27015, timeout=0.3)
    s.send(FIRST["valve"][:20].replace(b"Source", b"source"))
    with pytest.raises(TimeoutError):
        s.recv(2000)


def test_reload_changes_order(lab, patterns):
    """What two probes fit is the earlier one's; a reload brings new sniffers with the new order."""
    def reach(said):
        s = dial(lab.client, V4, V4.router, 443)
        report = ask(s, said)
        finish(s)
        return report["server"]
    both = example("probe-pattern.conf") + "\n[route magic]\nprotocol = magic\nbackend = site\n[probe magic]\nbytes = 0:f9beb4d9\n"
    patterns.reload(both)
    assert reach(FIRST["bitcoin"]) == "node"
    patterns.reload(both + "priority = 1\n")
    assert reach(FIRST["bitcoin"]) == "site"
    patterns.reload(both.replace("0:f9beb4d9\n", "0:16\n") + "before = yes\n")
    assert reach(FIRST["bitcoin"]) == "node"
    assert reach(FIRST["tls"]) == "site"
    told = {p["name"]: (p["kind"], p["transport"]) for p in patterns.status()["probes"]}
    assert told == {"bitcoin": ("pattern", "tcp"), "stomp": ("pattern", "tcp"), "valve": ("pattern", "udp"),
                    "quake": ("pattern", "udp"), "magic": ("pattern", "tcp")}


@pytest.mark.parametrize("word, says", [
    ((), ("more", None, "unknown")), (("own=yes",), ("yes", 1, "own")), (("own=no",), ("no", 1, "unknown"))])
def test_explained(lab, word, says):
    """What each says, at which byte; programs are not asked, but their words can be given."""
    file = lab.write("explained.conf", "[divert web]\ntcp = 443\n[route own]\nprotocol = own, head\nbackend = drop\n"
                                       "[probe own]\nexec = /bin/sh\n[probe head]\nregex = /^[a-z]+;/\n")
    words = [argument for w in word for argument in ("--word", w)]
    told = json.loads(lab.router.run(SHUNTCTL, "--json", "explain", "-c", file, "--hex", b"AB;".hex(), *words))
    said = {r["name"]: r for r in told["recognisers"]}
    assert (said["own"]["verdict"], said["own"]["at_byte"], told["route"]) == says
    assert said["own"]["is_program"] and not said["head"]["is_program"]
    assert (said["head"]["verdict"], said["head"]["at_byte"]) == ("no", 1)
