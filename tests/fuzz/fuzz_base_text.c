/*
 * The parsers of base: what one accepts, it must write back so that it reads
 * the same; what it refuses must leave the output alone. Also the reader.
 */
#include <stdlib.h>

#include "base/mark.h"
#include "base/number.h"
#include "base/prefix.h"
#include "base/reader.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void try_addr(const char *text, bool needs_port)
{
	static const struct addr untouched = { .port = 7, .scope = 7, .bytes = { 7 } };
	char written[ADDR_TEXT_BYTES];
	struct addr a = untouched;
	struct addr again;

	if (addr_parse(&a, text, needs_port)) {
		require(addr_equal(&a, &untouched) && a.family == untouched.family);
		return;
	}
	require(addr_size(&a) > 0 && (a.port > 0 || !needs_port));
	if (a.port > 0)
		require(addr_parse(&again, addr_text(&a, written), true) == 0);
	else
		require(addr_parse(&again, addr_text_host(&a, written), false) == 0);
	require(addr_equal(&a, &again));
}

static void try_prefix(const char *text)
{
	char written[PREFIX_TEXT_BYTES];
	struct prefix p = { .bits = 255 };
	struct prefix again;

	if (prefix_parse(&p, text)) {
		require(p.bits == 255 && p.family == 0);
		return;
	}
	require(p.bits <= (p.family == AF_INET ? 32 : 128));
	require(prefix_parse(&again, prefix_text(&p, written)) == 0);
	require(prefix_covers(&p, &again) && prefix_covers(&again, &p));
}

static void try_numbers(const char *text)
{
	uint64_t number = 7;
	uint16_t first = 7;
	uint16_t last = 7;
	struct marks m;

	if (number_parse(&number, text, 10, 1000))
		require(number == 7);
	else
		require(number >= 10 && number <= 1000);
	if (number_parse_ports(&first, &last, text))
		require(first == 7 && last == 7);
	else
		require(first > 0 && first <= last);
	number = 7;
	if (number_parse_ms(&number, text, 10, 1000))
		require(number == 7);
	else
		require(number >= 10 && number <= 1000);
	number = 7;
	if (number_parse_size(&number, text, 10, 1000))
		require(number == 7);
	else
		require(number >= 10 && number <= 1000);
	if (marks_parse(&m, text) == 0) {
		require((m.base & ~m.mask) == 0 && (marks_role_mask(&m) & ~m.mask) == 0);
		require((marks_of(&m, MARK_DIVERT) & marks_base_mask(&m)) == m.base);
	}
}

/* Each byte says what to read next from the same bytes; never past their end, and sticky. */
static void try_reader(struct span in)
{
	struct reader r = reader_of(in);

	for (size_t i = 0; i < in.size; i++) {
		bool was_short = r.short_read;
		size_t left = reader_left(&r);
		size_t size = in.data[i] % 8;
		struct span taken = reader_take(&r, size);

		require(!was_short || (r.short_read && taken.size == 0));
		require(was_short || r.short_read == (size > left));
		require(taken.size == (r.short_read ? 0 : size));
		require(r.at <= in.size);
		if (in.data[i] & 0x80)
			require(reader_be32(&r) == 0 || r.at <= in.size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256];
	size_t length = size < sizeof text ? size : sizeof text - 1;

	if (length > 0)
		memcpy(text, data, length);
	text[length] = '\0';
	try_addr(text, false);
	try_addr(text, true);
	try_prefix(text);
	try_numbers(text);
	try_reader(span_of(data, size));
	return 0;
}
