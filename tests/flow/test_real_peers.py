"""Files, calls, chat and games through one divert whose routes name every recogniser: real programs on both sides where Debian
has them, else their recorded or hand-made words."""
import hashlib
import os
import re
import socket
import subprocess

import pytest

import real
import recognisers
from datagrams import SEEDS
from lab import V4, V6, both
from netns import run
from programs import Program
from recognisers import needs
from servers import Server, collect, read_first
from shuntd import Shuntd
from waiting import wait_for

PORTS = {"git": 9418, "git-two": 9419, "rsync": 873, "irc": 6667, "nats": 6222, "bittorrent": 6881, "tracker": 6969,
         "stun": 3478, "sip": 5060, "rtsp": 554, "camera": 555, "minecraft": 25565, "lobby": 25566, "winbox": 8291, "rest": 9}
OWN = ["git", "rsync", "irc", "nats", "stun", "sip", "rtsp", "minecraft", "winbox"]
NAMED = {"git-two": ("git", "two.example"), "camera": ("rtsp", "camera.example"), "lobby": ("minecraft", "*.seed.example")}
CONFIG = """
[divert tcp]
tcp = 443
interface = wan
wait = 5s
[divert udp]
udp = 443
interface = wan
wait = 2s
[route peer]
divert = tcp
protocol = bittorrent
backend = bittorrent
[route tracker]
divert = udp
protocol = bittorrent
backend = tracker
""" + "".join(f"[route {name}]\nprotocol = {name}\nbackend = {name}\n" for name in OWN) + \
    "".join(f"[route {name}]\nprotocol = {protocol}\nserver_name = {host}\nbackend = {name}\n"
            for name, (protocol, host) in NAMED.items()) + \
    recognisers.route("rest", sorted({*recognisers.definite("tcp", [*OWN, "bittorrent"]),
                                      *recognisers.definite("udp", [*OWN, "bittorrent"])}), "backend = rest") + \
    "".join(f"[backend {name}]\n{both(port)}\n" for name, port in PORTS.items())
PYTHON = "/usr/bin/python3"  # Debian's, which has its modules
SERVER = V4.backends[0]


@pytest.fixture(scope="module")
def daemon(lab):
    started = Shuntd(lab, CONFIG, "copy")
    yield started
    started.end()


def check(flow, proto, route, name="-", backend=None):
    assert (flow["proto"], flow["route"], flow["name"]) == (proto, route, name)
    assert flow["backend"] == (backend or route)
    assert flow["client"].startswith(f"{V4.client}:")


def live(daemon, proto):
    """The living flow of that protocol."""
    return wait_for(lambda: next((f for f in daemon.live_flows() if f["proto"] == proto), None), 10, f"a flow of {proto}")


def at_hosts(lab, hosts, *command):
    """A command for which these names are the router's."""
    file = lab.write("hosts", "".join(f"{V4.router} {host}\n" for host in hosts))
    return lab.client.run("unshare", "-m", "sh", "-c", f'mount --bind {file} /etc/hosts && exec "$@"', "sh", *command)


@pytest.fixture(scope="module")
def repositories(lab):
    for name in ("git", "git-two"):
        path = lab.path(f"{name}/p.git")
        run("git", "init", "-q", "--bare", path)
        tree = run("git", "--git-dir", path, "hash-object", "-t", "tree", "-w", "/dev/null").strip()
        commit = run("git", "--git-dir", path, "-c", "user.name=seed", "-c", "user.email=s@seed.example", "commit-tree", "-m",
                     name, tree).strip()
        run("git", "--git-dir", path, "update-ref", f"refs/heads/of-{name}", commit)
    return {name: Program(lab, lab.backend, "git", "daemon", "--export-all", "--verbose", "--reuseaddr", f"--listen={SERVER}",
                          f"--port={PORTS[name]}", f"--base-path={lab.path(name)}") for name in ("git", "git-two")}


