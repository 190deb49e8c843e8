/* ICMP port unreachable about a UDP datagram: RFC 792, RFC 4443. Pure. */
#include "base/icmp_refusal.h"

#include "base/checksum.h"

enum {
	V4_BYTES = 20,
	V6_BYTES = 40,
	UDP_BYTES = 8,
	ICMP_BYTES = 8,
	ICMP_CHECKSUM_AT = 2,
	V4_UNREACHABLE = 3, /* type, and code: port */
	V4_PORT = 3,
	V6_UNREACHABLE = 1,
	V6_PORT = 4,
	HOP_LIMIT = 64,
};

static void put_be16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_checksum(uint8_t *at, uint32_t sum)
{
	uint16_t be = checksum_end(sum);

	memcpy(at, &be, sizeof be);
}

static size_t put_v4(uint8_t *at, const struct addr *from, const struct addr *to, size_t size)
{
	memset(at, 0, V4_BYTES);
	at[0] = 0x45;
	put_be16(at + 2, V4_BYTES + size);
	at[8] = HOP_LIMIT;
	at[9] = IPPROTO_UDP;
	memcpy(at + 12, from->bytes, 4);
	memcpy(at + 16, to->bytes, 4);
	put_checksum(at + 10, checksum_add(0, at, V4_BYTES));
	return V4_BYTES;
}

static size_t put_v6(uint8_t *at, const struct addr *from, const struct addr *to, size_t size)
{
	memset(at, 0, V6_BYTES);
	at[0] = 0x60;
	put_be16(at + 4, size);
	at[6] = IPPROTO_UDP;
	at[7] = HOP_LIMIT;
	memcpy(at + 8, from->bytes, 16);
	memcpy(at + 24, to->bytes, 16);
	return V6_BYTES;
}

size_t icmp_refusal_make(const struct addr *from, const struct addr *to, struct span datagram,
			 uint8_t out[static ICMP_REFUSAL_MOST_BYTES])
{
	bool is_v4 = from->family == AF_INET;
	size_t quoted = datagram.size < ICMP_REFUSAL_QUOTED ? datagram.size : ICMP_REFUSAL_QUOTED;
	size_t whole = UDP_BYTES + datagram.size;
	uint8_t *at = out;

	memset(at, 0, ICMP_BYTES);
	at[0] = is_v4 ? V4_UNREACHABLE : V6_UNREACHABLE;
	at[1] = is_v4 ? V4_PORT : V6_PORT;
	at += ICMP_BYTES;
	at += is_v4 ? put_v4(at, from, to, whole) : put_v6(at, from, to, whole);
	put_be16(at, from->port);
	put_be16(at + 2, to->port);
	put_be16(at + 4, whole);
	put_be16(at + 6, 0); /* its checksum is not known, and none is a valid one in IPv4 */
	at += UDP_BYTES;
	if (quoted > 0)
		memcpy(at, datagram.data, quoted);
	at += quoted;
	if (is_v4)
		put_checksum(out + ICMP_CHECKSUM_AT, checksum_add(0, out, (size_t)(at - out)));
	return (size_t)(at - out);
}
