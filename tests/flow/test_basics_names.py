"""100,000 server names from a file."""
import time

import pytest

import hello
from clients import ask, dial, ending, sees_client
from servers import Farm, answer
from shuntd import Shuntd

NAMES = 100_000


@pytest.fixture(scope="module")
def daemon(lab):
    farm = Farm(lab, many=answer, one=answer)
    lab.write("names", "".join(f"host-{n}.example\n" for n in range(NAMES)))
    config = f"""
[divert web]
tcp = 443
[route many]
protocol = tls
server_name_file = {lab.path("names")}
backend = many
[route one]
protocol = tls
server_name = special.example
backend = one
"""
    begin = time.monotonic()
    started = Shuntd(lab, config + farm.backends())
    started.took = time.monotonic() - begin
    yield started
    started.end()


def test_it_starts_soon(daemon):
    assert daemon.took < 3


@pytest.mark.parametrize("number", [0, 1, 4711, NAMES // 2, NAMES - 1])
def test_each_name_is_found(lab, daemon, family, number):
    s = dial(lab.client, family, family.router, 443)
    report = ask(s, hello.tls(f"host-{number}.example"))
    assert report["server"] == "many"
    sees_client(report, s, family)


def test_a_name_of_another_route(lab, daemon, family):
    s = dial(lab.client, family, family.router, 443)
    assert ask(s, hello.tls("special.example"))["server"] == "one"


@pytest.mark.parametrize("name", [f"host-{NAMES}.example", "host-1.example.org", "ost-1.example"])
def test_a_name_that_is_not_in_the_file(lab, daemon, family, name):
    s = dial(lab.client, family, family.router, 443)
    s.sendall(hello.tls(name))
    assert ending(s, 2) == "reset"
