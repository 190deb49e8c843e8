"""The names of all recognisers, as a configuration has them."""
import glob
import os
import re

from shuntd import ROOT

WIRE = os.path.join(ROOT, "daemon", "wire")
DEFINED = re.compile(r"^const struct wire_proto wire_\w+ = \{\n(.*?)^\};", re.M | re.S)


def definite(transport, but=()):
    """Those that come by "tcp" or "udp", are not weak, and are none of these."""
    names = []
    for path in sorted(glob.glob(os.path.join(WIRE, "*.c"))):
        with open(path) as file:
            for text in DEFINED.findall(file.read()):
                name = re.search(r'\.name = "([\w-]+)"', text)[1]
                if f".{transport} = " in text and ".is_weak = true" not in text and name not in but:
                    names.append(name)
    return names


def route(name, protocols, *keys):
    """A route for all of these, in lines that are not too long."""
    lines = [f"protocol = {', '.join(protocols[at:at + 10])}" for at in range(0, len(protocols), 10)]
    return "\n".join([f"[route {name}]", *lines, *keys, ""])
