#ifndef SHUNT_UNIT_WIRE_STEPS_H
#define SHUNT_UNIT_WIRE_STEPS_H

#include "wire_hex.h"
#include "wire_samples.h"

/* A stream that grows byte by byte is MORE until `decided` bytes are there, and from then on what is
 * expected: neither sooner nor later. With the laws. */
static inline void steps_assert(unsigned id, struct span in, enum wire_verdict expected,
				size_t decided)
{
	struct wire_hints hints;

	assert_true(decided <= in.size);
	for (size_t size = 0; size <= in.size; size++) {
		enum wire_verdict verdict = sample_ask(id, span_of(in.data, size), &hints);

		if (verdict != (size < decided ? WIRE_MORE : expected))
			fail_msg("%s: verdict %d after %zu bytes", wire_proto_at(id)->name,
				 (int)verdict, size);
	}
	sample_assert_laws(id, in);
}

/* The same, of bytes in hexadecimal, the last of which decides. */
static inline void steps_assert_hex(unsigned id, const char *hex, enum wire_verdict expected)
{
	struct hex_bytes room;
	struct span in = hex_of(&room, hex);

	steps_assert(id, in, expected, in.size);
}

/* The same, of a text. */
static inline void steps_assert_text(unsigned id, const char *text, enum wire_verdict expected)
{
	struct span in = span_text(text);

	steps_assert(id, in, expected, in.size);
}

/* A seed of the recogniser's folder, by its name: its own, or a near miss. */
static inline void steps_assert_seed(unsigned id, const char *file, struct span sample)
{
	print_message("%s\n", file);
	sample_assert(id, sample, sample_is(file, "near-") ? WIRE_NO : WIRE_YES);
}

#endif
