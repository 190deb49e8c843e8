#ifndef SHUNT_UNIT_WIRE_WIREGUARD_H
#define SHUNT_UNIT_WIRE_WIREGUARD_H

#include "base/base64.h"
#include "unit.h"
#include "wire/wireguard.h"

/* The public keys of the seeds: record-udp-seeds derives the private ones from these names. */
#define SEED_CLIENT_KEY "NH42vYcGCVlEt60BKV4KaXevr1JQknXun2zsOQM9iA8="
#define SEED_SERVER_KEY "rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2s="

static inline struct wireguard_key wireguard_key_of(const char *text)
{
	uint8_t public_key[WIREGUARD_KEY_BYTES];
	struct wireguard_key key;

	assert_int_equal(base64_decode(public_key, sizeof public_key, span_text(text)),
			 WIREGUARD_KEY_BYTES);
	wireguard_key_open(&key, public_key);
	return key;
}

/* An initiation of nothing, with the mac1 that the server of that key asks for. */
static inline struct span wireguard_message_for(uint8_t out[static 148], const char *text)
{
	struct blake2s b = wireguard_key_of(text).mac1;

	memset(out, 0, 148);
	out[0] = 1;
	blake2s_put(&b, span_of(out, 116));
	blake2s_take(&b, out + 116);
	return span_of(out, 148);
}

#endif
