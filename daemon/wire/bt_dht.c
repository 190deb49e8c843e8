/*
 * The distributed hash table of BitTorrent (BEP 5): a query, which is a bencoded
 * dictionary (BEP 3) that fills the datagram, with the sender's id of 20 bytes among the
 * arguments. What else is in it, and in which order, is left to the client, and to
 * proposals yet to come.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	ID_BYTES = 20,
	METHOD_MOST = 32, /* bytes of a query's name */
	DIGITS_MOST = 5,  /* of a size: a datagram has no more */
	NUMBER_MOST = 20, /* characters of a number, up to 64 bits */
	DEPTH_MOST = 31,  /* of values inside of others */
};

/* What a query must tell. */
struct query {
	bool has_id, has_method, has_number, is_query;
};

static uint8_t peek(const struct reader *r)
{
	return reader_left(r) > 0 ? r->in.data[r->at] : 0;
}

/* Its size, a colon, its bytes; a short read where it is none. */
static struct span read_string(struct reader *r)
{
	size_t size = 0;
	size_t digits = 0;

	while (text_is_digit(peek(r)) && digits++ < DIGITS_MOST)
		size = size * 10 + reader_u8(r) - '0';
	if (digits == 0 || reader_u8(r) != ':')
		r->short_read = true;
	return reader_take(r, size);
}

static void skip_number(struct reader *r)
{
	size_t digits = 0;

	(void)reader_u8(r);
	if (peek(r) == '-')
		(void)reader_u8(r);
	while (text_is_digit(peek(r)) && digits++ < NUMBER_MOST)
		(void)reader_u8(r);
	if (digits == 0 || reader_u8(r) != 'e')
		r->short_read = true;
}

/* A value of any kind, with all that is in it: of each level it is known whether it is a dictionary,
 * and whether that has a key next. */
static void skip_value(struct reader *r)
{
	uint32_t dictionaries = 0;
	uint32_t keys = 0;
	unsigned depth = 0;

	do {
		uint8_t first = peek(r);
		bool is_key = keys >> depth & 1;

		if (text_is_digit(first)) {
			(void)read_string(r);
		} else if (first == 'e' && depth > 0 && (is_key || !(dictionaries >> depth & 1))) {
			(void)reader_u8(r);
			depth--;
		} else if (is_key) {
			r->short_read = true;
		} else if (first == 'i') {
			skip_number(r);
		} else if ((first == 'd' || first == 'l') && depth < DEPTH_MOST) {
			uint32_t bit = UINT32_C(1) << ++depth;

			(void)reader_u8(r);
			dictionaries = first == 'd' ? dictionaries | bit : dictionaries & ~bit;
			keys = first == 'd' ? keys | bit : keys & ~bit;
			continue;
		} else {
			r->short_read = true;
		}
		/* behind a key comes its value, and behind that the next key */
		keys ^= dictionaries & UINT32_C(1) << depth;
	} while (depth > 0 && !r->short_read);
}

static bool is_key(struct span key, const char *name)
{
	return span_equal(key, span_text(name));
}

static bool is_method(struct span name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (!text_is_letter(name.data[i]) && name.data[i] != '_')
			return false;
	}
	return name.size > 0 && name.size <= METHOD_MOST;
}

/* The arguments; true: an id is among them. */
static bool read_arguments(struct reader *r)
{
	bool has_id = false;

	if (reader_u8(r) != 'd')
		r->short_read = true;
	while (peek(r) != 'e' && !r->short_read) {
		if (is_key(read_string(r), "id"))
			has_id = read_string(r).size == ID_BYTES;
		else
			skip_value(r);
	}
	(void)reader_u8(r);
	return has_id;
}

/* The value of a key. */
static void read_value(struct reader *r, struct span key, struct query *q)
{
	if (is_key(key, "a"))
		q->has_id = read_arguments(r);
	else if (is_key(key, "q"))
		q->has_method = is_method(read_string(r));
	else if (is_key(key, "t"))
		q->has_number = read_string(r).size > 0;
	else if (is_key(key, "y"))
		q->is_query = is_key(read_string(r), "q");
	else
		skip_value(r);
}

static bool is_query(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct query q = { false, false, false, false };

	if (reader_u8(&r) != 'd')
		return false;
	while (peek(&r) != 'e' && !r.short_read) {
		struct span key = read_string(&r);

		read_value(&r, key, &q);
	}
	(void)reader_u8(&r);
	return !r.short_read && reader_left(&r) == 0 && q.has_id && q.has_method && q.has_number &&
	       q.is_query && !dns_is_query(datagram) &&
	       !ike_is_message(datagram); /* keys and values may hold these */
}

static bool begins_bt_dht(uint8_t first)
{
	return first == 'd';
}

static enum wire_verdict probe_bt_dht(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_query);
}

const struct wire_proto wire_bt_dht = {
	.name = "bt-dht",
	.udp = { DATAGRAMS_ROOM, probe_bt_dht },
	.begins = begins_bt_dht,
};
