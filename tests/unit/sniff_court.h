#ifndef SHUNT_UNIT_SNIFF_COURT_H
#define SHUNT_UNIT_SNIFF_COURT_H

#include <stdio.h>

#include "policy_conf.h"
#include "sniff/replay.h"

/* A configuration with all that is needed to judge by it. */
struct court {
	struct config *config;
	struct route_index *index;
	struct judge judge;
	struct replay_room room; /* for a replay */
};

static inline void court_open(struct court *c, const char *text)
{
	c->config = conf_good(text);
	assert_int_equal(route_index_new(&c->index, c->config), 0);
	judge_init(&c->judge, c->config, c->index, NULL);
}

static inline void court_close(struct court *c)
{
	route_index_free(c->index);
	config_free(c->config);
}

/* A committed first packet of a real client; returns its size. */
static inline size_t court_seed(const char *fuzzer, const char *name, uint8_t *out, size_t room)
{
	char path[512];
	size_t size;
	FILE *f;

	(void)snprintf(path, sizeof path, "tests/fuzz/seeds/%s/%s", fuzzer, name);
	f = fopen(path, "re");
	assert_non_null(f);
	size = fread(out, 1, room, f);
	assert_int_equal(fclose(f), 0);
	return size;
}

/* Begin a flow between these addresses; NULL: not known. */
static inline void court_begin(struct replay *r, struct court *c, unsigned divert, bool is_udp,
			       const char *client, const char *to)
{
	struct question flow = { .divert = (uint16_t)divert,
				 .transport = is_udp ? QUESTION_UDP : QUESTION_TCP };

	if (client)
		assert_int_equal(addr_parse(&flow.client, client, false), 0);
	if (to)
		assert_int_equal(addr_parse(&flow.to, to, false), 0);
	memset(r, 0xa5, sizeof *r);
	replay_begin(r, &c->judge, &c->room, &flow);
}

#endif