@needs("git", "unshare")
@pytest.mark.parametrize("host,route", [("one.example", "git"), ("two.example", "git-two")])
def test_git(lab, daemon, repositories, host, route):
    repositories[route].says("Ready to rumble")
    told = at_hosts(lab, [host], "git", "ls-remote", f"git://{host}:443/p.git")
    assert told.endswith(f"refs/heads/of-{route}\n")
    flow = daemon.flow(proto="git", name=host)
    check(flow, "git", route, host)
    repositories[route].says(f"Connection from {flow['client']}")


@needs("rsync")
def test_rsync(lab, daemon):
    os.mkdir(lab.path("module"))
    lab.write("module/file", "of the module\n")
    file = lab.write("rsyncd.conf", f"use chroot = no\nreverse lookup = no\nuid = root\ngid = root\n[seed]\npath = {lab.path('module')}\n"
                     "hosts allow = " + V4.client + "\n")
    lab.start(lab.backend, "rsync", "--daemon", "--no-detach", f"--config={file}", f"--address={SERVER}",
              f"--port={PORTS['rsync']}")
    real.wait_listening(lab.backend, V4, SERVER, PORTS["rsync"])
    lab.client.run("rsync", "-a", f"rsync://{V4.router}:443/seed/", lab.path("copy"))
    with open(lab.path("copy/file"), encoding="utf-8") as copy:
        assert copy.read() == "of the module\n"
    check(daemon.flow(proto="rsync"), "rsync", "rsync")


@needs("sic", "ngircd")
@pytest.mark.parametrize("password,told", [((), rf"seed!~\S+@{V4.client}"), (("-k", "word"), "Bad password|closed connection|broken pipe")],
                         ids=["nick", "pass"])
def test_irc(lab, daemon, chat, password, told):
    """The server takes everybody, but nobody with a password; of whom it refuses it may leave something unread, and then
    what it said may be lost."""
    known = [f["id"] for f in daemon.flow_lines()]
    client = Program(lab, lab.client, "sic", "-h", V4.router, "-p", "443", "-n", "seed", *password)
    client.says(told)
    client.end()
    flow = wait_for(lambda: next((f for f in daemon.flow_lines() if f["proto"] == "irc" and f["id"] not in known), None), 5,
                    "the flow's line")
    check(flow, "irc", "irc")


