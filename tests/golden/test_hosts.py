"""Sets that follow the addresses of interfaces: `to = @IFACE`."""
import pytest

from test_golden import listing
from waiting import wait_for

pytestmark = pytest.mark.usefixtures("two_tables")

CONFIG = """
[divert web]
tcp = 4430
to = {to}
{keys}
[route all]
backend = there
[backend there]
server = 198.51.100.7:80
"""


@pytest.fixture
def config(tmp_path):
    def write(to="@wan", keys="", name="shunt.conf"):
        path = tmp_path / name
        path.write_text(CONFIG.format(to=to, keys=keys))
        return path
    return write


def elements(ns, name, table="shunt"):
    """A set's elements, as nft(8) prints them."""
    text = ns.run("nft", "list", "set", "inet", table, name)
    return set(text.split("elements = {")[1].split("}")[0].replace(",", " ").split()) \
        if "elements" in text else set()


def both(ns, name="web"):
    """Of both families, and the same in both tables."""
    found = elements(ns, f"at4_{name}"), elements(ns, f"at6_{name}")
    assert found == (elements(ns, f"at4_{name}", "shunt_base"), elements(ns, f"at6_{name}", "shunt_base"))
    return found[0] | found[1]


def veth(ns, name="wan", *addresses):
    ns.ip(f"link add {name} type veth peer name {name}-peer", f"link set {name}-peer up",
          f"link set {name} up",
          *(f"addr add {a} dev {name}" for a in addresses))


def followed(firewall, ns):
    """What is there after all events are read; nothing is left to be repaired then."""
    said = firewall.do("follow")
    assert firewall.do("look") == (0, "")
    return said


