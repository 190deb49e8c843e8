"""One TCP port whose routes name every recogniser: what real clients once sent, each flow to the server of its protocol."""
import hashlib
import itertools
import os
import socket

import pytest

import clients
import recognisers
from lab import V4, both
from servers import Server, collect
from shuntd import ROOT, Shuntd

SEEDS = os.path.join(ROOT, "tests", "fuzz", "seeds")
NAMES = recognisers.definite("tcp")
ports = itertools.count(20000)  # no flow has the port of one before
PLACES = {name: 6000 + number for number, name in enumerate([*NAMES, "rest"])}  # ports
CONFIG = """
[divert ports]
tcp = 443
interface = wan
[route rest]
backend = rest
""" + "".join(f"[route {name}]\nprotocol = {name}\nbackend = {name}\n" for name in NAMES) + \
    "".join(f"[backend {name}]\n{both(port)}\n" for name, port in PLACES.items())


@pytest.fixture(scope="module")
def servers(lab):
    return {name: Server(lab, lab.backend, V4, V4.backends[0], port, collect, name) for name, port in PLACES.items()}


@pytest.fixture(scope="module")
def daemon(lab, servers):
    started = Shuntd(lab, CONFIG, "copy")
    yield started
    started.end()


def folder_of(name):
    """Of one that comes by UDP, too, the seeds of TCP are a folder of their own."""
    folder = os.path.join(SEEDS, f"fuzz_wire_{name.replace('-', '_')}")
    return f"{folder}_tcp" if name in recognisers.definite("udp") else folder


def owner_of(protocol, seed):
    """Where a flow of that seed belongs; tests/fuzz/record-seeds says what the names mean."""
    if seed.startswith("near-"):
        last = seed.rsplit("-", 1)[1]
        known = [name for name in NAMES if last.startswith(name) and last[len(name):].strip("0123456789") == ""]
        return max(known, key=len, default="rest")
    return "rest" if "-more" in seed else protocol


@pytest.mark.parametrize("protocol", NAMES)
def test_each_to_its_server(lab, daemon, servers, protocol):
    """All seeds at once, each behind it the client's end: unchanged they come to the server of their protocol, from the
    client's own port."""
    said = {}
    for seed in sorted(os.listdir(folder_of(protocol))):
        with open(os.path.join(folder_of(protocol), seed), "rb") as file:
            data = file.read()
        said[seed] = clients.dial(lab.client, V4, V4.router, 443, source_port=next(ports)), data
        said[seed][0].sendall(data)
        said[seed][0].shutdown(socket.SHUT_WR)
    for seed, (s, data) in said.items():
        report = clients.report_of(clients.read_line(s))
        owner = owner_of(protocol, seed)
        assert (report["server"], report["peer"], report["port"]) == (owner, V4.client, clients.own_port(s)), seed
        visit = servers[owner].visit_of(V4.client, clients.own_port(s))
        assert (visit.total, visit.sha256) == (len(data), hashlib.sha256(data).hexdigest()), seed
