/*
 * Google's QUIC, from before there was a standard: the first packet of a client. Up to
 * Q048 nothing in it is encrypted, but there is a sum over all of it, which must be
 * right; in it the client's hello shows the server's name. Q049 and later, and those
 * with TLS, T05x, have the header of QUIC of today around what is encrypted: of these
 * version, sizes and ids count. ("QUIC Wire Layout Specification", "QUIC Crypto", and
 * NullEncrypter in Chromium's net/quic.)
 */
#include "wire/gquic.h"

#include "base/datagrams.h"
#include "wire/first_datagram.h"
#include "wire/fnv.h"
#include "wire/ike.h"
#include "wire/quic_packet.h"
#include "wire/recognise.h"
#include "wire/stun.h"

enum {
	Q0 = 0x5130, /* first half of a version; two digits follow */
	T0 = 0x5430,
	FIRST = 24,        /* versions */
	LAST_PRIVATE = 33, /* has a byte of flags inside */
	LAST_ONE_SUM = 35, /* does not say in the sum that a client made it */
	LAST_PUBLIC = 43,  /* has a header of its own */
	FIRST_LONG = 49,   /* has the header of today */
	FIRST_TLS = 48,    /* of T0 */
	LAST = 59,

	LONG = 0x80,        /* flags: a header of 2018 and later */
	FLAGS = 0x09,       /* in a header of its own: version, connection id */
	FLAGS_FIXED = 0xcb, /* bits of them that are so, or zero */
	NUMBER_SIZE = 4,    /* the bits from here on say how many bytes a packet number has */
	CID_BYTES = 8,
	CID_SIZES = 0x50, /* of 8 bytes and of none, in a header of 2018 */
	NUMBER_BYTES = 4,
	INITIAL_Q044 = 0xff,
	INITIAL = 0xc0,
	KIND = 0xf0,
	SUM_BYTES = 12,
	LONG_LEAST = 1200, /* bytes of a datagram, as of QUIC */
	VERSION_BYTES = 4,

	STREAM = 0x80, /* kind of a frame: 1 of the first 4 bits */
	STREAM_HAS_SIZE = 0x20,
	STREAM_FIXED = 0x9f, /* no offset, a stream id of one byte */
	HELLO_STREAM = 1,
	TAGS_MOST = 128,
	TAG_BYTES = 8, /* with where its value ends */
};

/* The number in a version like `Q043`; 0: it is none of these. */
static unsigned number_of(uint32_t version)
{
	unsigned tens = (version >> 8 & 0xff) - '0';
	unsigned ones = (version & 0xff) - '0';
	unsigned number = 10 * tens + ones;

	if (tens > 9 || ones > 9 || number > LAST)
		return 0;
	if (version >> 16 == Q0 && number >= FIRST)
		return number;
	return version >> 16 == T0 && number >= FIRST_TLS ? number : 0;
}

bool gquic_is_version(uint32_t version)
{
	return number_of(version) > 0;
}

static uint32_t le(struct span bytes)
{
	uint32_t value = 0;

	for (size_t i = bytes.size; i > 0; i--)
		value = value << 8 | bytes.data[i - 1];
	return value;
}

/* The sum behind the header is the low 96 bits of that over header and rest. */
static bool is_sum(struct span header, struct span sum, struct span rest, unsigned number)
{
	struct fnv f = fnv_begin();

	fnv_add(&f, header);
	fnv_add(&f, rest);
	if (number > LAST_ONE_SUM)
		fnv_add(&f, span_text("Client"));
	for (size_t i = 0; i < SUM_BYTES / 4; i++) {
		if (le(span_of(sum.data + 4 * i, 4)) != f.part[i])
			return false;
	}
	return true;
}

/* The name in a hello: tags, each with where its value ends, then all values. */
static void read_hello(struct reader *r, struct wire_hints *hints)
{
	struct reader tags;
	uint32_t from = 0;
	size_t count;

	if (!span_equal(reader_take(r, 4), span_text("CHLO")))
		return;
	count = le(reader_take(r, 2));
	(void)reader_take(r, 2);
	if (count > TAGS_MOST)
		return;
	tags = reader_of(reader_take(r, count * TAG_BYTES));
	while (reader_left(&tags) > 0) {
		struct span tag = reader_take(&tags, 4);
		uint32_t to = le(reader_take(&tags, 4));
		struct span value = to < from ? span_of(NULL, 0) : reader_take(r, to - from);

		if (to < from || r->short_read)
			return;
		if (span_equal(tag, span_of("SNI", 4)))
			wire_hints_set_name(hints, value);
		from = to;
	}
}

