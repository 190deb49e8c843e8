/*
 * DNS over UDP, by its first message, read to the end: header, question, records.
 * No byte has a fixed value, so all of them must be such as a client sends. The name is
 * that of the question.
 */
#include "wire/dns.h"

#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	POINTER_MARK = 0xc0,
	OPCODE_QUERY = 0,
	OPCODE_STATUS = 2,
	OPCODE_NOTIFY = 4,
	OPCODE_UPDATE = 5,
	TYPE_OPT = 41,
	ADDITIONAL_MOST = 3, /* of EDNS, a signature, and one to spare */
};

static bool read_header(struct reader *r, struct dns_header *h)
{
	uint16_t flags, questions;

	(void)reader_be16(r);
	flags = reader_be16(r);
	h->opcode = flags >> 11 & 15;
	questions = reader_be16(r);
	h->answers = reader_be16(r);
	h->authority = reader_be16(r);
	h->additional = reader_be16(r);
	return !r->short_read && (flags & DNS_FLAGS_OF_ANSWERS) == 0 && questions == 1;
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
			size_t to = (size_t)(length & DNS_LABEL_MOST) << 8 | reader_u8(r);

			return to >= DNS_HEADER_BYTES && to < at;
		}
		if (length > DNS_LABEL_MOST)
			return false;
		(void)reader_take(r, length);
	} while (length > 0 && !r->short_read);
	return !r->short_read && r->at - from <= DNS_NAME_MOST;
}

bool dns_is_class(uint16_t class)
{
	return class == 1 || class == 3 || class == 4 || class == 254 || class == 255 ||
	       class == 0x8001;
}

/* Its type; 0: it is no question. */
static uint16_t read_question(struct reader *r)
{
	bool is_name = skip_name(r, false);
	uint16_t type = reader_be16(r);

	return is_name && dns_is_class(reader_be16(r)) && !r->short_read ? type : 0;
}

bool dns_counts_fit(const struct dns_header *h, uint16_t type)
{
	switch (h->opcode) {
	case OPCODE_QUERY:
		return h->answers == 0 && h->authority <= (type == DNS_TYPE_IXFR ? 1 : 0) &&
		       h->additional <= ADDITIONAL_MOST;
	case OPCODE_STATUS:
		return h->answers == 0 && h->authority == 0 && h->additional <= ADDITIONAL_MOST;
	case OPCODE_NOTIFY:
		return type == DNS_TYPE_SOA && h->answers <= 1 && h->authority == 0 &&
		       h->additional <= ADDITIONAL_MOST;
	case OPCODE_UPDATE:
		return type == DNS_TYPE_SOA;
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
	struct dns_header h;
	unsigned opts = 0;
	uint16_t type;
	uint32_t records;

	if (!read_header(&r, &h))
		return false;
	type = read_question(&r);
	if (type == 0 || !dns_counts_fit(&h, type))
		return false;
	records = (uint32_t)h.answers + h.authority + h.additional;
	for (uint32_t i = 0; i < records; i++) {
		if (!skip_record(&r, &opts))
			return false;
	}
	return reader_left(&r) == 0;
}

void dns_set_name(struct wire_hints *hints, struct span message)
{
	struct reader r = reader_of(message);
	char text[DNS_NAME_MOST];
	size_t size = 0;

	hints->name_size = 0;
	(void)reader_take(&r, DNS_HEADER_BYTES);
	for (;;) {
		struct span label = reader_take(&r, reader_u8(&r));

		if (label.size == 0)
			break;
		if (memchr(label.data, '.', label.size) || size + label.size + 1 > sizeof text)
			return;
		memcpy(text + size, label.data, label.size);
		size += label.size;
		text[size++] = '.';
	}
	wire_hints_set_name(hints, span_of(text, size));
}

/* The first datagram tells all. */
static enum wire_verdict take(void *flow, struct span datagram, bool is_sure,
			      struct wire_hints *hints)
{
	(void)flow;
	(void)is_sure;
	if (!dns_is_query(datagram))
		return WIRE_NO;
	dns_set_name(hints, datagram);
	return WIRE_YES;
}

static enum wire_verdict probe_udp(struct span in, struct wire_hints *hints)
{
	return first_datagrams_ask(in, hints, NULL, take);
}

const struct wire_proto wire_dns = {
	.name = "dns",
	.says = WIRE_SAYS_NAME,
	.tcp = { DNS_STREAM_MOST_BYTES, dns_probe_stream },
	.udp = { DATAGRAMS_ROOM, probe_udp },
};
