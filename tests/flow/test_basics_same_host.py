"""Servers on the router itself: its answers to the client's address would never come to us."""
import pytest

import hello
from clients import ask, dial, ending, finish
from servers import Server, answer
from shuntd import Shuntd

CONFIG = """
[divert web]
tcp = 443
interface = wan

[divert own]
tcp = 8443
interface = wan
unknown = original

[route loopback]
divert = web
server_name = loopback.example
backend = loopback

[route address]
divert = web
server_name = address.example
backend = address

[route own]
divert = own
protocol = tls
backend = original

[backend loopback]
server = 127.0.0.1:7001
server = [::1]:7001

[backend address]
server = {lan4}:7002
server = [{lan6}]:7002
"""


@pytest.fixture(scope="module")
def local(lab, families):
    """Servers in the router's own namespace, and the daemon."""
    servers = {}
    for family in families:
        loopback = "127.0.0.1" if family.version == 4 else "::1"
        servers["loopback", family.version] = Server(lab, lab.router, family, loopback, 7001, answer)
        servers["address", family.version] = Server(lab, lab.router, family, family.lan, 7002, answer)
        servers["own", family.version] = Server(lab, lab.router, family, family.router, 8443, answer)
    yield servers
    for server in servers.values():
        server.close()
