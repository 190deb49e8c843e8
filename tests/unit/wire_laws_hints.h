#ifndef SHUNT_UNIT_WIRE_LAWS_HINTS_H
#define SHUNT_UNIT_WIRE_LAWS_HINTS_H

#include "wire/wire.h"

/* The laws of wire.h about what a recogniser learned; part of wire_laws.h. */
static inline bool laws_name_is_safe(const struct wire_hints *hints)
{
	if (hints->name_size > WIRE_NAME_BYTES)
		return false;
	for (size_t i = 0; i < hints->name_size; i++) {
		if (!hints->name[i] ||
		    !strchr("abcdefghijklmnopqrstuvwxyz0123456789._:-", hints->name[i]))
			return false;
	}
	return hints->name_size == 0 || hints->name[hints->name_size - 1] != '.';
}

static inline bool laws_alpn_is_whole(const struct wire_hints *hints)
{
	size_t at = 0;

	if (hints->alpn_size > WIRE_ALPN_BYTES)
		return false;
	while (at < hints->alpn_size) {
		if (hints->alpn[at] == 0)
			return false;
		at += 1u + hints->alpn[at];
	}
	return at == hints->alpn_size;
}

static inline bool laws_lies_inside(struct span part, struct span in)
{
	return part.size == 0 || (part.size <= in.size && part.data >= in.data &&
				  (size_t)(part.data - in.data) <= in.size - part.size);
}

static inline bool laws_same_hints(const struct wire_hints *a, const struct wire_hints *b)
{
	/* what a's spans pointed to was overwritten */
	return a->method.size == b->method.size && a->path.size == b->path.size &&
	       a->mac1.size == b->mac1.size &&
	       span_equal(span_of(a->name, a->name_size), span_of(b->name, b->name_size)) &&
	       span_equal(span_of(a->alpn, a->alpn_size), span_of(b->alpn, b->alpn_size));
}

#endif
