#ifndef SHUNT_WIRE_FIELDS_H
#define SHUNT_WIRE_FIELDS_H

#include "wire/wire.h"

/*
 * Reads the fields of a client's first message of which perhaps not all bytes are
 * there, and is sticky: a recogniser reads straight down, and fields_end() says NO when
 * a byte that is there cannot be, MORE when the bytes ended before the fields did, else
 * YES. A number of which only some bytes are there is impossible as soon as none of its
 * values that begin so is allowed. Behind NO and MORE every read gives 0 or an empty
 * span: test `verdict` before a value is used for more than the size of what follows.
 */
struct fields {
	struct span in;
	size_t at;                 /* bytes read so far */
	size_t wanted;             /* with MORE: as in wire_hints */
	enum wire_verdict verdict; /* so far */
};

static inline struct fields fields_of(struct span in)
{
	return (struct fields){ .in = in, .verdict = WIRE_YES };
}

/* Bytes that are always the same. */
void fields_text(struct fields *f, struct span text);

/* A number of 1 to 4 bytes, big-endian or little-endian, of these values: least <= most. */
uint32_t fields_be(struct fields *f, size_t size, uint32_t least, uint32_t most);
uint32_t fields_le(struct fields *f, size_t size, uint32_t least, uint32_t most);

/* That many bytes, each of which `fits`; borrowed from the input, whole or empty. */
struct span fields_bytes(struct fields *f, size_t size, bool (*fits)(uint8_t byte));

/* That many bytes of any value; likewise. */
struct span fields_take(struct fields *f, size_t size);

/* Bytes each of which `fits`, at most so many, up to the first one that is `end`, which is read, too, and
 * is never asked about. Borrowed from the input, without the end; empty when it is not there yet. */
struct span fields_until(struct fields *f, uint8_t end, size_t most, bool (*fits)(uint8_t byte));

/* What was read so far is a NO unless this is true of it; without effect behind NO and MORE. */
void fields_require(struct fields *f, bool is_so);

/* The verdict; with MORE `wanted` is set. */
enum wire_verdict fields_end(const struct fields *f, struct wire_hints *hints);

#endif
