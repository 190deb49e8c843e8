"""One divert, all recognisers, the weak ones named: plants, hospitals, screens, routers and what keeps their data, asked by
real clients where Debian has a light one, else by what one of them once sent."""
import json
import os
import re
import socket
import struct
import subprocess
import time

import pytest

import datagrams
import real
import recognisers
from lab import V4, V6, both
from recognisers import ask, check, needs, seen
from scripted import script
from servers import Server
from udp import started
from waiting import wait_for

WEAK = {"tcp": ["memcached", "modbus", "zookeeper"], "udp": ["ntp", "coap", "utp", "rtp"]}
OWN = ["opcua", "x11", "dicom", "telnet", "kafka", "bgp", *WEAK["tcp"], *WEAK["udp"]]
PLACES = {name: 7000 + number for number, name in enumerate([*OWN, "plc", "others"])}
CONFIG = """
[divert devices]
tcp = 443, 23, 179, 6001
udp = 443, 123
interface = wan
wait = 5s
[route plc]
protocol = opcua
server_name = plc.example
backend = plc
""" + "".join(f"[route {name}]\nprotocol = {name}\nbackend = {name}\n" for name in OWN) + "".join(
    recognisers.route(f"others-{by}", recognisers.definite(by, OWN), "backend = others") for by in ("tcp", "udp")) + "".join(
        f"[backend {name}]\n{both(port, 4)}\n" for name, port in PLACES.items())


@script
def opcua(send, reader, seen):
    head = reader.take(8)
    reader.take(struct.unpack("<I", head[4:])[0] - 8)
    send(b"ACKF" + struct.pack("<IIIIII", 28, 0, 65536, 65536, 0, 0) + seen)


