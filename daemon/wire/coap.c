/*
 * CoAP over UDP (RFC 7252 3): a client's request, confirmable or not, or a ping, read to
 * its last byte. Options come in the order of their numbers, those that a server must
 * understand are known ones, and each has a size that it may have. A short one has little
 * that could be wrong: weak. A DNS query is none.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	COAP_TOKEN_MOST = 8,
	COAP_PING = 0,      /* codes: 0.00, */
	COAP_REQUEST = 7,   /* and 0.01 to 0.07, GET to iPATCH (RFC 8132) */
	COAP_MARK = 0xff,   /* ahead of the payload */
	COAP_ONE_MORE = 13, /* of four bits: a byte follows, or two */
	COAP_TWO_MORE = 14,
	COAP_TWO_MORE_FROM = 269,
	COAP_OPTION_MOST = 65535,
};

/* The options of a request that have a size to keep to (RFC 7252 5.10, and later ones). */
static const struct option {
	uint16_t number, least, most; /* bytes */
} option_table[] = {
	{ 1, 0, 8 },    { 3, 1, 255 },  { 4, 1, 8 },    { 5, 0, 0 },   { 6, 0, 3 },
	{ 7, 0, 2 },    { 9, 0, 255 },  { 11, 0, 255 }, { 12, 0, 2 },  { 14, 0, 4 },
	{ 15, 0, 255 }, { 16, 1, 1 },   { 17, 0, 2 },   { 19, 0, 3 },  { 21, 0, 65535 },
	{ 23, 0, 3 },   { 27, 0, 3 },   { 28, 0, 4 },   { 31, 0, 3 },  { 35, 1, 1034 },
	{ 39, 1, 255 }, { 60, 0, 4 },   { 252, 1, 40 }, { 258, 0, 1 }, { 292, 0, 8 },
	{ 2049, 0, 2 }, { 2053, 0, 2 }, /* of OCF: which version of its format, both critical */
};

/* Whether that one may have so many bytes. A critical one, which is odd (RFC 7252 5.4.6), has to be
 * known. */
static bool may_have(uint32_t number, uint32_t size)
{
	for (size_t i = 0; i < sizeof option_table / sizeof option_table[0]; i++) {
		if (option_table[i].number == number)
			return size >= option_table[i].least && size <= option_table[i].most;
	}
	return number % 2 == 0;
}

/* A number that begins with four bits, and goes on in bytes when these are 13 or 14. */
static uint32_t read_number(struct reader *r, unsigned bits)
{
	if (bits == COAP_ONE_MORE)
		return COAP_ONE_MORE + reader_u8(r);
	return bits == COAP_TWO_MORE ? COAP_TWO_MORE_FROM + (uint32_t)reader_be16(r) : bits;
}

/* Options, and a payload that may be missing, but not empty. */
static bool is_filled(struct reader *r)
{
	uint32_t number = 0;

	while (reader_left(r) > 0) {
		uint8_t head = reader_u8(r);
		uint32_t size;

		if (head == COAP_MARK)
			return reader_left(r) > 0;
		if (head >> 4 == 15 || (head & 15) == 15)
			return false;
		number += read_number(r, head >> 4);
		size = read_number(r, head & 15);
		(void)reader_take(r, size);
		if (r->short_read || number > COAP_OPTION_MOST || !may_have(number, size))
			return false;
	}
	return true;
}

/* Version 1, confirmable or not, and how long the token is. */
static bool begins_coap(uint8_t first)
{
	return first >> 5 == 2 && (first & 15) <= COAP_TOKEN_MOST;
}

static bool is_request(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint8_t first = reader_u8(&r);
	uint8_t code = reader_u8(&r);

	(void)reader_be16(&r); /* the message's number */
	if (r.short_read || !begins_coap(first) || code > COAP_REQUEST)
		return false;
	if (code == COAP_PING)
		return first == 0x40 && reader_left(&r) == 0;
	(void)reader_take(&r, first & 15);
	return !r.short_read && is_filled(&r) && !dns_is_query(datagram);
}

static enum wire_verdict probe_coap(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_request);
}

const struct wire_proto wire_coap = {
	.name = "coap",
	.is_weak = true,
	.udp = { DATAGRAMS_ROOM, probe_coap },
	.begins = begins_coap,
};
