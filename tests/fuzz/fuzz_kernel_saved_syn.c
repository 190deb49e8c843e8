/*
 * The first segment of a stranger's connection, which a carrier reads: what is
 * said of it stands in it. Then the same bytes as the options of any segment, in
 * which timestamps are looked for. The seeds are of Linux.
 */
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/stamp.h"
#include "fuzz.h"
#include "kernel/saved_syn.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool is_there(struct span in, const uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + size <= in.size; at++) {
		if (memcmp(in.data + at, bytes, size) == 0)
			return true;
	}
	return false;
}

static void put_be32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void judge_syn(struct span packet)
{
	uint8_t option[6] = { TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP };
	uint8_t isn[4];
	struct saved_syn syn = { .isn = 7, .scale = 3 };

	if (!saved_syn_parse(packet, &syn)) {
		require(syn.isn == 7 && syn.scale == 3 && !syn.has_stamp);
		return;
	}
	put_be32(isn, syn.isn);
	put_be32(option + 2, syn.stamp);
	require(is_there(packet, isn, sizeof isn));
	require(syn.scale <= SAVED_SYN_MOST_SCALE || syn.scale == SAVED_SYN_NO_SCALE);
	require(!syn.has_stamp || is_there(packet, option, sizeof option));
}

static void judge_options(struct span options)
{
	uint8_t option[10] = { TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP };
	struct stamp stamp = { .value = 7 };

	if (!stamp_find(options, &stamp)) {
		require(stamp.value == 7 && stamp.echo == 0);
		return;
	}
	put_be32(option + 2, stamp.value);
	put_be32(option + 6, stamp.echo);
	require(is_there(options, option, sizeof option));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	judge_syn(span_of(data, size));
	judge_options(span_of(data, size));
	return 0;
}
