/*
 * Identifiers in datagrams: parts of the input, of sizes that can be told apart,
 * nothing behind their end; the same by the first bytes as by all; and what a
 * server told is named by a client that addresses it.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "wire/ids.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool holds_bytes(struct span in, const struct flow_id *id)
{
	for (size_t at = 0; at + id->size <= in.size; at++)
		if (memcmp(in.data + at, id->bytes, id->size) == 0)
			return true;
	return false;
}

static void check(struct span in, const struct flow_id *id)
{
	if (!id->size)
		return;
	require(id->kind == FLOW_ID_QUIC || id->kind == FLOW_ID_WIREGUARD);
	require(id->size >= FLOW_ID_LEAST_BYTES && id->size <= FLOW_ID_MOST_BYTES);
	for (size_t i = id->size; i < FLOW_ID_MOST_BYTES; i++)
		require(!id->bytes[i]);
	require(holds_bytes(in, id));
}

/* A client's datagram to that one. */
static void require_named(const struct flow_id *told)
{
	uint8_t bytes[64] = { 0 };
	struct flow_id named;

	bytes[0] = told->kind == FLOW_ID_QUIC ? 0x40 : 4;
	memcpy(bytes + (told->kind == FLOW_ID_QUIC ? 1 : 4), told->bytes, told->size);
	named = ids_named(span_of(bytes, sizeof bytes));
	require(named.kind == told->kind && named.size >= told->size);
	require(memcmp(named.bytes, told->bytes, told->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum flow_id_kind kinds[] = { FLOW_ID_QUIC, FLOW_ID_WIREGUARD };
	struct span all = span_of(data, size);
	struct span head = span_of(data, size < FLOW_ID_HEAD_BYTES ? size : FLOW_ID_HEAD_BYTES);
	struct flow_id named = ids_named(all);

	check(all, &named);
	for (size_t i = 0; i < 2; i++) {
		struct ids_told told = ids_told(kinds[i], all, size);
		struct ids_told early = ids_told(kinds[i], head, size);

		check(all, &told.id);
		require(!told.id.size || (told.id.kind == kinds[i] && !told.id.is_open));
		if (!told.id.size)
			continue;
		require(memcmp(&told.id, &early.id, sizeof told.id) == 0);
		require(told.is_last == early.is_last);
		require_named(&told.id);
	}
	return 0;
}
