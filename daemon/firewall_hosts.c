/* Whose addresses do diverts follow, and which are they? */
#include "firewall_hosts.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/links.h"

void firewall_hosts_free(struct host_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		addr_list_free(&list->at[i].addresses);
	free(list->at);
	*list = (struct host_list){ NULL, 0 };
}

const struct host_interface *firewall_hosts_find(const struct host_list *list, uint32_t index,
						 const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if ((index && list->at[i].index == index) ||
		    (name && !strcmp(list->at[i].name, name)))
			return &list->at[i];
	return NULL;
}

/* Names without indexes. */
static int collect(struct host_list *list, const struct config *config)
{
	size_t most = 1;
	size_t d;
	size_t i;

	for (d = 0; d < config->divert_count; d++)
		most += config->diverts[d].to_interface.count;
	list->count = 0;
	list->at = calloc(most, sizeof *list->at);
	if (!list->at)
		return -ENOMEM;
	for (d = 0; d < config->divert_count; d++) {
		const struct text_list *names = &config->diverts[d].to_interface;

		for (i = 0; i < names->count; i++)
			if (!firewall_hosts_find(list, 0, names->at[i]))
				list->at[list->count++].name = names->at[i];
	}
	return 0;
}

static int take(void *arg, uint32_t index, const struct addr *a)
{
	const struct host_list *list = arg;
	size_t i;
	int err = 0;

	if (addr_is_link_local(a) || addr_is_loopback(a))
		return 0;
	/* an interface may go by several names */
	for (i = 0; !err && i < list->count; i++)
		if (list->at[i].index == index)
			err = addr_list_add(&list->at[i].addresses, a);
	return err;
}

int firewall_hosts_read(struct host_list *out, const struct config *config, struct netlink *route)
{
	struct host_list list = { NULL, 0 };
	int err = collect(&list, config);
	int tries;
	size_t i;

	if (!err && list.count > 0)
		err = -EINTR;
	for (tries = 0; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		for (i = 0; i < list.count; i++) {
			addr_list_free(&list.at[i].addresses);
			list.at[i].index = if_nametoindex(list.at[i].name);
		}
		err = links_walk(route, take, &list);
	}
	if (err)
		firewall_hosts_free(&list);
	else
		*out = list;
	return err;
}
