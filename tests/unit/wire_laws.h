#ifndef SHUNT_UNIT_WIRE_LAWS_H
#define SHUNT_UNIT_WIRE_LAWS_H

#include "wire_laws_hints.h"
#include "wire_laws_room.h"

/*
 * The laws of wire.h, tried on one sample: unit tests give it every committed
 * one, fuzz targets whatever they think of. Each prefix is asked about with its
 * last byte in front of a PROT_NONE page, so that one byte too far is a crash.
 */
/*
 * Before as many bytes as are wanted the answer stays MORE, whatever they are: the caller sleeps
 * until then. Tried on the first `size` bytes of the sample with one less than that, filled up with
 * what ends a line, a name, a record, and what cannot be.
 */
static inline bool laws_may_sleep(const struct laws *l, struct span sample, size_t size,
				  size_t wanted)
{
	static const uint8_t fillers[] = { 0x00, '\n', 0x16, ' ', 'A', 0xff };
	struct wire_hints hints;

	if (wanted == size + 1 || wanted - 1 > l->room)
		return true;
	for (size_t i = 0; i < sizeof fillers; i++) {
		uint8_t *bytes = l->map + l->room - (wanted - 1);

		memset(bytes, fillers[i], wanted - 1);
		if (size > 0)
			memcpy(bytes, sample.data, size);
		wire_hints_clear(&hints);
		if (l->way->probe(span_of(bytes, wanted - 1), &hints) != WIRE_MORE)
			return false;
	}
	return true;
}

/* The answer to the first `size` bytes of the sample; the law that it breaks, or NULL. */
static inline const char *laws_ask(struct laws *l, struct span sample, size_t size)
{
	struct span in = span_of(l->map + l->room - size, size);
	struct wire_hints hints;
	enum wire_verdict verdict;

	memset(&hints, 0xa5, sizeof hints);
	wire_hints_clear(&hints);
	memset(l->map + l->room - size, 0xff, size);
	if (sample.size > 0)
		memcpy(l->map + l->room - size, sample.data,
		       size < sample.size ? size : sample.size);
	verdict = l->way->probe(in, &hints);
	if (verdict == WIRE_MORE && size >= l->way->most_bytes)
		return "MORE though most_bytes are there";
	if (verdict == WIRE_MORE && (hints.wanted <= size || hints.wanted > l->way->most_bytes))
		return "wants no more than it has, or more than most_bytes";
	if (l->settled != WIRE_MORE && verdict != l->settled)
		return "a final verdict changed";
	if (l->is_sure && (verdict == WIRE_NO || (verdict == WIRE_MORE && !hints.is_sure)))
		return "was sure, and is no more";
	if (verdict != WIRE_MORE && l->settled == WIRE_MORE && size < l->wanted)
		return "decided with fewer bytes than were wanted";
	if (!laws_lies_inside(hints.method, in) || !laws_lies_inside(hints.path, in) ||
	    !laws_lies_inside(hints.mac1, in))
		return "a method, a path or a message that is not of the input";
	if (verdict == WIRE_YES && !laws_name_is_safe(&hints))
		return "a name that is not safe";
	if (verdict == WIRE_YES && !laws_alpn_is_whole(&hints))
		return "an ALPN list that is not whole";
	if (l->settled == WIRE_YES && !laws_same_hints(&hints, &l->hints))
		return "the hints of a YES changed";
	l->is_sure |= verdict == WIRE_MORE && hints.is_sure;
	if (l->settled == WIRE_MORE)
		l->hints = hints;
	l->settled = verdict;
	if (verdict != WIRE_MORE || hints.wanted <= l->wanted)
		return NULL; /* as was tried when so many were wanted first */
	l->wanted = hints.wanted;
	return size > sample.size || laws_may_sleep(l, sample, size, hints.wanted)
		       ? NULL
		       : "fewer bytes than were wanted can decide";
}

/* How much further the next prefix goes: one byte as long as all is open, more and more once it is settled. */
static inline size_t laws_step(const struct laws *l, size_t size, size_t dense)
{
	if (l->settled != WIRE_MORE)
		return 1 + size / 4;
	return size < dense ? 1 : 1 + size / 16;
}

/* The whole, and with tails that are longer and longer. */
static inline const char *laws_ask_tails(struct laws *l, struct span sample)
{
	const char *broken = NULL;

	for (size_t tail = 0; !broken && tail <= LAWS_TAIL_BYTES;
	     tail +=
	     l->settled == WIRE_MORE || tail == LAWS_TAIL_BYTES ? 1 : LAWS_TAIL_BYTES - tail)
		broken = laws_ask(l, sample, sample.size + tail);
	return broken;
}

/*
 * Ask about the prefixes of the sample: each of the first `dense` bytes, then
 * one in so many, and the whole with a tail; of what is settled only now and then.
 * Returns the law that was broken, static text, or NULL.
 */
static inline const char *wire_laws_broken(const struct wire_way *way, struct span sample,
					   size_t dense)
{
	struct laws l;
	const char *broken = laws_open(&l, way, sample.size) ? NULL : "no memory";

	for (size_t size = 0; !broken && size < sample.size; size += laws_step(&l, size, dense))
		broken = laws_ask(&l, sample, size);
	if (!broken)
		broken = laws_ask_tails(&l, sample);
	return broken;
}

#endif
