/*
 * ICMP errors: what is accepted can be made for any other sender, and then
 * reads as that; what is refused leaves the output alone.
 */
#include <stdlib.h>

#include "base/icmp_error.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_error e = { .seq = 7, .code = 7 };
	struct addr from = { .port = 1 };
	uint8_t made[ICMP_ERROR_MOST_BYTES];
	struct icmp_error again;

	if (!icmp_error_parse(span_of(data, size), &e)) {
		require(e.seq == 7 && e.code == 7 && !e.hop.family);
		return 0;
	}
	require(addr_size(&e.hop) && e.hop.family == e.from.family && e.from.family == e.to.family);
	from.family = e.hop.family;
	from.bytes[3] = data[0];
	require(icmp_error_parse(span_of(made, icmp_error_make(&e, &from, e.seq - 1, made)),
				 &again));
	require(addr_equal(&again.from, &from) && addr_equal(&again.to, &e.to) &&
		addr_equal(&again.hop, &e.hop));
	require(again.seq == e.seq - 1 && again.rest == e.rest && again.type == e.type &&
		again.code == e.code);
	return 0;
}
