#ifndef SHUNT_UNIT_WIRE_QUIC_PIECES_H
#define SHUNT_UNIT_WIRE_QUIC_PIECES_H

#include <stdlib.h>

#include "wire_quic_run.h"

/* A hello in pieces, and the datagrams that carry them, in any order. */
enum {
	PIECES_MOST = 5, /* datagrams of a hello that is permuted */
};

static struct hello_bytes message;
static struct hello_bytes frames;
static struct hello_bytes datagrams[PIECES_MOST + 2];

static inline struct span bytes_of(const struct hello_bytes *b)
{
	return span_of(b->data, b->size);
}

/* One more CRYPTO frame of the message, from..to. */
static inline void put_crypto(size_t from, size_t to)
{
	build_crypto(&frames, from, span_of(message.data + from, to - from));
}

/* An Initial packet of all frames put since the last one. */
static inline void put_initial(struct hello_bytes *to, struct quic_build *q)
{
	build_initial(to, q, bytes_of(&frames), 1200);
	frames.size = 0;
}

/* The datagrams by these numbers, in this order. */
static inline void run_of(struct udp_run *run, const unsigned *order, size_t count)
{
	run->size = 0;
	for (size_t i = 0; i < count; i++)
		run_add(run, bytes_of(&datagrams[order[i]]));
}

/* The next order of these numbers; false behind the last one. */
static inline bool next_order(unsigned *order, size_t count)
{
	size_t i = count - 1;
	size_t j = count - 1;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[j] <= order[i - 1])
		j--;
	for (size_t a = i - 1, b = j; a < b; a = i++, b = --count) {
		unsigned kept = order[a];

		order[a] = order[b];
		order[b] = kept;
	}
	return true;
}

/* Cut the message at `cuts` places into frames that go round among `count` datagrams, with PING and
 * PADDING between and an overlap of up to 9 bytes at each cut. */
static inline void scatter(struct quic_build *q, size_t count, size_t cuts, unsigned *seed)
{
	static struct hello_bytes parts[PIECES_MOST];
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		parts[i].size = 0;
	for (size_t cut = 0; cut <= cuts; cut++) {
		struct hello_bytes *part = &parts[cut < count ? cut : (size_t)rand_r(seed) % count];
		size_t left = message.size - at;
		size_t size = cut == cuts
				      ? left
				      : (size_t)rand_r(seed) % (2 * left / (cuts + 1 - cut) + 1);
		size_t back = (size_t)rand_r(seed) % 10;

		if (back > at)
			back = at;
		hello_put_number(part, 1, (size_t)rand_r(seed) % 2); /* PADDING or PING */
		build_crypto(part, at - back, span_of(message.data + at - back, size + back));
		at += size;
	}
	for (size_t i = 0; i < count; i++) {
		datagrams[i].size = 0;
		build_initial(&datagrams[i], q, bytes_of(&parts[i]), 1200);
	}
}

/* The name is known; by all laws, which take their time, or just so. */
static inline void assert_name(struct udp_run *run, bool by_law)
{
	if (by_law)
		quic_assert(run, WIRE_YES, false, "a.seed.example");
	assert_int_equal(quic_ask(run), WIRE_YES);
	assert_int_equal(run->hints.name_size, 14);
	assert_memory_equal(run->hints.name, "a.seed.example", 14);
}

#endif
