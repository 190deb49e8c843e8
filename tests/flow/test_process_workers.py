"""As many carriers as a configuration may ask for."""
import hello
from clients import ask, dial, finish, sees_client
from servers import Farm, answer
from shuntd import Shuntd
from sites import ONE_SITE


def test_64_workers(own_lab, family):
    """The most there may be (65 are a fault of the file): all start, serve, and end."""
    farm = Farm(own_lab, one=answer)
    daemon = Shuntd(own_lab, ONE_SITE + farm.backends(), shunt="workers = 64")
    assert {role: len(pids) for role, pids in daemon.children().items()} == {"sniffer": 64, "carrier": 64}
    for _ in range(40):
        s = dial(own_lab.client, family, family.router, 443)
        sees_client(ask(s, hello.tls("one.example")), s, family)
        finish(s)
    daemon.stop()
