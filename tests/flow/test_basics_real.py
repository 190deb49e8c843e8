"""One port, real programs: two nginx sites behind SNI, sshd; curl, openssl and ssh as clients."""
import hashlib
import os

import pytest

import real
from lab import V4, V6
from shuntd import Shuntd

BIG = 8_000_000
CONFIG = f"""
[divert web]
tcp = 443
interface = wan
[route git]
protocol = tls
server_name = git.example
backend = git
[route web]
protocol = tls
server_name = *.web.example
backend = web
[route ssh]
protocol = ssh
backend = ssh
[backend git]
server = {V4.endpoint(V4.backends[0], 443)}, {V6.endpoint(V6.backends[0], 443)}
[backend web]
server = {V4.endpoint(V4.backends[1], 443)}, {V6.endpoint(V6.backends[1], 443)}
[backend ssh]
server = {V4.endpoint(V4.backends[2], 22)}, {V6.endpoint(V6.backends[2], 22)}
"""

pytestmark = pytest.mark.skipif(not real.is_installed("nginx", "sshd", "curl", "openssl", "ssh"),
                                reason="needs nginx, sshd, ssh, curl and openssl")


@pytest.fixture(scope="module")
def services(lab):
    real.certificate(lab, ["git.example", "*.web.example"])
    with open(lab.path("big"), "wb") as file:
        file.write(os.urandom(BIG))
    real.nginx(lab, "git", (V4, V6), 0)
    real.nginx(lab, "web", (V4, V6), 1)
    real.sshd(lab, (V4, V6), 2)


@pytest.fixture(scope="module")
def daemon(lab, services, way):
    started = Shuntd(lab, CONFIG, way)
    yield started
    started.end()


def curl(lab, family, name, *options, path="/"):
    address = family.endpoint(family.router, 443).rsplit(":", 1)[0]
    return lab.client.run("curl", "-sS", "--max-time", "15", "--cacert", lab.path("cert.pem"),
                          "--resolve", f"{name}:443:{address}", *options, f"https://{name}{path}")


@pytest.mark.parametrize("name,site", [("git.example", "git"), ("a.web.example", "web")])
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl(lab, daemon, family, name, site, version):
    told = curl(lab, family, name, version, "-w", "%{local_port}")
    saw, own_port = told.rstrip().rsplit("\n", 1)
    assert saw == f"{site} {family.client} {own_port} {name}"
    flow = daemon.flow(client=family.endpoint(family.client, own_port), name=name)
    assert (flow["backend"], flow["proto"], flow["why"]) == (site, "tls", "closed")


def test_curl_takes_a_big_file(lab, daemon, family):
    curl(lab, family, "git.example", "-o", lab.path("got"), path="/big")
    with open(lab.path("big"), "rb") as big, open(lab.path("got"), "rb") as got:
        assert hashlib.sha256(got.read()).digest() == hashlib.sha256(big.read()).digest()


def test_a_name_without_a_site(lab, daemon, family):
    with pytest.raises(AssertionError, match="exit 35"):
        curl(lab, family, "nobody.example")
    daemon.flow(name="nobody.example", why="rejected")


def test_openssl(lab, daemon, family):
    said = lab.client.run("openssl", "s_client", "-connect", family.endpoint(family.router, 443),
                          "-servername", "git.example", "-CAfile", lab.path("cert.pem"),
                          "-verify_return_error", "-quiet",
                          input="GET / HTTP/1.0\r\n\r\n")
    assert f"\ngit {family.client} " in said


def test_ssh(lab, daemon, family):
    saw, port, server, _ = real.ssh(lab, family, 443, "echo $SSH_CONNECTION").split()
    assert (saw, server) == (family.client, family.backends[2])
    flow = daemon.flow(proto="ssh", client=family.endpoint(saw, port))
    assert (flow["route"], flow["why"]) == ("ssh", "closed")
