#ifndef SHUNT_UNIT_POLICY_PROTOCOLS_H
#define SHUNT_UNIT_POLICY_PROTOCOLS_H

#include <stdio.h>

#include "policy/proto_set.h"
#include "unit.h"
#include "wire/wire.h"

/* Which recognisers tell what: there are more of them every year, so tests do not count them up. */

/* Those that come by TCP, are not weak, and tell all of that. */
static inline struct proto_set protocols_saying(unsigned says)
{
	struct proto_set set = { { 0 } };

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		if (proto->tcp.probe && !proto->is_weak && (proto->says & says) == says)
			proto_set_add(&set, id);
	}
	return set;
}

/* A route's key for all in the set, in lines that are not too long; behind it more keys. */
struct protocols_text {
	char line[2000];
};

static inline const char *protocols_key(struct protocols_text *text, struct proto_set set,
					const char *more)
{
	unsigned count = 0;
	size_t size = 0;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const char *before = count == 0 ? "protocol =" : count % 15 ? "" : "\nprotocol =";

		if (!proto_set_has(&set, id))
			continue;
		size += (size_t)snprintf(text->line + size, sizeof text->line - size, "%s %s",
					 before, wire_proto_at(id)->name);
		assert_true(size < sizeof text->line);
		count++;
	}
	assert_true(count > 0 && size + strlen(more) < sizeof text->line);
	memcpy(text->line + size, more, strlen(more) + 1);
	return text->line;
}

#endif
