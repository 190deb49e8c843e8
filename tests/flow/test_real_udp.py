"""Real clients of protocols of UDP on the ports of one divert, each to its own server: the server sees the client's
address, and the client gets what it wanted. Where Debian has no server that starts at once, a few lines here answer as
one would; where it has no client, recorded first datagrams are sent."""
import hashlib
import os
import re
import struct
import subprocess

import pytest

import datagrams
import real
from lab import V4, both
from udp import started
from waiting import wait_for

PLACES = {"ike": 500, "l2tp": 1701, "raknet": 19132, "ts3": 9987, "bt-dht": 6881, "ssdp": 1900, "radius": 1812, "snmp": 161,
          "cldap": 389, "tftp": 69, "gquic": 8443}
SERVER = V4.backends[0]
SECRET = b"seed"
CONFIG = """
[divert many]
udp = 389, 443
interface = wan
[divert ike]
udp = 500
interface = wan
[divert ike-behind-nat]
udp = 4500
interface = wan
[route ike-behind-nat]
divert = ike-behind-nat
protocol = ike
backend = ike-behind-nat
[backend ike-behind-nat]
""" + both(4500) + "\n[route ike-500]\ndivert = ike\nprotocol = ike\nbackend = ike\n" + \
    "".join(f"[route {name}]\ndivert = many\nprotocol = {name}\nbackend = {name}\n[backend {name}]\n{both(port)}\n"
            for name, port in PLACES.items())


def needs(*programs):
    return pytest.mark.skipif(not real.is_installed(*programs), reason=f"needs {' and '.join(programs)}")


@pytest.fixture(scope="module")
def daemon(lab):
    daemon = started(lab, CONFIG, "copy")
    yield daemon
    daemon.end()


def live(daemon, name, client=None):
    """The one flow of that protocol that is there now, or the one of a client's port."""
    return wait_for(lambda: next((f for f in daemon.live_flows() if f["proto"] == name and
                                  (client is None or f["client"] == client)), None), 5, f"a flow of {name}")


def went_right(daemon, name, client=None):
    flow = live(daemon, name, client)
    assert (flow["backend"], flow["transport"]) == (name, "udp")
    assert flow["client"].startswith(f"{V4.client}:")
    return flow


def answering(lab, name, serve):
    """A server of a few lines where that protocol's backend is."""
    return datagrams.DatagramServer(lab, lab.backend, V4, SERVER, PLACES[name], name, serve)


def client(lab, *command, seconds=10):
    """What a client says, all of it, however it ends."""
    with lab.client.inside():
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=seconds, check=False, text=True)
    return done.stdout


@needs("snmpd", "snmpget")
def test_snmp(lab, daemon):
    """net-snmp's agent, asked in version 2c and, with a discovery before it, in version 3."""
    file = lab.write("snmpd.conf", "rocommunity public\nsysname seed\nrouser seed auth\n"
                                   "createUser seed SHA seedseed\npersistentDir " + lab.path("snmp") + "\n")
    env = {**os.environ, "SNMP_PERSISTENT_DIR": lab.path("snmp"), "MIBS": ""}
    lab.start(lab.backend, "snmpd", "-f", "-LE", "7", "-C", "-c", file, "-p", lab.path("snmpd.pid"), f"udp:{SERVER}:161",
              env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "161"), 5, "snmpd")
    for words in (["-v2c", "-cpublic"], ["-v3", "-useed", "-lauthNoPriv", "-aSHA", "-Aseedseed"]):
        said = wait_for(lambda words=words: re.search(
            "seed", client(lab, "snmpget", *words, "-Oqv", "-t1", f"udp:{V4.router}:443", "1.3.6.1.2.1.1.5.0")), 8, "an answer")
        assert said
    went_right(daemon, "snmp")


def radius_answer(server, data, peer):
    """An Access-Accept, or an Accounting-Response (RFC 2865 3)."""
    code = 2 if data[0] == 1 else 5
    head = bytes([code, data[1]]) + struct.pack(">H", 20)
    server.socket.sendto(head + hashlib.md5(head + data[4:20] + SECRET).digest(), peer)


@pytest.fixture(scope="module")
def radius(lab):
    return answering(lab, "radius", radius_answer)


@needs("radclient")
@pytest.mark.parametrize("kind,request_text,answer", [
    ("auth", "User-Name=seed,User-Password=b,NAS-Port=7", "Access-Accept"),
    ("acct", "Acct-Status-Type=Start,Acct-Session-Id=17,User-Name=seed", "Accounting-Response")])
def test_radius(lab, daemon, radius, kind, request_text, answer):
    file = lab.write("request", request_text + "\n")
    said = client(lab, "radclient", "-x", "-r1", "-t5", "-f", file, f"{V4.router}:443", kind, SECRET.decode())
    assert answer in said, said
    went_right(daemon, "radius")
    assert radius.got[-1][0] == V4.client


