"""Two WANs, one default route, connmark routing: as mwan3 makes them."""
import firewall
from lab import V4, V6

# the far client, the second WAN: client's end, router's end
FAR = {V4: ("203.0.113.7", "198.51.101.7", "198.51.101.1"),
       V6: ("2001:db8:7::7", "2001:db8:2::7", "2001:db8:2::1")}


def lead_to_lan(lab, family, verb="add"):
    lab.router.run("ip", f"-{family.version}", "rule", verb, "pref", "1999", "lookup", "main",
                   "suppress_prefixlength", "0")


def two_wans(lab, leads_to_lan=True):
    """A second link between client and router; the client's far address is behind both.

    leads_to_lan: what is not far away is routed as ever; else a WAN's table has a default route alone.
    """
    lab.link(lab.client, "wan2", lab.router, "wan2")
    for family, (far, client, router) in FAR.items():
        lab.client.ip(f"addr add {far} dev lo", f"addr add {client}/{family.prefix} dev wan2")
        lab.router.ip(f"addr add {router}/{family.prefix} dev wan2")
        dash = f"-{family.version}"
        for table, via in ((1, family.client), (2, client)):
            link = ("wan", "wan2")[table - 1]
            lab.router.run("ip", dash, "route", "add", "default", "via", via, "dev", link,
                           "table", str(table))
            lab.router.run("ip", dash, "rule", "add", "pref", str(2000 + table), "fwmark",
                           f"{table * 256}/0x3f00", "lookup", str(table))
        lab.router.run("ip", dash, "route", "add", "default", "via", family.client)
        if leads_to_lan:
            lead_to_lan(lab, family)
    lab.client.nft("""table inet watch {
        counter wrong { }
        chain in { type filter hook input priority 0;
            iifname "wan" ip saddr 198.51.101.1 counter name wrong drop
            iifname "wan" ip6 saddr 2001:db8:2::1 counter name wrong drop
            iifname "wan2" ip saddr 198.51.100.1 counter name wrong drop
            iifname "wan2" ip6 saddr 2001:db8:1::1 counter name wrong drop
        }
        }""")
    lab.router.nft(firewall.TWO_WANS)
    return lab
