/* ICMP errors about TCP segments: IPv4 (RFC 791, 792) and IPv6 (RFC 8200, 4443). Pure. */
#include "base/icmp_error.h"

#include <string.h>

#include "base/checksum.h"
#include "base/reader.h"

enum {
	V4_BYTES = 20,
	V6_BYTES = 40,
	ICMP_BYTES = 8,
	SEGMENT_BYTES = 8, /* ports and sequence number: all that every error quotes */
	V4_WITHOUT_OPTIONS = 0x45,
	V4_FRAGMENT_AT = 6,
	V4_FRAGMENT_MASK = 0x1fff, /* where it begins */
	V4_CHECKSUM_AT = 10,
	V4_SOURCE_AT = 12,
	V4_TARGET_AT = 16,
	V6_NEXT_AT = 6,
	V6_SOURCE_AT = 8,
	V6_TARGET_AT = 24,
	ICMP_CHECKSUM_AT = 2,
	ICMP_REST_AT = 4,
	HOP_LIMIT = 64,
	INTERNET_CONTROL = 0xc0, /* the precedence of errors (RFC 1812 4.3.2.5) */
};

static struct addr address(uint16_t family, const uint8_t *at)
{
	struct addr a = { .family = family };

	memcpy(a.bytes, at, addr_size(&a));
	return a;
}

static uint32_t be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* An IP header without options or extensions, of that protocol, and of no later fragment. */
static bool take_head(struct reader *r, uint8_t protocol, struct addr *from, struct addr *to,
		      uint8_t head[static V6_BYTES])
{
	bool is_v4 = reader_left(r) > 0 && r->in.data[r->at] == V4_WITHOUT_OPTIONS;
	struct span ip = reader_take(r, is_v4 ? V4_BYTES : V6_BYTES);

	if (r->short_read)
		return false;
	if (is_v4 ? be16(ip.data + V4_FRAGMENT_AT) & V4_FRAGMENT_MASK : ip.data[0] >> 4 != 6)
		return false;
	memcpy(head, ip.data, ip.size);
	*from = address(is_v4 ? AF_INET : AF_INET6,
			ip.data + (is_v4 ? V4_SOURCE_AT : V6_SOURCE_AT));
	*to = address(from->family, ip.data + (is_v4 ? V4_TARGET_AT : V6_TARGET_AT));
	return ip.data[is_v4 ? 9 : V6_NEXT_AT] == protocol;
}

/* Unreachable (which in IPv4 says too big as well), too big, time exceeded, parameter problem. */
static bool is_error(uint16_t family, uint8_t type)
{
	if (family == AF_INET)
		return type == 3 || type == 11 || type == 12;
	return type >= 1 && type <= 4;
}

bool icmp_error_parse(struct span packet, struct icmp_error *out)
{
	struct reader r = reader_of(packet);
	struct icmp_error e = { .type = 0 };
	uint8_t head[V6_BYTES];
	struct addr us;
	bool is_v4 = packet.size > 0 && packet.data[0] >> 4 == 4;

	if (!take_head(&r, is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, &e.hop, &us, head))
		return false;
	e.type = reader_u8(&r);
	e.code = reader_u8(&r);
	(void)reader_be16(
		&r); /* the checksum, which the kernel has looked at, and cannot be looked at here */
	e.rest = reader_be32(&r);
	if (!is_error(e.hop.family, e.type) ||
	    !take_head(&r, IPPROTO_TCP, &e.from, &e.to, e.quoted) || e.from.family != e.hop.family)
		return false;
	e.from.port = reader_be16(&r);
	e.to.port = reader_be16(&r);
	e.seq = reader_be32(&r);
	if (r.short_read)
		return false;
	*out = e;
	return true;
}

static void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value);
}

static void put_checksum(uint8_t *at, uint32_t sum)
{
	uint16_t be = checksum_end(sum);

	memcpy(at, &be, sizeof be);
}

/* The IP header of the error itself. Returns what its addresses add to an ICMPv6 checksum. */
static uint32_t put_outer(uint8_t *at, const struct addr *hop, const struct addr *to, size_t size)
{
	bool is_v4 = hop->family == AF_INET;
	uint32_t sum = (uint32_t)size + IPPROTO_ICMPV6;

	memset(at, 0, is_v4 ? V4_BYTES : V6_BYTES);
	if (is_v4) {
		at[0] = V4_WITHOUT_OPTIONS;
		at[1] = INTERNET_CONTROL;
		put_be16(at + 2, (uint32_t)(V4_BYTES + size));
		at[8] = HOP_LIMIT;
		at[9] = IPPROTO_ICMP;
		memcpy(at + V4_SOURCE_AT, hop->bytes, 4);
		memcpy(at + V4_TARGET_AT, to->bytes, 4);
		put_checksum(at + V4_CHECKSUM_AT, checksum_add(0, at, V4_BYTES));
		return 0;
	}
	put_be32(at, 6u << 28 | (uint32_t)INTERNET_CONTROL << 20);
	put_be16(at + 4, (uint32_t)size);
	at[V6_NEXT_AT] = IPPROTO_ICMPV6;
	at[7] = HOP_LIMIT;
	memcpy(at + V6_SOURCE_AT, hop->bytes, 16);
	memcpy(at + V6_TARGET_AT, to->bytes, 16);
	return checksum_add(sum, at + V6_SOURCE_AT, 32);
}

size_t icmp_error_make(const struct icmp_error *e, const struct addr *from, uint32_t seq,
		       uint8_t out[static ICMP_ERROR_MOST_BYTES])
{
	bool is_v4 = e->hop.family == AF_INET;
	size_t ip = is_v4 ? V4_BYTES : V6_BYTES;
	size_t size = ICMP_BYTES + ip + SEGMENT_BYTES;
	uint8_t *icmp = out + ip;
	uint8_t *quoted = icmp + ICMP_BYTES;
	uint8_t *segment = quoted + ip;
	uint32_t sum = put_outer(out, &e->hop, from, size);

	memset(icmp, 0, ICMP_BYTES);
	icmp[0] = e->type;
	icmp[1] = e->code;
	put_be32(icmp + ICMP_REST_AT, e->rest);
	memcpy(quoted, e->quoted, ip);
	memcpy(quoted + (is_v4 ? V4_SOURCE_AT : V6_SOURCE_AT), from->bytes, is_v4 ? 4 : 16);
	if (is_v4) {
		put_be16(quoted + V4_CHECKSUM_AT, 0);
		put_checksum(quoted + V4_CHECKSUM_AT, checksum_add(0, quoted, ip));
	}
	put_be16(segment, from->port);
	put_be16(segment + 2, e->to.port);
	put_be32(segment + 4, seq);
	put_checksum(icmp + ICMP_CHECKSUM_AT, checksum_add(sum, icmp, size));
	return ip + size;
}
