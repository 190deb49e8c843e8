#ifndef SHUNT_WIRE_HPACK_H
#define SHUNT_WIRE_HPACK_H

#include "base/reader.h"

/*
 * A decoder of header blocks (RFC 7541) in a fixed room. nghttp2 has a good one,
 * but it allocates, and where this one works nothing may: the sandbox of a
 * sniffer ends a process that asks for memory. So nothing is copied: strings stay
 * as they were sent, in the block, and are decoded when they are looked at; the
 * dynamic table is made of references. Each step costs time in proportion to the
 * bytes that it takes off the block.
 */
enum {
	HPACK_STATIC_ENTRIES = 61,
	HPACK_TABLE_BYTES = 4096, /* SETTINGS_HEADER_TABLE_SIZE before the server said anything */
	HPACK_ENTRY_BYTES = 32,   /* what an entry counts beside its octets (RFC 7541 4.1) */
	HPACK_ENTRIES_MOST = HPACK_TABLE_BYTES / HPACK_ENTRY_BYTES,
};

/* A name or a value, borrowed from a block or from the static table. */
struct hpack_string {
	struct span raw;
	size_t size; /* octets once decoded */
	bool is_huffman;
};

struct hpack_field {
	struct hpack_string name;
	struct hpack_string value;
};

enum hpack_step { HPACK_BAD, HPACK_FIELD, HPACK_END };

struct hpack {
	struct reader block; /* the one being read */
	bool has_field;      /* one was read off it: no size update may follow (RFC 7541 4.2) */
	size_t most;         /* bytes: what a size update may ask for */
	size_t limit;        /* bytes: the table's present maximum */
	size_t used;         /* bytes: of its entries (RFC 7541 4.1) */
	size_t count;        /* entries in it */
	size_t newest;       /* where in the ring the last one lies */
	struct hpack_field ring[HPACK_ENTRIES_MOST];
};

/* An empty table of up to `most` bytes, HPACK_TABLE_BYTES at most. */
void hpack_init(struct hpack *h, size_t most);

/* Begin a block. It and all that came before stay where they are as long as the decoder is used. */
void hpack_open(struct hpack *h, struct span block);

/* Read the next field of the block. At the block's end, or when it is not well-formed or cut off,
 * *field stays as it is and no further call may follow. */
enum hpack_step hpack_next(struct hpack *h, struct hpack_field *field);

/* Is the string this text? Case matters: names are lower case in HTTP/2. */
bool hpack_string_is(const struct hpack_string *s, const char *text);

/* Decode up to `room` octets to `to`, without a NUL. Returns how many; s->size tells of all. */
size_t hpack_string_copy(const struct hpack_string *s, void *to, size_t room);

/* Entry 1 to HPACK_STATIC_ENTRIES of the static table (RFC 7541 appendix A). */
struct hpack_field hpack_static(size_t index);

#endif
