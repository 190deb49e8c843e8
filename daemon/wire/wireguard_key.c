/* mac1 of WireGuard's handshake messages. */
#include "wire/wireguard.h"

enum {
	MACS_BYTES = 2 * BLAKE2S_MAC_BYTES, /* mac1 and mac2 end a handshake message */
};

void wireguard_key_open(struct wireguard_key *k,
			const uint8_t public_key[static WIREGUARD_KEY_BYTES])
{
	uint8_t key[BLAKE2S_BYTES];
	struct blake2s b;

	memcpy(k->public_key, public_key, sizeof k->public_key);
	blake2s_open(&b, sizeof key, span_of(NULL, 0));
	blake2s_put(&b, span_text("mac1----"));
	blake2s_put(&b, span_of(public_key, WIREGUARD_KEY_BYTES));
	blake2s_take(&b, key);
	blake2s_open(&k->mac1, BLAKE2S_MAC_BYTES, span_of(key, sizeof key));
	blake2s_expect_more(&k->mac1);
}

bool wireguard_key_fits(const struct wireguard_key *k, struct span message)
{
	struct blake2s b = k->mac1;
	uint8_t mac1[BLAKE2S_MAC_BYTES];
	uint8_t difference = 0;
	size_t size;

	if (message.size <= MACS_BYTES)
		return false;
	size = message.size - MACS_BYTES;
	blake2s_put(&b, span_of(message.data, size));
	blake2s_take(&b, mac1);
	/* all of it, always: how long it takes shall not help to guess one */
	for (size_t i = 0; i < sizeof mac1; i++)
		difference |= mac1[i] ^ message.data[size + i];
	return difference == 0;
}
