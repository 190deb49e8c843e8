"""Clients whose address changes under way, and flows that were forgotten: QUIC and WireGuard, two servers behind one port."""
import contextlib
import itertools
import os
import re
import signal
import time

import pytest

import datagrams
import real
from lab import V4, V6, both
from netns import run
from reloading import Reloading
from test_udp_wireguard import End
from udp import wait_for_alive
from waiting import wait_for

DIVERT = "[divert d]\nudp = 443\ninterface = wan\n"
PORTS = {"office": 51820, "home": 51821}
SITES = {"one": 0, "two": 1}
other_ports = itertools.count(40000)

needs_ngtcp2 = pytest.mark.skipif(not real.is_installed("gtlsclient", "gtlsserver", "openssl"),
                                  reason="needs ngtcp2-client, ngtcp2-server and openssl")


def counted(daemon):
    return daemon.status()["flows"]["udp"]


def flush(lab):
    lab.router.run("conntrack", "-F")


@pytest.fixture(scope="module")
def sites(lab):
    if not real.is_installed("gtlsserver", "openssl"):
        return
    real.certificate(lab, ["one.example", "two.example"])
    for name, number in SITES.items():
        run("mkdir", lab.path(name))
        lab.write(f"{name}/site", name + "\n")
        for family in (V4, V6):
            with open(lab.path(f"{name}-{family}.log"), "wb") as log:
                lab.start(lab.backend, "gtlsserver", "--no-quic-dump", "--no-http-dump", "-d", lab.path(name),
                          family.backends[number], "443", lab.path("key.pem"), lab.path("cert.pem"),
                          stdout=log, stderr=log)
    wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "443").count("gtlsserver") == 4, 10,
             "four HTTP/3 servers")


@pytest.fixture(scope="module")
def tunnels(lab):
    """name -> the server's end of a WireGuard tunnel, with an echo behind it."""
    if not real.is_installed("wireguard-go", "wg") or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return {}
    ends = {name: End(lab, lab.backend, f"10.99.{number}.1", port) for number, (name, port) in enumerate(PORTS.items())}
    for name, end in ends.items():
        datagrams.DatagramServer(lab, lab.backend, V4, end.address, 7, name)
    return ends


@pytest.fixture(scope="module", params=["handoff", "copy"])
def daemon(request, lab, sites, tunnels):
    routes = "".join(f"[route {name}]\nprotocol = wireguard\nwireguard_key = {end.public}\nbackend = {name}\n"
                     f"[backend {name}]\n{both(PORTS[name])}\n" for name, end in tunnels.items())
    routes += "".join(f"[route {name}]\nprotocol = quic\nserver_name = {name}.example\nbackend = {name}\n"
                      f"[backend {name}]\n{both(443, number)}\n" for name, number in SITES.items())
    memory = f"/dev/shm/{lab.prefix}"  # what is known of flows is kept in memory alone
    daemon = Reloading(lab, DIVERT + routes, f"control = {memory}/control.sock\n", carried=request.param)
    wait_for_alive(daemon)
    daemon.routes = routes
    yield daemon
    daemon.end()
    assert os.listdir(memory) == []  # --purge removes that, too
    os.rmdir(memory)


def counted(daemon):
    """How often identifiers were learned, and flows found by them."""
    counts = daemon.status()["flows"]["udp"]
    return counts["learned"], counts["found"]


# --- QUIC ---

@contextlib.contextmanager
def getting(lab, family, name, *options):
    """GET /site, asked for a while after the handshake; yields when that is done, then the page must come."""
    run("rm", "-rf", lab.path("got"))
    run("mkdir", lab.path("got"))
    hosts = lab.write("hosts", f"{family.router} {name}\n")  # the name asked for is the one that is called
    log = lab.path("got/log")
    with open(log, "wb") as out:
        client = lab.start(lab.client, "unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@" 2>&1',
                           hosts, "timeout", "15", "gtlsclient", "--exit-on-all-streams-close", "--download",
                           lab.path("got"), *options, name, "443", f"https://{name}/site", stdout=out, stderr=out)

    def told():
        with open(log, errors="replace") as file:
            return file.read()
    wait_for(lambda: "QUIC handshake has been confirmed" in told(), 10, told)
    yield
    wait_for(lambda: os.path.exists(lab.path("got/site")), 10, told)
    with open(lab.path("got/site")) as file:
        assert wait_for(file.read, 5).strip() == name.split(".")[0]
    client.wait(10)


