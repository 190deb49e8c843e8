"""Whose files decide what the daemon does: the configuration, and each that it names."""
import os
import re
import shutil
import subprocess

import pytest

from test_mutations import FULL, LISTS, SHUNTD, check, folder  # noqa: F401 (a fixture)

OTHER = 54321
NOBODY = 65534
FILES = (FULL, *LISTS)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files of other users")


def refused(folder, name, word):
    """It is, for that file; the place is where the file is named, or the file itself for the first."""
    status, said = check(folder, is_placed=name != FULL)
    assert status == 1
    assert any(str(folder / name) in line and word in line for line in said), said


@pytest.mark.parametrize("name", FILES)
def test_that_everybody_may_write(folder, name):
    os.chmod(folder / name, 0o646)
    refused(folder, name, "may be written by everybody: chmod o-w")


@pytest.mark.parametrize("name", FILES)
def test_of_another_user(folder, name):
    os.chown(folder / name, OTHER, 0)
    refused(folder, name, f"belongs to uid {OTHER}")


@pytest.mark.parametrize("name", FILES)
def test_that_its_group_may_write(folder, name):
    os.chown(folder / name, 0, OTHER)
    os.chmod(folder / name, 0o664)
    assert check(folder)[0] == 0


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "socket"])
def test_that_is_no_regular_file(folder, name, kind):
    os.remove(folder / name)
    if kind == "fifo":
        os.mkfifo(folder / name)
    elif kind == "folder":
        os.mkdir(folder / name)
    elif kind == "device":
        os.symlink("/dev/zero", folder / name)
    else:
        os.mknod(folder / name, 0o140644)
    # a socket cannot even be opened
    refused(folder, name, "cannot open" if kind == "socket" else "is not a regular file")


@pytest.mark.parametrize("name", FILES)
def test_behind_a_link(folder, name):
    """Asked is whose the file is, not whose the link to it."""
    real = folder / "real"
    shutil.move(folder / name, real)
    os.symlink(real, folder / name)
    os.lchown(folder / name, OTHER, OTHER)
    assert check(folder)[0] == 0
    os.chmod(real, 0o666)
    refused(folder, name, "may be written by everybody")


def test_checked_by_another_user(folder):
    """He may check root's files and his own; what root then runs must be root's."""
    def as_nobody(*arguments):
        return subprocess.run([SHUNTD, *arguments], user=NOBODY, group=NOBODY, extra_groups=[], timeout=10,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
    try:
        if as_nobody("-V").returncode:
            pytest.skip("others cannot run the program where it is")
    except PermissionError:
        pytest.skip("others cannot reach the program where it is")
    os.chmod(folder, 0o755)
    assert as_nobody("-t", "-c", folder / FULL).returncode == 0
    for name in FILES:
        os.chown(folder / name, NOBODY, NOBODY)
    assert as_nobody("-t", "-c", folder / FULL).returncode == 0
    assert check(folder, is_placed=False)[0] == 1
    os.chown(folder / FULL, 0, 0)
    status, said = check(folder)
    assert status == 1
    assert sum(bool(re.search(f"belongs to uid {NOBODY}", line)) for line in said) == len(LISTS)
    os.chown(folder / LISTS[0], OTHER, 0)
    assert as_nobody("-t", "-c", folder / FULL).returncode == 1


def test_version_names_the_libraries():
    """Those that README.md asks for, but json-c, which shuntctl alone needs."""
    with open(os.path.join(os.path.dirname(__file__), "../../README.md")) as readme:
        needed = re.search(r"see `shuntd -V`\), (.*?) \(2\.28", readme.read(), re.DOTALL)[1]
    said = subprocess.run([SHUNTD, "-V"], capture_output=True, text=True, timeout=10).stdout
    libraries = re.search(r"^libraries: (.*)$", said, re.MULTILINE)[1]
    assert libraries.split(", ") == [name for name in re.split(r",\s+", needed) if name != "json-c"]
