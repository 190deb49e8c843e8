"""Proxies, tunnels and remote control, real programs on both sides where Debian has them, all through one divert whose
routes name every recogniser: SOCKS, RDP, S7, OpenVPN, tinc, PPTP, XMPP and Android's debug bridge."""
import os
import re
import struct
import subprocess

import pytest

import real
import recognisers
from lab import V4, V6, both
from netns import run
from programs import Program
from servers import Server
from shuntd import Shuntd
from waiting import wait_for

PORTS = {"socks4": 1084, "socks5": 1085, "rdp": 3389, "cotp": 102, "openvpn": 1194, "tinc": 655, "pptp": 1723,
         "xmpp": 5222, "adb": 5555}
SITE = V4.backends[1]
CONFIG = """
[divert tunnels]
tcp = 443, 102, 1723
interface = wan
""" + "".join(f"[route {name}]\nprotocol = {name}\nbackend = {name if name in PORTS else 'rest'}\n"
              for name in recognisers.definite("tcp")) + \
    "".join(f"[backend {name}]\n{both(port)}\n" for name, port in {**PORTS, "rest": 9}.items())
S7_CONFIRM = bytes.fromhex("0300001611d00014000100c0010ac1020100c2020102")
ADB_DEVICE = b"device::ro.product.name=seed;ro.product.model=seed;"
XMPP_REFUSAL = (b"<?xml version='1.0'?><stream:stream from='a.example' id='1' version='1.0' xmlns='jabber:client' "
                b"xmlns:stream='http://etherx.jabber.org/streams'><stream:error><system-shutdown "
                b"xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")


def needs(*programs):
    return pytest.mark.skipif(not real.is_installed(*programs), reason=f"needs {' and '.join(programs)}")


@pytest.fixture(scope="module")
def daemon(lab):
    started = Shuntd(lab, CONFIG, "copy")
    yield started
    started.end()


def scripted(lab, name, answer):
    """A server that reads, answers, reads once more, and ends; what it read is in its visit."""
    def serve(connection, visit):
        visit.got = connection.recv(65536)
        connection.sendall(answer)
        visit.got += connection.recv(65536)
    return Server(lab, lab.backend, V4, V4.backends[0], PORTS[name], serve, name)


def flow_of(daemon, proto, **want):
    """The line of the flow of that protocol which ended last: from the client, to its own server."""
    flow = daemon.flow(10, proto=proto, **want)
    assert (flow["route"], flow["backend"]) == (proto, proto)
    assert flow["client"].startswith(f"{V4.client}:")
    return flow


def visit_of(server, flow):
    address, port = flow["client"].split(":")
    return server.visit_of(address, int(port))


@pytest.fixture(scope="module")
def proxy(lab):
    """OpenSSH's own proxy, which speaks SOCKS 4, 4a and 5, and a site behind it."""
    real.sshd(lab, (V4, V6), 2)
    real.plain_nginx(lab, "site", (V4, V6), 1)
    places = (word for name in ("socks4", "socks5") for word in ("-D", f"{V4.backends[0]}:{PORTS[name]}"))
    lab.start(lab.backend, "ssh", "-N", *places, *real.ssh_options(lab), f"root@{V4.backends[2]}")
    for name in ("socks4", "socks5"):
        real.wait_listening(lab.backend, V4, V4.backends[0], PORTS[name])


@needs("curl", "ssh", "sshd", "nginx")
@pytest.mark.parametrize("how", ["socks4", "socks4a", "socks5", "socks5-hostname"])
def test_curl_by_proxy(lab, daemon, proxy, how):
    told = lab.client.run("curl", "-sS", "--max-time", "10", f"--{how}", f"{V4.router}:443", "-w", "%{local_port}",
                          f"http://{SITE}/")
    saw, port = told.rsplit("\n", 1)
    assert saw.startswith("site ") and f" {SITE} GET /" in saw
    flow_of(daemon, how[:6], client=f"{V4.client}:{port}")


@needs("nmap", "xrdp")
def test_rdp(lab, daemon):
    """nmap asks xrdp for each of its kinds of encryption, by one connection for each."""
    certificate = real.certificate(lab, ["rdp.example"])
    with open("/etc/xrdp/xrdp.ini", encoding="utf-8") as file:
        text = file.read()
    for key, value in (("fork", "false"), ("port", f"tcp://{V4.backends[0]}:{PORTS['rdp']}"), ("certificate", certificate),
                       ("key_file", lab.path("key.pem")), ("LogFile", lab.path("xrdp.log")), ("EnableSyslog", "false")):
        text = re.sub(rf"^{key}=.*", f"{key}={value}", text, count=1, flags=re.M)
    lab.start(lab.backend, "xrdp", "--nodaemon", "--config", lab.write("xrdp.ini", text), stdout=subprocess.DEVNULL)
    real.wait_listening(lab.backend, V4, V4.backends[0], PORTS["rdp"])
    told = lab.client.run("nmap", "-sT", "-Pn", "-n", "-p", "443", "--script", "+rdp-enum-encryption", V4.router)
    assert "Native RDP: SUCCESS" in told
    flow = flow_of(daemon, "rdp", name="nmap")
    with open(lab.path("xrdp.log"), encoding="utf-8") as log:
        assert "received from {} port {}\n".format(*flow["client"].split(":")) in log.read()


@needs("nmap")
def test_s7(lab, daemon):
    """nmap asks a controller for what it is: behind the transport's confirmation comes the S7 request."""
    server = scripted(lab, "cotp", S7_CONFIRM)
    lab.client.run("nmap", "-sT", "-Pn", "-n", "-p", "102", "--script", "s7-info", V4.router)
    visit = visit_of(server, flow_of(daemon, "cotp"))
    assert visit.got.startswith(b"\3\0\0\x16\x11\xe0") and b"\2\xf0\x80\x32\1" in visit.got


