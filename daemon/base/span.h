#ifndef SHUNT_BASE_SPAN_H
#define SHUNT_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A borrowed run of bytes. Whoever hands one out says until when it is good.
 * An empty span may hold NULL: never do arithmetic on its data.
 */
struct span {
	const uint8_t *data;
	size_t size;
};

static inline struct span span_of(const void *data, size_t size)
{
	return (struct span){ data, size };
}

static inline struct span span_text(const char *text)
{
	return (struct span){ (const uint8_t *)text, strlen(text) };
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Nothing but zero bytes, also none at all. */
static inline bool span_is_zero(struct span s)
{
	uint8_t all = 0;

	for (size_t i = 0; i < s.size; i++)
		all |= s.data[i];
	return all == 0;
}

#endif
