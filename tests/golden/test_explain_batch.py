"""shuntctl explain --batch: many flows as JSON lines, also one after the other, also bad ones."""
import json
import os
import random
import select
import subprocess

import pytest

import hello
from conftest import BUILD, datagrams, protocols, seeds

CONF = """
[divert web]
tcp = 443
udp = 443
silent = mail
[divert other]
tcp = 8443
[route git]
divert = web
protocol = tls
server_name = git.example
backend = git
[route h3]
divert = web
protocol = quic
server_name = *.seed.example
backend = mail
[route lan]
divert = web
protocol = tls
from = 198.51.100.0/24
backend = original
[backend git]
server = 192.168.1.10:443
[backend mail]
server = 192.168.1.14:25
"""
# the bytes of a weak one may be another's
STREAMS = protocols("WIRE_TCP", without=".is_weak = true")
DATAGRAMS = protocols("WIRE_UDP", without=".is_weak = true")
CHROMIUM = datagrams("fuzz_wire_quic/chromium-156.0.8078.79-h3")


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    path = tmp_path_factory.mktemp("batch") / "batch.conf"
    path.write_text(CONF)
    return path


def command(conf):
    return (str(BUILD / "shuntctl"), "explain", "-c", str(conf), "--batch")


def batch(conf, lines, code=0):
    """Answers to lines: objects, or text to be sent as it is."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(command(conf), input=text.encode(), capture_output=True, timeout=25)
    assert done.returncode == code, done.stderr
    assert bool(done.stderr) == bool(code)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def flow(first, *more, divert="web", **members):
    return {"id": 1, "divert": divert, "chunks": [part.hex() for part in (first, *more)], **members}


def test_the_example_of_the_manual(conf):
    told = batch(conf, [{"id": 7, "divert": "web", "transport": "tcp", "from": "198.51.100.7",
                         "to": "203.0.113.10", "chunks": [hello.tls("git.example", ["h2"]).hex()]}])
    assert told == [{"id": 7, "verdict": "yes", "protocol": "tls", "chunk": 1, "server_name": "git.example",
                     "alpn": ["h2"], "route": "git", "action": "backend", "backend": "git"}]


def test_the_chunk_that_decided(conf):
    first = hello.tls("git.example")
    told = batch(conf, [flow(first[:10], first[10:50], b"", first[50:], b"later"), flow(b"\xff", first)])
    assert [one["chunk"] for one in told] == [4, 1]
    assert [one["verdict"] for one in told] == ["yes", "no"]
    assert [one["route"] for one in told] == ["git", "unknown"]


def test_undecided_and_silent(conf):
    """With `more`: what happens when nothing else comes."""
    told = batch(conf, [flow(hello.tls("git.example")[:20]), {"id": 2, "divert": "web", "chunks": []}, flow(b"")])
    assert [one["verdict"] for one in told] == ["more"] * 3
    assert [one["chunk"] for one in told] == [None] * 3
    assert [(one["route"], one["action"], one["backend"]) for one in told] == [
        ("unknown", "reject", None), ("silent", "backend", "mail"), ("silent", "backend", "mail")]


def test_addresses(conf):
    first = hello.tls("elsewhere.example")
    told = batch(conf, [flow(first, **{"from": client}) for client in ("198.51.100.7", "198.51.100.7:1", "192.0.2.1")])
    assert [one["route"] for one in told] == ["lan", "lan", "unknown"]


def test_method_and_path(conf):
    told = batch(conf, [flow(b"PUT /a?b HTTP/1.1\r\nHost: h.example\r\n\r\n"), flow(hello.SSH)])
    assert (told[0]["method"], told[0]["path"], told[0]["server_name"]) == ("PUT", "/a?b", "h.example")
    assert "method" not in told[1] and "path" not in told[1]


def test_udp(conf):
    """Each chunk is a datagram, also an empty one."""
    told = batch(conf, [flow(b"\xfe", transport="udp"), flow(b"", b"\xc0", transport="udp")])
    assert [(one["verdict"], one["chunk"], one["route"], one["action"]) for one in told] == \
        [("no", 1, "unknown", "drop")] * 2


def test_a_hello_of_several_datagrams(conf):
    first, second, third = CHROMIUM
    told = batch(conf, [flow(*chunks, transport="udp") for chunks in (
        (first, second, third), (second, first), (first, first, second, b"later"), (first,))])
    quic = {"protocol": "quic", "server_name": "a.seed.example", "alpn": ["h3"], "route": "h3", "action": "backend",
            "backend": "mail"}
    for one, chunk in zip(told, (2, 2, 3)):
        assert one == {"id": 1, "verdict": "yes", "chunk": chunk, **quic}
    one = told[3]
    assert (one["verdict"], one["chunk"], one["protocol"], one["server_name"]) == ("more", None, "quic", None)
    assert (one["route"], one["action"]) == ("unknown", "drop")
    held = batch(conf, [flow(first, *[b""] * 20, transport="udp"), flow(first, bytes(30000), transport="udp"),
                        flow(bytes(30000), transport="udp")])
    assert [(one["verdict"], one["chunk"], one["protocol"]) for one in held] == \
        [("yes", 16, "quic"), ("yes", 2, "quic"), ("no", 1, None)]


def test_alpn_that_is_no_text(conf):
    """A byte that is not ASCII is the character of that number."""
    raw = b"\x0a\x0a \"\\\xff"
    first = hello.tls("git.example", ["#" * len(raw)]).replace(b"#" * len(raw), raw)
    assert batch(conf, [flow(first)])[0]["alpn"] == [raw.decode("latin-1")]


IDS = ["0", "-1", "1.50", "1e3", "null", "true", '"text"', '"\\u00e9/\\""', '"\u00e9"', '[1,{"id":2}]', '{"a":[1,2]}',
       "123456789012345678901234567890", '""', "{}"]


@pytest.mark.parametrize("text", IDS)
def test_ids_come_back_as_they_came(conf, text):
    for line in (f'{{"id":{text},"divert":"web","chunks":[]}}', f'{{"divert":"web" , "chunks":[], "id" : {text} }}',
                 f'{{"x":{{"id":0}},"y":"id","id":{text}}}'):
        done = subprocess.run(command(conf), input=line.encode(), capture_output=True, timeout=10)
        assert done.stdout.decode().startswith(f'{{"id":{text},'), done


def test_without_an_id_the_line_s_number(conf):
    told = batch(conf, ["", {"divert": "web", "chunks": []}, "  \t", {"divert": "web", "chunks": []}])
    assert [one["id"] for one in told] == [2, 4]


BAD = [
    ("nonsense", "one JSON object is expected"),
    ("[]", "one JSON object is expected"),
    ("{", "one JSON object is expected"),
    ("{}{}", "one JSON object is expected"),
    ("{'id':1}", "one JSON object is expected"),
    ('{"id":1,}', "one JSON object is expected"),
    ("[" * 10000, "one JSON object is expected"),
    ('{"id":"\x01"}', "one JSON object is expected"),
    ("{}", "divert: which? The configuration has 2 of them"),
    ('{"divert":1}', "divert: a string is expected"),
    ('{"divert":"wbe"}', "divert: there is no `wbe` (did you mean `web`?)"),
    ('{"divert":"other","transport":"udp"}', "divert: `other` takes no udp port"),
    ('{"divert":"web","transport":"sctp"}', 'transport: "tcp" or "udp" is expected'),
    ('{"divert":"web","from":"1.2.3"}', "from, to: an address is expected"),
    ('{"divert":"web","to":5}', "from, to: an address is expected"),
    ('{"divert":"web"}', "chunks: an array of strings is expected"),
    ('{"divert":"web","chunks":"00"}', "chunks: an array of strings is expected"),
    ('{"divert":"web","chunks":[0]}', "chunks: two hexadecimal digits are expected for each byte"),
    ('{"divert":"web","chunks":["0"]}', "chunks: two hexadecimal digits are expected for each byte"),
    ('{"divert":"web","chunks":["ff","xx"]}', "chunks: two hexadecimal digits are expected for each byte"),
    ('{"divert":"web","transport":"udp","chunks":[]}', "chunks: a udp flow begins with a datagram"),
]


def test_bad_lines_are_answered_and_the_rest_goes_on(conf):
    good = {"id": "good", "divert": "web", "chunks": []}
    lines = [line for text, _ in BAD for line in (text, good)]
    told = batch(conf, lines, code=1)
    assert [one["error"] for one in told[::2]] == [why for _, why in BAD]
    assert [one["id"] for one in told[::2]] == list(range(1, 2 * len(BAD), 2))
    assert all(one["route"] == "silent" and one["id"] == "good" for one in told[1::2])


def spoilt(dice, lines):
    """A line with up to four characters or pieces inserted, lost or doubled."""
    line = list(dice.choice(lines))
    for _ in range(dice.randint(0, 4)):
        at = dice.randrange(len(line) + 1)
        what = dice.choice(("insert", "lose", "double"))
        if what == "insert":
            line.insert(at, dice.choice(['"', "\\", "{", "}", "[", "]", ",", ":", '"id"', "null", "'", "0", "-", ".", "e",
                                         "\t", "\x01", "\u00e9", "chunks", "\\u00e9", " "]))
        elif what == "lose":
            del line[at:at + 1]
        else:
            line[at:at] = line[at:at + dice.randint(1, 12)]
    return "".join(line)


def test_what_is_json_and_what_is_not(conf):
    """Python's reader is as strict: each line is judged, or refused, by both; the id is the same."""
    lines = [json.dumps({"id": {"a": [1, 'x"}'], "b": -0.5e-3}, "divert": "web", "from": "[2001:db8::1]:443",
                         "chunks": [hello.SSH.hex()]}),
             '{"id" : "\\"}" , "divert":"web","chunks":[]}', '{"divert":"web","chunks":[], "id":-10.5e+7 }',
             '[{"id":1}]', '{"":{"":[[]]},"id":[],"divert":"web","chunks":["00"]}']
    dice = random.Random(1)
    sent = [line for line in (spoilt(dice, lines) for _ in range(6000)) if line.strip(" \t\r")]
    done = subprocess.run(command(conf), input="\n".join(sent).encode(), capture_output=True, timeout=25)
    answers = done.stdout.decode().splitlines()
    assert len(answers) == len(sent)
    for line, answer in zip(sent, answers):
        told = json.loads(answer)
        try:
            members = json.loads(line, object_pairs_hook=list)
            is_object = line.strip(" \t\r").startswith("{")
        except ValueError:
            is_object = False
        assert is_object == (told.get("error") != "one JSON object is expected"), line
        ids = [value for name, value in members if name == "id"] if is_object else []
        assert not ids or json.loads(answer, object_pairs_hook=list)[0] == ("id", ids[0]), line


