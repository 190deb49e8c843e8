"""What shuntctl and the log say of a daemon at work."""
import json
import os
import stat
import subprocess

import pytest

import hello
from clients import ask, dial, ending, finish, read_line, report_of
from lab import V4
from servers import Farm, Server, answer
from shuntd import SHUNTCTL, SHUNTD, Shuntd, endpoint_of
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 443
interface = wan
[divert shut]
tcp = 444
interface = wan
fail = closed
[route one]
server_name = one.example
backend = one
[route no]
server_name = no.example
backend = reject
"""


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer)


@pytest.fixture(scope="module")
def daemon(lab, farm):
    started = Shuntd(lab, CONFIG + farm.backends())
    yield started
    started.end()


def flow(lab, name="one.example"):
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(hello.tls(name, ["h2"]))
    return s


def named(items, name):
    [found] = [item for item in items if item["name"] == name]
    return found


def test_status_counts(lab, daemon):
    before = daemon.status()
    alive = flow(lab)
    assert read_line(alive)
    gone = flow(lab)
    assert read_line(gone)
    finish(gone)
    refused = flow(lab, "no.example")
    assert ending(refused) == "reset"

    def counted():
        now = daemon.status()
        return (named(now["diverts"], "web")["total"] - named(before["diverts"], "web")["total"] == 3 and
                named(now["routes"], "one")["total"] - named(before["routes"], "one")["total"] == 2 and
                named(now["routes"], "no")["total"] - named(before["routes"], "no")["total"] == 1 and
                now["flows"]["active"] == before["flows"]["active"] + 1)
    wait_for(counted, 3, daemon.status)
    [server] = [s for s in named(daemon.status()["backends"], "one")["servers"]
                if s["address"] == "192.168.1.10:443"]
    assert (server["state"], server["flows"]) == ("up", 1)


def test_status_for_people(daemon):
    said = daemon.ctl("status")
    for word in ("web", "shut", "one", "192.168.1.10:443", str(daemon.pid)):
        assert word in said, said


def test_flows(lab, daemon):
    s = flow(lab)
    report = report_of(read_line(s))
    client = f"{report['peer']}:{report['port']}"
    [live] = [f for f in daemon.live_flows() if f["client"] == client]
    want = {"divert": "web", "proto": "tls", "name": "one.example", "alpn": "h2", "route": "one",
            "backend": "one", "server": "192.168.1.10:443", "source": "client",
            "to": "198.51.100.1:443"}
    assert want.items() <= live.items()
    assert live["age_ms"] >= 0
    assert client in daemon.ctl("flows")


def test_an_undecided_flow_is_listed(lab, daemon):
    s = dial(lab.client, V4, V4.router, 443)
    s.sendall(b"\x16")
    client = endpoint_of(s)
    wait_for(lambda: [f for f in daemon.live_flows() if f["client"] == client], 2, "the flow in the list")
    [live] = [f for f in daemon.live_flows() if f["client"] == client]
    assert (live["route"], live["how"], live["server"]) == ("-", "none", "-")


def test_nft_prints_what_the_kernel_has(lab, daemon):
    said = daemon.ctl("nft")
    assert "table inet shunt {" in said and "table inet shunt_base {" in said
    lab.client.run("nft", "-c", "-f", "-", input=said)  # it is nft's language


def test_the_boot_file_refuses_the_closed_diverts(own_lab, daemon):
    """Loaded with no daemon, it refuses the port of the closed divert and no other."""
    own_lab.router.nft(daemon.ctl("nft", "--closed"))
    for port in (443, 444):
        Server(own_lab, own_lab.router, V4, V4.router, port, answer)
    s = dial(own_lab.client, V4, V4.router, 443)
    assert ask(s, b"hello\n")["server"] == "server"
    with pytest.raises(ConnectionRefusedError):
        dial(own_lab.client, V4, V4.router, 444)


def test_config_says_the_defaults(lab, daemon):
    said = daemon.ctl("config")
    for line in ("connect_timeout = 3s", "wait = 3s", "unknown = reject", "source = client"):
        assert line in said, said
    file = lab.write("effective.conf", said)
    done = subprocess.run([SHUNTD, "-t", "-c", file], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr


def test_every_command_takes_json(daemon):
    for command in ("status", "flows", "nft", "config"):
        json.loads(daemon.ctl(command, "--json"))


def test_an_unknown_command(daemon):
    done = subprocess.run([SHUNTCTL, "-s", daemon.control, "stauts"], capture_output=True, text=True,
                          timeout=10)
    assert done.returncode in (1, 2) and done.stderr.startswith("shuntctl: ")
    assert "status" in done.stderr


def test_the_socket_is_for_root_and_its_group(daemon):
    mode = os.stat(daemon.control).st_mode
    assert stat.S_IMODE(mode) == 0o660
    done = subprocess.run([SHUNTCTL, "-s", daemon.control, "status"], capture_output=True, text=True,
                          timeout=10, user="nobody", group="nogroup", extra_groups=[])
    assert done.returncode == 1 and "ermission" in done.stderr


def test_flow_lines_as_json(own_lab):
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), shunt="log_format = json")
    s = flow(own_lab)
    assert read_line(s)
    client = endpoint_of(s)
    s.close()

    def told():
        lines = [line[line.index("{"):] for line in daemon.text().splitlines() if '"client"' in line]
        return [f for f in map(json.loads, lines) if f["client"] == client]
    [line] = wait_for(told, 3, daemon.text)
    assert (line["why"], line["name"], line["route"]) == ("closed", "one.example", "one")


def test_no_flow_lines_when_not_wanted(own_lab):
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), shunt="log_flows = no")
    s = flow(own_lab)
    assert read_line(s)
    finish(s)
    wait_for(lambda: not daemon.live_flows(), 3, "the end of the flow")
    daemon.stop()
    assert "flow id=" not in daemon.text()


def test_max_connections(own_lab):
    """The flows over the limit wait in the listen queue; a place that comes free is theirs."""
    farm = Farm(own_lab, one=answer)
    # what the kernel carries takes no place
    daemon = Shuntd(own_lab, CONFIG + farm.backends(), shunt="max_connections = 8\nworkers = 1",
                    carried="copy")
    sockets = [flow(own_lab) for _ in range(8)]
    assert all(map(read_line, sockets))
    late = flow(own_lab)
    assert ending(late, 0.3) == "silence"
    assert len(daemon.live_flows()) == 8
    sockets.pop().close()
    late.settimeout(3)
    assert report_of(read_line(late))["server"] == "one"


def test_version():
    for program in (SHUNTD, SHUNTCTL):
        for option in ("-V", "--version"):
            said = subprocess.run([program, option], capture_output=True, text=True, timeout=10)
            assert said.returncode == 0 and said.stdout.startswith("shunt 0.")