/* A hello is the first frame, if it is there at all. */
static void read_frames(struct span frames, unsigned number, struct wire_hints *hints)
{
	struct reader r = reader_of(frames);
	uint8_t kind;

	if (number <= LAST_PRIVATE)
		(void)reader_u8(&r);
	kind = reader_u8(&r);
	if ((kind & STREAM_FIXED) != STREAM || reader_u8(&r) != HELLO_STREAM)
		return;
	if (kind & STREAM_HAS_SIZE)
		(void)reader_be16(&r);
	read_hello(&r, hints);
}

/* From the sum on, behind a header that ends here. */
static bool is_open(struct reader *r, unsigned number, struct wire_hints *hints)
{
	size_t header = r->at;
	struct span sum = reader_take(r, SUM_BYTES);
	struct span frames = reader_take(r, reader_left(r));

	if (r->short_read || !is_sum(span_of(r->in.data, header), sum, frames, number))
		return false;
	read_frames(frames, number, hints);
	return true;
}

/* Up to Q043: flags, connection id, version, packet number. */
static bool is_public(struct span datagram, struct wire_hints *hints)
{
	static const uint8_t number_bytes[] = { 1, 2, 4, 6 };
	struct reader r = reader_of(datagram);
	uint8_t flags = reader_u8(&r);
	uint32_t version;
	unsigned number;

	if ((flags & FLAGS_FIXED) != FLAGS)
		return false;
	(void)reader_take(&r, CID_BYTES);
	version = reader_be32(&r);
	number = number_of(version);
	(void)reader_take(&r, number_bytes[flags >> NUMBER_SIZE & 3]);
	return number > 0 && number <= LAST_PUBLIC && version >> 16 == Q0 &&
	       is_open(&r, number, hints);
}

/* Q044 to Q048: a kind, the version, sizes of the ids in one byte, the id, the packet number. */
static bool is_long_open(struct span datagram, unsigned number, struct wire_hints *hints)
{
	struct reader r = reader_of(datagram);
	uint8_t first = reader_u8(&r);

	(void)reader_take(&r, VERSION_BYTES);
	if ((number < 46 ? first != INITIAL_Q044 : (first & KIND) != INITIAL) ||
	    reader_u8(&r) != CID_SIZES)
		return false;
	(void)reader_take(&r, CID_BYTES + NUMBER_BYTES);
	return is_open(&r, number, hints);
}

/* An Initial packet of QUIC in all but its keys. */
static bool is_long_sealed(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct quic_long head;

	if (datagram.size < LONG_LEAST || !quic_long_read(&r, &head) ||
	    (head.first & KIND) != INITIAL || head.dcid.size < CID_BYTES ||
	    head.dcid.size > QUIC_CID_MOST || head.scid.size > QUIC_CID_MOST)
		return false;
	(void)quic_counted(&r); /* token */
	return quic_counted(&r).size > 0 && !r.short_read;
}

static bool is_long(struct span datagram, struct wire_hints *hints)
{
	struct reader r = reader_of(datagram);
	uint32_t version;
	unsigned number;

	(void)reader_u8(&r);
	version = reader_be32(&r);
	number = number_of(version);
	if (number <= LAST_PUBLIC)
		return false;
	if (number >= FIRST_LONG || version >> 16 == T0)
		return is_long_sealed(datagram);
	return is_long_open(datagram, number, hints);
}

static enum wire_verdict take_datagram(void *flow, struct span datagram, bool is_sure,
				       struct wire_hints *hints)
{
	bool is_so = false;

	(void)flow;
	(void)is_sure;
	if (datagram.size > 0)
		is_so = datagram.data[0] & LONG ? is_long(datagram, hints)
						: is_public(datagram, hints);
	/* a sum, too, is what a client may find by trying */
	is_so = is_so && !ike_is_message(datagram) && !stun_is_message(datagram);
	return is_so ? WIRE_YES : WIRE_NO;
}

/* The fixed bits of either header. */
static bool begins_gquic(uint8_t first)
{
	return first == INITIAL_Q044 || (first & KIND) == INITIAL || (first & FLAGS_FIXED) == FLAGS;
}

static enum wire_verdict probe_gquic(struct span in, struct wire_hints *hints)
{
	return first_datagrams_ask(in, hints, NULL, take_datagram);
}

const struct wire_proto wire_gquic = {
	.name = "gquic",
	.says = WIRE_SAYS_NAME,
	.udp = { DATAGRAMS_ROOM, probe_gquic },
	.begins = begins_gquic,
};
