"""The laboratory itself, with plain DNAT in the place of shunt: its servers see what they say."""
import hashlib
import os
import socket

import pytest

import hello
from clients import ask, dial, ending, read_all, read_exactly, reset, sees_client
from servers import Server, answer, collect, greet
from waiting import wait_for

pytestmark = pytest.mark.no_daemon


@pytest.fixture(autouse=True)
def port_forward(lab, family):
    """Port 443 of the router leads to the first backend."""
    lab.router.nft(f"""table inet forward {{
        chain pre {{ type nat hook prerouting priority dstnat;
            {family.ip} daddr {family.router} tcp dport 443 dnat {family.ip} to {family.backends[0]}
        }}
        }}""")
    yield
    lab.router.nft("delete table inet forward")


@pytest.fixture
def server(lab, family):
    started = []

    def start(serve):
        started.append(Server(lab, lab.backend, family, family.backends[0], 443, serve))
        return started[0]
    yield start
    started[0].close()


def test_a_report_names_the_client(lab, family, server):
    server(answer)
    s = dial(lab.client, family, family.router, 443, source=family.other_client)
    report = ask(s, hello.tls("lab.example"))
    sees_client(report, s, family, family.other_client)
    assert report["local"] == family.backends[0]


def test_half_close_and_sha256(lab, family, server):
    visits = server(collect)
    s = dial(lab.client, family, family.router, 443)
    data = bytes(range(256)) * 4000
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    assert b"peer" in read_all(s)
    visit = visits.visit_of(*s.getsockname()[:2])
    assert (visit.total, visit.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_reset_is_told_from_an_end(lab, family, server):
    visits = server(greet)
    s = dial(lab.client, family, family.router, 443)
    assert read_exactly(s, 4) == b"220 "
    port = s.getsockname()[1]
    reset(s)
    visit = visits.visit_of(family.client, port)
    wait_for(lambda: visit.end == "reset", 2, lambda: f"a reset, not {visit.end}")


def test_silence_is_told_from_an_end(lab, family, server):
    server(answer)
    s = dial(lab.client, family, family.router, 443)
    assert ending(s, 0.2) == "silence"


def test_a_closed_port_refuses(lab, family, server):
    server(answer)
    with pytest.raises(ConnectionRefusedError):
        dial(lab.client, family, family.router, 444)


def test_the_clean_up_leaves_nothing(fresh):
    ns = fresh.namespace("alone")
    sleeper = fresh.start(ns, "sleep", "60")
    assert ns.pids() == [sleeper.pid]
    fresh.close()
    assert sleeper.returncode is not None
    assert not os.path.exists(f"/run/netns/{ns.name}") and not os.path.exists(fresh.dir)
