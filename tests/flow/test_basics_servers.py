"""The way to the servers: dead ones, silent ones, timeouts, and how a flow ends then."""
import time

import pytest

import hello
from clients import ask, dial, ending, read_exactly, read_line, sees_client
from lab import V4, V6
from servers import Farm, answer
from shuntd import Shuntd, endpoint_of
from waiting import wait_for

REFUSED, MUTE = 444, 445  # ports of the backend: closed; SYNs are dropped


def servers(*number_and_port):
    return "\n".join(f"server = {f.endpoint(f.backends[number], port)}"
                     for number, port in number_and_port for f in (V4, V6))


def backend(name, keys, *number_and_port):
    return f"[backend {name}]\n{servers(*number_and_port)}\n{keys}\n"


def route(name):
    return f"[route {name}]\nserver_name = {name}.example\nbackend = {name}\n"


BACKENDS = {
    "next": backend("next", "", (0, REFUSED), (0, 443)),
    "slownext": backend("slownext", "connect_timeout = 300ms", (0, MUTE), (0, 443)),
    "refused": backend("refused", "", (0, REFUSED), (1, REFUSED)),
    "mute": backend("mute", "connect_timeout = 300ms", (0, MUTE)),
    "nobody": f"[backend nobody]\nserver = {V4.endpoint(V4.nowhere, 443)}\n"
              f"server = {V6.endpoint(V6.nowhere, 443)}\nconnect_timeout = 500ms\n",
    "tired": backend("tired", "idle = 1s", (0, 443)),
    "four": f"[backend four]\nserver = {V4.endpoint(V4.backends[0], 443)}\n",
    "six": f"[backend six]\nserver = {V6.endpoint(V6.backends[0], 443)}\n",
    "cross": f"[backend cross]\nserver = {V4.endpoint(V4.backends[0], 443)}\nsource = router\n",
    "crosssix": f"[backend crosssix]\nserver = {V6.endpoint(V6.backends[0], 443)}\nsource = router\n",
}
CONFIG = ("[divert web]\ntcp = 443\ninterface = wan\n" +
          "".join(route(name) + text for name, text in BACKENDS.items()))


@pytest.fixture(scope="module")
def daemon(lab, carried):
    farm = Farm(lab, first=answer, second=answer)
    lab.backend.nft(f"""table inet silence {{
        chain in {{ type filter hook input priority 0;
            tcp dport {MUTE} drop
        }}
        }}""")
    started = Shuntd(lab, CONFIG, carried)
    yield started
    started.end()
    farm.close()
    lab.backend.nft("delete table inet silence")


@pytest.mark.parametrize("name", ["next", "slownext"])
def test_the_next_server_takes_over(lab, daemon, family, name):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls(f"{name}.example"))
    sees_client(report, s, family)
    client = endpoint_of(s)
    s.close()
    daemon.flow(client=client, why="closed", source="client",
                server=family.endpoint(family.backends[0], 443))


@pytest.mark.parametrize("name,why", [("refused", "connect_refused"), ("mute", "connect_timeout")])
def test_all_servers_dead(lab, daemon, family, name, why):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls(f"{name}.example"))
    assert ending(s, 3) == "reset"
    daemon.flow_of(s, family, why=why, backend=name, how="none")


def test_connect_timeout_is_kept(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    begin = time.monotonic()
    s.sendall(hello.tls("mute.example"))
    assert ending(s, 3) == "reset"
    assert 0.25 < time.monotonic() - begin < 1.5


def test_an_address_where_nobody_is(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls("nobody.example"))
    assert ending(s, 6) == "reset"
    daemon.flow_of(s, family, why="connect_timeout")


def test_idle(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    ask(s, hello.tls("tired.example"))
    begin = time.monotonic()
    assert ending(s, 4) in ("eof", "reset")
    assert 0.8 < time.monotonic() - begin < 3
    daemon.flow_of(s, family, why="idle")


def test_idle_counts_from_the_last_byte(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    begin = time.monotonic()
    ask(s, hello.tls("tired.example"))

    def chat():
        s.sendall(b"x")
        assert read_exactly(s, 1) == b"x"
        return time.monotonic() - begin > 1.6
    wait_for(chat, 3, "a chat", every=0.2)


@pytest.mark.parametrize("client,name", [(V6, "four"), (V4, "six")], ids=["ipv6", "ipv4"])
def test_no_server_of_the_clients_family(lab, daemon, client, name):
    s = dial(lab.client, client, client.router, 443)
    s.sendall(hello.tls(f"{name}.example"))
    assert ending(s, 3) == "reset"
    daemon.flow_of(s, client, why="no_family", backend=name)


@pytest.mark.parametrize("client,server,name", [(V6, V4, "cross"), (V4, V6, "crosssix")],
                         ids=["ipv6-to-4", "ipv4-to-6"])
def test_source_router_may_cross_families(lab, daemon, client, server, name):
    s = dial(lab.client, client, client.router, 443)
    report = ask(s, hello.tls(f"{name}.example"))
    assert (report["peer"], report["local"]) == (server.inside, server.backends[0])
    end = endpoint_of(s)
    s.close()
    daemon.flow(client=end, source="router", server=server.endpoint(server.backends[0], 443))


def test_the_answer_to_a_dead_backend_is_not_slow(lab, daemon, family):
    """A refused server costs no timeout."""
    s = dial(lab.client, family, family.router, 443)
    begin = time.monotonic()
    s.sendall(hello.tls("next.example"))
    assert read_line(s)
    assert time.monotonic() - begin < 1
