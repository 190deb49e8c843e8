/* What this kernel offers, as text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netlink.h>

#include "firewall.h"
#include "firewall_handoff.h"
#include "kernel/netlink.h"
#include "nft/facilities.h"

/* As firewall_new() will find it. */
static void put_handoff(FILE *out, struct netlink *nft)
{
	struct netlink errors = { .socket = NULL };
	struct fault fault = { 0 };
	uint16_t group;
	int err = firewall_handoff_try(nft, &errors, &group, &fault);

	netlink_close(&errors);
	if (err == -EPERM)
		(void)fputs("handoff: unknown (needs CAP_NET_ADMIN and CAP_NET_RAW)\n", out);
	else if (err)
		(void)fprintf(out, "handoff: no: %s\n", fault.text);
	else
		(void)fputs("handoff: yes\n", out);
}

char *firewall_facilities(void)
{
	struct netlink nft = { .socket = NULL };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	enum facility facility;

	if (!out)
		return NULL;
	if (netlink_open(&nft, NETLINK_NETFILTER))
		(void)fputs("nf_tables: no\n", out);
	for (facility = FACILITY_TABLES; nft.socket && facility < FACILITY_COUNT; facility++) {
		int err = facility_check(&nft, facility, NULL);

		(void)fprintf(out, "%s: %s\n", facility_name(facility),
			      err == -EPERM ? "unknown (needs CAP_NET_ADMIN)"
			      : err         ? "no"
					    : "yes");
	}
	if (nft.socket)
		put_handoff(out, &nft);
	netlink_close(&nft);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
