"""A hundred thousand prefixes of clients: loaded in one go, compared, repaired, changed, and obeyed."""
import pytest

from test_live import UNREACHABLE, V4, V6, box, echo  # noqa: F401  (a fixture among them)

MANY = 100_000
PATIENCE_S = 60  # of a machine that does much else; a step that is quadratic takes many minutes


def prefixes(skip=0):
    """Half of each family. Every second one, so that none can be joined with its neighbour."""
    v4 = [f"{1 + n // 32768}.{n % 32768 // 128}.{n % 128 * 2}.0/24" for n in range(skip, MANY // 2)]
    v6 = [f"2001:db8:{0x1000 + n * 2:x}::/48" if n < 0x7000 else f"2001:db9:{n * 2 - 0xe000:x}::/48"
          for n in range(skip, MANY // 2)]
    return v4 + v6


def spent_s(firewall):
    """CPU time of the driver, ours and the kernel's for it."""
    with open(f"/proc/{firewall.process.pid}/stat") as stat:
        words = stat.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / 100


def resident_kb(firewall):
    with open(f"/proc/{firewall.process.pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


@pytest.mark.deadline(PATIENCE_S)
def test_a_long_list_of_clients(box, tmp_path, monkeypatch):
    # shuntd does this for itself
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=131072")
    names = tmp_path / "clients.txt"
    names.write_text("\n".join([f"{V4.client}/32", f"{V6.client}/128"] + prefixes()[::-1]) + "\n")
    b = box(f"from_file = {names}\nfail = closed")
    b.firewall.do("alive")
    for family in V4, V6:
        assert echo(b.connect(family))
    # the same again is no change, and looking after it costs nothing
    before, lean = spent_s(b.firewall), resident_kb(b.firewall)
    assert b.firewall.do(f"change {b.config}") == (0, "")
    for _ in range(10):
        assert b.firewall.do("look") == (0, "")
    assert spent_s(b.firewall) - before < 3
    # read back in full, as at a start; and repaired
    assert b.firewall.do("up") == (0, "")
    element = prefixes()[12345]
    b.router.run("nft", "delete", "element", "inet", "shunt_base", "from4_web", f"{{ {element} }}")
    assert b.firewall.do("tend") == (1, "set from4_web of table shunt_base has other elements")
    b.router.run("nft", "get", "element", "inet", "shunt_base", "from4_web", f"{{ {element} }}")
    # the clients are in the list no more
    names.write_text("\n".join(prefixes(1)) + "\n")
    assert b.firewall.do(f"change {b.config}")[0] == 1
    b.firewall.do("alive")
    for family in V4, V6:
        assert b.refused(family) in UNREACHABLE
    # what all of that took is given back
    assert b.firewall.do(f"change {b.config}") == (0, "")
    assert resident_kb(b.firewall) < lean + 8 * 1024