@pytest.fixture(scope="module")
def chat(lab):
    file = lab.write("ngircd.conf", f"[Global]\nName = irc.seed.example\nInfo = seed\nListen = {SERVER}\nPorts = {PORTS['irc']}\n"
                     "[Options]\nDNS = no\nIdent = no\nPAM = no\n")
    lab.start(lab.backend, "/usr/sbin/ngircd", "-n", "-f", file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    real.wait_listening(lab.backend, V4, SERVER, PORTS["irc"])


@needs("nats-server")
def test_nats(lab, daemon):
    """A server joins another one's cluster."""
    cluster = ["nats-server", "-p", "-1", "-cluster_name", "seed", "-cluster"]
    other = Program(lab, lab.backend, *cluster, f"nats://{SERVER}:{PORTS['nats']}", "-a", SERVER)
    other.says("Server is ready")
    client = Program(lab, lab.client, *cluster, f"nats://{V4.client}:-1", "-a", V4.client, "-routes", f"nats://{V4.router}:443")
    seen = other.says(rf"({V4.client}:\d+) - rid:\d+ - Route connection created")[1]
    client.end()
    flow = daemon.flow(proto="nats", client=seen)
    check(flow, "nats", "nats")


TORRENT = """
import libtorrent as t, os, sys, time
home, role, address, port = sys.argv[1:]
files = t.file_storage()
files.add_file("file", 100000)
made = t.create_torrent(files, 16384, t.create_torrent.v1_only)
os.makedirs(home, exist_ok=True)
source = home if role == "server" else home + "-expected"
os.makedirs(source, exist_ok=True)
with open(source + "/file", "wb") as file:
    file.write(bytes(range(250)) * 400)
t.set_piece_hashes(made, source)
if role == "hash":
    print(t.torrent_info(made.generate()).info_hash())
    sys.exit()
session = t.session({"in_enc_policy": 2, "out_enc_policy": 2, "enable_outgoing_utp": False, "enable_incoming_utp": False,
                     "enable_dht": False, "enable_lsd": False, "enable_natpmp": False, "enable_upnp": False,
                     "allow_multiple_connections_per_ip": True, "alert_mask": t.alert.category_t.all_categories,
                     "listen_interfaces": f"{address}:{port if role == 'server' else 0}"})
wanted = t.add_torrent_params()
wanted.ti, wanted.save_path = t.torrent_info(made.generate()), home
if role == "tracker":
    wanted.trackers = [f"udp://{sys.argv[4]}/announce"]
torrent = session.add_torrent(wanted)
if role == "client":
    torrent.connect_peer(tuple(port.split("/")[:1]) + (443,))
while True:
    for alert in session.pop_alerts():
        print(type(alert).__name__, alert.message(), flush=True)
    time.sleep(0.05)
"""


@needs(module="libtorrent")
def test_bittorrent(lab, daemon):
    """A file of 100,000 bytes goes from one peer to the other."""
    code = lab.write("torrent.py", TORRENT)
    server = Program(lab, lab.backend, PYTHON, code, lab.path("seeding"), "server", SERVER, str(PORTS["bittorrent"]))
    server.says("torrent_finished_alert|state changed to: seeding")
    client = Program(lab, lab.client, PYTHON, code, lab.path("leeching"), "client", V4.client, V4.router)
    client.says("torrent_finished_alert")
    server.says(rf"peer_connect_alert .*{V4.client}|incoming_connection_alert .*{V4.client}")
    client.end()
    check(daemon.flow(proto="bittorrent"), "bittorrent", "peer", backend="bittorrent")


@needs("opentracker", module="libtorrent")
def test_tracker(lab, daemon):
    code = lab.write("torrent.py", TORRENT)
    known = lab.write("known", run(PYTHON, code, lab.path("hash"), "hash", "", ""))
    port = str(PORTS["tracker"])
    lab.start(lab.backend, "opentracker", "-i", SERVER, "-p", port, "-P", port, "-d", "/", "-u", "nobody", "-w", known,
              stderr=subprocess.DEVNULL)
    real.wait_listening(lab.backend, V4, SERVER, PORTS["tracker"])
    client = Program(lab, lab.client, PYTHON, code, lab.path("announcing"), "tracker", V4.client, f"{V4.router}:443")
    client.says("tracker_reply_alert")
    check(live(daemon, "bittorrent"), "bittorrent", "tracker")
    client.end()


@pytest.fixture(scope="module")
def turn(lab):
    server = Program(lab, lab.backend, "turnserver", "-n", "-L", SERVER, "-p", str(PORTS["stun"]), "--no-tls", "--no-dtls",
                     "--no-cli", "--no-rfc5780", "-u", "a:b", "-r", "seed", "-a", "-v", "--log-file=stdout", "--simple-log",
                     "--pidfile", lab.path("turn.pid"), "--userdb", lab.path("turn.db"))
    real.wait_listening(lab.backend, V4, SERVER, PORTS["stun"])
    return server


@needs("turnserver", "turnutils_stunclient")
def test_stun(lab, daemon, turn):
    told = lab.client.run("turnutils_stunclient", "-p", "443", V4.router)
    seen = re.search(rf"reflexive addr: ({V4.client}:\d+)", told)[1]
    flow = live(daemon, "stun")
    check(flow, "stun", "stun")
    assert flow["client"] == seen


@needs("turnserver", "turnutils_uclient")
def test_stun_by_tcp(lab, daemon, turn):
    client = Program(lab, lab.client, "turnutils_uclient", "-t", "-y", "-u", "a", "-w", "b", "-p", "443", V4.router)
    seen = turn.says(rf"tcp or tls connected to: ({V4.client}:\d+)")[1]
    client.end()
    check(daemon.flow(10, client=seen), "stun", "stun")


@needs("sipp")
@pytest.mark.parametrize("transport,option", [("tcp", "t1"), ("udp", "u1")])
def test_sip(lab, daemon, transport, option):
    """A call: INVITE, answers, ACK, BYE."""
    common = ["sipp", "-t", option, "-nostdin", "-m", "1"]
    server = Program(lab, lab.backend, *common, "-sn", "uas", "-i", SERVER, "-p", str(PORTS["sip"]))
    wait_for(lambda: lab.backend.run("ss", "-Hln" + transport[0], "sport", "=", str(PORTS["sip"])), 5, "a telephone")
    lab.client.run(*common, "-sn", "uac", "-i", V4.client, "-p", "5070", "-d", "0", "-s", "seed", f"{V4.router}:443")
    flow = live(daemon, "sip") if transport == "udp" else daemon.flow(proto="sip")
    check(flow, "sip", "sip", V4.router)
    assert flow["client"] == f"{V4.client}:5070"
    server.end()


RTSP_ANSWER = "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}"
RTSP_CLIENT = """
import pycurl, sys
url = f"rtsp://{sys.argv[1]}:443/seed"
curl = pycurl.Curl()
curl.setopt(curl.RESOLVE, [f"{sys.argv[1]}:443:{sys.argv[2]}"])
curl.setopt(curl.URL, url)
curl.setopt(curl.OPT_RTSP_STREAM_URI, url)
curl.setopt(curl.OPT_RTSP_REQUEST, pycurl.RTSPREQ_DESCRIBE)
curl.setopt(curl.TIMEOUT, 10)
curl.perform()
"""


def describe(connection, visit):
    """Answers one request of RTSP with whom it sees."""
    read_first(connection, visit)
    told = f"{visit.server} {visit.peer} {visit.port}"
    connection.sendall(RTSP_ANSWER.format(len(told), told).encode())
    connection.recv(1)


@needs(module="pycurl")
@pytest.mark.parametrize("host,route", [("any.example", "rtsp"), ("camera.example", "camera")])
def test_rtsp(lab, daemon, host, route):
    with_port = PORTS[route]
    Server(lab, lab.backend, V4, SERVER, with_port, describe, route)
    told = lab.client.run(PYTHON, "-c", RTSP_CLIENT, host, V4.router)
    server, address, port = told.split()
    assert (server, address) == (route, V4.client)
    check(daemon.flow(client=f"{V4.client}:{port}"), "rtsp", route, host)


@needs("curl")
def test_rtsp_by_curl(lab, daemon):
    server = Server(lab, lab.backend, V6, V6.backends[0], PORTS["rtsp"], describe, "rtsp")
    lab.client.run("curl", "-sS", "--max-time", "10", f"rtsp://[{V6.router}]:443/seed")
    visit = server.visits[-1]
    assert visit.got.startswith(b"OPTIONS * RTSP/1.0\r\n")
    flow = daemon.flow(client=V6.endpoint(V6.client, visit.port))
    assert (flow["proto"], flow["route"], flow["name"]) == ("rtsp", "rtsp", "-")


@pytest.fixture(scope="module")
def games(lab):
    return {(name, family): Server(lab, lab.backend, family, family.backends[0], PORTS[name], collect, name)
            for name in ("minecraft", "lobby", "winbox") for family in (V4, V6)}


@pytest.mark.parametrize("seed,route,name", [
    ("minecraft/made-1.20.4-status", "lobby", "a.seed.example"),
    ("minecraft/made-forge-login", "lobby", "a.seed.example"),
    ("minecraft/made-1.6.4-ping", "lobby", "a.seed.example"),
    ("minecraft/made-ipv6-status", "minecraft", "2001:db8::1"),
    ("winbox/made-admin-romon", "winbox", "-"),
])
def test_words(lab, daemon, games, family, seed, route, name):
    """What clients say of whom Debian has none, in two segments: it arrives unchanged."""
    protocol, file = seed.split("/")
    with open(os.path.join(SEEDS, f"fuzz_wire_{protocol}", file), "rb") as words:
        said = words.read()
    with lab.client.socket(family.af) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.connect((family.router, 443))
        s.send(said[:5])
        s.send(said[5:])
        s.shutdown(socket.SHUT_WR)
        port = s.getsockname()[1]
        assert s.recv(2000)
    visit = games[route, family].visit_of(family.client, port)
    assert visit.sha256 == hashlib.sha256(said).hexdigest()
    flow = daemon.flow(client=family.endpoint(family.client, port))
    assert (flow["proto"], flow["route"], flow["name"]) == (protocol, route, name)
