/*
 * Datagrams that say they come from a host of one of our links, and come in by
 * another: somebody spoofs, and what answers them would hit that host. Where
 * networks of several links overlap, any of them will do.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>

#include "nft/plan_udp.h"

static const struct family {
	int af;
	uint8_t number;
	enum plan_set_kind kind;
	const char *all;
	const char *of_device;
} family_table[] = {
	{ AF_INET, NFPROTO_IPV4, PLAN_V4, "links4", "link4" },
	{ AF_INET6, NFPROTO_IPV6, PLAN_V6, "links6", "link6" },
};

/* The networks of a device, NULL: of all; false when there is none of that family. */
static bool net_set(struct plan_table *table, const struct plan_options *o, const struct family *f,
		    const char *device, const char *name)
{
	struct plan_set *set;
	size_t count = 0;

	for (size_t i = 0; i < o->link_count; i++)
		if (o->links[i].net.family == f->af &&
		    (!device || !strcmp(o->links[i].device, device)))
			count++;
	if (count == 0)
		return false;
	set = plan_set(table, f->kind, name, count);
	for (size_t i = 0; i < o->link_count; i++)
		if (o->links[i].net.family == f->af &&
		    (!device || !strcmp(o->links[i].device, device)))
			plan_set_add_prefix(set, &o->links[i].net);
	plan_set_finish(set);
	return true;
}

/* Return when the source is where it says. */
static void of_devices(struct plan_table *table, struct plan_chain *chain,
		       const struct plan_options *o, const struct family *f)
{
	char name[PLAN_NAME_BYTES];

	for (size_t i = 0; i < o->link_count; i++) {
		const char *device = o->links[i].device;

		if (i > 0 && !strcmp(device, o->links[i - 1].device))
			continue; /* they are sorted */
		(void)snprintf(name, sizeof name, "%s_%zu", f->of_device, i);
		if (net_set(table, o, f, device, name))
			PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = f->number },
				  { .kind = OP_DEVICE, .name = device },
				  { .kind = OP_SOURCE_IN, .value = f->number, .name = name },
				  { .kind = OP_RETURN });
	}
}

void plan_links(struct plan_table *table, struct plan_chain *chain, const struct plan_options *o)
{
	struct plan_chain *astray;

	if (o->link_count == 0)
		return;
	plan_object(table, "astray", 0);
	astray = plan_chain(table, "udp_link");
	for (size_t f = 0; f < sizeof family_table / sizeof *family_table; f++) {
		const struct family *family = &family_table[f];

		if (!net_set(table, o, family, NULL, family->all))
			continue;
		PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = family->number },
			  { .kind = OP_SOURCE_IN, .value = family->number, .name = family->all },
			  PLAN_TO(OP_JUMP, "udp_link"));
		of_devices(table, astray, o, family);
	}
	/* as far as we go; it is not ours */
	PLAN_RULE(table, astray, { .kind = OP_COUNTER, .name = "astray" }, { .kind = OP_ACCEPT });
}
