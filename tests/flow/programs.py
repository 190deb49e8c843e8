"""Real programs that run beside a test: clients that stay, servers that say what they see."""
import itertools
import re
import subprocess

from waiting import wait_for

numbers = itertools.count()


class Program:
    """One that runs until it is ended, at the latest with the lab, and what it says."""

    def __init__(self, lab, ns, *command, **options):
        self.path = lab.path(f"program-{next(numbers)}.out")
        with open(self.path, "wb") as out:
            self.process = lab.start(ns, *command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
                                     **{"cwd": lab.dir, **options})

    def text(self):
        with open(self.path, errors="replace", encoding="utf-8") as file:
            return file.read()

    def says(self, pattern, seconds=10):
        """Wait for that."""
        return wait_for(lambda: re.search(pattern, self.text()), seconds, lambda: f"{pattern} in:\n{self.text()}")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=5)
