/* Are two plans, or two things of theirs, the same? Pure. */
#include "nft/plan_same.h"

#include <string.h>

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

const struct plan_set *plan_find_set(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->set_count; i++)
		if (!strcmp(table->sets[i].name, name))
			return &table->sets[i];
	return NULL;
}

const struct plan_chain *plan_find_chain(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->chain_count; i++)
		if (!strcmp(table->chains[i].name, name))
			return &table->chains[i];
	return NULL;
}

const struct plan_object *plan_find_object(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->object_count; i++)
		if (!strcmp(table->objects[i].name, name))
			return &table->objects[i];
	return NULL;
}

bool plan_set_is_same(const struct plan_set *a, const struct plan_set *b)
{
	/* keys are zero behind their size, so whole arrays compare */
	return !strcmp(a->name, b->name) && a->kind == b->kind && a->is_live == b->is_live &&
	       a->count == b->count && memcmp(a->at, b->at, a->count * sizeof *a->at) == 0;
}

bool plan_chain_is_same(const struct plan_chain *a, const struct plan_chain *b)
{
	return !strcmp(a->name, b->name) && is_same_text(a->type, b->type) && a->hook == b->hook &&
	       a->priority == b->priority;
}

bool plan_object_is_same(const struct plan_object *a, const struct plan_object *b)
{
	return !strcmp(a->name, b->name) && a->timeout_family == b->timeout_family &&
	       a->protocol == b->protocol;
}

static bool is_same_op(const struct plan_op *a, const struct plan_op *b)
{
	return a->kind == b->kind && a->is_not == b->is_not && a->value == b->value &&
	       a->mask == b->mask && is_same_text(a->name, b->name);
}

static bool is_same_rule(const struct plan_rule *a, const struct plan_rule *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (!is_same_op(&a->ops[i], &b->ops[i]))
			return false;
	return a->count == b->count;
}

static bool has_same_rules(const struct plan_chain *a, const struct plan_chain *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (!is_same_rule(&a->rules[i], &b->rules[i]))
			return false;
	return a->count == b->count;
}

bool plan_table_is_same(const struct plan_table *a, const struct plan_table *b)
{
	size_t i;

	if (a->set_count != b->set_count || a->object_count != b->object_count ||
	    a->chain_count != b->chain_count)
		return false;
	for (i = 0; i < a->object_count; i++)
		if (!plan_object_is_same(&a->objects[i], &b->objects[i]))
			return false;
	for (i = 0; i < a->set_count; i++)
		if (!plan_set_is_same(&a->sets[i], &b->sets[i]))
			return false;
	for (i = 0; i < a->chain_count; i++)
		if (!plan_chain_is_same(&a->chains[i], &b->chains[i]) ||
		    !has_same_rules(&a->chains[i], &b->chains[i]))
			return false;
	return true;
}