def ports_seen(lab, site, family):
    with open(lab.path(f"{site}-{family}.log"), errors="replace") as log:
        return set(re.findall(r"remote=\[\S+\]:(\d+)", log.read()))


@needs_ngtcp2
@pytest.mark.parametrize("site", SITES)
def test_quic_from_another_port(lab, daemon, family, site):
    """As a NAT in front of the client forgets it in the middle of a connection."""
    learned, found = counted(daemon)
    before = ports_seen(lab, site, family)
    with getting(lab, family, f"{site}.example", "--change-local-addr=200ms", "--nat-rebinding", "--delay-stream=500ms"):
        pass
    assert len(ports_seen(lab, site, family) - before) == 2
    now = counted(daemon)
    assert now[0] > learned and now[1] == found + 1
    flows = [f for f in daemon.live_flows() if f["route"] == site]
    assert {(f["proto"], f["name"], f["source"]) for f in flows} == {("quic", f"{site}.example", "client")}


@needs_ngtcp2
def test_quic_that_was_forgotten(lab, daemon, family):
    """Its carrier dies and conntrack is emptied: the next datagram finds its server."""
    found = counted(daemon)[1]
    with getting(lab, family, "two.example", "--delay-stream=1500ms"):
        for pid in daemon.children()["carrier"]:
            os.kill(pid, signal.SIGKILL)
        lab.router.run("conntrack", "-F")
    assert counted(daemon)[1] == found + 1


# --- WireGuard ---

needs_wireguard = pytest.mark.skipif(not real.is_installed("wireguard-go", "wg") or
                                     not os.access("/dev/net/tun", os.R_OK | os.W_OK),
                                     reason="needs wireguard-go, wg (wireguard-tools) and /dev/net/tun")


class Client:
    """A client's end of both tunnels: one device each."""

    def __init__(self, lab, tunnels, family):
        self.lab, self.tunnels, self.family, self.ends = lab, tunnels, family, {}
        for number, (name, server) in enumerate(tunnels.items()):
            end = self.ends[name] = End(lab, lab.client, f"10.99.{number}.2")
            server.set("peer", end.public, "allowed-ips", f"{end.address}/32")
            self.begin(name)

    def begin(self, name):
        """Make new keys with the server, as after 120 s."""
        server, end = self.tunnels[name], self.ends[name]
        end.set("peer", server.public, "remove")
        end.set("peer", server.public, "allowed-ips", f"{server.address}/32",
                "endpoint", self.family.endpoint(self.family.router, 443))

    def talks(self, name, seconds=4):
        """The echo behind the tunnel answers soon: a handshake would be tried 15 s later."""
        s = datagrams.dial(self.lab.client, V4, self.tunnels[name].address, 7, source=self.ends[name].address,
                           timeout=seconds)
        s.send(b"through the tunnel")
        assert s.recv(100).decode().split()[0] == name

    def seen_from(self, name):
        """Where its server sees this client."""
        return dict(line.split() for line in self.tunnels[name].ns.run(
            "wg", "show", self.tunnels[name].device, "endpoints").splitlines())[self.ends[name].public]

    def handshake(self, name):
        return self.ends[name].show("latest-handshakes")[1]

    def end(self):
        for name, end in self.ends.items():
            self.tunnels[name].set("peer", end.public, "remove")
            end.end()


@pytest.fixture
def client(lab, daemon, tunnels, family):
    client = Client(lab, tunnels, family)
    yield client
    client.end()


@contextlib.contextmanager
def another_address(lab, family):
    """The client's packets leave from another address, as when it has moved to another network; yields that."""
    way = lab.client.run("ip", f"-{family.version}", "route", "get", family.router)
    device, now = re.search(r"dev (\S+) .*src (\S+)", way).groups()
    then = ({family.client, family.other_client} - {now}).pop()
    first, second = (f"{address}/{family.prefix} dev {device}" for address in (family.client, family.other_client))
    nodad = " nodad" * (family is V6)
    lab.client.sysctl(f"net.ipv4.conf.{device}.promote_secondaries", 1)
    lab.client.ip(f"addr del {now}/{family.prefix} dev {device}")
    try:
        yield then
    finally:
        lab.client.ip(f"addr del {then}/{family.prefix} dev {device}", f"addr add {first}{nodad}", f"addr add {second}{nodad}")


