"""What conversations consist of: (client's script, server's script) from a source of luck.

A script is a list of steps: send SIZE, recv TOTAL (wait until so much came in all), wait SECONDS, stall
SECONDS (without reading), shut (the end of sending), eof (wait for the peer's), reset. In the end either
side ends its sending and waits for the peer's end; whatever comes meanwhile is read and compared.
"""
SEGMENT = 1448
MEGABYTE = 1 << 20


class Dialogue:
    """Two scripts that wait for each other."""

    def __init__(self):
        self.scripts, self.sent = ([], []), [0, 0]

    def say(self, side, size, is_waited_for=True):
        self.scripts[side].append(("send", size))
        self.sent[side] += size
        if is_waited_for:
            self.scripts[1 - side].append(("recv", self.sent[side]))

    def do(self, side, *step):
        self.scripts[side].append(step)

    def turn(self, question, answer, pause=0.0, thought=0.0):
        self.say(0, question)
        if thought:
            self.do(1, "wait", thought)
        self.say(1, answer)
        if pause:
            self.do(0, "wait", pause)


def some_size(luck):
    """Mostly small, now and then large."""
    return int(2 ** luck.uniform(0, 16))


def upload(luck):
    """Data from the first byte."""
    d = Dialogue()
    d.say(0, luck.randint(3, 6) * MEGABYTE)
    d.say(1, 100)
    return d.scripts


def download(luck):
    d = Dialogue()
    d.turn(100, luck.randint(3, 6) * MEGABYTE)
    return d.scripts


def both_ways(luck):
    """At once, and nobody ends before all is there."""
    d = Dialogue()
    up, down = luck.randint(2, 4) * MEGABYTE, luck.randint(2, 4) * MEGABYTE
    d.say(0, up, False)
    d.say(1, down, False)
    d.do(0, "recv", down)
    d.do(1, "recv", up)
    return d.scripts


def both_end(luck):
    """The same, and each ends as soon as it has said all."""
    return [("send", luck.randint(2, 4) * MEGABYTE)], [("send", luck.randint(2, 4) * MEGABYTE)]


def dialogue(luck):
    d = Dialogue()
    for _ in range(30):
        d.turn(some_size(luck), some_size(luck), luck.choice((0, 0, 0.01, 0.03, 0.06)),
               luck.choice((0, 0, 0, 0.005, 0.03)))
    return d.scripts


def ping(luck):
    """Small questions in quick succession, none of which waits: a flow that is never quiet."""
    d = Dialogue()
    for _ in range(300):
        d.turn(luck.randint(1, 100), luck.randint(1, 300))
    return d.scripts


def pipelined(luck):
    """Questions do not wait for the answers to those before."""
    d = Dialogue()
    for _ in range(60):
        d.say(0, some_size(luck) % 5000 + 1)
        d.do(0, "wait", luck.uniform(0, 0.02))
        d.say(1, some_size(luck), False)
    return d.scripts


def large_first(luck):
    """40 kB in the first message, and again after some silence."""
    d = Dialogue()
    for _ in range(4):
        d.turn(40_000 + luck.randint(0, 3000), some_size(luck), luck.uniform(0.02, 0.4))
    return d.scripts


def segments(luck):
    """Questions of two and of ten segments."""
    d = Dialogue()
    for _ in range(25):
        d.turn(luck.choice((2, 10)) * SEGMENT, luck.choice((1, 2, 10)) * SEGMENT, luck.uniform(0, 0.05))
    return d.scripts


def drizzle(luck):
    """Both speak when they like."""
    def one():
        return [step for _ in range(50)
                for step in (("send", luck.randint(1, 4000)), ("wait", luck.uniform(0, 0.05)))]
    return one(), one()


def trickle(luck):
    """The client speaks on and on, and nobody answers."""
    return [step for _ in range(60) for step in (("send", luck.randint(1, 2000)),
                                                 ("wait", luck.uniform(0, 0.04)))], [("eof",)]


def idle(luck):
    """It wakes up after long silences, either side first."""
    d = Dialogue()
    d.turn(some_size(luck), some_size(luck), 0.4)
    for _ in range(3):
        if luck.random() < 0.5:
            d.do(1, "wait", 0.6)
            d.say(1, some_size(luck))
        else:
            d.do(0, "wait", 0.6)
            d.turn(some_size(luck), some_size(luck))
    return d.scripts


def brief(luck):
    """A few turns, with a pause in which it is handed over."""
    d = Dialogue()
    d.turn(some_size(luck) % 3000 + 1, some_size(luck) % 3000 + 1, luck.uniform(0.04, 0.08))
    d.turn(some_size(luck) % 3000 + 1, some_size(luck) % 3000 + 1)
    return d.scripts


def server_first(luck):
    d = Dialogue()
    d.say(1, luck.randint(10, 3000))
    for _ in range(12):
        d.turn(some_size(luck), some_size(luck), luck.uniform(0, 0.1))
    return d.scripts


def slow_server(luck):
    """It does not read for a while, in the middle of an upload."""
    return ([("send", 4 * MEGABYTE), ("recv", 10)],
            [("stall", luck.uniform(0.2, 0.6)), ("recv", MEGABYTE), ("stall", luck.uniform(0.1, 0.4)),
             ("recv", 4 * MEGABYTE), ("send", 10)])


def slow_client(luck):
    return ([("send", 10), ("stall", luck.uniform(0.2, 0.6)), ("recv", MEGABYTE),
             ("stall", luck.uniform(0.1, 0.4)), ("recv", 4 * MEGABYTE)],
            [("recv", 10), ("send", 4 * MEGABYTE)])


def stalled_later(luck):
    """Quiet first, then much that the server does not read for a while: it closes its window."""
    d = Dialogue()
    d.turn(100, 100, 0.1)
    d.do(1, "stall", luck.uniform(0.2, 0.5))
    d.say(0, 3 * MEGABYTE)
    d.say(1, 100)
    return d.scripts


def end_of_client(luck):
    """Half-close at any moment; the server goes on."""
    d = Dialogue()
    d.turn(some_size(luck), some_size(luck), luck.uniform(0, 0.6))
    d.do(0, "shut")
    d.do(1, "eof")
    d.do(1, "wait", luck.uniform(0, 0.6))
    d.say(1, 300_000)
    return d.scripts


def end_of_server(luck):
    d = Dialogue()
    d.turn(some_size(luck), some_size(luck))
    d.do(1, "wait", luck.uniform(0, 0.6))
    d.do(1, "shut")
    d.do(0, "eof")
    d.do(0, "wait", luck.uniform(0, 0.6))
    d.say(0, 300_000)
    return d.scripts


def reset_of_client(luck):
    d = Dialogue()
    for _ in range(luck.randint(1, 30)):
        d.turn(some_size(luck), some_size(luck), luck.uniform(0, 0.05))
    d.do(0, "wait", luck.uniform(0, 0.4))
    d.do(0, "reset")
    return d.scripts


def reset_of_server(luck):
    d = Dialogue()
    for _ in range(luck.randint(1, 30)):
        d.turn(some_size(luck), some_size(luck), luck.uniform(0, 0.05))
    d.do(1, "wait", luck.uniform(0, 0.4))
    d.do(1, "reset")
    return d.scripts


KINDS = {kind.__name__: kind for kind in (
    upload, download, both_ways, both_end, dialogue, ping, pipelined, large_first, segments, drizzle, trickle,
    idle, brief, server_first, slow_server, slow_client, stalled_later, end_of_client, end_of_server,
    reset_of_client, reset_of_server)}
