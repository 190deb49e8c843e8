"""One port, all recognisers: databases, brokers, directories, files, logs and names, asked by real clients; and clients that
wait for their server to speak."""
import re

import pytest

import real
import recognisers
import scripted
from lab import V4, V6, both
from recognisers import ask, check, needs, seen
from servers import Server
from shuntd import Shuntd
from waiting import wait_for

OWN = ["mqtt", "redis", "ldap", "smb", "syslog", "dns", "postgresql", "mongodb", "cassandra", "amqp"]
PLACES = {"mqtt": 1883, "redis": 6379, "ldap": 389, "smb": 445, "syslog": 514, "dns": 53, "postgresql": 5432, "mongodb": 27017,
          "cassandra": 9042, "amqp": 5672, "store": 5433, "zone": 54, "mysql": 3306, "smtp": 25, "others": 9}
CONFIG = "".join(f"""
[divert {name}]
{listen}
interface = wan
wait = {wait}
{more}
""" for name, listen, wait, more in (("services", "tcp = 443\nudp = 443", "5s", ""),
                                     ("mysql", "tcp = 3306", "100ms", "silent = mysql"),
                                     ("smtp", "tcp = 25", "100ms", "silent = smtp"))) + \
    "".join(f"[route {name}]\ndivert = services\nprotocol = {name}\nbackend = {name}\n" for name in OWN) + f"""
[route store]
divert = services
protocol = postgresql
server_name = store
backend = store
[route zone]
divert = services
protocol = dns
server_name = *.zone.example
backend = zone
{recognisers.route("others-tcp", recognisers.definite("tcp", OWN), "divert = services", "backend = others")}
{recognisers.route("others-udp", recognisers.definite("udp", OWN), "divert = services", "backend = others")}
""" + "".join(f"[backend {name}]\n{both(port, 3)}\n" for name, port in PLACES.items())


class Log:
    """What a server writes."""

    def __init__(self, path):
        self.path, self.read = path, 0

    def wait(self, pattern):
        """The last hit of the pattern in what was written since the last call."""
        def find():
            with open(self.path, errors="replace") as file:
                text = file.read()
            hits = re.findall(pattern, text[self.read:])
            if hits:
                self.read = len(text)
            return hits[-1] if hits else None
        return wait_for(find, 5, lambda: f"{pattern} in {self.path}: {open(self.path, errors='replace').read()[-2000:]}")


def start(lab, name, *command, families=(V4, V6)):
    """A real server of TCP; its log."""
    path = lab.path(f"{name}.log")
    with open(path, "wb") as log:
        lab.start(lab.backend, *command, stdout=log, stderr=log, cwd=lab.dir)
    for family in families:
        real.wait_listening(lab.backend, family, family.backends[3], PLACES[name])
    return Log(path)


SCRIPTED = {name: getattr(scripted, name) for name in ("postgresql", "mongodb", "cassandra", "amqp", "mysql", "smtp")}


@pytest.fixture(scope="module")
def services(lab):
    """Those of which there is no real server that is light."""
    return {(name, family): Server(lab, lab.backend, family, family.backends[3], PLACES[name], serve, name)
            for name, serve in {**SCRIPTED, "store": scripted.postgresql}.items() for family in (V4, V6)}


@pytest.fixture(scope="module")
def daemon(lab, services):
    daemon = Shuntd(lab, CONFIG, "copy")
    yield daemon
    daemon.end()


@pytest.fixture(scope="module")
def broker(lab):
    listeners = "".join(f"listener 1883 {f.backends[3]}\n" for f in (V4, V6))
    file = lab.write("mosquitto.conf", listeners + "allow_anonymous true\nuser root\n")
    return start(lab, "mqtt", "/usr/sbin/mosquitto", "-v", "-c", file)


@needs("mosquitto", "mosquitto_pub")
@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "5"])
def test_mqtt(lab, daemon, broker, family, version):
    lab.client.run("mosquitto_pub", "-h", family.router, "-p", "443", "-V", version, "-t", "seed", "-m", "1")
    check(daemon, family, broker.wait(rf"New client connected from {family.client}:(\d+) "), "mqtt")


@pytest.fixture(scope="module")
def redis(lab):
    return start(lab, "redis", "redis-server", "--port", "6379", "--bind", V4.backends[3], V6.backends[3], "--save", "",
                 "--protected-mode", "no")


