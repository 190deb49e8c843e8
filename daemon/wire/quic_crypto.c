/* Keys of Initial packets, and what they open. */
#include "wire/quic_crypto.h"

#include "wire/hkdf.h"

enum {
	NUMBER_MOST_BYTES = 4, /* of a packet number */
};

void quic_keys_open(struct quic_keys *k, const struct quic_version *version, struct span dcid)
{
	uint8_t secret[SHA256_BYTES];
	uint8_t key[AES_KEY_BYTES];
	struct hmac h;

	hkdf_extract(span_of(version->salt, QUIC_SALT_BYTES), dcid, secret);
	hmac_open(&h, span_of(secret, sizeof secret));
	hkdf_expand_label(&h, "client in", secret, sizeof secret);
	hmac_open(&h, span_of(secret, sizeof secret));
	hkdf_expand_label(&h, version->key_label, key, sizeof key);
	gcm_open(&k->gcm, key);
	hkdf_expand_label(&h, version->hp_label, key, sizeof key);
	aes_open(&k->mask, key);
	hkdf_expand_label(&h, version->iv_label, k->iv, sizeof k->iv);
}

/* The header with its protection taken off, the packet number last. Returns its size, 0 when the
 * packet is too short for a sample. */
static size_t open_header(struct quic_keys *k, const struct quic_packet *p, uint8_t *header)
{
	size_t sample_at = p->number_at + NUMBER_MOST_BYTES;
	uint8_t mask[AES_BLOCK_BYTES];
	size_t size;

	if (p->whole.size < sample_at + AES_BLOCK_BYTES)
		return 0;
	aes_encrypt(&k->mask, p->whole.data + sample_at, mask);
	memcpy(header, p->whole.data, sample_at);
	header[0] ^= mask[0] & 0x0f;
	size = p->number_at + (header[0] & 3u) + 1;
	for (size_t i = p->number_at; i < size; i++)
		header[i] ^= mask[1 + i - p->number_at];
	return size;
}

size_t quic_unprotect(struct quic_keys *k, const struct quic_packet *packet, uint8_t *out)
{
	uint8_t nonce[GCM_NONCE_BYTES];
	uint8_t tag[GCM_TAG_BYTES];
	size_t at = open_header(k, packet, out); /* its frames take that room later */
	struct span sealed;

	if (at == 0 || packet->whole.size - at <= GCM_TAG_BYTES)
		return 0;
	memcpy(nonce, k->iv, sizeof nonce);
	for (size_t i = packet->number_at; i < at; i++)
		nonce[sizeof nonce - at + i] ^= out[i];
	sealed = span_of(packet->whole.data + at, packet->whole.size - at - GCM_TAG_BYTES);
	gcm_tag(&k->gcm, nonce, span_of(out, at), sealed, tag);
	if (memcmp(tag, sealed.data + sealed.size, sizeof tag) != 0)
		return 0;
	gcm_crypt(&k->gcm, nonce, sealed, out);
	return sealed.size;
}
