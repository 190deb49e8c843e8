"""DTLS, STUN, DNS, WireGuard and OpenVPN share one UDP port: what real clients once sent, each flow to the server of its
protocol; and DTLS by name between OpenSSL's own client and servers."""
import itertools
import os
import re

import pytest

import datagrams
import real
from lab import V4, V6, both
from netns import run
from udp import started
from waiting import wait_for

PROTOCOLS = ["dtls", "stun", "dns", "wireguard", "openvpn"]
PLACES = {name: 6000 + number for number, name in enumerate([*PROTOCOLS, "named", "rest"])}  # ports
SITES = {"one": 0, "two": 1}
ports = itertools.count(20000)  # no flow has the port of one before
CONFIG = """
[divert web]
udp = 443
interface = wan
wait = 600ms
[divert sites]
udp = 444
interface = wan
[route named]
divert = web
protocol = dtls
server_name = a.seed.example
backend = named
[route rest]
divert = web
backend = rest
""" + "".join(f"[route {name}]\ndivert = web\nprotocol = {name}\nbackend = {name}\n" for name in PROTOCOLS) + \
    "".join(f"[backend {name}]\n{both(port, 2)}\n" for name, port in PLACES.items()) + \
    "".join(f"[route {name}]\ndivert = sites\nserver_name = {name}.example\nbackend = site-{name}\n"
            f"[backend site-{name}]\n{both(443, number)}\n" for name, number in SITES.items())
needs_openssl = pytest.mark.skipif(not real.is_installed("openssl"), reason="needs openssl")


@pytest.fixture(scope="module")
def servers(lab):
    return {(name, family): datagrams.DatagramServer(lab, lab.backend, family, family.backends[2], port, name)
            for name, port in PLACES.items() for family in (V4, V6)}


@pytest.fixture(scope="module")
def sites(lab):
    """A DTLS server per site and family, with a certificate of its own."""
    if not real.is_installed("openssl"):
        return
    for name, number in SITES.items():
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}.example",
            "-keyout", lab.path(f"{name}.key"), "-out", lab.path(f"{name}.crt"))
        for family in (V4, V6):
            lab.start(lab.backend, "openssl", "s_server", "-dtls1_2", "-listen", "-quiet", "-accept",
                      family.endpoint(family.backends[number], 443), "-key", lab.path(f"{name}.key"), "-cert",
                      lab.path(f"{name}.crt"))
    wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "443").count("openssl") == 4, 10, "four DTLS servers")


@pytest.fixture(scope="module", params=["handoff", "copy"])
def daemon(request, lab, servers, sites):
    daemon = started(lab, CONFIG, request.param)
    yield daemon
    daemon.end()


def owner_of(protocol, seed):
    """Where a flow of that seed belongs; see tests/fuzz/record-udp-seeds for what the names mean."""
    if seed.startswith("near-"):
        protocol = next((p for p in PROTOCOLS if seed.rsplit("-", 1)[1].startswith(p)), "rest")
    return "named" if protocol == "dtls" and "-noname" not in seed else protocol


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_to_its_server(lab, daemon, servers, family, protocol):
    """All seeds at once: every datagram arrives at the server of its protocol, unchanged, in order and from the client's
    own port, and nowhere else."""
    said = {}
    for seed in sorted(os.listdir(os.path.join(datagrams.SEEDS, f"fuzz_wire_{protocol}"))):
        s = datagrams.dial(lab.client, family, family.router, 443, source_port=next(ports))
        told = datagrams.recorded(f"fuzz_wire_{protocol}", seed)
        for one in told:
            s.send(one)
        said[seed] = s, told
    assert len(said) > 5
    for seed, (s, told) in said.items():
        owner = owner_of(protocol, seed)
        assert servers[owner, family].wait_of(s, len(told)) == told, seed
        assert s.recv(2000).decode() == f"{owner} {family.client} {s.getsockname()[1]}", seed
        assert not [name for (name, _), server in servers.items() if name != owner and server.of(s)], seed


def dtls(lab, family, *options):
    """What OpenSSL's client says of its handshake."""
    return lab.client.run("sh", "-c", 'exec timeout 10 "$@" 2>&1 </dev/null', "sh", "openssl", "s_client", "-dtls1_2", "-brief",
                          "-connect", family.endpoint(family.router, 444), *options)


@needs_openssl
@pytest.mark.parametrize("options", [(), ("-mtu", "256", "-alpn", ",".join(f"{n:0100d}" for n in range(9)))],
                         ids=["one datagram", "fragments"])
@pytest.mark.parametrize("site", SITES)
def test_dtls_by_name(lab, daemon, family, site, options):
    told = dtls(lab, family, "-servername", f"{site}.example", *options)
    assert re.search(rf"Peer certificate: CN ?= ?{site}\.example", told), told
    line = wait_for(lambda: next((f for f in daemon.live_flows() if f["name"] == f"{site}.example"), None), 5, "the flow")
    assert (line["proto"], line["route"], line["transport"]) == ("dtls", site, "udp")
