"""The names of the recognisers, as the sources have them."""
import functools
import glob
import os
import re

from shuntd import ROOT


@functools.cache
def definite(transport):
    """All that come by this transport, "tcp" or "udp", and are not weak."""
    names = []
    for path in sorted(glob.glob(os.path.join(ROOT, "daemon", "wire", "*.c"))):
        with open(path, encoding="utf-8") as file:
            for table in re.findall(r"^const struct wire_proto wire_\w+ = \{(.*?)^\};", file.read(), re.M | re.S):
                if f".{transport} = " in table and ".is_weak = true" not in table:
                    names.append(re.search(r'\.name = "([^"]+)"', table)[1])
    assert len(names) > 5
    return names
