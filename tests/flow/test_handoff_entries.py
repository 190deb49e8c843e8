"""Entries of conntrack that stand where that of a flow is to be: only dead ones make way."""
import pytest

from clients import ask, dial, finish, own_port, read_exactly
from servers import Server, answer
from shuntd import Shuntd
from talking import CONFIG, Counted, entries, forget_entries, handed_ports
from waiting import wait_for

STRANGER = {4: "203.0.113.99", 6: "2001:db8:99::99"}


class Place:
    """Somebody's entry of conntrack that stands where that of a flow is to be."""

    def __init__(self, lab, family, port, where, state):
        self.lab, self.family, self.port = lab, family, port
        stranger = STRANGER[family.version]
        source, target, answers, answered = {
            "question": (family.client, family.router, family.router, family.client),
            "answer": (family.client, stranger, family.backends[1], family.client)}[where]
        lab.router.run("conntrack", "-I", "-p", "tcp", "-t", "600",
                       "-s", source, "-d", target, "-r", answers, "-q", answered,
                       "--sport", str(port), "--dport", "443", "--reply-port-src", "443",
                       "--reply-port-dst", str(port), "--state", state, "-m", str(0x77))
        assert self.find()

    def find(self):
        return [line for line in entries(self.lab.router, self.family, "-m", str(0x77))
                if f"sport={self.port} " in line]


@pytest.fixture
def patient(lab, family):
    """A daemon that hands over a quarter of a second after the beginning, and an `answer` server."""
    server = Server(lab, lab.backend, family, family.backends[1], 443, answer)
    text = CONFIG[:CONFIG.index("server =")] + f"server = {family.endpoint(family.backends[1], 443)}\n"
    started = Shuntd(lab, text, "auto")
    yield started
    started.end()
    server.close()
    forget_entries(lab.router)


def talk(s, count=20):
    for _ in range(count):
        s.sendall(b"x" * 3000)
        assert read_exactly(s, 3000) == b"x" * 3000


@pytest.mark.parametrize("where", ["question", "answer"])
def test_an_entry_of_others_stays(lab, patient, family, where):
    """It came while the flow was relayed: the flow stays so, and that is counted."""
    s = dial(lab.client, family, family.router, 443)
    ask(s, b"hello")
    place = Place(lab, family, own_port(s), where, "ESTABLISHED")
    counted = Counted(patient)
    wait_for(lambda: counted.since(), 3, "a handover, or its refusal")
    assert counted.since() == {"entry": 1}
    talk(s)
    assert place.find() and own_port(s) not in handed_ports(lab.router)
    finish(s)
    patient.flow(source="client", how="copy", why="closed")


@pytest.mark.parametrize("where", ["question", "answer"])
def test_a_dead_entry_makes_way(lab, patient, family, where):
    """Of a connection that ended within the last two minutes."""
    s = dial(lab.client, family, family.router, 443)
    ask(s, b"hello")
    place = Place(lab, family, own_port(s), where, "TIME_WAIT")
    wait_for(lambda: own_port(s) in handed_ports(lab.router), 3, "the handover")
    assert not place.find()
    talk(s)
    finish(s)
    patient.flow(source="client", how="handoff", why="closed", seconds=8)
