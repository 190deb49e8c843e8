"""What others do to our tables, rules and route is undone; what is theirs is left alone."""
import ctypes
import re
import socket
import subprocess

import pytest

from test_golden import listing
from waiting import wait_for

CONFIG = """
[divert web]
tcp = 4430
{keys}
[route all]
backend = there
[backend there]
server = 198.51.100.7:80
"""


@pytest.fixture
def config(tmp_path):
    def write(keys="", shunt=""):
        path = tmp_path / "shunt.conf"
        path.write_text(shunt + CONFIG.format(keys=keys))
        return path
    return write


def routing(ns):
    # a table that does not exist is a fault to ip(8)
    return [ns.run("sh", "-c", f"ip {family} {what} 2>/dev/null || true") for family in ("-4", "-6")
            for what in ("rule", "route show table 1443")]


def state(ns):
    # a table that was made again is listed after the others
    tables = ("\n" + listing(ns)).split("\ntable ")
    return sorted(table.strip() for table in tables), routing(ns)


@pytest.mark.usefixtures("two_tables")
@pytest.mark.parametrize("damage", [
    ("nft", "flush", "ruleset"),
    ("nft", "delete", "table", "inet", "shunt_base"),
    ("nft", "flush", "chain", "inet", "shunt_base", "ours"),
    ("nft", "add", "rule", "inet", "shunt_base", "divert", "drop"),
    ("nft", "insert", "rule", "inet", "shunt_base", "raw_zone", "accept"),
    ("nft", "delete", "element", "inet", "shunt_base", "ports", "{ 4430 }"),
    ("nft", "add", "element", "inet", "shunt_base", "ports", "{ 4431 }"),
    ("nft", "add", "set", "inet", "shunt_base", "alien", "{ type inet_service; }"),
    ("nft", "add", "counter", "inet", "shunt_base", "alien"),
    ("nft", "add", "chain", "inet", "shunt_base", "alien"),
    ("nft", "chain", "inet", "shunt_base", "divert", "{ policy drop; }"),
    ("ip", "rule", "del", "pref", "899"),
    ("ip", "rule", "del", "pref", "900"),
    ("ip", "-6", "rule", "del", "pref", "901"),
    ("ip", "route", "flush", "table", "1443"),
    ("ip", "-6", "route", "flush", "table", "1443"),
], ids=" ".join)
def test_repaired(damage, config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    firewall.do("alive")
    before = state(ns)
    ns.run(*damage)
    assert state(ns) != before
    repairs, what = firewall.do("tend")
    assert repairs >= 1 and what
    assert state(ns) == before


def test_lo_down_and_up(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    before = routing(ns)
    ns.ip("link set lo down")
    ns.ip("link set lo up")
    assert firewall.do("tend")[0] >= 1
    assert routing(ns) == before


def test_ipv6_off_and_on(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    before = routing(ns)
    for switch in "all", "lo":
        ns.sysctl(f"net.ipv6.conf.{switch}.disable_ipv6", 1)
        assert routing(ns) != before
        assert firewall.do("tend") == (0, "")
        ns.sysctl(f"net.ipv6.conf.{switch}.disable_ipv6", 0)
        assert firewall.do("tend") == (1, "the local route for IPv6 was missing")
        assert routing(ns) == before


def drops(ns):
    """How many events the kernel had no room for."""
    rows = [line.split() for line in ns.run("cat", "/proc/net/netlink").splitlines()[1:]]
    return sum(int(row[8]) for row in rows)


def test_events_that_were_lost(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    before = state(ns)
    rules = "".join(f"add rule inet other c tcp dport {n} accept\n" for n in range(1, 20001))
    ns.nft("table inet other {\n chain c {\n }\n}\n" + rules)
    ns.run("nft", "delete", "table", "inet", "other")
    assert drops(ns) > 0
    assert firewall.do("tend") == (0, "")
    for _ in range(2):
        ns.run("nft", "delete", "table", "inet", "shunt_base")
        assert firewall.do("tend") == (1, "table inet shunt_base is missing")
        assert state(ns) == before


def test_all_is_looked_at_without_events(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    assert firewall.do("look") == (0, "")
    before = state(ns)
    ns.run("nft", "delete", "table", "inet", "shunt_base")
    ns.run("ip", "rule", "del", "pref", "900")
    assert firewall.do("look") == (2, "table inet shunt_base is missing")
    assert state(ns) == before


def test_owned_table_cannot_be_touched(config, tables, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    with pytest.raises(AssertionError, match="not permitted"):
        ns.run("nft", "add", "rule", "inet", "shunt", "divert", "drop")
    firewall.kill()
    assert ns.table_exists("shunt") == (tables == "one")


def test_our_own_changes_are_none(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    for command in "alive", "unalive", "alive":
        firewall.do(command)
    assert firewall.do("tend") == (0, "")


def test_others_rules_stay(config, ns, start):
    ns.nft("table inet other {\n chain c {\n type filter hook input priority 0\n }\n}\n")
    ns.ip("rule add pref 900 fwmark 0x1 lookup 77", "rule add pref 1200 lookup 78",
          "route add local default dev lo table 77")
    before = state(ns), ns.run("ip", "route", "show", "table", "77")
    firewall = start(ns, config())
    firewall.do("up")
    firewall.do("down")
    assert (state(ns), ns.run("ip", "route", "show", "table", "77")) == before


def test_stop_leaves_nothing(config, tables, ns, start):
    before = state(ns)
    firewall = start(ns, config())
    firewall.do("up")
    assert state(ns) != before
    firewall.do("down")
    assert state(ns) == before


def test_closed_outlives_stop_but_not_purge(config, tables, ns, start):
    before = state(ns)
    firewall = start(ns, config("fail = closed"))
    firewall.do("up")
    firewall.do("down")
    assert ns.table_exists("shunt_base") and not ns.table_exists("shunt")
    assert routing(ns) == before[1]
    firewall.do("purge")
    assert state(ns) == before


def test_handed_over_flows_keep_the_lasting_table(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    ns.run("conntrack", "-I", "-p", "tcp", "-s", "192.0.2.1", "-d", "192.0.2.2", "--sport", "1",
           "--dport", "2", "--state", "ESTABLISHED", "-u", "ASSURED", "-t", "600",
           "-m", str(0x58000200))
    firewall.do("down")
    assert ns.table_exists("shunt_base")
    ns.run("conntrack", "-F")
    firewall.do("down")
    assert not ns.table_exists("shunt_base")


def test_what_a_killed_one_left_is_taken_over(config, tables, ns, start):
    first = start(ns, config("fail = closed"))
    first.do("up")
    want = state(ns)
    first.kill()
    second = start(ns, config("fail = closed"))
    second.do("up")
    assert state(ns) == want
    second.kill()
    third = start(ns, config())
    third.do("up")
    assert 'counter name "refused"' not in ns.run("nft", "list", "ruleset")
    third.kill()
    purger = start(ns, config())
    purger.do("purge")
    assert ns.run("nft", "list", "ruleset") == ""
    assert "1443" not in "".join(routing(ns))


def test_another_owner_is_named(config, tables, ns, start):
    first = start(ns, config())
    first.do("up")
    before = state(ns)
    second = start(ns, config())
    for command in "up", "purge":
        said = second.ask(command)
        assert said.startswith("error table inet shunt belongs to process")
        assert str(first.process.pid) in said and "stop" in said
    assert state(ns) == before


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_ports_the_box_serves_need_force(address, config, ns, start):
    ns.ip("link add lan type veth peer name nowhere", "link set lan up", "addr add 192.0.2.1/24 dev lan")
    before = state(ns)
    served = ns.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    served.bind((address, 4430))
    served.listen()
    for keys, is_refused in (("", True), ("to = 192.0.2.0/24", True), ("to = any", True),
                             ("to = @lan", True), ("to = @lan, 198.51.100.9", True),
                             ("to = @later", address != "192.0.2.1"),
                             ("force = yes", False), ("to = transit", False),
                             ("to = @lan\nforce = yes", False),
                             ("to = 198.51.100.0/24", False), ("interface = lan", False)):
        firewall = start(ns, config(keys))
        said = firewall.ask("up")
        assert said.startswith("error divert web:" if is_refused else "ok"), (keys, said)
        if is_refused:
            assert "4430" in said and "force = yes" in said
            assert state(ns) == before
        else:
            named = f"web takes port 4430 on interface lan, which this box itself serves on {address}"
            assert (named in said) == (keys == "interface = lan"), (keys, said)
            firewall.do("down")
        firewall.kill()
    served.close()


def test_loopback_services_are_no_matter(config, ns, start):
    with ns.socket(socket.AF_INET) as served:
        served.bind(("127.0.0.1", 4430))
        served.listen()
        assert start(ns, config()).do("up")


def test_lo_down_is_said(config, ns, start):
    ns.ip("link set lo down")
    said = start(ns, config()).ask("up")
    assert said.startswith("error device lo is down") and "ip link set lo up" in said
    assert ns.run("nft", "list", "ruleset") == ""


def test_without_ipv6_it_works(config, ns, start):
    ns.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
    firewall = start(ns, config())
    firewall.do("up")
    assert "lookup 1443" in ns.run("ip", "rule")
    ns.run("ip", "rule", "del", "pref", "900")
    assert firewall.do("tend")[0] == 1
    firewall.do("down")
    assert "1443" not in ns.run("ip", "rule")


def test_other_mark_and_table(config, ns, start):
    firewall = start(ns, config(shunt="[shunt]\nmark = 0x00500000/0x00ff0000\ntable = 77\n"))
    firewall.do("up")
    assert "fwmark 0x5f0000/0xff0000 lookup 77" in ns.run("ip", "rule")
    assert "local default" in ns.run("ip", "route", "show", "table", "77")
    listed = ns.run("nft", "list", "ruleset")
    assert "0xff00ffff | 0x005f0000" in firewall.text()
    assert "0x00ffffff" not in listed
    firewall.do("down")
    assert "lookup 77" not in ns.run("ip", "rule")


def test_thousands_of_prefixes(config, ns, start):
    # every second one, so that none can be joined with its neighbour
    prefixes = [f"{1 + n // 32768}.{n % 32768 // 128}.{n % 128 * 2}.0/24" for n in range(3000)] + \
               [f"2001:db8:{n:x}::/48" for n in range(0, 2000, 2)]
    lines = "\n".join("from = " + ", ".join(prefixes[n:n + 5]) for n in range(0, len(prefixes), 5))
    firewall = start(ns, config(lines + "\nfail = closed"))
    firewall.do("up")
    ns.nft("table inet other { }")
    assert firewall.do("tend") == (0, "")
    listed = ns.run("nft", "-j", "list", "set", "inet", "shunt", "from4_web")
    assert listed.count('"prefix"') == 3000


def test_without_permission_it_says_so(config, ns, start):
    # the driver keeps its sockets' rights, so it is started without any
    libc = ctypes.CDLL(None)
    path = config()
    with ns.inside():
        done = subprocess.run([str(start(ns, path).program), str(path), "50443"], input="up\n",
                              text=True, capture_output=True, timeout=10,
                              preexec_fn=lambda: [libc.prctl(24, n) for n in range(40)])
    assert done.stdout.startswith("error no permission") and "CAP_NET_ADMIN" in done.stdout
    assert ns.run("nft", "list", "ruleset") == ""


def test_facilities(config, ns, start):
    lines = start(ns, config()).text("facilities").splitlines()
    assert "nf_tables: yes" in lines and len(lines) == 14
    assert all(line.endswith(": yes") for line in lines)


def test_alive_lasts_as_long_as_said(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    firewall.do("alive")
    assert re.search(r"ipv4 timeout 9s expires [5-9]s", ns.run("nft", "list", "ruleset"))
