"""shunt-spawn is not there, hangs, ends and comes back; so do those who ask it."""
import os
import signal

from clients import ending
from spawning import USER, divert, echoes, goes_to_one, has_spawner, is_refused, lives, probe, say, site
from waiting import wait_for

__all__ = ["echoes", "site"]


def test_not_there(lab, site, echoes):
    """Its probes count as no at once; what is told without them goes on."""
    routes = "[route http]\nprotocol = http\nbackend = one\n"
    daemon, spawner = site(divert(5009, {"echoes": f"line:{echoes[0]}"}, "wait = 20s\n", routes), with_spawner=False)
    assert "no shunt-spawn at" in daemon.text() and "probe echoes counts as no" in daemon.text()
    assert "shunt-spawn is not there" in daemon.ctl("status")
    assert is_refused(lab, daemon, 5009, b"\x01 is no request")
    assert goes_to_one(lab, 5009, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
    assert probe(daemon, "echoes")["failed"] >= 1
    spawner.start()
    has_spawner(daemon)
    assert "shunt-spawn is there" in daemon.text()
    assert goes_to_one(lab, 5009, b"hello\x01")
    assert "shunt-spawn is not there" not in daemon.ctl("status")


def test_killed_and_started_again(lab, site, echoes):
    """Its programs end with it, questions on their way get a no, and the next one is asked."""
    path, pids = echoes
    daemon, spawner = site(divert(5010, {"echoes": f"line:{path}"}, more="wait = 20s\n"))
    assert goes_to_one(lab, 5010)
    s, _ = say(lab, 5010, b"silence")
    wait_for(lambda: probe(daemon, "echoes")["asked"] == 2)
    spawner.kill()
    assert ending(s) == "reset"
    has_spawner(daemon, False)
    wait_for(lambda: not os.path.exists(f"/proc/{lives(pids)[0]}"), what="that its program ended with it")
    assert is_refused(lab, daemon, 5010)
    spawner.start()
    has_spawner(daemon)
    assert goes_to_one(lab, 5010)


def test_stopped_with_sigstop(lab, site, echoes):
    """One that hangs costs a flow some time, not its decision."""
    daemon, spawner = site(divert(5011, {"echoes": f"line:{echoes[0]}"}, more="wait = 20s\n"))
    spawner.process.send_signal(signal.SIGSTOP)
    assert is_refused(lab, daemon, 5011)
    spawner.process.send_signal(signal.SIGCONT)
    wait_for(lambda: goes_to_one(lab, 5011))


def test_the_daemon_is_started_again(lab, site, echoes):
    daemon, spawner = site(divert(5012, {"echoes": f"line:{echoes[0]}"}))
    assert goes_to_one(lab, 5012)
    daemon.stop()
    daemon.start()
    has_spawner(daemon)
    assert goes_to_one(lab, 5012)


def test_its_file_is_made_anew(lab, site, echoes):
    daemon, spawner = site(divert(5013, {"echoes": f"line:{echoes[0]}"}))
    os.unlink(lab.path("spawn.sock"))
    spawner.says("was gone: made anew")
    daemon.stop()
    daemon.start()
    has_spawner(daemon)
    assert goes_to_one(lab, 5013)


def test_a_carrier_is_replaced(lab, site, echoes):
    daemon, _ = site(divert(5014, {"echoes": f"line:{echoes[0]}"}), shunt=USER + "\nworkers = 1")
    carrier = daemon.children()["carrier"][0]
    os.kill(carrier, 9)
    wait_for(lambda: daemon.children()["carrier"] not in ([], [carrier]))
    has_spawner(daemon)
    wait_for(lambda: goes_to_one(lab, 5014))
