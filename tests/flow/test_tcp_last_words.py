"""A server that answers, and closes while the client still uploads: its kernel resets, but the answer counts."""
import contextlib
import socket
import threading
import time

import pytest

import hello
from clients import dial
from servers import Farm
from shuntd import Shuntd, endpoint_of

CONFIG = """
[divert web]
tcp = 443
interface = wan
[route refuse]
server_name = refuse.example
backend = refuse
"""
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n" + b"!" * 3000
UPLOAD = bytes(2 << 20)
TIMES = 60


def refuse(connection, visit):
    """Read little, think for a while (each a bit longer than the one before), refuse, close."""
    visit.got = connection.recv(100)
    time.sleep(visit.port % 4 * 0.01)
    connection.sendall(REFUSAL)


@pytest.fixture(scope="module")
def daemon(lab, carried):
    farm = Farm(lab, refuse=refuse)
    started = Shuntd(lab, CONFIG + farm.backends(), carried)
    yield started
    started.end()
    farm.close()


def upload(s):
    with contextlib.suppress(OSError):
        s.sendall(UPLOAD)


def all_that_comes(s):
    """What is received until the end, or the reset."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := s.recv(65536):
            data += chunk
    return data


def test_the_answer_is_read_every_time(lab, daemon, family):
    for number in range(TIMES):
        s = dial(lab.client, family, family.router, 443, source_port=20000 + number)
        client = endpoint_of(s)
        s.sendall(hello.tls("refuse.example"))
        uploader = threading.Thread(target=upload, args=(s,))
        uploader.start()
        answer = all_that_comes(s)
        s.close()
        uploader.join()
        assert answer == REFUSAL, f"{len(answer)} of {len(REFUSAL)} bytes, time {number + 1}"
        daemon.flow(client=client, why="reset_server")


def test_a_pause_before_the_answer(lab, daemon, family):
    """Everything between the client and the server is full, then the answer comes."""
    for number in range(10):
        s = dial(lab.client, family, family.router, 443)
        s.sendall(hello.tls("refuse.example"))
        s.settimeout(0.2)
        with contextlib.suppress(OSError):
            while True:
                s.sendall(UPLOAD)
        s.settimeout(5)
        assert all_that_comes(s) == REFUSAL, f"time {number + 1}"
