/* Datagrams with their IP headers: what is accepted lies in the input, and is the same when it is cut behind it. */
#include <stdlib.h>

#include "base/udp_packet.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct udp_packet p = { .whole = 7 };
	struct udp_packet cut;
	size_t end;

	if (!udp_packet_parse(span_of(data, size), &p)) {
		require(p.whole == 7 && !p.from.family);
		return 0;
	}
	require(addr_size(&p.from) && p.from.family == p.to.family);
	if (p.head.size == 0)
		return 0;
	require(p.head.size <= p.whole && p.head.data >= data && p.head.data <= data + size);
	end = (size_t)(p.head.data - data) + p.head.size;
	require(end <= size && (end == size || p.head.size == p.whole));
	require(udp_packet_parse(span_of(data, end - p.head.size), &cut));
	require(cut.head.size == 0 && cut.whole == p.whole);
	require(addr_equal(&cut.from, &p.from) && addr_equal(&cut.to, &p.to));
	return 0;
}
