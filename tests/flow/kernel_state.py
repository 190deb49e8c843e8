"""What a daemon may leave in the kernel: tables, rules, routes; as text that can be compared."""
import difflib
import re

ROUTING = ("ip -4 rule", "ip -6 rule", "ip -4 route show table all", "ip -6 route show table all")


def kernel_state(ns):
    """Lines of text. The order of the tables and the ports of the listeners do not matter."""
    tables = re.split(r"^(?=table )", ns.rules(), flags=re.M)
    text = "".join(sorted(tables))
    text = re.sub(r"(127\.0\.0\.1|\[::1\]):(?!1\b)\d+", r"\1:PORT", text)
    # flows that were handed over come and go
    text = re.sub(r"(set handed[46] \{[^{}]*?)\s*elements = \{[^}]*\}", r"\1", text)
    for command in ROUTING:
        text += f"{command}:\n{ns.run(*command.split())}"
    return text.splitlines()


def difference(before, now):
    """What went (-) and what came (+)."""
    return "\n".join(difflib.unified_diff(before, now, "before", "now", lineterm="", n=1))
