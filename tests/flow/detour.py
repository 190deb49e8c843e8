#!/usr/bin/python3
"""detour.py INTERFACE: make a TUN interface whose packets come back by it some milliseconds later.

Those that were sent meanwhile have overtaken them. `ready` is printed when it is there.
"""
import fcntl
import os
import random
import select
import struct
import sys
import time
from collections import deque

TUNSETIFF = 0x400454ca
TUN_WITHOUT_HEADER = 0x0001 | 0x1000
LEAST_S, MOST_S = 0.0005, 0.003


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), TUN_WITHOUT_HEADER))
    return fd


def run(fd):
    """Packets leave in the order of their times, which is not that of their coming."""
    waiting, poll, luck = deque(), select.poll(), random.Random()
    poll.register(fd, select.POLLIN)
    while True:
        rest = max(0, waiting[0][0] - time.monotonic()) * 1000 if waiting else None
        if poll.poll(rest):
            waiting.append((time.monotonic() + luck.uniform(LEAST_S, MOST_S), os.read(fd, 65536)))
            waiting = deque(sorted(waiting))
        while waiting and waiting[0][0] <= time.monotonic():
            os.write(fd, waiting.popleft()[1])


if __name__ == "__main__":
    tun = open_tun(sys.argv[1])
    print("ready", flush=True)
    run(tun)
