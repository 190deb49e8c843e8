"""The examples of probes, and plugins made of a few lines."""
import os
import re
import subprocess

from shuntd import ROOT

EXAMPLES = os.path.join(ROOT, "packaging", "examples")


def example(name):
    with open(os.path.join(EXAMPLES, name)) as file:
        return file.read()


def servers_of(text):
    """Of each backend its one server."""
    return {name: (address, int(port))
            for name, address, port in re.findall(r"^\[backend (\S+)\]\nserver = (\S+):(\d+)", text, re.M)}


def plugin(lab, name, source):
    """Build a plugin; another file takes the place of one of that name."""
    path = lab.path(f"{name}.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-I", os.path.join(ROOT, "daemon"), "-o", f"{path}.new", "-xc", "-"],
                   input=source, text=True, check=True, timeout=20)
    os.rename(f"{path}.new", path)
    return path