@needs_wireguard
def test_wireguard_from_another_port(lab, daemon, client):
    found = counted(daemon)[1]
    for name, end in client.ends.items():
        client.talks(name)
        before, began = client.seen_from(name), client.handshake(name)
        end.set("listen-port", str(next(other_ports)))
        client.talks(name)
        assert client.seen_from(name) not in (before, "(none)") and client.handshake(name) == began
    assert counted(daemon)[1] == found + len(client.ends)


@needs_wireguard
def test_wireguard_from_another_address(lab, daemon, client, family):
    found = counted(daemon)[1]
    for name in client.ends:
        client.talks(name)
    with another_address(lab, family) as address:
        for name, end in client.ends.items():
            end.set("listen-port", str(next(other_ports)))  # which has it look for its address anew
            client.talks(name)
            assert address in client.seen_from(name)
    assert counted(daemon)[1] == found + len(client.ends)


@needs_wireguard
@pytest.mark.parametrize("first, then", [(V4, V6), (V6, V4)], ids=["to-ipv6", "to-ipv4"])
def test_wireguard_in_the_other_family(lab, daemon, tunnels, first, then):
    """It is led to its server's address there: the one in the same place of the backend."""
    client = Client(lab, tunnels, first)
    try:
        for name, end in client.ends.items():
            client.talks(name)
            began = client.handshake(name)
            end.set("peer", tunnels[name].public, "endpoint", then.endpoint(then.router, 443))
            client.talks(name)
            assert client.handshake(name) == began
            assert client.seen_from(name).startswith(("[", "1")[then is V4])
    finally:
        client.end()


@needs_wireguard
def test_wireguard_with_new_keys(lab, daemon, client):
    """Made in a flow that is on its way for some time: by the kernel, or by us."""
    found = counted(daemon)[1]
    for name, end in client.ends.items():
        client.talks(name)
        learned = counted(daemon)[0]
        time.sleep(0.1)  # a server takes no handshake so soon after another
        client.begin(name)
        client.talks(name)
        wait_for(lambda: counted(daemon)[0] > learned, 5, "that new keys are learned")
        end.set("listen-port", str(next(other_ports)))
        client.talks(name)
    assert counted(daemon)[1] == found + len(client.ends)


@needs_wireguard
def test_wireguard_that_was_forgotten(lab, daemon, client):
    found = counted(daemon)[1]
    for name in client.ends:
        client.talks(name)
    for pid in daemon.children()["carrier"]:
        os.kill(pid, signal.SIGKILL)
    lab.router.run("conntrack", "-F")
    for name in client.ends:
        began = client.handshake(name)
        client.talks(name)
        assert client.handshake(name) == began
    assert counted(daemon)[1] == found + len(client.ends)


@needs_wireguard
@pytest.mark.parametrize("way", ["stopped", "killed"])
def test_wireguard_and_another_daemon(lab, daemon, client, way):
    """The next one knows what the one before had learned, also when conntrack is emptied meanwhile."""
    for name in client.ends:
        client.talks(name)
    began = {name: client.handshake(name) for name in client.ends}
    everybody = [daemon.pid, *sum(daemon.children().values(), [])]
    if way == "stopped":
        daemon.stop()
    else:
        for pid in everybody:
            os.kill(pid, signal.SIGKILL)
        daemon.process.wait(5)
    lab.router.run("conntrack", "-F")
    daemon.start()
    wait_for_alive(daemon)
    for name in client.ends:
        client.talks(name)
        assert client.handshake(name) == began[name]
    assert counted(daemon)[1] == len(client.ends)


@needs_wireguard
def test_wireguard_and_other_routes(lab, daemon, client):
    """After a reload the routes of today decide, wherever they stand in the file."""
    for name in client.ends:
        client.talks(name)
    found = counted(daemon)[1]
    first = "[route first]\nprotocol = quic\nserver_name = first.example\nbackend = drop\n"
    daemon.reload(DIVERT + first + daemon.routes)
    for name, end in client.ends.items():
        began = client.handshake(name)
        end.set("listen-port", str(next(other_ports)))
        client.talks(name)
        assert client.handshake(name) == began
    assert counted(daemon)[1] == found + len(client.ends)
    daemon.reload(DIVERT + daemon.routes.replace("backend = office", "backend = drop"))
    client.ends["office"].set("listen-port", str(next(other_ports)))
    with pytest.raises(TimeoutError):
        client.talks("office", 1)
    daemon.reload(DIVERT + daemon.routes)
