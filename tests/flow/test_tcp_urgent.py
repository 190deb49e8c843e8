"""Urgent data (RFC 9293 3.8.5): its bytes stay in the stream where they were, and nothing stops behind them."""
import os
import socket
import threading

import pytest

import hello
from clients import ask, dial, read_exactly, read_line, report_of
from servers import Farm, answer, echo, read_first
from shuntd import Shuntd

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route answer]
divert = web
server_name = answer.example
backend = answer
[route talk]
divert = web
server_name = talk.example
backend = talk

[divert mail]
tcp = 25
interface = wan
wait = 500ms
silent = banner
unknown = answer
"""
BULK = os.urandom(300_000)
TIMES = 100
# what is said at once, and how: None = plainly, else the last byte of it is urgent
SPEECHES = {
    "first": [(b"!", socket.MSG_OOB), (b"and more", 0)],
    "among-little": [(b"before", 0), (b"now!", socket.MSG_OOB), (b"after", 0)],
    "last": [(b"before", 0), (b"!", socket.MSG_OOB)],
    "among-much": [(BULK, 0), (b"!", socket.MSG_OOB), (BULK, 0), (b"?", socket.MSG_OOB), (BULK, 0)],
    "again-and-again": [(b"now!", socket.MSG_OOB), (b"go on", 0)] * 50,
}


def whole(speech):
    return b"".join(data for data, _ in speech)


def say(s, speech):
    for data, flags in speech:
        while data:
            data = data[s.send(data, flags):]


@pytest.fixture(params=list(SPEECHES))
def speech(request):
    banner.speech = SPEECHES[request.param]
    return banner.speech


def banner(connection, visit):
    """Speak first, with urgent bytes; then echo."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    say(connection, banner.speech)
    echo(connection, visit)


def talk(connection, visit):
    """The same, once the client has said something."""
    read_first(connection, visit)
    banner(connection, visit)


def patient(connection, visit):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    answer(connection, visit)


@pytest.fixture(scope="module")
def daemon(lab, way):
    farm = Farm(lab, answer=patient, talk=talk, banner=banner)
    started = Shuntd(lab, CONFIG + farm.backends(), way)
    yield started
    started.end()
    farm.close()


def call(lab, family, port=443):
    s = dial(lab.client, family, family.router, port)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    return s


def goes_on(s):
    """The flow works both ways, and holds nothing else."""
    s.sendall(b"still here?")
    assert read_exactly(s, 11) == b"still here?"
    s.settimeout(0.05)
    with pytest.raises(socket.timeout):
        s.recv(1)


def test_from_the_client(lab, daemon, family, speech):
    s = call(lab, family)
    ask(s, hello.tls("answer.example"))
    speaker = threading.Thread(target=say, args=(s, speech))
    speaker.start()
    assert read_exactly(s, len(whole(speech))) == whole(speech)
    speaker.join()
    goes_on(s)


def test_from_the_server(lab, daemon, family, speech):
    s = call(lab, family)
    s.sendall(hello.tls("talk.example"))
    assert read_exactly(s, len(whole(speech))) == whole(speech)
    goes_on(s)


def test_from_a_server_that_speaks_first(lab, daemon, family, speech):
    s = call(lab, family, 25)
    assert read_exactly(s, len(whole(speech))) == whole(speech)
    goes_on(s)


def test_an_urgent_byte_that_comes_while_the_carrier_reads(lab, daemon, family):
    """It is met in the midst of a turn, before any event tells of it."""
    banner.speech = [(BULK * 3, 0), (b"!", socket.MSG_OOB), (BULK, 0)]
    for number in range(TIMES):
        s = call(lab, family)
        s.sendall(hello.tls("talk.example"))
        assert read_exactly(s, len(whole(banner.speech))) == whole(banner.speech), f"flow {number + 1}"
        s.close()


def test_urgent_first_words(lab, daemon, family):
    """The kernel shows no look-ahead what lies behind an urgent mark: `unknown` takes these, whole."""
    s = call(lab, family, 25)
    first = hello.tls("answer.example")
    say(s, [(first[:60], socket.MSG_OOB), (first[60:], 0)])
    got = bytes.fromhex(report_of(read_line(s))["got"])
    rest = len(first) - len(got)
    assert got + (read_exactly(s, rest) if rest else b"") == first
    goes_on(s)