def test_bytes_that_are_no_text(conf):
    good = b'{"divert":"web","chunks":[]}'
    done = subprocess.run(command(conf), input=b'\xff\n{"id":"\xff"}\n{"id":\0}\n\0\0\n' + good, capture_output=True, timeout=10)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and done.stderr == b"shuntctl: --batch: 4 of 5 lines could not be judged\n"
    assert [one["id"] for one in told] == [1, 2, 3, 4, 5] and "error" not in told[4]


def test_lines_that_are_too_long(conf):
    """1 MiB is the limit; what is too long is one bad line, whatever its length."""
    good = {"divert": "web", "chunks": []}
    padded = json.dumps({**good, "pad": ""})
    longest = padded.replace('""', '"' + "x" * ((1 << 20) - len(padded)) + '"')
    assert len(longest) == 1 << 20
    told = batch(conf, [longest, longest + " ", good, "x" * (5 << 20), good], code=1)
    too_long = "the line has more than 1048576 bytes"
    assert [(one["id"], one.get("error")) for one in told] == [
        (1, None), (2, too_long), (3, None), (4, too_long), (5, None)]


def test_a_dialogue_line_by_line(conf):
    """Each line is answered before the next one is written."""
    with subprocess.Popen(command(conf), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for number in range(20):
            line = json.dumps({"id": number, "divert": "web", "chunks": [hello.SSH.hex()]}).encode()
            process.stdin.write(line[:9])
            process.stdin.flush()
            process.stdin.write(line[9:] + b"\n")
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 10)[0], "no answer"
            assert json.loads(os.read(process.stdout.fileno(), 4096))["id"] == number
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_output_that_cannot_be_written(conf):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command(conf), input=b"{}\n", stdout=full, stderr=subprocess.PIPE, timeout=10)
    assert done.returncode == 1 and done.stderr.startswith(b"shuntctl: standard output: ")


