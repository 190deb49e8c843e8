/* What this kernel offers, as text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netlink.h>

#include "firewall.h"
#include "kernel/netlink.h"
#include "nft/facilities.h"

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
	netlink_close(&nft);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
