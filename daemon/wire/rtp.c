/*
 * RTP (RFC 3550 5.1): its first packet alone is two bits and a few that may not be, so it
 * goes by two: both of one source, with numbers side by side; the second one may be RTCP.
 * RTCP (RFC 3550 6.1) goes by one: a compound packet, whose sizes add up to its own.
 * Neither says anything that a stranger could not by chance: weak. What is encrypted has
 * RTP's header (SRTP, RFC 3711), but not RTCP's sizes. DNS queries are none.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/recognise.h"

enum {
	RTP_VERSION = 2,
	RTP_PADDING = 0x20, /* of the first byte */
	RTP_EXTENSION = 0x10,
	RTP_RTCP_FIRST = 64, /* payload types that would look like RTCP (RFC 5761 4), */
	RTP_RTCP_LAST = 95,
	RTP_APART_MOST = 16, /* packets may come in another order, or be lost */
	RTCP_SENDER_REPORT = 200,
	RTCP_RECEIVER_REPORT = 201,
	RTCP_LAST = 207,
	RTCP_SENDER_BYTES = 20, /* what a sender reports of itself */
	RTCP_BLOCK_BYTES = 24,  /* what it reports of another */
};

struct packet {
	uint16_t number;
	uint32_t source;
};

static bool begins_rtp(uint8_t first)
{
	return first >> 6 == RTP_VERSION;
}

static bool read_packet(struct span datagram, struct packet *p)
{
	struct reader r = reader_of(datagram);
	uint8_t first = reader_u8(&r);
	uint8_t type = reader_u8(&r) & 0x7f;

	p->number = reader_be16(&r);
	(void)reader_be32(&r); /* time */
	p->source = reader_be32(&r);
	(void)reader_take(&r, 4u * (first & 15)); /* those who contribute */
	if (first & RTP_EXTENSION) {
		(void)reader_be16(&r);
		(void)reader_take(&r, 4u * reader_be16(&r));
	}
	return !r.short_read && begins_rtp(first) &&
	       !(first & RTP_PADDING && reader_left(&r) == 0) &&
	       (type < RTP_RTCP_FIRST || type > RTP_RTCP_LAST);
}

/* The report with which a compound packet begins: whose, and about how many others. */
static bool read_report(struct reader *r, uint32_t *source)
{
	uint8_t first = reader_u8(r);
	uint8_t type = reader_u8(r);
	size_t size = 4u * reader_be16(r);
	size_t least = 4 + (size_t)RTCP_BLOCK_BYTES * (first & 31) +
		       (type == RTCP_SENDER_REPORT ? RTCP_SENDER_BYTES : 0);

	*source = reader_be32(r);
	(void)reader_take(r, size < 4 ? SIZE_MAX : size - 4);
	return !r->short_read && first >> 5 == RTP_VERSION << 1 && size >= least &&
	       (type == RTCP_SENDER_REPORT || type == RTCP_RECEIVER_REPORT);
}

/* A report, and at least one packet more: each report has a name with it (RFC 3550 6.1). */
static bool read_compound(struct span datagram, uint32_t *source)
{
	struct reader r = reader_of(datagram);
	unsigned packets = 0;

	if (!read_report(&r, source))
		return false;
	while (reader_left(&r) > 0) {
		uint8_t first = reader_u8(&r);
		uint8_t type = reader_u8(&r);

		(void)reader_take(&r, 4u * reader_be16(&r));
		if (first >> 6 != RTP_VERSION || type < RTCP_SENDER_REPORT || type > RTCP_LAST)
			return false;
		packets++;
	}
	return !r.short_read && packets > 0;
}

/* Of the same source, and about as late. */
static bool goes_on(const struct packet *p, struct span datagram)
{
	struct packet next;
	uint32_t source;
	int apart;

	if (read_compound(datagram, &source))
		return source == p->source;
	if (!read_packet(datagram, &next) || next.source != p->source)
		return false;
	apart = (int16_t)(uint16_t)(next.number - p->number);
	return apart != 0 && apart >= -RTP_APART_MOST && apart <= RTP_APART_MOST;
}

static enum wire_verdict probe_rtp(struct span in, struct wire_hints *hints)
{
	struct datagrams d = datagrams_of(in);
	enum datagrams_step step;
	struct span datagram;
	struct packet p;
	uint32_t source;

	step = datagrams_next(&d, &datagram);
	if (step == DATAGRAMS_ONE) {
		if (dns_is_query(datagram))
			return WIRE_NO;
		if (read_compound(datagram, &source))
			return WIRE_YES;
		if (!read_packet(datagram, &p))
			return WIRE_NO;
		step = datagrams_next(&d, &datagram);
		if (step == DATAGRAMS_ONE)
			return goes_on(&p, datagram) ? WIRE_YES : WIRE_NO;
	}
	hints->wanted = d.wanted;
	return step == DATAGRAMS_END ? WIRE_MORE : WIRE_NO;
}

const struct wire_proto wire_rtp = {
	.name = "rtp",
	.is_weak = true,
	.udp = { DATAGRAMS_ROOM, probe_rtp },
	.begins = begins_rtp,
};