@script
def x11(send, reader, seen):
    """Refuses the client, and says why."""
    head = reader.take(12)
    scheme, proof = struct.unpack("<HH", head[6:10])
    reader.take((scheme + 3) // 4 * 4 + (proof + 3) // 4 * 4)
    reason = b"you are " + seen + b"\n"
    size = (len(reason) + 3) // 4 * 4
    send(struct.pack("<BBHHH", 0, len(reason), 11, 0, size // 4) + reason.ljust(size, b"\0"))


@script
def telnet(send, reader, seen):
    """Reads all options: what is left unread would cut the answer short."""
    reader.connection.recv(65536)
    send(b"you are " + seen + b"\r\n")


@script
def bgp(send, reader, _seen):
    """Takes the neighbour for one, until it goes."""
    head = reader.take(19)
    said = reader.take(struct.unpack(">H", head[16:18])[0] - 19)
    marker = b"\xff" * 16
    send(marker + struct.pack(">HBBHHIB", 29, 1, 4, 65001, 90, 0xc0000202, 0) + marker + struct.pack(">HB", 19, 4))
    reader.take(1 << 20 if said else 1)


@script
def kafka(send, reader, seen):
    """Knows of one broker, whose address is the client's; groups are coordinated by who is behind the router. What was
    committed of a topic is the client's port."""
    host, port = seen.split()
    router = (V6 if b":" in host else V4).router.encode()
    while True:
        size = struct.unpack(">I", reader.take(4))[0]
        said = reader.take(size)
        key, _version, number = struct.unpack(">HHI", said[:8])
        if key == 18:  # ApiVersions 3: these two
            answer = b"\0\0\3" + struct.pack(">HHHxHHHx", 3, 0, 1, 18, 0, 3) + b"\0\0\0\0\0"
        elif key == 10:  # FindCoordinator
            answer = struct.pack(">HIH%dsI" % len(router), 0, 1, len(router), router, 443)
        elif key == 9:  # OffsetFetch
            answer = struct.pack(">IH4sIIQHH", 1, 4, b"seed", 1, 0, int(port), 0, 0)
        else:
            answer = struct.pack(">IIH%dsIHII" % len(host), 1, 1, len(host), host, int(port), 0xffff, 1, 0)
        send(struct.pack(">II", len(answer) + 4, number) + answer)


@script
def memcached(send, reader, seen):
    key = reader.line().split()[1]
    send(b"VALUE %b 0 %d\r\n%b\r\nEND\r\n" % (key, len(seen), seen))
    reader.line()


@script
def modbus(send, reader, seen):
    """A register that holds the client's port."""
    said = reader.take(12)
    send(said[:4] + struct.pack(">HBBBH", 5, said[6], said[7], 2, int(seen.split()[1])))
    reader.take(1)


@script
def zookeeper(send, reader, seen):
    """A session of the client's port, until it is closed."""
    reader.take(struct.unpack(">I", reader.take(4))[0])
    send(struct.pack(">IIIQI16xB", 37, 0, 10000, int(seen.split()[1]), 16, 0))
    number = reader.take(struct.unpack(">I", reader.take(4))[0])[:4]
    send(struct.pack(">I4sQI", 16, number, 0, 0))
    reader.take(1)


def ntp_time():
    seconds, rest = divmod(time.time(), 1)
    return struct.pack(">II", int(seconds) + 2208988800, int(rest * (1 << 32)))


def ntp(server, data, peer):
    """The time of the server's clock."""
    now = ntp_time()
    server.socket.sendto(b"\x24\x01" + data[2:4] + bytes(8) + b"LOCL" + now + data[40:48] + now + now, peer)


def coap(server, data, peer):
    """2.05 Content: whom it sees."""
    token = data[4:4 + (data[0] & 15)]
    server.socket.sendto(bytes([0x60 | len(token), 0x45]) + data[2:4] + token + b"\xffyou are %b %d" %
                         (peer[0].encode(), peer[1]), peer)


@pytest.fixture(scope="module")
def servers(lab):
    by_tcp = {"opcua": opcua, "plc": opcua, "x11": x11, "telnet": telnet, "bgp": bgp, "kafka": kafka, "memcached": memcached,
              "modbus": modbus, "zookeeper": zookeeper}
    by_udp = {"ntp": ntp, "coap": coap, "utp": None, "rtp": None}
    made = {}
    for family in (V4, V6):
        for name, serve in by_tcp.items():
            made[name, family] = Server(lab, lab.backend, family, family.backends[4], PLACES[name], serve, name)
        for name, serve in by_udp.items():
            made[name, family] = datagrams.DatagramServer(lab, lab.backend, family, family.backends[4], PLACES[name], name,
                                                          serve)
    return made


@pytest.fixture(scope="module")
def daemon(lab, servers):
    daemon = started(lab, CONFIG, "copy")
    yield daemon
    daemon.end()


@pytest.mark.parametrize("seed,route,name", [("made-host", "opcua", "a.seed.example"), ("made-none", "opcua", "-"),
                                             ("", "plc", "plc.example")])
def test_opcua(lab, daemon, servers, family, seed, route, name):
    """A Hello byte by byte, by itself: Debian has no client."""
    url = b"opc.tcp://plc.example:4840/"
    hello = b"HELF" + struct.pack("<IIIIIII", 32 + len(url), 0, 65536, 65536, 0, 0, len(url)) + url
    if seed:
        with open(os.path.join(datagrams.SEEDS, "fuzz_wire_opcua", seed), "rb") as file:
            hello = file.read()
    with lab.client.socket(family.af) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.settimeout(10)
        s.connect((family.router, 443))
        for byte in hello:
            s.send(bytes([byte]))
        port = seen(s.recv(1000)[28:].decode(), family)
        assert int(port) == s.getsockname()[1]
    check(daemon, family, port, route, "opcua", name)


@needs("xdpyinfo")
def test_x11(lab, daemon, family):
    address = family.endpoint(family.router, 1)
    check(daemon, family, seen(ask(lab, "xdpyinfo", "-display", address), family), "x11")


@needs("echoscu", "storescp")
def test_dicom(lab, daemon):
    lab.start(lab.backend, "storescp", "-dhl", str(PLACES["dicom"]), cwd=lab.dir)
    real.wait_listening(lab.backend, V4, V4.backends[4], PLACES["dicom"])
    lab.client.run("echoscu", V4.router, "443")
    flow = daemon.flow(proto="dicom")
    assert (flow["route"], flow["backend"]) == ("dicom", "dicom")


@needs("inetutils-telnet")
def test_telnet(lab, daemon, family):
    telnet = lab.start(lab.client, "timeout", "10", "inetutils-telnet", family.router, stdin=subprocess.PIPE,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told = telnet.stdout.read().decode()  # its input stays open: else it ends before it has said all
    check(daemon, family, seen(told, family), "telnet")


@needs("kcat")
@pytest.mark.parametrize("options", [(), ("-X", "api.version.request=false", "-X", "broker.version.fallback=0.10.0")],
                         ids=["ApiVersions", "Metadata"])
def test_kafka(lab, daemon, family, options):
    told = ask(lab, "kcat", "-b", family.endpoint(family.router, 443), "-L", "-J", "-m", "5", *options)
    found = json.loads(told.splitlines()[-1])["brokers"][0]["name"]
    check(daemon, family, seen(found, family), "kafka")


KAFKA_GROUP = """
import kafka, sys
part = kafka.TopicPartition("seed", 0)
member = kafka.KafkaConsumer(bootstrap_servers=sys.argv[1], api_version=(0, 10, 1), group_id="group")
member.assign([part])
print("committed", member.committed(part), flush=True)
"""


@needs("/usr/bin/python3", module="kafka")
def test_kafka_group(lab, daemon, family):
    """A member of a group asks its coordinator over a connection of its own."""
    told = ask(lab, "/usr/bin/python3", "-c", KAFKA_GROUP, family.endpoint(family.router, 443))
    found = re.search(r"committed (\d+)", told)
    assert found, told
    check(daemon, family, found[1], "kafka")


@needs("bird")
def test_bgp(lab, daemon, servers, family):
    server = servers["bgp", family]
    file = lab.write("bird.conf", f"""router id 192.0.2.1;
protocol device {{}}
protocol bgp {{ local {family.client} as 65000; neighbor {family.router} as 65001; multihop; connect delay time 1;
{"ipv4" if family is V4 else "ipv6"} {{ import none; export none; }}; }}""")
    bird = lab.start(lab.client, "bird", "-f", "-c", file, "-s", lab.path("bird.sock"), stderr=subprocess.DEVNULL)
    wait_for(lambda: server.visits, 10, "bird's connection")
    visit = server.visits[-1]
    wait_for(lambda: len(visit.got) > 29, 10, "its OPEN message")
    bird.terminate()
    bird.wait(timeout=5)
    assert visit.peer == family.client
    check(daemon, family, visit.port, "bgp")


@needs("memccat")
def test_memcached(lab, daemon):
    told = ask(lab, "memccat", f"--servers={V4.router}:443", "seed")
    check(daemon, V4, seen(told, V4), "memcached")


@needs("mbpoll")
@pytest.mark.parametrize("kind", ["3", "4"], ids=["input", "register"])
def test_modbus(lab, daemon, kind):
    told = ask(lab, "mbpoll", "-m", "tcp", "-p", "443", "-t", kind, "-1", V4.router)
    found = re.search(r"\[1\]:\s+(\d+)", told)
    assert found, told
    check(daemon, V4, found[1], "modbus")


KAZOO = """
import sys
from kazoo.client import KazooClient
client = KazooClient(hosts=sys.argv[1], timeout=9)
client.start(timeout=8)
print("session", client.client_id[0])
client.stop()
"""


@needs("/usr/bin/python3", module="kazoo")
def test_zookeeper(lab, daemon, family):
    told = ask(lab, "/usr/bin/python3", "-c", KAZOO, family.endpoint(family.router, 443))
    found = re.search(r"session (\d+)", told)
    assert found, told
    check(daemon, family, found[1], "zookeeper")


def live_flow(daemon, family, port):
    client = family.endpoint(family.client, port)
    return wait_for(lambda: next((f for f in daemon.live_flows() if f["client"] == client), None), 5, "the flow")


def check_live(daemon, family, port, proto):
    flow = live_flow(daemon, family, port)
    assert (flow["route"], flow["proto"], flow["transport"]) == (proto, proto, "udp")


@needs("ntpdig")
def test_ntp(lab, daemon, servers, family):
    told = ask(lab, "ntpdig", "-j", "-t", "5", family.router)
    assert '"stratum":1' in told.replace(" ", ""), told
    address, port, _ = servers["ntp", family].got[-1]
    assert address == family.client
    check_live(daemon, family, port, "ntp")


@needs("coap-client-notls")
@pytest.mark.parametrize("options", [(), ("-N",), ("-m", "put", "-e", "on")], ids=["get", "unconfirmed", "put"])
def test_coap(lab, daemon, family, options):
    told = ask(lab, "coap-client-notls", "-B", "5", *options, f"coap://{family.endpoint(family.router, 443)}/seed")
    check_live(daemon, family, seen(told, family), "coap")


UTP = """
import libtorrent, sys, time
session = libtorrent.session({"listen_interfaces": sys.argv[3], "enable_outgoing_tcp": False, "enable_dht": False,
                              "enable_lsd": False, "enable_natpmp": False, "enable_upnp": False})
wanted = libtorrent.parse_magnet_uri("magnet:?xt=urn:btih:" + "5e" * 20)
wanted.save_path = sys.argv[2]
torrent = session.add_torrent(wanted)
while True:
    torrent.connect_peer((sys.argv[1], 443))
    time.sleep(0.5)
"""


@needs("/usr/bin/python3", module="libtorrent")
def test_utp(lab, daemon, servers, family):
    server = servers["utp", family]
    client = lab.start(lab.client, "/usr/bin/python3", "-c", UTP, family.router, lab.dir,
                       family.endpoint(family.client, 0))
    wait_for(lambda: server.got, 10, "a SYN")
    client.kill()
    client.wait()
    address, port, said = server.got[0]
    assert (address, said[0]) == (family.client, 0x41)
    check_live(daemon, family, port, "utp")


def test_rtp(lab, daemon, servers, family):
    """What GStreamer once sent: it is no light program."""
    folder = "fuzz_wire_rtp"
    for seed in sorted(s for s in os.listdir(os.path.join(datagrams.SEEDS, folder)) if s.startswith("gst-launch")):
        told = datagrams.recorded(folder, seed)
        s = datagrams.dial(lab.client, family, family.router, 443)
        for one in told:
            s.send(one)
        assert servers["rtp", family].wait_of(s, len(told)) == told, seed
        assert s.recv(2000).decode() == f"rtp {family.client} {s.getsockname()[1]}"
        check_live(daemon, family, s.getsockname()[1], "rtp")