def cuts(data):
    """The same bytes in one piece, in halves, byte by byte."""
    half = len(data) // 2
    return [data.hex()], [data[:half].hex(), data[half:].hex()], [data[i:i + 1].hex() for i in range(len(data))]


def all_routes(path, transport, names):
    path.write_text(f"[divert d]\n{transport} = 1\n" + "".join(
        f"[route {name}]\nprotocol = {name}\nbackend = drop\n"
        f"[route named-{name}]\nprotocol = {name}\nserver_name = *.example\nbackend = reject\n" for name in names))


def told_of(answer):
    return {key: value for key, value in answer.items() if key not in ("id", "chunk")}


def pages_agree(conf, answers, *words):
    """On a page of its own it is the same, too. answers: of a seed, and how the page is told its bytes; some of them."""
    for answer, bytes_ in answers[::5]:
        done = subprocess.run((str(BUILD / "shuntctl"), "explain", "-c", str(conf), "--json", *words, *bytes_),
                              capture_output=True, timeout=10, check=True)
        page = json.loads(done.stdout)
        assert {key: page[key] for key in told_of(answer)} == told_of(answer)


def is_rightly_named(answer):
    name, seed = answer["id"][:2]
    return (answer["protocol"] == name) != seed.startswith("near-") or "-more" in seed


