"""What most tests set up: one site behind one divert, and the daemon for it."""
from contextlib import contextmanager

from servers import Farm, answer
from shuntd import Shuntd

# [backend one] comes from the farm
ONE_SITE = """
[divert web]
tcp = 443
interface = wan
[route one]
server_name = one.example
backend = one
"""
ONE_SITE_AND_TRANSIT = """
[divert web]
tcp = 443
interface = wan
[divert transit]
tcp = 8443
interface = wan
to = transit
unknown = original
[route one]
divert = web
server_name = one.example
backend = one
"""


@contextmanager
def serving(lab, text, *arguments, **options):
    """A daemon with this configuration and the site `one`; the further arguments are Shuntd's."""
    farm = Farm(lab, one=answer)
    daemon = Shuntd(lab, text + farm.backends(), *arguments, **options)
    yield daemon
    daemon.end()
    farm.close()
