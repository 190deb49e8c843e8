#!/usr/bin/python3
"""Many TCP conversations at once in one process, each byte of which is known to both ends.

    talk.py serve|call FILE      FILE: JSON, as talking.py writes it

What is said depends on nothing but the client's port: both ends make their scripts from it, and every
byte has its place in a stream that no other conversation has. A byte too many, too few, twice or in
another's place is told with its position. Each conversation's end is one line of JSON.
"""
import errno
import functools
import heapq
import itertools
import json
import random
import select
import socket
import struct
import sys
import time

from scripts import KINDS

LENGTH = (1 << 20) - 3
PATTERN = random.Random(1).randbytes(LENGTH)
PATTERN += PATTERN[:1 << 19]
CHUNK = 1 << 18
DEADLINE_S = 20
AGAIN_S = 0.02
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, SEND_QUEUE = 19, 20, 21, 2   # linux/tcp.h
RESET_NOW = b"\x01\0\0\0\0\0\0\0"


class Stream:
    """One direction of one conversation."""

    def __init__(self, port, side):
        self.start = (port * 7919 + side * 524309) % LENGTH
        self.at = 0

    def next(self, size):
        begin = (self.start + self.at) % LENGTH
        return PATTERN[begin:begin + size]

    def check(self, data):
        """Move on over what came; an AssertionError says where it is wrong."""
        if self.next(len(data)) != data:
            wrong = next(i for i, b in enumerate(data) if b != self.next(len(data))[i])
            found = PATTERN.find(data[wrong:wrong + 32])
            place = (found - self.start) % LENGTH if found >= 0 else None
            raise AssertionError(f"at byte {self.at + wrong} comes what belongs at {place}")
        self.at += len(data)


class Talk:
    """One end of one conversation, driven by its script."""

    def __init__(self, loop, s, port, kind, side, on_end):
        scripts = KINDS[kind](random.Random(port))
        self.loop, self.s, self.port, self.kind, self.on_end = loop, s, port, kind, on_end
        self.script, peer = scripts[side], scripts[1 - side]
        self.out, self.into = Stream(port, side), Stream(port, 1 - side)
        self.expected = sum(a[1] for a in peer if a[0] == "send")
        self.ends_by_reset = ("reset",) in peer
        self.step_at, self.left, self.want = 0, None, 0
        self.is_eof = self.is_shut = self.is_deaf = self.is_done = self.is_waiting = False
        loop.add(self)
        loop.at(DEADLINE_S, self.too_late)

    def events(self):
        return (0 if self.is_deaf or self.is_eof else select.EPOLLIN) | self.want

    def watch(self):
        if not self.is_done:
            self.loop.poll.modify(self.s, self.events())

    def ready(self, events):
        try:
            if events & select.EPOLLIN and not self.is_deaf:
                self.read()
            elif events & (select.EPOLLERR | select.EPOLLHUP):
                fault = self.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if fault:
                    raise OSError(fault, errno.errorcode[fault])
            self.go_on()
        except AssertionError as fault:
            self.end(str(fault))
        except OSError as fault:
            is_expected = self.ends_by_reset and fault.errno in (errno.ECONNRESET, errno.EPIPE)
            self.end("" if is_expected else f"{fault} at {self.place()}")

    def read(self):
        for _ in range(8):
            try:
                data = self.s.recv(CHUNK)
            except BlockingIOError:
                return
            if not data:
                self.is_eof = True
                assert self.into.at == self.expected or self.ends_by_reset, \
                    f"ends after {self.into.at} of {self.expected} bytes"
                return
            self.into.check(data)
            if len(data) < CHUNK // 4:
                return

    def go_on(self):
        while not self.is_done and not self.is_waiting and self.step():
            pass
        self.watch()

    def step(self):
        """Do what comes next; False: it takes more events."""
        if self.step_at == len(self.script):
            if not self.is_shut:
                self.is_shut = True
                self.s.shutdown(socket.SHUT_WR)
            if self.is_eof:
                self.end("")
            return False
        what, *arguments = self.script[self.step_at]
        done = getattr(self, "do_" + what)(*arguments)
        if done:
            self.step_at += 1
            self.left = None
        return done

    def do_send(self, size):
        self.left = size if self.left is None else self.left
        while self.left:
            try:
                sent = self.s.send(self.out.next(min(self.left, CHUNK)))
            except BlockingIOError:
                self.want = select.EPOLLOUT
                return False
            self.out.at += sent
            self.left -= sent
        self.want = 0
        return True

    def do_recv(self, total):
        return self.into.at >= total

    def do_eof(self):
        return self.is_eof

    def do_wait(self, seconds):
        if self.left is None:
            self.left, self.is_waiting = True, True
            self.loop.at(seconds, self.waited)
            return False
        return True

    def waited(self):
        self.is_waiting = self.is_deaf = False
        if not self.is_done:
            self.ready(select.EPOLLIN)

    def do_stall(self, seconds):
        """Read nothing for so long."""
        self.is_deaf = self.left is None
        return self.do_wait(seconds)

    def do_shut(self):
        self.is_shut = True
        self.s.shutdown(socket.SHUT_WR)
        return True

    def do_reset(self):
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_NOW)
        self.end("")
        return False

    def place(self):
        return (f"step {self.step_at} of {len(self.script)} {self.script[self.step_at:self.step_at + 1]}, "
                f"sent {self.out.at}, got {self.into.at} of {self.expected}")

    def too_late(self):
        if not self.is_done:
            self.end(f"hangs at {self.place()}")

    def end(self, fault):
        if not self.is_done:
            self.is_done = True
            self.loop.remove(self)
            self.s.close()
            self.on_end({"port": self.port, "kind": self.kind, "fault": fault})