def test_every_seed_however_it_is_cut(tmp_path):
    paths = [(name, path) for name in STREAMS for path in seeds(name, "WIRE_TCP")]
    assert len(paths) > 50
    conf = tmp_path / "all.conf"
    all_routes(conf, "tcp", STREAMS)
    lines = [{"id": [name, path.name, k], "chunks": chunks}
             for name, path in paths for k, chunks in enumerate(cuts(path.read_bytes()))]
    told = batch(conf, lines)
    for k in range(0, len(told), 3):
        whole, halves, single = map(told_of, told[k:k + 3])
        assert whole == halves == single, told[k:k + 3]
        assert is_rightly_named(told[k]), json.dumps(told[k])
    pages_agree(conf, [(answer, ("--file", str(path))) for (_, path), answer in zip(paths, told[::3])])


def test_every_seed_of_datagrams(tmp_path):
    paths = [(name, path) for name in DATAGRAMS for path in seeds(name, "WIRE_UDP")]
    assert len(paths) > 30
    conf = tmp_path / "all.conf"
    all_routes(conf, "udp", DATAGRAMS)
    chunks = [[one.hex() for one in datagrams(path)] for _, path in paths]
    told = batch(conf, [{"id": [name, path.name], "transport": "udp", "chunks": one}
                        for (name, path), one in zip(paths, chunks)])
    for answer in told:
        assert is_rightly_named(answer), json.dumps(answer)
    pages_agree(conf, [(answer, [f"--hex={one}" for one in some]) for answer, some in zip(told, chunks)], "--udp")


def test_twenty_thousand_flows_a_second(conf):
    """Of processor time, so that a busy machine does not matter."""
    first = json.dumps(flow(hello.tls("git.example", ["h2", "http/1.1"], padding=300)))
    before = os.times()
    done = subprocess.run(command(conf), input=(first + "\n").encode() * 20000, capture_output=True, timeout=25)
    after = os.times()
    assert done.returncode == 0 and done.stdout.count(b'"route":"git"') == 20000
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent < 1, f"{spent:.2f} s"
