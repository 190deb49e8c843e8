"""Other people's rule sets, as text for nft."""

DIVERT = "meta mark & 0xff000000 == 0x5f000000"  # the documented acceptance, with the default mark


def fw4(accept=DIVERT, lan_input="reject"):
    """What OpenWrt's firewall4 loads for a stock configuration with a wan and a lan zone.

    Counters are added where a test wants to see a drop. accept: shunt's one line at the top of
    input; lan_input: what the lan zone does with packets for the router itself.
    """
    return f"""
table inet fw4 {{
    counter limited {{ }}
    counter rejected {{ }}
    counter invalid {{ }}
    chain input {{
        type filter hook input priority filter; policy drop;
        {accept + " accept" if accept else ""}
        iif lo accept
        ct state vmap {{ established : accept, related : accept }}
        tcp flags & (fin|syn|rst|ack) == syn jump syn_flood
        iifname "lan" jump input_lan
        iifname "wan" jump input_wan
        jump handle_reject
    }}
    chain forward {{
        type filter hook forward priority filter; policy drop;
        ct state invalid counter name invalid drop
        ct state vmap {{ established : accept, related : accept }}
        iifname "lan" accept
        jump handle_reject
    }}
    chain output {{
        type filter hook output priority filter; policy accept;
        oif lo accept
        ct state vmap {{ established : accept, related : accept }}
    }}
    chain prerouting {{
        type filter hook prerouting priority filter; policy accept;
    }}
    chain handle_reject {{
        counter name rejected
        meta l4proto tcp reject with tcp reset
        reject with icmpx type port-unreachable
    }}
    chain syn_flood {{
        limit rate 25/second burst 50 packets return
        counter name limited drop
    }}
    chain input_lan {{
        meta l4proto ipv6-icmp accept
        {"jump handle_reject" if lan_input == "reject" else "accept"}
    }}
    chain input_wan {{
        meta nfproto ipv4 udp dport 68 accept
        icmp type echo-request accept
        icmpv6 type {{ echo-request, echo-reply, destination-unreachable, packet-too-big,
            time-exceeded, parameter-problem, nd-router-solicit, nd-neighbor-solicit,
            nd-router-advert, nd-neighbor-advert }} limit rate 1000/second accept
        jump handle_reject
    }}
    chain dstnat {{
        type nat hook prerouting priority dstnat; policy accept;
    }}
    chain srcnat {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan" meta nfproto ipv4 masquerade
    }}
    chain mangle_forward {{
        type filter hook forward priority mangle; policy accept;
        iifname "wan" tcp flags syn tcp option maxseg size set rt mtu
        oifname "wan" tcp flags syn tcp option maxseg size set rt mtu
    }}
}}"""


# every way to rewrite a source: on the way out, and on the way in
MASQUERADE_EVERYWHERE = """
table inet everywhere {
    chain post {
        type nat hook postrouting priority srcnat; policy accept;
        oifname { "wan", "lan" } masquerade
    }
    chain input {
        type nat hook input priority 100; policy accept;
        tcp dport { 443, 8443 } snat ip to 203.0.113.99
        tcp dport { 443, 8443 } snat ip6 to 2001:db8:99::99
    }
}"""


def port_forward(port, to_by_family, table="forward"):
    """Somebody's port forward of the same port, for what comes in and for what goes out."""
    lines = "\n".join(f"tcp dport {port} dnat {f.ip} to {address}" for f, address in to_by_family.items())
    chains = ["prerouting priority dstnat", "output priority -100"]
    return f"table inet {table} {{\n" + "\n".join(
        f"chain nat{number} {{\ntype nat hook {chain}; policy accept;\n{lines}\n}}"
        for number, chain in enumerate(chains)) + "\n}\n"


STATEFUL = """
table inet stateful {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state invalid drop
        ct state established,related accept
    }
    chain input {
        type filter hook input priority filter; policy drop;
        ct state invalid drop
        ct state established,related accept
        iif lo accept
        meta l4proto ipv6-icmp accept
        """ + DIVERT + """ accept
    }
}"""


COUNT_INVALID = """
table inet invalid {
    counter forwarded { }
    counter received { }
    chain forward { type filter hook forward priority filter - 1;
        ct state invalid counter name forwarded
    }
    chain input { type filter hook input priority filter - 1;
        ct state invalid counter name received
    }
}"""


# two WANs as mwan3 does it: the first packet's interface decides, the connmark keeps it
TWO_WANS = """
table inet mwan {
    chain prerouting {
        type filter hook prerouting priority mangle; policy accept;
        ct mark & 0x3f00 == 0x100 meta mark set meta mark & 0xffffc0ff | 0x100 return
        ct mark & 0x3f00 == 0x200 meta mark set meta mark & 0xffffc0ff | 0x200 return
        iifname "wan" ct mark set ct mark & 0xffffc0ff | 0x100 meta mark set meta mark & 0xffffc0ff | 0x100
        iifname "wan2" ct mark set ct mark & 0xffffc0ff | 0x200 meta mark set meta mark & 0xffffc0ff | 0x200
    }
    chain output {
        type route hook output priority mangle; policy accept;
        ct mark & 0x3f00 == 0x100 meta mark set meta mark & 0xffffc0ff | 0x100
        ct mark & 0x3f00 == 0x200 meta mark set meta mark & 0xffffc0ff | 0x200
    }
}"""
