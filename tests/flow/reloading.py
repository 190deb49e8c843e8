"""A daemon whose configuration changes while it runs."""
import json
import os
import signal
import socket
import subprocess

import hello
from clients import ask, dial, finish, read_all, read_exactly
from shuntd import SHUNTCTL, Shuntd, configuration, endpoint_of
from waiting import wait_for

DIVERT = """
[divert web]
tcp = 443
interface = wan
"""


def route(name, backend, more=""):
    return f"[route {name}]\nserver_name = {name}.example\n{more}backend = {backend}\n"


def routed(backend, more=""):
    """All that the tests change: where one.example goes."""
    return DIVERT + route("one", backend, more)


class Reloading(Shuntd):
    """change() writes the file anew; the other verbs are causes of a reload."""

    def __init__(self, lab, text, shunt="", **options):
        self.shunt = shunt
        super().__init__(lab, text, shunt=shunt, **options)

    def whole(self, text, shunt=None):
        """The text of a file with these sections, which this daemon could have been started with."""
        shunt = self.shunt if shunt is None else shunt
        file, control = configuration(self.lab, text, shunt)
        with open(file) as made:
            content = made.read().replace(control, self.control)
        os.unlink(file)
        return content

    def change(self, text, shunt=None):
        """Put the new file there in one step, as careful editors do."""
        content = self.whole(text, shunt)
        with open(self.file + ".new", "w") as file:
            file.write(content)
        os.rename(self.file + ".new", self.file)

    def reload(self, text=None, shunt=None, last="ok"):
        """Change the file and have it reloaded; what shuntctl says of it."""
        if text is not None:
            self.change(text, shunt)
        done = self.try_reload()
        told = json.loads(done.stdout)
        if last == "ok" and told["last"] == "unchanged":
            return told  # inotify was quicker
        assert told["last"] == last, (told, done.stderr, self.text()[-2000:])
        assert done.returncode == (last == "refused"), done
        return told

    def try_reload(self):
        with self.ns.inside():
            return subprocess.run([SHUNTCTL, "-s", self.control, "reload", "--json"], text=True,
                                  capture_output=True, timeout=20)

    def hup(self):
        self.process.send_signal(signal.SIGHUP)

    def reloads(self):
        """How many reloads have ended, of any kind."""
        return self.status()["reload"]

    def wait_reload(self, count=None, failed=None, seconds=5):
        """Wait until so many were done, or refused."""
        def told():
            now = self.reloads()
            return (count is None or now["count"] >= count) and (failed is None or now["failed"] >= failed)
        wait_for(told, seconds, lambda: f"reload {count} {failed}: {self.reloads()}\n{self.text()[-2000:]}")


def server_of(daemon, lab, family, name="one.example", port=443):
    """Which server a new flow of that name meets."""
    s = dial(lab.client, family, family.router, port)
    report = ask(s, hello.tls(name))
    finish(s)
    return report["server"]


def talks(s, data=os.urandom(4096)):
    """An open flow to an `answer` server still carries every byte both ways."""
    s.sendall(data)
    assert read_exactly(s, len(data)) == data


def ends(daemon, s, **want):
    """End an open flow; its line."""
    client = endpoint_of(s)
    finish(s)
    return daemon.flow(client=client, **want)


def sniffers(daemon):
    return sorted(daemon.children()["sniffer"])


def write(path, text):
    """As a shell does: cut short, written, closed."""
    with open(path, "w") as file:
        file.write(text)


def put_files(daemon, content):
    """Another content in one step, without a look at what is there."""
    with open(daemon.file + ".new", "w") as file:
        file.write(content)
    os.rename(daemon.file + ".new", daemon.file)


def told_of_reload(daemon):
    """Ask for a reload as shuntctl does, only quicker: what is answered."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(daemon.control)
        s.sendall(b'{"command":"reload"}\n')
        return json.loads(read_all(s))
