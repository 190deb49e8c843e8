"""The names of all recognisers, as a configuration has them; and what tests of real clients share."""
import functools
import glob
import os
import re

import pytest

import real
from shuntd import ROOT

WIRE = os.path.join(ROOT, "daemon", "wire")
DEFINED = re.compile(r"^const struct wire_proto wire_\w+ = \{\n(.*?)^\};", re.M | re.S)


@functools.cache
def defined():
    """Each recogniser's name, and the text of its definition."""
    found = []
    for path in sorted(glob.glob(os.path.join(WIRE, "*.c"))):
        with open(path, encoding="utf-8") as file:
            found += [(re.search(r'\.name = "([\w-]+)"', text)[1], text) for text in DEFINED.findall(file.read())]
    assert len(found) > 5
    return found


def definite(transport, but=()):
    """Those that come by "tcp" or "udp", are not weak, and are none of these."""
    return [name for name, text in defined()
            if f".{transport} = " in text and ".is_weak = true" not in text and name not in but]


def route(name, protocols, *keys):
    """A route for all of these, in lines that are not too long."""
    lines = [f"protocol = {', '.join(protocols[at:at + 10])}" for at in range(0, len(protocols), 10)]
    return "\n".join([f"[route {name}]", *lines, *keys, ""])


def needs(*programs, module=None):
    """Skips the test where a program or a module of Debian's Python is not installed."""
    is_there = real.is_installed(*programs) and (not module or glob.glob(f"/usr/lib/python3/dist-packages/{module}*"))
    return pytest.mark.skipif(not is_there, reason=f"needs {' '.join(programs)}{' ' + module if module else ''}")


def ask(lab, *command):
    """What the client prints, with success or without."""
    return lab.client.run("sh", "-c", 'timeout 10 "$@" 2>&1 || true', "sh", *command)


def seen(text, family):
    """The client's port, as the server saw it beside the client's address."""
    found = re.search(rf"{re.escape(family.client)}\]?[ :/](\d+)", text)
    assert found, text
    return found[1]


def check(daemon, family, port, route, proto=None, name="-"):
    """The line of that client's flow."""
    flow = daemon.flow(client=family.endpoint(family.client, port))
    assert (flow["route"], flow["backend"], flow["proto"], flow["name"]) == (route, route, proto or route, name)
