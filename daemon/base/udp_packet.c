/* Datagrams with their IP headers: IPv4 (RFC 791), IPv6 (RFC 8200). Pure. */
#include "base/udp_packet.h"

#include "base/reader.h"

enum {
	UDP_HEAD_BYTES = 8,
	V4_FRAGMENT_MASK = 0x3fff, /* there are more, or it is not the first */
};

static struct addr address(uint16_t family, struct span bytes)
{
	struct addr a = { .family = family };

	if (bytes.size > 0)
		memcpy(a.bytes, bytes.data, bytes.size);
	return a;
}

static bool take_v4(struct reader *r, struct udp_packet *p)
{
	unsigned head_words = reader_u8(r) & 0x0f;
	uint16_t fragment;
	uint8_t protocol;

	(void)reader_take(r, 5); /* up to where fragments are told */
	fragment = reader_be16(r);
	(void)reader_u8(r); /* time to live */
	protocol = reader_u8(r);
	(void)reader_be16(r); /* checksum */
	p->from = address(AF_INET, reader_take(r, 4));
	p->to = address(AF_INET, reader_take(r, 4));
	if (head_words < 5)
		return false;
	(void)reader_take(r, 4 * (head_words - 5)); /* options */
	return protocol == IPPROTO_UDP && !(fragment & V4_FRAGMENT_MASK);
}

static bool take_v6(struct reader *r, struct udp_packet *p)
{
	uint8_t protocol;

	(void)reader_take(r, 6); /* up to the next header */
	protocol = reader_u8(r);
	(void)reader_u8(r); /* hop limit */
	p->from = address(AF_INET6, reader_take(r, 16));
	p->to = address(AF_INET6, reader_take(r, 16));
	return protocol == IPPROTO_UDP;
}

bool udp_packet_parse(struct span packet, struct udp_packet *out)
{
	struct reader r = reader_of(packet);
	struct udp_packet p = { .whole = 0 };
	uint8_t version = packet.size > 0 ? packet.data[0] >> 4 : 0;
	uint16_t size;

	if (version == 4 ? !take_v4(&r, &p) : version != 6 || !take_v6(&r, &p))
		return false;
	p.from.port = reader_be16(&r);
	p.to.port = reader_be16(&r);
	size = reader_be16(&r);
	(void)reader_be16(&r); /* checksum */
	if (r.short_read || size < UDP_HEAD_BYTES)
		return false;
	p.whole = (uint16_t)(size - UDP_HEAD_BYTES);
	p.head = reader_take(&r, reader_left(&r) < p.whole ? reader_left(&r) : p.whole);
	*out = p;
	return true;
}