class Loop:
    """epoll and timers."""

    def __init__(self):
        self.poll, self.talks, self.timers, self.number = select.epoll(), {}, [], 0

    def add(self, talk):
        self.talks[talk.s.fileno()] = talk
        self.poll.register(talk.s, talk.events())

    def remove(self, talk):
        del self.talks[talk.s.fileno()]
        self.poll.unregister(talk.s)

    def at(self, seconds, function):
        self.number += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.number, function))

    def turn(self):
        rest = self.timers[0][0] - time.monotonic() if self.timers else 1
        for fd, events in self.poll.poll(max(0, min(rest, 1))):
            if fd in self.talks:
                self.talks[fd].ready(events)
        while self.timers and self.timers[0][0] <= time.monotonic():
            heapq.heappop(self.timers)[2]()


class Listener:
    """Takes part in the loop like a talk."""

    def __init__(self, loop, s, kinds):
        self.loop, self.s, self.kinds = loop, s, kinds
        loop.add(self)

    def events(self):
        return select.EPOLLIN

    def ready(self, _):
        while True:
            try:
                s, peer = self.s.accept()
            except BlockingIOError:
                return
            s.setblocking(False)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kind = self.kinds[peer[1] % len(self.kinds)]
            Talk(self.loop, s, peer[1], kind, 1, told).ready(0)


def told(result):
    print(json.dumps(result), flush=True)


def make_socket(address, scale, tos):
    """scale: of the windows that it announces, or None for what the kernel takes."""
    is_v6 = ":" in address
    s = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if scale is not None:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, 65535 << scale)
    if tos and is_v6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, tos)
    elif tos:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
    s.setblocking(False)
    return s


def serve(kinds, listen, tos):
    """listen: (address, port, scale) each."""
    loop = Loop()
    for address, port, scale in listen:
        s = make_socket(address, scale, tos)
        s.bind((address, port))
        s.listen(1024)
        Listener(loop, s, kinds)
    print("ready", flush=True)
    while True:
        loop.turn()


def choose_isn(s, isn):
    """The sequence number that its SYN will have."""
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE)
    s.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", isn))
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)


def call(kinds, flows, tos, times, isns):
    """flows: (source, own port, target, port, scale, seconds until it begins) each. times: the next one
    from the same port follows at once. isns: to be used in turn, or none."""
    loop, rest, turns = Loop(), len(flows) * times, itertools.cycle(isns or (None,))

    def begin(flow, left):
        source, own, target, port, scale = flow
        s = make_socket(source, scale, tos)
        isn = next(turns)
        if isn is not None:
            choose_isn(s, isn)
        s.bind((source, own))
        if s.connect_ex((target, port)) not in (0, errno.EINPROGRESS):
            s.close()  # the one before is not over: it waits for its last acknowledgement
            loop.at(AGAIN_S, functools.partial(begin, flow, left))
            return
        talk = Talk(loop, s, own, kinds[own % len(kinds)], 0, functools.partial(ended, flow, left - 1))
        talk.want = select.EPOLLOUT
        talk.watch()

    def ended(flow, left, result):
        nonlocal rest
        told(result)
        rest -= 1
        if left:
            begin(flow, left)
    for *flow, seconds in flows:
        loop.at(seconds, functools.partial(begin, flow, times))
    while rest:
        loop.turn()


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        {"serve": serve, "call": call}[sys.argv[1]](**json.load(file))
