"""Fixtures, the time limit of each test, and when the suite is skipped."""
import resource
import signal

import pytest

import clients
import shuntd
from lab import V4, V6, Lab, standard, sweep

DEADLINE_S = 30


def pytest_configure(config):
    config.addinivalue_line("markers", "deadline(seconds): this test's time limit, default 30")
    config.addinivalue_line("markers", "no_daemon: tests the laboratory itself, without shuntd")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if shuntd.os.geteuid() == 0:
        sweep()


def pytest_collection_modifyitems(items):
    reason = shuntd.missing()
    if not reason:
        return
    for item in items:
        if shuntd.os.geteuid() != 0 or not item.get_closest_marker("no_daemon"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    marker = item.get_closest_marker("deadline")
    seconds = marker.args[0] if marker else DEADLINE_S

    def too_late(*_):
        raise TimeoutError(f"the test took more than {seconds} s")
    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of its daemon's log."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, shuntd.Shuntd):
                report.sections.append((f"log of {value.file}", value.text()[-4000:]))


@pytest.fixture(scope="module")
def lab():
    """client - router - backend, shared by the tests of a file."""
    made = Lab()
    try:
        yield standard(made)
    finally:
        made.close()


@pytest.fixture
def fresh():
    """A laboratory of this test's own, empty."""
    made = Lab()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def own_lab(fresh):
    """client - router - backend of this test's own."""
    return standard(fresh)


@pytest.fixture(scope="module", params=list(shuntd.CARRIED))
def carried(request):
    """The ways a flow is relayed."""
    return request.param


@pytest.fixture(scope="module", params=["handoff", *shuntd.CARRIED])
def way(request):
    """The same, and handed over as early as can be."""
    return request.param


@pytest.fixture(autouse=True)
def closed_sockets():
    yield
    clients.close_all()


@pytest.fixture(params=[V4, V6], ids=str)
def family(request):
    return request.param
