"""Routes with `when`: they open and close by the wall clock, in the sniffers that are there already."""
import json
import os
import struct
import subprocess
import time

import pytest

from clients import ask, dial
from lab import V4
from servers import Farm, answer
from shuntd import SHUNTCTL, Shuntd, configuration
from waiting import wait_for

NOON, DAY = 12 * 3600, 24 * 3600
CONFIG = """
[divert web]
tcp = 443
interface = wan
[route always]
backend = one
[route lunch]
when = 12:00-13:00
backend = two
[route tea]
when = 11:00-11:30, 15:00-16:00
backend = three
"""


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer, two=answer, three=answer)


def offset(wall):
    """Seconds east of Greenwich where it is that time of day just now; within half a day of it."""
    return (wall - int(time.time()) + DAY // 2) % DAY - DAY // 2


def zone(wall):
    """TZ of such a place; POSIX counts to the west."""
    west = -offset(wall)
    return f"TZ=LOC{'-' if west < 0 else ''}{abs(west) // 3600:02}:{abs(west) // 60 % 60:02}:{abs(west) % 60:02}"


def zone_file(wall):
    """The same as a file of tzfile(5): one kind of time, no change."""
    counts = struct.pack(">6I", 0, 0, 0, 0, 1, 4)
    return b"TZif" + bytes(16) + counts + struct.pack(">iBB", offset(wall), 0, 0) + b"LOC\0"


def states(daemon):
    return {route["name"]: route["is_open"] for route in daemon.status()["routes"]}


def who(lab):
    return ask(dial(lab.client, V4, V4.router, 443), b"hello\n")["server"]


def test_a_route_opens(lab, farm):
    daemon = Shuntd(lab, CONFIG + farm.backends(), before=("env", zone(NOON - 5)))
    sniffers = daemon.children()["sniffer"]
    assert states(daemon) == {"always": True, "lunch": False, "tea": False}
    assert who(lab) == "one"
    wait_for(lambda: states(daemon)["lunch"], 10, "the route that opens at noon")
    assert who(lab) == "two"
    assert "route lunch: open, by its `when`" in daemon.text()
    assert "route tea" not in daemon.text()
    assert daemon.children()["sniffer"] == sniffers
    table = daemon.ctl("status")
    assert [line.split()[1] for line in table.splitlines() if line.startswith(("lunch ", "tea "))] \
        == ["open", "closed"]
    daemon.end()


def test_a_route_closes(lab, farm):
    daemon = Shuntd(lab, CONFIG + farm.backends(), before=("env", zone(13 * 3600 - 5)))
    assert who(lab) == "two"
    wait_for(lambda: not states(daemon)["lunch"], 10, "the route that closes at one")
    assert who(lab) == "one"
    assert "route lunch: closed, by its `when`" in daemon.text()
    daemon.end()


def test_a_closed_route_alone_is_no_match(lab, farm):
    text = CONFIG.replace("[route always]\nbackend = one\n", "") + farm.backends()
    daemon = Shuntd(lab, text, before=("env", zone(2 * 3600)))
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(b"hello\n")
    with pytest.raises(ConnectionResetError):
        s.recv(1)
    assert daemon.flow_of(s, V4)["route"] == "unknown"
    daemon.end()


def test_a_sniffer_that_comes_later_knows_the_time(lab, farm):
    daemon = Shuntd(lab, CONFIG + farm.backends(), shunt="workers = 1", before=("env", zone(NOON + 60)))
    [old] = daemon.children()["sniffer"]
    os.kill(old, 9)
    wait_for(lambda: daemon.children()["sniffer"] not in ([], [old]), 5, "another sniffer")
    assert who(lab) == "two"
    daemon.end()


def test_another_time_zone_is_followed(lab, farm):
    """The file behind /etc/localtime changes: seen at the next look, which is that of noon."""
    file = lab.path("localtime")

    def write(wall, stamp):
        with open(file, "wb") as out:
            out.write(zone_file(wall))
        os.utime(file, (stamp, stamp))
    if not os.path.exists("/etc/localtime"):
        pytest.skip("there is no /etc/localtime to put another one over")
    write(NOON - 5, 1)
    mount = ("env", "-u", "TZ", "unshare", "-m", "sh", "-c",
             f'mount --bind {file} /etc/localtime && exec "$@"', "sh")
    daemon = Shuntd(lab, CONFIG + farm.backends(), before=mount)
    assert not any(states(daemon)[name] for name in ("lunch", "tea"))
    write(15 * 3600 + 1800, 2)
    wait_for(lambda: states(daemon)["tea"], 10, "the route that is open in the new zone")
    assert not states(daemon)["lunch"]
    assert who(lab) == "three"
    daemon.end()


def test_explain_goes_by_the_present_time(lab, farm):
    file, _ = configuration(lab, CONFIG + farm.backends())
    for wall, route in ((NOON + 60, "lunch"), (2 * 3600, "always"), (11 * 3600 + 60, "tea")):
        name, _, value = zone(wall).partition("=")
        told = subprocess.run([SHUNTCTL, "explain", "-c", file, "--json", "--hex", "68656c6c6f0a"],
                              env={**os.environ, name: value}, capture_output=True, text=True,
                              timeout=10, check=True)
        assert json.loads(told.stdout)["route"] == route