@pytest.fixture(scope="module")
def tftp(lab):
    """dnsmasq, told to answer from the port that it was asked on."""
    os.mkdir(lab.path("tftp"), 0o755)
    with open(lab.path("tftp/seed.bin"), "wb") as file:
        file.write(os.urandom(100_000))
    lab.start(lab.backend, "dnsmasq", "-k", "--conf-file=/dev/null", "--port=0", "--enable-tftp", "--tftp-single-port",
              f"--tftp-root={lab.path('tftp')}", f"--listen-address={SERVER}", "--user=root", "--group=root",
              "--pid-file=" + lab.path("dnsmasq.pid"), stderr=subprocess.DEVNULL)
    wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "69"), 5, "dnsmasq")


@needs("dnsmasq", "curl")
@pytest.mark.parametrize("options", [[], ["--tftp-blksize", "1400"], ["--tftp-no-options"]])
def test_tftp_by_curl(lab, daemon, tftp, options):
    told = client(lab, "curl", "-sS", "-m8", *options, "-o", lab.path("got"), f"tftp://{V4.router}:443/seed.bin")
    assert told == ""
    with open(lab.path("tftp/seed.bin"), "rb") as sent, open(lab.path("got"), "rb") as got:
        assert got.read() == sent.read()
    went_right(daemon, "tftp")


@needs("dnsmasq", "tftp")
def test_tftp_by_tftp(lab, daemon, tftp):
    with lab.client.inside():
        subprocess.run(["tftp", V4.router, "443", "-m", "octet", "-c", "get", "seed.bin"], cwd=lab.dir, timeout=8, check=True)
    with open(lab.path("tftp/seed.bin"), "rb") as sent, open(lab.path("seed.bin"), "rb") as got:
        assert got.read() == sent.read()


def ber(tag, value):
    return bytes([tag, 0x84]) + struct.pack(">I", len(value)) + value


def netlogon(server, data, peer):
    """A domain controller's answer to a search for `Netlogon` (MS-ADTS 6.3.1.9, 6.3.3.2)."""
    size = data[3]
    message = data[2:4 + size]
    names = b"".join(b"".join(bytes([len(part)]) + part for part in name.split(b".") if part) + b"\0" for name in
                     (b"a.seed.example", b"a.seed.example", b"dc.a.seed.example", b"SEED", b"DC", b"", b"site", b"site"))
    told = struct.pack("<HHI", 23, 0, 0x3fd) + bytes(16) + names + struct.pack("<IHH", 5, 0xffff, 0xffff)
    entry = ber(0x64, ber(4, b"") + ber(0x30, ber(0x30, ber(4, b"Netlogon") + ber(0x31, ber(4, told)))))
    done = ber(0x65, ber(0x0a, b"\0") + ber(4, b"") + ber(4, b""))
    server.socket.sendto(ber(0x30, message + entry) + ber(0x30, message + done), peer)


@needs("net")
def test_cldap(lab, daemon):
    """Samba asks which domain controller that is."""
    server = answering(lab, "cldap", netlogon)
    file = lab.write("smb.conf", "[global]\nworkgroup = SEED\nrealm = A.SEED.EXAMPLE\nsecurity = ads\n")
    said = client(lab, "net", "ads", "lookup", "-s", file, "-S", V4.router)
    assert "dc.a.seed.example" in said, said
    went_right(daemon, "cldap")
    assert server.got[0][0] == V4.client


def dht(server, data, peer):
    """A node that knows nobody (BEP 5)."""
    number = re.search(rb"1:t(\d+):", data)
    at = number.end()
    number = data[at:at + int(number[1])]
    server.socket.sendto(b"d1:rd2:id20:" + b"s" * 20 + b"5:nodes0:e1:t%d:%s1:y1:re" % (len(number), number), peer)


@needs("aria2c")
def test_bt_dht(lab, daemon):
    """aria2 asks the one node that it was told of, and once that has answered, for others."""
    server = answering(lab, "bt-dht", dht)
    lab.start(lab.client, "aria2c", "--no-conf", "--enable-dht", "--enable-dht6=false", f"--dht-file-path={lab.path('dht')}",
              "-d", lab.dir, "--dht-listen-port=6881", f"--dht-entry-point={V4.router}:443", f"magnet:?xt=urn:btih:{'01' * 20}",
              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: any(b"9:find_node" in data or b"9:get_peers" in data for _, _, data in server.got), 20,
             lambda: f"a second question, behind {server.got}")
    assert server.got[0][:2] == (V4.client, 6881)
    went_right(daemon, "bt-dht", f"{V4.client}:6881")


