"""Which connections are taken at all: addresses, interfaces, sources, order, other marks."""
import pytest

from clients import ask, dial, sees_client
from kernel_state import difference, kernel_state
from lab import V4, V6
from servers import Farm, answer
from shuntd import Shuntd
from waiting import wait_for

ROUTES = """
[route first]
divert = first
backend = one
[route second]
divert = second
backend = two
"""
FIRST = "[divert first]\ntcp = 443\n"
SECOND = "[divert second]\ntcp = 443\n"


@pytest.fixture(scope="module")
def farm(lab):
    return Farm(lab, one=answer, two=answer)


@pytest.fixture
def start(lab, farm):
    """Start a daemon with these diverts; it ends with the test."""
    started = []

    def start_with(diverts, **options):
        routes = ROUTES if "second" in diverts else ROUTES.partition("[route second]")[0]
        backends = farm.backends() if "second" in diverts else farm.backend("one")
        started.append(Shuntd(lab, diverts + routes + backends, **options))
        return started[0]
    yield start_with
    for daemon in started:
        daemon.end()


def who(lab, family, address, port=443, **options):
    """The server that answers, or None when the connection is refused."""
    try:
        s = dial(lab.client, family, address, port, **options)
    except ConnectionRefusedError:
        return None
    report = ask(s, b"hello\n")
    sees_client(report, s, family, options.get("source"))
    return report["server"]


def test_to_one_address(lab, start, family):
    start(FIRST + f"to = {V4.router}, {V6.router}")
    assert who(lab, family, family.router) == "one"
    assert who(lab, family, family.other_router) is None


def test_to_a_prefix(lab, start, family):
    start(FIRST + "to = 198.51.100.0/31, 2001:db8:1::/127")
    assert who(lab, family, family.router) == "one"
    assert who(lab, family, family.other_router) is None


def test_from(lab, start, family):
    start(FIRST + f"from = 198.51.100.0/24, 2001:db8:1::/64, !{V4.other_client}, !{V6.other_client}")
    assert who(lab, family, family.router) == "one"
    assert who(lab, family, family.router, source=family.other_client) is None


@pytest.mark.parametrize("name,answers", [("wan", "one"), ("wa*", "one"), ("lan", None), ("w", None)])
def test_interface(lab, start, family, name, answers):
    start(FIRST + f"interface = {name}")
    assert who(lab, family, family.router) == answers


def test_the_first_of_two_takes_it(lab, start, family):
    start(FIRST + f"to = {V4.router}, {V6.router}\n" + SECOND)
    assert who(lab, family, family.router) == "one"
    assert who(lab, family, family.other_router) == "two"


def test_an_address_that_comes_and_goes(lab, start, family):
    """`to = local` is this box's addresses as they are now."""
    start(FIRST)
    new = family.router[:-1] + "3"
    lab.router.ip(f"addr add {new}/{family.prefix} dev wan")
    wait_for(lambda: who(lab, family, new) == "one", 3, f"{new} to be taken")
    lab.router.ip(f"addr del {new}/{family.prefix} dev wan")
    with pytest.raises(OSError):
        dial(lab.client, family, new, 443, timeout=0.5)
    assert who(lab, family, family.router) == "one"


def test_the_box_itself_is_not_diverted(lab, start, family):
    """Its own connections to its own address go their normal way."""
    start(FIRST)
    with pytest.raises(ConnectionRefusedError):
        dial(lab.router, family, family.router, 443, source=family.inside)


def test_other_marks_and_another_table(lab, start, family):
    """Everything that is ours in the kernel follows the configuration, and goes with the daemon."""
    before = kernel_state(lab.router)
    daemon = start(FIRST, shunt="mark = 0x02000000/0x03f00000\ntable = 7443\n")
    assert who(lab, family, family.router) == "one"
    rules = lab.router.run("ip", f"-{family.version}", "rule")
    assert "/0x3f00000 lookup 7443" in rules and "0x5f000000" not in rules
    assert "0x50000000" not in lab.router.rules()
    daemon.stop()
    assert not difference(before, kernel_state(lab.router))


def test_foreign_mark_bits_are_kept(lab, start, family):
    """A mark that somebody set on the client's packets is still on them at input."""
    start(FIRST)
    lab.router.nft("""table inet marker {
        counter kept { }
        counter lost { }
        chain pre { type filter hook prerouting priority -310;
            tcp dport 443 meta mark set 0x0000ab12
        }
        chain in { type filter hook input priority 0;
            tcp dport 443 meta mark & 0x00ffffff == 0x0000ab12 counter name kept accept
            tcp dport 443 counter name lost
        }
        }""")
    assert who(lab, family, family.router) == "one"
    kept, lost = (lab.router.counter("marker", name) for name in ("kept", "lost"))
    lab.router.nft("delete table inet marker")
    assert kept >= 3 and lost == 0
