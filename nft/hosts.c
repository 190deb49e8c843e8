/* Sets that follow the addresses of interfaces. */
#include "nft/hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft/plan_build.h"
#include "nft/plan_names.h"
#include "nft/plan_same.h"
#include "nft/sets.h"

static bool names_interface(const struct divert *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->to_interface.count; i++)
		if (!strcmp(d->to_interface.at[i], name))
			return true;
	return false;
}

/* Sorted, each once, though several interfaces may have it. */
static void settle(struct plan_set *set)
{
	size_t kept = 0;
	size_t i;

	plan_set_finish(set);
	for (i = 0; i < set->count; i++)
		if (i == 0 || memcmp(&set->at[i], &set->at[kept - 1], sizeof *set->at) != 0)
			set->at[kept++] = set->at[i];
	set->count = kept;
}

/* The elements of a set of this divert; set->at is for free(). */
static int gather(struct plan_set *set, const struct divert *d, const struct host_list *interfaces)
{
	int family = set->kind == PLAN_HOSTS4 ? AF_INET : AF_INET6;
	size_t most = 1;
	size_t i;
	size_t a;

	for (i = 0; i < interfaces->count; i++)
		most += interfaces->at[i].addresses.count;
	set->count = 0;
	set->at = calloc(most, sizeof *set->at);
	if (!set->at)
		return -ENOMEM;
	for (i = 0; i < interfaces->count; i++) {
		const struct addr_list *list = &interfaces->at[i].addresses;

		for (a = 0; names_interface(d, interfaces->at[i].name) && a < list->count; a++)
			if (list->at[a].family == family)
				plan_set_add(set, list->at[a].bytes, addr_size(&list->at[a]));
	}
	settle(set);
	return 0;
}

static int fill_set(const struct plan_table *table, struct plan_set *set, const struct divert *d,
		    const struct host_list *interfaces, struct batch *batch)
{
	struct plan_set filled = *set;
	int err = gather(&filled, d, interfaces);

	if (!err && batch && !plan_set_is_same(set, &filled))
		err = sets_put_difference(batch, table, set, &filled);
	if (err) {
		if (filled.at != set->at)
			free(filled.at);
		return err;
	}
	free(set->at);
	*set = filled;
	return 0;
}

/* Whose set it is; NULL for all others. */
static const struct divert *owner(const struct plan_set *set, const struct config *config)
{
	const char *what = set->kind == PLAN_HOSTS4 ? "at4" : "at6";
	char own[PLAN_NAME_BYTES];
	size_t i;

	if (set->kind != PLAN_HOSTS4 && set->kind != PLAN_HOSTS6)
		return NULL;
	for (i = 0; i < config->divert_count; i++) {
		(void)snprintf(own, sizeof own, "%s_%s", what, config->diverts[i].name); /* fits */
		if (plan_name_is(set->name, own))
			return &config->diverts[i];
	}
	return NULL;
}

static int fill_table(struct plan_table *table, const struct config *config,
		      const struct host_list *interfaces, struct batch *batch)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < table->set_count; i++) {
		const struct divert *d = owner(&table->sets[i], config);

		if (d)
			err = fill_set(table, &table->sets[i], d, interfaces, batch);
	}
	return err;
}

int hosts_fill(struct plan *plan, const struct config *config, const struct host_list *interfaces,
	       struct batch *batch)
{
	int err = fill_table(&plan->lasting, config, interfaces, batch);

	return err ? err : fill_table(&plan->owned, config, interfaces, batch);
}
