/*
 * DNS over TCP (RFC 1035 4.2.2, RFC 7766): the size of the first message, its header and
 * its question, to which both the size and the header's counts must be equal. What follows is
 * not waited for, and other messages may. The name is that of the question.
 *
 * A query is small, and an update but seldom large: so is the size, which keeps text and most
 * other protocols apart at the first byte. Of those that go by little more than their first
 * two bytes, which may be a size, SOCKS has what it begins with: no query has 1025 or 1281
 * bytes. The flags of notifications and updates are just those that their RFCs have: with
 * others a greeting of Minecraft could be one.
 */
#include "wire/dns.h"
#include "wire/fields.h"

enum {
	SIZE_LEAST = DNS_HEADER_BYTES + 5, /* a question for the root */
	SIZE_MOST = 8191,
	RECORD_LEAST = 11,        /* bytes: the root, type, class, time, no data */
	TYPE_AND_CLASS_BYTES = 4, /* of the question */
	FLAGS_OF_UPDATE = 5 << 3, /* the largest opcode, and no flag (RFC 2136 2.2); of those of a
				   * NOTIFY there is one (RFC 1996 3.6) */
};

/* The sizes that SOCKS 4 (with the commands of Tor) and SOCKS 5 begin with: a version and a number. */
static bool is_others_size(uint32_t size)
{
	uint32_t high = size >> 8, low = size & 0xff;

	return (high == 4 && (low == 1 || low == 2 || low == 0xf0 || low == 0xf1)) ||
	       (high == 5 && low >= 1 && low <= 15);
}

/* May a question of some type go with the header? */
static bool counts_may_fit(const struct dns_header *h)
{
	return dns_counts_fit(h, h->opcode == 0 ? DNS_TYPE_IXFR : DNS_TYPE_SOA);
}

/* The size and the header; the number of records that follow the question. */
static uint32_t read_header(struct fields *f, uint32_t *size, struct dns_header *h)
{
	uint32_t flags, records;

	*size = fields_be(f, 2, SIZE_LEAST, SIZE_MOST);
	fields_require(f, !is_others_size(*size));
	(void)fields_take(f, 2); /* the id */
	flags = fields_be(f, 1, 0, FLAGS_OF_UPDATE);
	h->opcode = flags >> 3;
	fields_require(f, h->opcode != 1 && h->opcode != 3);
	fields_require(f, h->opcode != 4 || (flags & 3) == 0);
	flags = fields_be(f, 1, 0, 0xff);
	fields_require(f, (flags & (DNS_FLAGS_OF_ANSWERS & 0xff)) == 0);
	(void)fields_be(f, 2, 1, 1);
	h->answers = (uint16_t)fields_be(f, 2, 0, UINT16_MAX);
	h->authority = (uint16_t)fields_be(f, 2, 0, UINT16_MAX);
	h->additional = (uint16_t)fields_be(f, 2, 0, UINT16_MAX);
	records = (uint32_t)h->answers + h->authority + h->additional;
	fields_require(f, counts_may_fit(h) && SIZE_LEAST + records * RECORD_LEAST <= *size);
	return records;
}

/* The labels of a name that has room up to `end`. */
static void skip_name(struct fields *f, size_t end)
{
	size_t from = f->at;
	uint32_t length;

	do {
		size_t least; /* where the name ends at the earliest */

		length = fields_be(f, 1, 0, DNS_LABEL_MOST);
		least = f->at + length + (length > 0);
		fields_require(f, least - from <= DNS_NAME_MOST && least <= end);
		(void)fields_take(f, length);
	} while (length > 0);
}

enum wire_verdict dns_probe_stream(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct dns_header h;
	uint32_t size, type;
	uint32_t records = read_header(&f, &size, &h);
	size_t end = 2 + size; /* of the message; behind NO and MORE nothing is read up to it */

	skip_name(&f, end - TYPE_AND_CLASS_BYTES - records * RECORD_LEAST);
	type = fields_be(&f, 2, 1, UINT16_MAX);
	fields_require(&f, dns_counts_fit(&h, (uint16_t)type));
	fields_require(&f, dns_is_class((uint16_t)fields_be(&f, 2, 1, 0x8001)));
	fields_require(&f, (f.at == end) == (records == 0));
	hints->alpn_size = 0;
	hints->name_size = 0;
	if (f.verdict == WIRE_YES)
		dns_set_name(hints, span_of(in.data + 2, f.at - 2));
	return fields_end(&f, hints);
}

bool dns_stream_begins(struct span stream)
{
	struct fields f = fields_of(stream);
	struct dns_header h;
	uint32_t size;

	(void)read_header(&f, &size, &h);
	return f.verdict != WIRE_NO;
}