@needs("redis-server", "redis-cli")
@pytest.mark.parametrize("options", [(), ("-3",)], ids=["2", "3"])
def test_redis(lab, daemon, redis, family, options):
    told = lab.client.run("redis-cli", "-h", family.router, "-p", "443", *options, "CLIENT", "LIST")
    check(daemon, family, seen(told, family), "redis")


@pytest.fixture(scope="module")
def directory(lab):
    file = lab.write("slapd.conf", f"include /etc/ldap/schema/core.schema\npidfile {lab.dir}/slapd.pid\n")
    urls = " ".join(f"ldap://{f.endpoint(f.backends[3], 389)}" for f in (V4, V6))
    return start(lab, "ldap", "/usr/sbin/slapd", "-d", "256", "-f", file, "-h", urls)


@needs("slapd", "ldapsearch")
@pytest.mark.parametrize("options", [("-x",), ("-x", "-Z"), ("-N",)], ids=["bind", "starttls", "search"])
def test_ldap(lab, daemon, directory, family, options):
    told = ask(lab, "ldapsearch", "-H", f"ldap://{family.endpoint(family.router, 443)}", *options, "-b", "", "-s", "base")
    assert "objectClass: OpenLDAProotDSE" in told or options == ("-N",), told
    check(daemon, family, directory.wait(rf"ACCEPT from IP=\[?{family.client}\]?:(\d+)"), "ldap")


SMB_SERVER = """
from impacket.smbserver import SimpleSMBServer
import logging
logging.basicConfig(level=logging.INFO)
server = SimpleSMBServer(listenAddress="{address}", listenPort=445)
server.addShare("SEED", "{dir}")
server.setSMB2Support(True)
server.start()
"""


@pytest.fixture(scope="module")
def files(lab):
    code = SMB_SERVER.format(address=V4.backends[3], dir=lab.dir)
    return start(lab, "smb", "/usr/bin/python3", "-u", "-c", code, families=(V4,))


@needs("smbclient", module="impacket")
@pytest.mark.parametrize("most", ["NT1", "SMB2_10", "SMB3"])
def test_smb(lab, daemon, files, most):
    told = ask(lab, "smbclient", "-N", "-p", "443", "--option=client min protocol=NT1", f"--option=client max protocol={most}",
               f"//{V4.router}/SEED", "-c", "ls")
    assert "smb.log" in told, told
    check(daemon, V4, files.wait(rf"Incoming connection \({V4.client},(\d+)\)"), "smb")


@pytest.fixture(scope="module")
def collector(lab):
    """rsyslogd; the file it writes, in which each message follows the address it came from."""
    inputs = "".join(f'input(type="{kind}" address="{f.backends[3]}" port="514")\n'
                     for kind in ("imtcp", "imudp") for f in (V4, V6))
    file = lab.write("rsyslog.conf", f"""global(net.enableDNS="off" workDirectory="{lab.dir}")
module(load="imtcp") module(load="imudp")
{inputs}
template(name="seen" type="string" string="%fromhost-ip% %msg%\\n")
action(type="omfile" file="{lab.path('messages')}" template="seen" flushOnTXEnd="on")
""")
    lab.write("messages", "")
    start(lab, "syslog", "rsyslogd", "-n", "-f", file, "-i", lab.path("rsyslog.pid"))
    return Log(lab.path("messages"))


@needs("rsyslogd", "logger")
@pytest.mark.parametrize("options", [("-T",), ("-T", "--octet-count"), ("-T", "--rfc3164"), ("-d",), ("-d", "--rfc3164")],
                         ids=" ".join)
def test_syslog(lab, daemon, collector, family, options):
    text = f"from {family} by {' '.join(options)}"
    lab.client.run("logger", "-n", family.router, "-P", "443", *options, text)
    collector.wait(rf"{family.client} +{re.escape(text)}\n")
    if "-T" in options:
        wait_for(lambda: any(f["proto"] == f["route"] == "syslog" and family.client in f["client"] for f in daemon.flow_lines()),
                 what="the flow's line")
    else:
        assert live(daemon, family, "syslog")["route"] == "syslog"


def live(daemon, family, proto, name="-"):
    """The living flow of UDP of that kind."""
    def find():
        return next((f for f in daemon.live_flows() if f["transport"] == "udp" and f["proto"] == proto and
                     family.client in f["client"] and f["name"] == name), None)
    return wait_for(find, 5, lambda: f"{proto} {name} in {daemon.live_flows()}")


