/*
 * uTP (BEP 29), on which BitTorrent runs over UDP: the SYN with which a connection begins.
 * It acknowledges nothing and knows no delay yet, which are the fixed bytes that it has;
 * of extensions only that of old clients' capabilities comes with it: weak.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	UTP_SYN = 4 << 4 | 1, /* type and version */
	UTP_CAPABILITIES = 2, /* an extension, */
	UTP_CAPABILITIES_BYTES = 8,
};

/* At most one, and nothing behind it: a SYN carries no payload. */
static bool has_extensions(struct reader *r, uint8_t kind)
{
	if (kind != 0 && kind != UTP_CAPABILITIES)
		return false;
	if (kind == UTP_CAPABILITIES) {
		if (reader_be16(r) != UTP_CAPABILITIES_BYTES) /* the next kind: none; and a size */
			return false;
		(void)reader_take(r, UTP_CAPABILITIES_BYTES);
	}
	return !r->short_read && reader_left(r) == 0;
}

static bool begins_utp(uint8_t first)
{
	return first == UTP_SYN;
}

static bool is_syn(struct span datagram)
{
	struct reader r = reader_of(datagram);
	bool is_first = begins_utp(reader_u8(&r));
	uint8_t kind = reader_u8(&r);

	(void)reader_be16(&r);            /* connection */
	(void)reader_be32(&r);            /* time */
	is_first &= reader_be32(&r) == 0; /* delay */
	(void)reader_be32(&r);            /* window */
	(void)reader_be16(&r);            /* number of this packet */
	is_first &= reader_be16(&r) == 0; /* and of the last one that came */
	return is_first && has_extensions(&r, kind) && !dns_is_query(datagram);
}

static enum wire_verdict probe_utp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_syn);
}

const struct wire_proto wire_utp = {
	.name = "utp",
	.is_weak = true,
	.udp = { DATAGRAMS_ROOM, probe_utp },
	.begins = begins_utp,
};