def test_addresses_at_the_start(config, ns, start):
    veth(ns, "wan", "192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/64", "2001:db8::2/128")
    veth(ns, "lan", "192.0.2.9/24")
    firewall = start(ns, config())
    firewall.do("up")
    # link-local ones are left out
    assert both(ns) == {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"}
    assert "192.0.2.2" in firewall.text() and "192.0.2.9" not in firewall.text()


def test_addresses_come_and_go(config, ns, start):
    veth(ns)
    firewall = start(ns, config())
    firewall.do("up")
    before = ns.run("nft", "-a", "list", "chains") + ns.run("nft", "-a", "list", "chain", "inet", "shunt", "take")
    assert both(ns) == set()
    ns.ip("addr add 192.0.2.1/24 dev wan", "addr add 2001:db8::1/64 dev wan")
    assert followed(firewall, ns) == (1, "to = @wan: addresses: 2 now, 0 before")
    assert both(ns) == {"192.0.2.1", "2001:db8::1"}
    ns.ip("addr del 192.0.2.1/24 dev wan", "addr add 192.0.2.7/24 dev wan")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == {"192.0.2.7", "2001:db8::1"}
    ns.ip("addr flush dev wan")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == set()
    # no rule was written anew for it
    assert ns.run("nft", "-a", "list", "chains") + \
        ns.run("nft", "-a", "list", "chain", "inet", "shunt", "take") == before


def test_other_interfaces_are_no_matter(config, ns, start):
    veth(ns, "wan", "192.0.2.1/24")
    firewall = start(ns, config())
    firewall.do("up")
    veth(ns, "lan", "198.51.100.1/24")
    assert firewall.do("follow") == (0, "")
    assert both(ns) == {"192.0.2.1"}


def test_interface_comes_goes_and_is_renamed(config, ns, start):
    firewall = start(ns, config())
    firewall.do("up")
    assert both(ns) == set()
    veth(ns, "wan", "192.0.2.1/24")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == {"192.0.2.1"}
    ns.ip("link set wan down", "link set wan name old")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == set()
    veth(ns, "other", "192.0.2.5/24")
    ns.ip("link set other down", "link set other name wan", "link set wan up")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == {"192.0.2.5"}
    ns.ip("link del wan")
    assert followed(firewall, ns)[0] == 1
    assert both(ns) == set()


def test_an_address_held_back_is_none_yet(config, namespace, start):
    ns, neighbour = namespace(), namespace()
    for key in "all", "default":
        ns.sysctl(f"net.ipv6.conf.{key}.accept_dad", 1)
    ns.ip(f"link add wan type veth peer name wan netns {neighbour.name}", "link set wan up")
    neighbour.ip("link set wan up", "addr add 2001:db8::66/64 dev wan")
    firewall = start(ns, config())
    firewall.do("up")
    # the neighbour has it, and says so
    ns.run("ip", "addr", "add", "2001:db8::66/64", "dev", "wan")  # ns.ip() would do without DAD
    ns.ip("addr add 2001:db8::67/64 dev wan")
    wait_for(lambda: "dadfailed" in ns.run("ip", "addr", "show", "dev", "wan"), 10, "the duplicate")
    firewall.do("follow")
    firewall.do("look")
    assert both(ns) == {"2001:db8::67"}
    # once it is ours alone it is ours; the kernel tells when it is sure
    neighbour.ip("addr del 2001:db8::66/64 dev wan")
    ns.ip("addr del 2001:db8::66/64 dev wan")
    ns.run("ip", "addr", "add", "2001:db8::66/64", "dev", "wan")
    wait_for(lambda: "tentative" not in ns.run("ip", "addr", "show", "dev", "wan"), 10, "the end of DAD")
    firewall.do("follow")
    assert both(ns) == {"2001:db8::66", "2001:db8::67"}


def test_several_interfaces_and_prefixes(config, ns, start):
    veth(ns, "wan", "192.0.2.1/24")
    veth(ns, "ppp0", "192.0.2.1/24", "198.51.100.1/24", "2001:db8:5::1/64")
    firewall = start(ns, config("@wan, 203.0.113.0/24, @ppp0"))
    firewall.do("up")
    # each once
    assert both(ns) == {"192.0.2.1", "198.51.100.1", "2001:db8:5::1"}
    assert elements(ns, "to4_web") == {"203.0.113.0/24"}
    ns.ip("addr del 192.0.2.1/24 dev wan")
    followed(firewall, ns)
    assert both(ns) == {"192.0.2.1", "198.51.100.1", "2001:db8:5::1"}
    ns.ip("addr del 192.0.2.1/24 dev ppp0")
    followed(firewall, ns)
    assert both(ns) == {"198.51.100.1", "2001:db8:5::1"}


def test_loopback_addresses_are_none(config, ns, start):
    veth(ns, "wan", "127.1.2.3/32", "192.0.2.1/32")
    start(ns, config()).do("up")
    assert both(ns) == {"192.0.2.1"}


def test_hundreds_of_addresses(config, ns, start):
    veth(ns)
    firewall = start(ns, config())
    firewall.do("up")
    many = [f"10.{n // 250}.{n % 250}.1/32" for n in range(1500)]
    ns.ip(*(f"addr add {a} dev wan" for a in many))
    assert followed(firewall, ns)[0] == 1
    assert len(both(ns)) == 1500
    ns.ip("link del wan")
    followed(firewall, ns)
    assert both(ns) == set()


def test_damage_is_repaired_to_the_addresses_of_today(config, ns, start):
    veth(ns, "wan", "192.0.2.1/24", "2001:db8::1/64")
    firewall = start(ns, config())
    firewall.do("up")
    # nobody else may touch the owned table
    for command in ("add element inet shunt_base at4_web { 192.0.2.99 }",
                    "delete element inet shunt_base at6_web { 2001:db8::1 }"):
        ns.nft(command + "\n")
        assert firewall.do("tend") == (1, f"set {command.split()[4]} of table shunt_base has other elements")
        assert both(ns) == {"192.0.2.1", "2001:db8::1"}
    # what goes is gone in the kernel already: nothing is written, all is compared
    ns.nft("flush set inet shunt_base at4_web\n")
    ns.ip("addr del 192.0.2.1/24 dev wan", "addr add 192.0.2.3/24 dev wan")
    assert firewall.ask("follow").startswith("error elements of set at4_web of table shunt_base")
    assert firewall.do("look")[0] == 2
    assert both(ns) == {"192.0.2.3", "2001:db8::1"}
    ns.run("nft", "delete", "table", "inet", "shunt_base")
    ns.ip("addr add 192.0.2.4/24 dev wan")
    assert firewall.ask("follow").startswith("error")
    firewall.do("look")
    assert both(ns) == {"192.0.2.3", "192.0.2.4", "2001:db8::1"}


def test_a_change_takes_the_addresses_of_its_interfaces(config, ns, start):
    veth(ns, "wan", "192.0.2.1/24")
    veth(ns, "lan", "198.51.100.1/24")
    firewall = start(ns, config())
    firewall.do("up")
    assert firewall.do(f"change {config('@lan', name='lan.conf')}")[0] == 1
    assert elements(ns, "at4_web/b") == {"198.51.100.1"}
    ns.ip("addr add 192.0.2.2/24 dev wan", "addr add 198.51.100.2/24 dev lan")
    assert followed(firewall, ns)[0] == 1
    assert elements(ns, "at4_web/b") == {"198.51.100.1", "198.51.100.2"}
    # an address that came meanwhile is in it, and unchanged is unchanged
    ns.ip("addr add 198.51.100.3/24 dev lan")
    assert firewall.do(f"change {config('@lan', name='same.conf')}")[0] == 1
    assert elements(ns, "at4_web") == {f"198.51.100.{n}" for n in (1, 2, 3)}
    assert firewall.do("follow") == (0, "")
    assert firewall.do(f"change {config('@lan', name='same.conf')}")[0] == 0
    assert firewall.do(f"change {config('local', name='local.conf')}")[0] == 1
    assert "at4_web" not in listing(ns)
    ns.ip("addr add 198.51.100.4/24 dev lan")
    assert firewall.do("follow") == (0, "")


def test_links_after_a_change_that_was_refused(config, ns, start, tmp_path):
    """What was read for a configuration that did not come into force is followed all the same."""
    veth(ns, "lan", "192.0.2.1/24")
    firewall = start(ns, config("any", "udp = 4430\nforce = yes"))
    firewall.do("up")
    assert elements(ns, "links4") == {"192.0.2.0/24"}
    other = tmp_path / "refused.conf"
    other.write_text("[shunt]\ntable = 77\n" + config("any", "udp = 4430\nforce = yes").read_text())
    ns.ip("addr add 10.77.0.1/24 dev lan")
    assert "table cannot change" in firewall.ask(f"change {other}")
    followed(firewall, ns)
    assert elements(ns, "links4/b") == {"192.0.2.0/24", "10.77.0.0/24"}  # their second name
    ns.ip("addr flush dev lan")
    followed(firewall, ns)
    assert "links4" not in ns.run("nft", "list", "sets")
