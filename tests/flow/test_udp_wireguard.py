"""Two WireGuard servers and QUIC on one UDP port, told apart by the servers' public keys: real tunnels (wireguard-go)."""
import os
import subprocess

import pytest

import datagrams
import real
from lab import V4, V6, both
from netns import run
from udp import started
from waiting import wait_for

PORTS = {"office": 51820, "home": 51821}
CHROMIUM = datagrams.recorded("fuzz_wire_quic", "chromium-156.0.8078.79-h3")

pytestmark = pytest.mark.skipif(not real.is_installed("wireguard-go", "wg") or not os.access("/dev/net/tun", os.R_OK | os.W_OK),
                                reason="needs wireguard-go, wg (wireguard-tools) and /dev/net/tun")


class End:
    """One end of a tunnel: a device in a namespace, its key and its address."""
    count = 0

    def __init__(self, lab, ns, address, port=0):
        End.count += 1
        self.lab, self.ns, self.address = lab, ns, address
        self.device = f"sf{os.getpid()}n{End.count}"  # the name of its control socket, too, which is the whole box's
        self.key = run("wg", "genkey")
        self.public = run("wg", "pubkey", input=self.key).strip()
        self.process = lab.start(ns, "wireguard-go", "-f", self.device, env={**os.environ, "LOG_LEVEL": "error"},
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.on_close(self.end)
        wait_for(lambda: os.path.exists(f"/run/wireguard/{self.device}.sock"), 10, f"the device {self.device}")
        self.set("private-key", lab.write(f"{self.device}.key", self.key), *(("listen-port", str(port)) if port else ()))
        ns.ip(f"addr add {address}/24 dev {self.device}", f"link set {self.device} up")

    def set(self, *words):
        self.ns.run("wg", "set", self.device, *words)

    def show(self, what):
        return self.ns.run("wg", "show", self.device, what).split()

    def end(self):
        self.process.terminate()
        self.process.wait(5)


@pytest.fixture(scope="module")
def servers(lab):
    return {name: End(lab, lab.backend, f"10.99.{number}.1", port) for number, (name, port) in enumerate(PORTS.items())}


@pytest.fixture(scope="module")
def echoes(lab, servers):
    """What can be reached by the tunnels only."""
    return {name: datagrams.DatagramServer(lab, lab.backend, V4, server.address, 7, name) for name, server in servers.items()}


@pytest.fixture(scope="module")
def quic(lab):
    return {family: datagrams.DatagramServer(lab, lab.backend, family, family.backends[2], 443, "quic") for family in (V4, V6)}


@pytest.fixture(scope="module", params=["handoff", "copy"])
def daemon(request, lab, servers, echoes):
    routes = "".join(f"[route {name}]\nprotocol = wireguard\nwireguard_key = {server.public}\nbackend = {name}\n"
                     f"[backend {name}]\n{both(PORTS[name])}\n" for name, server in servers.items())
    daemon = started(lab, f"[divert d]\nudp = 443\ninterface = wan\n{routes}"
                           f"[route quic]\nprotocol = quic\nbackend = quic\n[backend quic]\n{both(443, 2)}\n", request.param)
    yield daemon
    daemon.end()


@pytest.fixture
def tunnels(lab, daemon, servers, family):
    """A client's end of each, which knows nothing but the router's address and port."""
    ends = {}
    for number, (name, server) in enumerate(servers.items()):
        end = ends[name] = End(lab, lab.client, f"10.99.{number}.2")
        server.set("peer", end.public, "allowed-ips", f"{end.address}/32")
        end.set("peer", server.public, "allowed-ips", f"{server.address}/32", "endpoint", family.endpoint(family.router, 443))
    yield ends
    for name, end in ends.items():
        servers[name].set("peer", end.public, "remove")
        end.end()


def test_each_tunnel_finds_its_server(lab, daemon, servers, echoes, quic, tunnels, family):
    for name, end in tunnels.items():
        s = datagrams.dial(lab.client, V4, servers[name].address, 7, source=end.address)
        s.send(b"through the tunnel")
        assert s.recv(100).decode() == f"{name} {end.address} {s.getsockname()[1]}"
        own = family.endpoint(family.client, end.show("listen-port")[0])
        assert servers[name].show("endpoints") == [end.public, own]
        flow = next(f for f in daemon.live_flows() if f["client"] == own)
        assert (flow["transport"], flow["proto"], flow["name"], flow["route"], flow["source"]) == \
            ("udp", "wireguard", "-", name, "client")
    s = datagrams.dial(lab.client, family, family.router, 443)
    for one in CHROMIUM:
        s.send(one)
    assert quic[family].wait_of(s, len(CHROMIUM)) == CHROMIUM


def test_a_key_that_no_route_has(lab, daemon, servers, tunnels, family):
    """A handshake for somebody else goes to nobody."""
    stranger = run("wg", "pubkey", input=run("wg", "genkey")).strip()
    end = tunnels["home"]
    end.set("peer", servers["home"].public, "remove")
    end.set("peer", stranger, "allowed-ips", "10.99.9.0/24", "endpoint", family.endpoint(family.router, 443),
            "persistent-keepalive", "1")
    own = family.endpoint(family.client, end.show("listen-port")[0])

    def dropped():
        flows = [*daemon.live_flows(), *daemon.flow_lines()]
        return next((f for f in flows if f["client"] == own), None)
    flow = wait_for(dropped, 10, "the flow of the stranger's handshake")
    assert (flow["proto"], flow["route"], flow["backend"]) == ("wireguard", "unknown", "drop")
    assert own not in servers["home"].show("endpoints") + servers["office"].show("endpoints")