@needs("xl2tpd")
def test_l2tp(lab, daemon):
    """A tunnel between two xl2tpd."""
    said = {}
    for role, ns, text in (
            ("server", lab.backend, f"[global]\nlisten-addr = {SERVER}\n[lns default]\nip range = 10.9.0.2-10.9.0.3\n"
                                    "local ip = 10.9.0.1\nrequire authentication = no\n"),
            ("client", lab.client, f"[global]\nport = 0\n[lac seed]\nlns = {V4.router}:443\nautodial = yes\n")):
        file = lab.write(f"xl2tpd-{role}.conf", text)
        said[role] = lab.path(f"xl2tpd-{role}.log")
        with open(said[role], "wb") as log:
            lab.start(ns, "xl2tpd", "-D", "-c", file, "-p", lab.path(f"{role}.pid"), "-C", lab.path(f"{role}.control"),
                      stdout=log, stderr=log)
        if role == "server":
            wait_for(lambda: lab.backend.run("ss", "-Hulpn", "sport", "=", "1701"), 5, "xl2tpd")

    def tells(role):
        with open(said[role], errors="replace") as log:
            return re.search(r"Connection established to ([0-9.]+)", log.read())
    assert wait_for(lambda: tells("server"), 10, "the server's end of the tunnel")[1] == V4.client
    assert wait_for(lambda: tells("client"), 10, "the client's end of the tunnel")[1] == V4.router
    went_right(daemon, "l2tp")


CHARON = """
charon-systemd {{
  load = random nonce aes sha1 sha2 hmac kdf gmp kernel-netlink socket-default vici
  plugins {{ vici {{ socket = unix://{dir}/{name}.vici
  }} }}
  install_routes = no
  journal {{ default = -1
  }}
}}
"""
PEER = """
connections {{ seed {{
  version = 2
  proposals = aes128-sha256-modp2048
  childless = force
  remote_addrs = {remote}
  local {{ auth = psk
    id = {name} }}
  remote {{ auth = psk
    id = {other} }}
}} }}
secrets {{ ike-seed {{ secret = seed
}} }}
"""


def charon(lab, ns, name, other, remote):
    """strongSwan's daemon, with the one peer that it knows; returns how to tell it something."""
    file = lab.write(f"{name}.strongswan", CHARON.format(dir=lab.dir, name=name))
    lab.start(ns, "charon-systemd", env={**os.environ, "STRONGSWAN_CONF": file}, stdout=subprocess.DEVNULL,
              stderr=subprocess.DEVNULL)
    socket = lab.path(f"{name}.vici")
    try:
        wait_for(lambda: os.path.exists(socket), 5, "charon")
    except AssertionError:
        pytest.skip("charon does not start here")

    def tell(*words):
        return ns.run("swanctl", *words, "--uri", f"unix://{socket}", env={**os.environ, "STRONGSWAN_CONF": file})

    tell("--load-all", "--noprompt", "--file", lab.write(f"{name}.swanctl", PEER.format(remote=remote, name=name, other=other)))
    return tell


@pytest.fixture(scope="module")
def charons(lab):
    return (charon(lab, lab.client, "client", "server", V4.router),
            charon(lab, lab.backend, "server", "client", "%any"))


@needs("charon-systemd", "swanctl")
def test_ike(lab, daemon, charons):
    """IKEv2 begins on port 500, finds that the address was changed on the way, and goes on on port 4500, in a flow of
    its own, which begins with what is encrypted."""
    tell_client, tell_server = charons
    said = tell_client("--initiate", "--ike", "seed", "--timeout", "8")
    assert "established between" in said, said
    assert re.search(rf"remote *'client' @ {re.escape(V4.client)}\[4500\]", tell_server("--list-sas"))
    for port, backend in ((500, "ike"), (4500, "ike-behind-nat")):
        flow = live(daemon, "ike", f"{V4.client}:{port}")
        assert flow["backend"] == backend


@needs("ike-scan")
@pytest.mark.parametrize("port,options", [(20001, []), (20002, ["--aggressive", "--id=seed"]), (20003, ["--ikev2"]),
                                          (20004, ["--nat-t"])])
def test_ike_scan(lab, daemon, port, options):
    """What ike-scan sends for either version is known on any port."""
    client(lab, "ike-scan", *options, f"--sport={port}", "--dport=443", "--retry=1", "--timeout=200", V4.router)
    went_right(daemon, "ike", f"{V4.client}:{port}")


@pytest.fixture(scope="module")
def others(lab):
    return {name: datagrams.DatagramServer(lab, lab.backend, V4, SERVER, PLACES[name], name)
            for name in ("raknet", "ts3", "ssdp", "gquic")}


@pytest.mark.parametrize("name,seed", [
    ("raknet", "made-ping"), ("raknet", "made-open-1"), ("ts3", "made-hello"), ("ssdp", "made-search-unicast"),
    ("gquic", "made-q043"), ("gquic", "made-q050-noname")])
def test_first_datagrams(lab, daemon, others, name, seed):
    """Those of which Debian has no client that can be told where to ask."""
    s = datagrams.dial(lab.client, V4, V4.router, 443)
    told = datagrams.recorded("fuzz_wire_" + name, seed)
    s.send(told[0])
    port = s.getsockname()[1]
    assert s.recv(2000).decode() == f"{name} {V4.client} {port}"
    assert others[name].of(s) == told
    flow = went_right(daemon, name, f"{V4.client}:{port}")
    if (name, seed) == ("gquic", "made-q043"):
        assert flow["name"] == "a.seed.example"
