/* Which networks are on which links: a datagram from one of them comes in there. */
#include "firewall_links.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "firewall_held.h"
#include "firewall_state.h"
#include "kernel/rtnl_places.h"

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct plan_link));
}

/* Not those that hold all addresses: then nobody could come in elsewhere. */
static size_t take(struct plan_link *out, const struct place_list *places)
{
	size_t count = 0;

	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->at[i];

		memset(&out[count], 0, sizeof *out); /* compared as a whole */
		if (p->is_connected && !p->gateway.family && p->net.bits > 0 &&
		    if_indextoname(p->device, out[count].device))
			out[count++].net = p->net;
	}
	qsort(out, count, sizeof *out, compare);
	return count;
}

int firewall_links_read(struct firewall *fw, const struct config *config)
{
	struct plan_options *o = &fw->options;
	struct place_list *places;
	struct plan_link *links;
	size_t count;
	int err;

	if (!firewall_held_has(config))
		return 0;
	places = calloc(1, sizeof *places);
	links = calloc(PLACES_MOST + 1, sizeof *links);
	err = places && links ? rtnl_places_read(places, &fw->route) : -ENOMEM;
	if (err) {
		free(places);
		free(links);
		return err;
	}
	count = take(links, places);
	free(places);
	if (count == o->link_count &&
	    (count == 0 || !memcmp(links, o->links, count * sizeof *links))) {
		free(links);
		return 0;
	}
	free(fw->links);
	fw->links = links;
	o->links = links;
	o->link_count = count;
	fw->has_new_links = true;
	return 0;
}

int firewall_links_follow(struct firewall *fw, struct fault *fault)
{
	int result = firewall_links_read(fw, fw->config);

	if (result < 0)
		return fault_set(fault, result, "cannot read the networks of links: %s",
				 strerror(-result));
	if (fw->has_new_links)
		result = firewall_change(fw, fw->config, fw->ports, fault);
	return result < 0 ? result : 0;
}
