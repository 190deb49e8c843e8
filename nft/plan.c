/* The plan as a thing: tables, sets, chains, rules, their making and freeing. What stands in them is
 * in plan_owned.c, plan_lasting.c, plan_legs.c and plan_match.c. */
#include "nft/plan.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft/intervals.h"
#include "nft/plan_build.h"

struct plan_chain *plan_hook(struct plan_table *table, const char *name, const char *type,
			     uint32_t hook, int32_t priority)
{
	struct plan_chain *chain;

	if (table->err)
		return NULL;
	if (table->chain_count == PLAN_MOST_CHAINS) {
		table->err = -E2BIG;
		return NULL;
	}
	chain = &table->chains[table->chain_count++];
	(void)snprintf(chain->name, sizeof chain->name, "%s", name); /* names here are short */
	chain->type = type;
	chain->hook = hook;
	chain->priority = priority;
	return chain;
}

struct plan_chain *plan_chain(struct plan_table *table, const char *name)
{
	return plan_hook(table, name, NULL, 0, 0);
}

static void free_rule(struct plan_rule *rule)
{
	size_t i;

	for (i = 0; i < rule->count; i++)
		free((char *)(uintptr_t)rule->ops[i].name); /* ours: copy_rule() made it */
	free(rule->ops);
}

static int copy_rule(struct plan_rule *out, const struct plan_op *ops, size_t count)
{
	struct plan_rule rule = { .ops = calloc(count, sizeof *ops), .count = 0 };

	if (!rule.ops)
		return -ENOMEM;
	for (; rule.count < count; rule.count++) {
		struct plan_op *op = &rule.ops[rule.count];

		*op = ops[rule.count];
		op->name = op->name ? strdup(op->name) : NULL;
		if (!op->name && ops[rule.count].name) {
			free_rule(&rule);
			return -ENOMEM;
		}
	}
	*out = rule;
	return 0;
}

void plan_rule(struct plan_table *table, struct plan_chain *chain, const struct plan_op *ops,
	       size_t count)
{
	struct plan_rule *grown;

	if (table->err || !chain)
		return;
	grown = reallocarray(chain->rules, chain->count + 1, sizeof *grown);
	if (!grown) {
		table->err = -ENOMEM;
		return;
	}
	chain->rules = grown;
	table->err = copy_rule(&chain->rules[chain->count], ops, count);
	if (!table->err)
		chain->count++;
}

size_t plan_set_key_bytes(enum plan_set_kind kind)
{
	static const size_t bytes[] = {
		[PLAN_FAMILIES] = 1, [PLAN_PROTOCOLS] = 1, [PLAN_ROUTE_TYPES] = 4,
		[PLAN_DEVICES] = 16, [PLAN_PORTS] = 2,     [PLAN_V4] = 4,
		[PLAN_V6] = 16,      [PLAN_HOSTS4] = 4,    [PLAN_HOSTS6] = 16,
		[PLAN_FLOWS4] = 16,  [PLAN_FLOWS6] = 40,   [PLAN_PLACES4] = 8,
		[PLAN_PLACES6] = 20,
	};

	return bytes[kind];
}

bool plan_set_is_interval(enum plan_set_kind kind)
{
	return kind == PLAN_PORTS || kind == PLAN_V4 || kind == PLAN_V6;
}

bool plan_set_is_flows(enum plan_set_kind kind)
{
	return kind == PLAN_FLOWS4 || kind == PLAN_FLOWS6;
}

bool plan_set_is_places(enum plan_set_kind kind)
{
	return kind == PLAN_PLACES4 || kind == PLAN_PLACES6;
}

struct plan_set *plan_set(struct plan_table *table, enum plan_set_kind kind, const char *name,
			  size_t room)
{
	struct plan_set *grown;
	struct plan_set *set;

	if (table->err)
		return NULL;
	grown = reallocarray(table->sets, table->set_count + 1, sizeof *grown);
	if (!grown) {
		table->err = -ENOMEM;
		return NULL;
	}
	table->sets = grown;
	set = &grown[table->set_count];
	memset(set, 0, sizeof *set);
	(void)snprintf(set->name, sizeof set->name, "%s", name); /* names here are short */
	set->kind = kind;
	set->at = calloc(room ? room : 1, sizeof *set->at);
	if (!set->at) {
		table->err = -ENOMEM;
		return NULL;
	}
	table->set_count++;
	return set;
}

void plan_set_add(struct plan_set *set, const void *key, size_t size)
{
	struct plan_range *range;

	if (!set)
		return;
	range = &set->at[set->count++];
	memcpy(range->first, key, size);
	memcpy(range->last, key, size);
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct plan_range));
}

void plan_set_finish(struct plan_set *set)
{
	if (!set)
		return;
	if (plan_set_is_interval(set->kind))
		set->count = intervals_join(set->at, set->count, plan_set_key_bytes(set->kind));
	else
		qsort(set->at, set->count, sizeof *set->at, compare_keys);
}

static void add_object(struct plan_table *table, const char *name, uint8_t timeout_family,
		       uint8_t protocol)
{
	struct plan_object *object;

	if (table->err)
		return;
	if (table->object_count == PLAN_MOST_OBJECTS) {
		table->err = -E2BIG;
		return;
	}
	object = &table->objects[table->object_count++];
	(void)snprintf(object->name, sizeof object->name, "%s", name); /* names here are short */
	object->timeout_family = timeout_family;
	object->protocol = protocol;
}

void plan_object(struct plan_table *table, const char *name, uint8_t timeout_family)
{
	add_object(table, name, timeout_family, timeout_family ? IPPROTO_TCP : 0);
}

void plan_object_udp(struct plan_table *table, const char *name, uint8_t timeout_family)
{
	add_object(table, name, timeout_family, IPPROTO_UDP);
}

static void free_table(struct plan_table *table)
{
	size_t i;
	size_t r;

	for (i = 0; i < table->set_count; i++)
		free(table->sets[i].at);
	free(table->sets);
	for (i = 0; i < table->chain_count; i++) {
		for (r = 0; r < table->chains[i].count; r++)
			free_rule(&table->chains[i].rules[r]);
		free(table->chains[i].rules);
	}
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free_table(&plan->lasting);
	free_table(&plan->owned);
	free(plan);
}

struct plan *plan_empty(void)
{
	struct plan *plan = calloc(1, sizeof *plan);

	if (!plan)
		return NULL;
	plan->lasting.name = "shunt_base";
	plan->owned.name = "shunt";
	plan->owned.is_owned = true;
	return plan;
}

int plan_build(struct plan **out, const struct config *config, const struct plan_ports *ports,
	       const struct plan_options *options)
{
	const struct plan_source source = { config, ports, options };
	struct plan *plan = plan_empty();
	int err;

	if (!plan)
		return -ENOMEM;
	plan->owned.is_lasting = options->has_persist;
	plan->owned.is_followed = !options->has_persist;
	plan_lasting(&plan->lasting, &source);
	plan_owned(&plan->owned, &source);
	err = plan->lasting.err ? plan->lasting.err : plan->owned.err;
	if (err)
		plan_free(plan);
	else
		*out = plan;
	return err;
}
