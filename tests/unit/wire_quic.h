#ifndef SHUNT_UNIT_WIRE_QUIC_H
#define SHUNT_UNIT_WIRE_QUIC_H

#include "base/datagrams.h"
#include "wire/quic_crypto.h"
#include "wire_hello.h"

/*
 * Builds what QUIC clients send: frames, Initial packets around them, datagrams
 * around these, and the run of datagrams that the recogniser reads. What is built
 * verifies: that it does so by the right keys is what the packets of the RFCs show.
 */
struct quic_build {
	uint32_t version;
	struct span dcid;   /* that the header shows, */
	struct span origin; /* and that the keys follow from */
	struct span scid;
	struct span token;
	unsigned number; /* of the next packet */
	unsigned number_bytes;
	bool is_bit_clear; /* the fixed bit (RFC 9287) */
};

enum {
	BUILD_V1 = 1,
	BUILD_V2 = 0x6b3343cf,
	BUILD_TAG_BYTES = 16,
};

static inline struct quic_build build_client(uint32_t version, const char *cid)
{
	return (struct quic_build){
		.version = version,
		.dcid = span_text(cid),
		.origin = span_text(cid),
		.scid = span_text("me"),
		.number_bytes = 2,
	};
}

/* A number in as few bytes as it takes, at least `least` (RFC 9000 16). */
static inline void build_number(struct hello_bytes *b, uint64_t value, size_t least)
{
	unsigned log = value < 64 ? 0 : value < 16384 ? 1 : value < 1 << 30 ? 2 : 3;

	while ((size_t)1 << log < least)
		log++;
	hello_put_number(b, (size_t)1 << log, value | (uint64_t)log << (8 * (1u << log) - 2));
}

static inline void build_crypto(struct hello_bytes *b, uint64_t offset, struct span piece)
{
	hello_put_number(b, 1, 6);
	build_number(b, offset, 1);
	build_number(b, piece.size, 1);
	hello_put(b, piece.data, piece.size);
}

/* A long header up to the token, of that kind. */
static inline void build_front(struct hello_bytes *b, const struct quic_build *q,
			       enum quic_kind kind)
{
	static const uint8_t v2_bits[] = { 1, 2, 3, 0 };
	unsigned bits = q->version == BUILD_V2 ? v2_bits[kind] : (unsigned)kind;

	hello_put_number(b, 1,
			 (q->is_bit_clear ? 0x80u : 0xc0u) | bits << 4 | (q->number_bytes - 1));
	hello_put_number(b, 4, q->version);
	hello_put_number(b, 1, q->dcid.size);
	hello_put(b, q->dcid.data, q->dcid.size);
	hello_put_number(b, 1, q->scid.size);
	hello_put(b, q->scid.data, q->scid.size);
	if (kind == QUIC_INITIAL) {
		build_number(b, q->token.size, 1);
		hello_put(b, q->token.data, q->token.size);
	}
}

/* A packet with `size` bytes of which nobody has the key. */
static inline void build_opaque(struct hello_bytes *b, const struct quic_build *q,
				enum quic_kind kind, size_t size)
{
	build_front(b, q, kind);
	build_number(b, size, 2);
	while (size-- > 0)
		hello_put_number(b, 1, 0x5a ^ size);
}

/* Seal the packet that begins at `start`: encrypt from `at` on, put the tag, hide the number. */
static inline void build_seal(struct hello_bytes *b, const struct quic_build *q, size_t start,
			      size_t at)
{
	struct quic_keys keys;
	uint8_t nonce[GCM_NONCE_BYTES];
	uint8_t tag[GCM_TAG_BYTES];
	uint8_t mask[AES_BLOCK_BYTES];
	size_t number_at = at - q->number_bytes;
	struct span text = span_of(b->data + at, b->size - at);

	quic_keys_open(&keys, quic_version_find(q->version), q->origin);
	memcpy(nonce, keys.iv, sizeof nonce);
	for (size_t i = 0; i < q->number_bytes; i++)
		nonce[sizeof nonce - q->number_bytes + i] ^= b->data[number_at + i];
	gcm_crypt(&keys.gcm, nonce, text, b->data + at);
	gcm_tag(&keys.gcm, nonce, span_of(b->data + start, at - start), text, tag);
	hello_put(b, tag, sizeof tag);
	aes_encrypt(&keys.mask, b->data + number_at + 4, mask);
	b->data[start] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < q->number_bytes; i++)
		b->data[number_at + i] ^= mask[1 + i];
}

/* An Initial packet of these frames, with PADDING behind them until the datagram has `least` bytes. */
static inline void build_initial(struct hello_bytes *b, struct quic_build *q, struct span frames,
				 size_t least)
{
	size_t start = b->size;
	size_t padding;
	size_t at;

	build_front(b, q, QUIC_INITIAL);
	at = b->size + 2 + q->number_bytes; /* of the frames */
	padding = at + frames.size + BUILD_TAG_BYTES;
	padding = padding < least ? least - padding : 0;
	if (frames.size + padding + q->number_bytes < 4)
		padding = 4 - q->number_bytes - frames.size; /* for the sample */
	build_number(b, q->number_bytes + frames.size + padding + BUILD_TAG_BYTES, 2);
	hello_put_number(b, q->number_bytes, q->number++);
	hello_put(b, frames.data, frames.size);
	hello_put_zeros(b, padding);
	build_seal(b, q, start, at);
}

#endif
