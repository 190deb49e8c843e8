"""Processes by their ids: what /proc says of them, and their end."""
import os
import signal

from waiting import wait_for


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def proc_status(pid):
    """The fields of /proc/PID/status; empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return {k: v.strip() for k, _, v in (line.partition(":") for line in file)}
    except OSError:
        return {}


def is_alive(pid):
    return proc_status(pid).get("State", "Z")[0] not in "ZX"


def end_processes(pids):
    """End the processes that pids() lists, by their ids, until it lists none."""
    def none_left():
        for pid in pids():
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except (ProcessLookupError, ChildProcessError):
                pass
        return not pids()
    wait_for(none_left, 5, "the end of a lab's processes")
