/* What sets are called over a change. */
#include "nft/plan_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft/plan_same.h"

bool plan_name_is(const char *name, const char *own)
{
	size_t size = strlen(own);

	return !strncmp(name, own, size) && (!name[size] || !strcmp(name + size, PLAN_OTHER));
}

static bool is_set_op(enum plan_op_kind kind)
{
	return kind == OP_PROTOCOL_IN || kind == OP_FAMILY_IN || kind == OP_DEVICE_IN ||
	       kind == OP_PORT_IN || kind == OP_UDP_PORT_IN || kind == OP_SOURCE_IN ||
	       kind == OP_TARGET_IN || kind == OP_SOURCE_TYPE_IN || kind == OP_TARGET_TYPE_IN;
}

static int rename_op(struct plan_op *op, const char *from, const char *to)
{
	char *copy;

	if (!is_set_op(op->kind) || strcmp(op->name, from) != 0)
		return 0;
	copy = strdup(to);
	if (!copy)
		return -ENOMEM;
	free((char *)(uintptr_t)op->name); /* the plan's own */
	op->name = copy;
	return 0;
}

static int rename_in_rules(struct plan_table *table, const char *from, const char *to)
{
	size_t c;
	size_t r;
	size_t o;
	int err = 0;

	for (c = 0; c < table->chain_count; c++) {
		struct plan_chain *chain = &table->chains[c];

		for (r = 0; r < chain->count; r++)
			for (o = 0; !err && o < chain->rules[r].count; o++)
				err = rename_op(&chain->rules[r].ops[o], from, to);
	}
	return err;
}

static const struct plan_set *find_before(const struct plan_table *table, const char *own)
{
	size_t i;

	for (i = 0; i < table->set_count; i++)
		if (plan_name_is(table->sets[i].name, own))
			return &table->sets[i];
	return NULL;
}

static int follow_set(struct plan_table *to, struct plan_set *set, const struct plan_set *before)
{
	bool has_own = !strcmp(set->name, before->name);
	char own[PLAN_NAME_BYTES];
	struct plan_set same = *set;

	memcpy(same.name, before->name, sizeof same.name);
	/* the same: the name that it has; else the one that it has not */
	if (plan_set_is_same(&same, before) == has_own)
		return 0;
	memcpy(own, set->name, sizeof own);
	(void)snprintf(set->name, sizeof set->name, "%.*s%s", PLAN_NAME_BYTES - 3, own,
		       PLAN_OTHER); /* fits: plan_build() leaves room for it */
	return rename_in_rules(to, own, set->name);
}

static int follow_table(struct plan_table *to, const struct plan_table *from)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < to->set_count; i++) {
		const struct plan_set *before = find_before(from, to->sets[i].name);

		if (before)
			err = follow_set(to, &to->sets[i], before);
	}
	return err;
}

int plan_names_follow(struct plan *to, const struct plan *from)
{
	int err = follow_table(&to->lasting, &from->lasting);

	return err ? err : follow_table(&to->owned, &from->owned);
}
