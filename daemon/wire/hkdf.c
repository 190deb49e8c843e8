/* HMAC-SHA256 and HKDF on top of it. */
#include "wire/hkdf.h"

/* The key, filled up with zeros, each byte with `pad` (RFC 2104 2). */
static void open_padded(struct sha256 *s, struct span key, uint8_t pad)
{
	uint8_t block[SHA256_BLOCK_BYTES];

	memset(block, pad, sizeof block);
	for (size_t i = 0; i < key.size && i < sizeof block; i++)
		block[i] = key.data[i] ^ pad;
	sha256_open(s);
	sha256_put(s, span_of(block, sizeof block));
}

void hmac_open(struct hmac *h, struct span key)
{
	open_padded(&h->inner, key, 0x36);
	open_padded(&h->outer, key, 0x5c);
}

void hmac_of(const struct hmac *h, struct span message, uint8_t out[static SHA256_BYTES])
{
	struct sha256 s;
	uint8_t hash[SHA256_BYTES];

	sha256_copy(&s, &h->inner);
	sha256_put(&s, message);
	sha256_take(&s, hash);
	sha256_copy(&s, &h->outer);
	sha256_put(&s, span_of(hash, sizeof hash));
	sha256_take(&s, out);
}

void hkdf_extract(struct span salt, struct span secret, uint8_t out[static SHA256_BYTES])
{
	struct hmac h;

	hmac_open(&h, salt);
	hmac_of(&h, secret, out);
}

void hkdf_expand_label(const struct hmac *secret, const char *label, uint8_t *out, size_t size)
{
	static const char front[] = "tls13 ";
	const size_t front_size = sizeof front - 1;
	size_t label_size = strnlen(label, HKDF_LABEL_MOST);
	/* size, label, an empty context, the number of the only round */
	uint8_t info[3 + sizeof front - 1 + HKDF_LABEL_MOST + 2] = { 0 };
	uint8_t hash[SHA256_BYTES];

	info[1] = (uint8_t)size;
	info[2] = (uint8_t)(front_size + label_size);
	memcpy(info + 3, front, front_size);
	memcpy(info + 3 + front_size, label, label_size);
	info[3 + front_size + label_size + 1] = 1;
	hmac_of(secret, span_of(info, 3 + front_size + label_size + 2), hash);
	memcpy(out, hash, size < sizeof hash ? size : sizeof hash);
}
