"""What the kernel gets is what the plan says, for each sample configuration.

nft/golden/NAME.plan.nft is the plan as shuntctl prints it, NAME.list.nft what nft(8) lists of it.
GOLDEN_UPDATE=1 writes both anew: look at the difference before it is committed.
"""
import os
import re

import pytest

from conftest import ROOT

CONFIGS = sorted((ROOT / "tests" / "conf").glob("*.conf")) + \
          sorted((ROOT / "nft" / "golden").glob("*.conf"))


def listing(ns):
    """What nft(8) lists, without what tells the owner's process, counts, or when a table was made."""
    text = ns.run("nft", "-s", "list", "ruleset")
    text = "".join(sorted(re.split(r"^(?=table )", text, flags=re.M)))
    text = re.sub(r" # progname .*", "", text)
    text = re.sub(r"\tflags [^\n]*owner[^\n]*\n\n", "", text)
    # the elements of a hash come in no order
    return re.sub(r"elements = \{(.*?)\}", lambda m: "elements = { " + ", ".join(
        sorted(word.strip() for word in m[1].split(","))) + " }", text, flags=re.S)


def golden(name, text):
    path = ROOT / "nft" / "golden" / name
    if os.environ.get("GOLDEN_UPDATE"):
        path.write_text(text)
    assert text == path.read_text(), f"differs from {path}"


@pytest.fixture(params=CONFIGS, ids=lambda path: path.stem)
def config(request):
    return request.param


def test_plan_and_listing(config, ns, start):
    firewall = start(ns, config)
    golden(f"{config.stem}.plan.nft", firewall.text())
    firewall.do("up")
    golden(f"{config.stem}.list.nft", listing(ns))


@pytest.mark.parametrize("name", ["minimal", "every_key", "transports"])
def test_plan_and_listing_of_two_tables(name, two_tables, ns, start):
    """As before Linux 6.9."""
    firewall = start(ns, next(path for path in CONFIGS if path.stem == name))
    golden(f"{name}.two.plan.nft", firewall.text())
    firewall.do("up")
    golden(f"{name}.two.list.nft", listing(ns))
    ns.nft("table inet other { }")
    assert firewall.do("tend") == (0, "")


def test_nft_reads_the_plan_as_the_same_rules(config, namespace, start):
    ours, theirs = namespace(), namespace()
    firewall = start(ours, config)
    firewall.do("up")
    theirs.nft(firewall.text())
    assert listing(ours) == listing(theirs)


def test_applied_twice_nothing_changes(config, ns, start):
    firewall = start(ns, config)
    firewall.do("up")
    before = ns.run("nft", "-a", "list", "ruleset"), ns.run("ip", "rule"), ns.run("ip", "-6", "rule")
    firewall.do("up")
    after = ns.run("nft", "-a", "list", "ruleset"), ns.run("ip", "rule"), ns.run("ip", "-6", "rule")
    assert before == after


def test_what_is_read_back_is_the_plan(config, ns, start):
    firewall = start(ns, config)
    firewall.do("up")
    ns.nft("table inet other { }")
    assert firewall.do("tend") == (0, "")


def test_boot_file_refuses_only_closed_diverts(config, ns, start):
    firewall = start(ns, config)
    text = firewall.text("closed")
    ns.nft(text)
    ns.nft(text)
    closed = re.search(r"^fail\s*=\s*closed", config.read_text(), flags=re.M)
    assert ns.table_exists("shunt_base") == bool(closed)
    assert ("reject with tcp reset" in listing(ns)) == bool(closed)
