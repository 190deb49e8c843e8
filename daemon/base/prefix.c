/* Address prefixes. */
#include "base/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/number.h"

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool is_clear_beyond(const uint8_t bytes[16], unsigned bits)
{
	for (unsigned i = bits; i < 128; i++) {
		if (bytes[i / 8] & (0x80u >> i % 8))
			return false;
	}
	return true;
}

int prefix_parse(struct prefix *out, const char *text)
{
	struct prefix p = { 0 };
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t bits;

	if (len == 0 || len >= sizeof host)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, p.bytes) == 1)
		p.family = AF_INET;
	else if (inet_pton(AF_INET6, host, p.bytes) == 1)
		p.family = AF_INET6;
	else
		return -EINVAL;
	bits = p.family == AF_INET ? 32 : 128;
	if (slash && number_parse(&bits, slash + 1, 0, bits))
		return -EINVAL;
	p.bits = (uint8_t)bits;
	if (!is_clear_beyond(p.bytes, p.bits))
		return -EINVAL;
	*out = p;
	return 0;
}

bool prefix_holds(const struct prefix *p, const struct addr *a)
{
	return p->family == a->family && same_bits(p->bytes, a->bytes, p->bits);
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	return outer->family == inner->family && outer->bits <= inner->bits &&
	       same_bits(outer->bytes, inner->bytes, outer->bits);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family == AF_INET ? -1 : 1;
	order = memcmp(a->bytes, b->bytes, sizeof a->bytes);
	return order ? order : a->bits - b->bits;
}

const char *prefix_text(const struct prefix *p, char text[static PREFIX_TEXT_BYTES])
{
	char host[INET6_ADDRSTRLEN] = "-";
	int len;

	(void)inet_ntop(p->family, p->bytes, host,
			sizeof host); /* "-" stays when the family is none */
	if (p->bits == (p->family == AF_INET ? 32 : 128))
		len = snprintf(text, PREFIX_TEXT_BYTES, "%s", host);
	else
		len = snprintf(text, PREFIX_TEXT_BYTES, "%s/%u", host, p->bits);
	(void)len; /* always fits */
	return text;
}
