/*
 * DNS over UDP, by its first message, read to the end: header, question, records.
 * No byte has a fixed value, so all of them must be such as a client sends.
 */
#include "wire/dns.h"

#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	HEADER_BYTES = 12,
	NAME_MOST = 255, /* bytes of a name, with the lengths of its labels (RFC 1035 3.1) */
	LABEL_MOST = 63,
	POINTER_MARK = 0xc0,
	FLAGS_OF_ANSWERS = 0x80cf, /* QR, RA, Z and RCODE: no query has any of them */
	OPCODE_QUERY = 0,
	OPCODE_STATUS = 2,
	OPCODE_NOTIFY = 4,
	OPCODE_UPDATE = 5,
	TYPE_SOA = 6,
	TYPE_OPT = 41,
	TYPE_IXFR = 251,
	ADDITIONAL_MOST = 3, /* of EDNS, a signature, and one to spare */
};

struct header {
	unsigned opcode;
	uint16_t questions;
	uint16_t answers;    /* of an UPDATE: prerequisites */
	uint16_t authority;  /* of an UPDATE: changes */
	uint16_t additional; /* records */
};

static bool read_header(struct reader *r, struct header *h)
{
	uint16_t flags;

	(void)reader_be16(r);
	flags = reader_be16(r);
	h->opcode = flags >> 11 & 15;
	h->questions = reader_be16(r);
	h->answers = reader_be16(r);
	h->authority = reader_be16(r);
	h->additional = reader_be16(r);
	return !r->short_read && (flags & FLAGS_OF_ANSWERS) == 0 && h->questions == 1;
}

/* Labels up to the root, or up to a pointer, which leads back to a name that stands behind the
 * header (RFC 1035 4.1.4). */
static bool skip_name(struct reader *r, bool may_point)
{
	size_t from = r->at;
	uint8_t length;

	do {
		size_t at = r->at;

		length = reader_u8(r);
		if (may_point && (length & POINTER_MARK) == POINTER_MARK) {
			size_t to = (size_t)(length & LABEL_MOST) << 8 | reader_u8(r);

			return to >= HEADER_BYTES && to < at;
		}
		if (length > LABEL_MOST)
			return false;
		(void)reader_take(r, length);
	} while (length > 0 && !r->short_read);
	return !r->short_read && r->at - from <= NAME_MOST;
}

/* IN, CH, HS, NONE and ANY; IN with the bit by which a client of mDNS asks for an answer to itself
 * (RFC 6762 5.4). */
static bool is_class(uint16_t class)
{
	return class == 1 || class == 3 || class == 4 || class == 254 || class == 255 ||
	       class == 0x8001;
}

/* Its type; 0: it is no question. */
static uint16_t read_question(struct reader *r)
{
	bool is_name = skip_name(r, false);
	uint16_t type = reader_be16(r);

	return is_name && is_class(reader_be16(r)) && !r->short_read ? type : 0;
}

/* How many records of which section go with that question? */
static bool counts_fit(const struct header *h, uint16_t type)
{
	switch (h->opcode) {
	case OPCODE_QUERY:
		return h->answers == 0 && h->authority <= (type == TYPE_IXFR ? 1 : 0) &&
		       h->additional <= ADDITIONAL_MOST;
	case OPCODE_STATUS:
		return h->answers == 0 && h->authority == 0 && h->additional <= ADDITIONAL_MOST;
	case OPCODE_NOTIFY:
		return type == TYPE_SOA && h->answers <= 1 && h->authority == 0 &&
		       h->additional <= ADDITIONAL_MOST;
	case OPCODE_UPDATE:
		return type == TYPE_SOA;
	default:
		return false;
	}
}

/* The options of EDNS fill their record (RFC 6891 6.1.2). */
static bool has_options(struct span data)
{
	struct reader r = reader_of(data);

	while (reader_left(&r) > 0) {
		(void)reader_be16(&r);
		(void)reader_take(&r, reader_be16(&r));
	}
	return !r.short_read;
}

static bool skip_record(struct reader *r, unsigned *opts)
{
	size_t at = r->at;
	bool is_name = skip_name(r, true);
	bool is_root = r->at == at + 1;
	uint16_t type = reader_be16(r);
	struct span data;

	(void)reader_be16(r); /* class */
	(void)reader_be32(r); /* time to live */
	data = reader_take(r, reader_be16(r));
	if (type == TYPE_OPT && (++*opts > 1 || !is_root || !has_options(data)))
		return false;
	return is_name && type != 0 && !r->short_read;
}

bool dns_is_query(struct span message)
{
	struct reader r = reader_of(message);
	struct header h;
	unsigned opts = 0;
	uint16_t type;
	uint32_t records;

	if (!read_header(&r, &h))
		return false;
	type = read_question(&r);
	if (type == 0 || !counts_fit(&h, type))
		return false;
	records = (uint32_t)h.answers + h.authority + h.additional;
	for (uint32_t i = 0; i < records; i++) {
		if (!skip_record(&r, &opts))
			return false;
	}
	return reader_left(&r) == 0;
}

static enum wire_verdict probe_dns(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, dns_is_query);
}

const struct wire_proto wire_dns = {
	.name = "dns",
	.udp = { DATAGRAMS_ROOM, probe_dns },
};
