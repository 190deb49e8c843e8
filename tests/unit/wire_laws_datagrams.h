#ifndef SHUNT_UNIT_WIRE_LAWS_DATAGRAMS_H
#define SHUNT_UNIT_WIRE_LAWS_DATAGRAMS_H

#include "base/datagrams.h"
#include "wire_laws.h"

/* A first datagram is refused that begins with what `begins` denies: the judge does not even ask. */
static inline const char *laws_beginning(const struct wire_proto *proto, struct span run)
{
	struct datagrams d = datagrams_of(run);
	struct wire_hints hints;
	struct span first;

	if (!proto->begins || datagrams_next(&d, &first) != DATAGRAMS_ONE || first.size == 0 ||
	    proto->begins(first.data[0]))
		return NULL;
	wire_hints_clear(&hints);
	return proto->udp.probe(run, &hints) == WIRE_NO ? NULL : "begins with what `begins` denies";
}

/*
 * The laws of wire.h for a run of datagrams: asked about where each of them ends, and
 * at few other places: an answer costs looking at all of them so far, and inside of
 * one it can but stay the same. Returns the law that was broken, static text, or NULL.
 */
static inline const char *wire_laws_datagrams_broken(const struct wire_proto *proto,
						     struct span run)
{
	struct datagrams d = datagrams_of(run);
	struct laws l;
	const char *broken = laws_open(&l, &proto->udp, run.size) ? NULL : "no memory";
	struct span one;
	size_t from = 0;

	while (!broken && datagrams_next(&d, &one) == DATAGRAMS_ONE) {
		const size_t places[] = { from, from + 1, from + 2 + one.size / 2 };

		for (size_t i = 0; !broken && i < sizeof places / sizeof *places; i++) {
			if (places[i] < d.at)
				broken = laws_ask(&l, run, places[i]);
		}
		from = d.at;
	}
	if (!broken && from < run.size)
		broken = laws_ask(&l, run, from + (run.size - from) / 2);
	if (!broken)
		broken = laws_ask_tails(&l, run);
	return broken ? broken : laws_beginning(proto, run);
}

#endif
