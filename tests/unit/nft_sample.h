#ifndef SHUNT_UNIT_NFT_SAMPLE_H
#define SHUNT_UNIT_NFT_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "nft/plan.h"
#include "nft/plan_text.h"
#include "unit.h"

enum {
	SAMPLE_MOST = 4, /* diverts */
};

/* A configuration of diverts, and what their fields point to. */
struct sample {
	struct config config;
	struct divert diverts[SAMPLE_MOST];
	struct port_range ports[SAMPLE_MOST];
	struct plan_ports listeners[SAMPLE_MOST];
};

/* `count` diverts d0, d1, ... of port 443, to = local, with listeners 50000, 50001, ... */
static inline void sample_init(struct sample *s, size_t count)
{
	size_t i;

	memset(s, 0, sizeof *s);
	s->config.shunt.mark = (struct marks){ 0x50000000, 0xff000000 };
	s->config.shunt.table = 1443;
	s->config.diverts = s->diverts;
	s->config.divert_count = count;
	for (i = 0; i < count; i++) {
		(void)snprintf(s->diverts[i].name, sizeof s->diverts[i].name, "d%zu", i);
		s->ports[i] = (struct port_range){ 443, 443 };
		s->diverts[i].tcp = (struct port_list){ &s->ports[i], 1 };
		s->listeners[i] = (struct plan_ports){ .v4 = (uint16_t)(50000 + i),
						       .v6 = (uint16_t)(50000 + i),
						       .udp4 = (uint16_t)(50000 + i),
						       .udp6 = (uint16_t)(50000 + i) };
	}
}

/* Its plan, for plan_free(). */
static inline struct plan *sample_plan(struct sample *s)
{
	const struct plan_options options = { .has_ct_timeout = true,
					      .has_bridges = true,
					      .has_udp = true };
	struct plan *plan = NULL;

	assert_int_equal(plan_build(&plan, &s->config, s->listeners, &options), 0);
	return plan;
}

/* The chain of that name; the test fails when there is none. */
static inline const struct plan_chain *sample_chain(const struct plan_table *table,
						    const char *name)
{
	size_t i;

	for (i = 0; i < table->chain_count; i++)
		if (!strcmp(table->chains[i].name, name))
			return &table->chains[i];
	fail_msg("table %s has no chain %s", table->name, name);
	abort(); /* tells the compiler that NULL never comes back */
}

static inline bool sample_has_chain(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->chain_count; i++)
		if (!strcmp(table->chains[i].name, name))
			return true;
	return false;
}

/* How many elements that set has; SIZE_MAX when there is no such set. */
static inline size_t sample_set_count(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->set_count; i++)
		if (!strcmp(table->sets[i].name, name))
			return table->sets[i].count;
	return SIZE_MAX;
}

/* A rule as text, for free(). */
static inline char *sample_rule(const struct plan_rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	size_t i;

	assert_non_null(out);
	for (i = 0; i < rule->count; i++) {
		if (i > 0)
			(void)fputc(' ', out);
		plan_text_op(out, &rule->ops[i]);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static inline void sample_expect(const struct plan_chain *chain, size_t number, const char *text)
{
	char *found;

	assert_true(number < chain->count);
	found = sample_rule(&chain->rules[number]);
	assert_string_equal(found, text);
	free(found);
}

#endif