def openvpn_keys(lab, kind):
    """Options of server and client for that kind of wrapping."""
    if kind == "plain":
        return (), ()
    server, client = lab.path("v2-server"), lab.path("v2-client")
    run("openvpn", "--genkey", "tls-crypt-v2-server", server)
    run("openvpn", "--tls-crypt-v2", server, "--genkey", "tls-crypt-v2-client", client)
    return ("--tls-crypt-v2", server), ("--tls-crypt-v2", client)


@needs("openvpn", "openssl")
@pytest.mark.parametrize("kind", ["plain", "tls-crypt-v2"])
def test_openvpn(lab, daemon, kind):
    certificate = real.certificate(lab, ["vpn.example"])
    common = ("openvpn", "--dev", "null", "--verb", "3", "--ca", certificate, "--cert", certificate, "--key",
              lab.path("key.pem"))
    at_server, at_client = openvpn_keys(lab, kind)
    server = Program(lab, lab.backend, *common, "--proto", "tcp-server", "--local", V4.backends[0], "--port",
                     str(PORTS["openvpn"]), "--tls-server", "--dh", "none", *at_server)
    server.says("Listening for incoming TCP connection")
    client = Program(lab, lab.client, *common, "--proto", "tcp-client", "--remote", V4.router, "443", "--nobind",
                     "--tls-client", *at_client)
    client.says("Initialization Sequence Completed")
    client.end()
    peer = server.says(r"TCP connection established with \[AF_INET\](\S+)")[1]
    server.end()
    flow_of(daemon, "openvpn", client=peer)


def tinc_home(lab, name, *settings):
    home = lab.path(f"tinc-{name}")
    os.makedirs(os.path.join(home, "hosts"))
    with open(os.path.join(home, "tinc.conf"), "w", encoding="utf-8") as file:
        file.write("\n".join((f"Name = {name}", "DeviceType = dummy", "AddressFamily = ipv4", *settings, "")))
    run("tincd", "-c", home, "-K", "1024", stdin=subprocess.DEVNULL)
    with open(os.path.join(home, "hosts", name), encoding="utf-8") as file:
        return home, file.read()


def tincd(lab, ns, home, other, text):
    with open(os.path.join(home, "hosts", other), "w", encoding="utf-8") as file:
        file.write(text)
    return Program(lab, ns, "tincd", "-c", home, "-D", "-d3", f"--pidfile={home}/pid")


@needs("tincd")
def test_tinc(lab, daemon):
    inner, inner_key = tinc_home(lab, "inner", f"BindToAddress = {V4.backends[0]}")
    outer, outer_key = tinc_home(lab, "outer", "ConnectTo = inner", "TCPOnly = yes")
    server = tincd(lab, lab.backend, inner, "outer", outer_key)
    server.says("Ready")
    client = tincd(lab, lab.client, outer, "inner", f"Address = {V4.router} 443\n{inner_key}")
    client.says(r"Connection with inner \(.*\) activated")
    port = server.says(rf"Connection from {V4.client} port (\d+)")[1]
    client.end()
    server.end()  # until then it keeps its end of the connection
    flow_of(daemon, "tinc", client=f"{V4.client}:{port}")


@needs("pptp", "pptpd")
def test_pptp(lab, daemon):
    """The control connection alone: a program in pppd's place tells that a call came in, and whose."""
    fake = lab.write("pppd", '#!/bin/sh\necho "$@" >"$0.called"\nmv "$0.called" "$0.done"\nexec sleep 5\n')
    os.chmod(fake, 0o755)
    settings = lab.write("pptpd.conf", f"ppp {fake}\nlisten {V4.backends[0]}\nlocalip 10.9.0.1\nremoteip 10.9.0.2-9\n")
    Program(lab, lab.backend, "pptpd", "--fg", "--conf", settings, "--pidfile", lab.path("pptpd.pid"))
    real.wait_listening(lab.backend, V4, V4.backends[0], PORTS["pptp"])
    client = Program(lab, lab.client, "pptp", V4.router, "--nolaunchpppd")
    wait_for(lambda: os.path.exists(f"{fake}.done"), 10, client.text)
    client.end()
    with open(f"{fake}.done", encoding="utf-8") as called:
        assert f"ipparam {V4.client}" in called.read()
    flow_of(daemon, "pptp")


@needs("go-sendxmpp")
def test_xmpp(lab, daemon):
    server = scripted(lab, "xmpp", XMPP_REFUSAL)
    client = Program(lab, lab.client, "go-sendxmpp", "-u", "seed@a.example", "-p", "word", "-j", f"{V4.router}:443", "-m",
                     "/etc/hosts", "other@a.example")
    client.says("expected element type <features> but have <error>")
    assert b"to='a.example'" in visit_of(server, flow_of(daemon, "xmpp", name="a.example")).got


@needs("adb")
def test_adb(lab, daemon):
    scripted(lab, "adb", struct.pack("<4s5I", b"CNXN", 0x01000001, 1 << 20, len(ADB_DEVICE), sum(ADB_DEVICE),
                                     0xb1a7b1bc) + ADB_DEVICE)
    env = {**os.environ, "HOME": lab.dir}
    server = Program(lab, lab.client, "adb", "nodaemon", "server", env=env)
    real.wait_listening(lab.client, V4, "127.0.0.1", 5037)
    lab.client.run("adb", "connect", f"{V4.router}:443", env=env)
    wait_for(lambda: "product:seed" in lab.client.run("adb", "devices", "-l", env=env), 10, server.text)
    server.end()
    flow_of(daemon, "adb")