@pytest.fixture(scope="module")
def resolvers(lab):
    """dnsmasq, twice: for all names, and for those of one zone."""
    logs = {}
    for name, answer in (("dns", "192.0.2.1"), ("zone", "192.0.2.2")):
        addresses = [word for f in (V4, V6) for word in ("--listen-address", f.backends[3])]
        logs[name] = start(lab, name, "/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-hosts", "--no-resolv",
                           "--bind-interfaces", *addresses, f"--port={PLACES[name]}", f"--address=/#/{answer}",
                           "--log-queries=extra", "--user=root", "--pid-file=")
    return logs


@needs("dnsmasq", "dig")
@pytest.mark.parametrize("name,route,answer", [("a.seed.example", "dns", "192.0.2.1"), ("Www.Zone.example", "zone", "192.0.2.2")])
@pytest.mark.parametrize("transport", ["+tcp", "+notcp"])
def test_dns(lab, daemon, resolvers, family, transport, name, route, answer):
    told = lab.client.run("dig", f"@{family.router}", "-p", "443", transport, "+short", "+tries=1", name)
    assert told.split() == [answer]
    port = resolvers[route].wait(rf"(?i) {family.client}/(\d+) query\[A\] {name} ")
    if transport == "+tcp":
        check(daemon, family, port, route, "dns", name.lower())
    else:
        flow = live(daemon, family, "dns", name.lower())
        assert (flow["client"], flow["backend"]) == (family.endpoint(family.client, port), route)


@needs("psql")
@pytest.mark.parametrize("mode,database,route", [("prefer", "store", "postgresql"), ("disable", "store", "store"),
                                                 ("disable", "other", "postgresql")])
def test_postgresql(lab, daemon, family, mode, database, route):
    told = lab.client.run("psql", "-XAtc", "SELECT seen", f"host={family.router} port=443 user=seed dbname={database} "
                          f"sslmode={mode} gssencmode=disable connect_timeout=5")
    check(daemon, family, seen(told, family), route, "postgresql", database if mode == "disable" else "-")


PYMONGO = """
import pymongo
client = pymongo.MongoClient({host!r}, serverSelectionTimeoutMS=5000)
print(client.admin.command("ping")["seen"])
client.close()
"""


@needs(module="pymongo")
def test_mongodb(lab, daemon, family):
    told = lab.client.run("/usr/bin/python3", "-c", PYMONGO.format(host=family.endpoint(family.router, 443)))
    check(daemon, family, seen(told, family), "mongodb")


DRIVER = """
from cassandra.io.asyncorereactor import AsyncoreConnection as Connection
from cassandra.connection import DefaultEndPoint
from cassandra.protocol import QueryMessage
Connection.initialize_reactor()
connection = Connection.factory(DefaultEndPoint({host!r}, 443), 5, protocol_version={version})
print(connection.wait_for_response(QueryMessage("SELECT", 1), fail_on_error=False)[1])
connection.close()
"""


@needs(module="cassandra")
@pytest.mark.parametrize("version", [3, 4])
def test_cassandra(lab, daemon, family, version):
    told = lab.client.run("/usr/bin/python3", "-c", DRIVER.format(host=family.router, version=version))
    check(daemon, family, seen(told, family), "cassandra")


@needs("amqp-publish")
def test_amqp(lab, daemon, services, family):
    lab.client.run("amqp-publish", "-u", f"amqp://{family.endpoint(family.router, 443)}", "-r", "seed", "-b", "1")
    check(daemon, family, services["amqp", family].visits[-1].port, "amqp")


# the server speaks first: such a client is known by its silence

@needs("mariadb")
def test_mariadb_waits(lab, daemon, family):
    told = lab.client.run("mariadb", "-h", family.router, "-P", "3306", "-u", "seed", "-N", "-B", "--skip-ssl", "-e", "SELECT seen")
    flow = daemon.flow(client=family.endpoint(family.client, seen(told, family)))
    assert (flow["route"], flow["backend"]) == ("silent", "mysql")


@needs("swaks")
def test_swaks_waits(lab, daemon):
    told = ask(lab, "swaks", "--server", V4.router, "--to", "a@seed.example", "--from", "b@seed.example", "--helo", "seed.example")
    flow = daemon.flow(client=V4.endpoint(V4.client, seen(told, V4)))
    assert (flow["route"], flow["backend"]) == ("silent", "smtp")
    assert "<~  250 ok" in told or "<-  250 ok" in told, told
