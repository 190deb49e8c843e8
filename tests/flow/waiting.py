"""Waiting for a condition with a deadline: the only way these tests wait."""
import time


def wait_for(condition, seconds=5.0, what="the condition", every=0.02):
    """Return the first true value of condition(); fail the test after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            told = what() if callable(what) else what
            raise AssertionError(f"not within {seconds} s: {told}")
        time.sleep(every)


def stays(condition, seconds, what="the condition", every=0.05):
    """The condition holds the whole time; fail the test when it stops holding."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"did not last {seconds} s: {what}"
        time.sleep(every)
