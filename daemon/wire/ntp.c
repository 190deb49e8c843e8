/*
 * NTP (RFC 5905 7.3): the first packet of a client, or of a peer that is another's equal.
 * Clients leave most fields to chance, so it goes by its size, its mode and version, and
 * its stratum; extension fields (RFC 7822) and a MAC must fill what is behind: weak. A
 * DNS query of that size is none. Control messages (modes 6 and 7) are not looked for.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	NTP_HEADER_BYTES = 48,
	NTP_ACTIVE = 1, /* modes */
	NTP_CLIENT = 3,
	NTP_VERSION = 4,
	NTP_STRATUM_MOST = 16,   /* not synchronised */
	NTP_FIELD_LEAST = 16,    /* bytes of an extension field (RFC 7822 7.5) */
	NTP_MAC_BYTES = 20,      /* key id and MD5, or AES-CMAC (RFC 8573) */
	NTP_LONG_MAC_BYTES = 24, /* and SHA-1 */
};

/* Of older versions: none, DES, and digests of 16 to 64 bytes, each with a key id. */
static const size_t old_mac_table[] = { 0, 12, NTP_MAC_BYTES, NTP_LONG_MAC_BYTES, 36, 52, 68 };

static bool is_old_mac(size_t size)
{
	for (size_t i = 0; i < sizeof old_mac_table / sizeof old_mac_table[0]; i++) {
		if (size == old_mac_table[i])
			return true;
	}
	return false;
}

/* Extension fields, then perhaps a MAC. What is as short as one is one (RFC 7822 7.5.1.4). */
static bool is_filled(struct reader *r)
{
	while (reader_left(r) > NTP_LONG_MAC_BYTES) {
		uint16_t size;

		(void)reader_be16(r); /* kind of field */
		size = reader_be16(r);
		if (size < NTP_FIELD_LEAST || size % 4 != 0)
			return false;
		(void)reader_take(r, size - 4u);
	}
	return !r->short_read && (reader_left(r) == 0 || reader_left(r) == NTP_MAC_BYTES ||
				  reader_left(r) == NTP_LONG_MAC_BYTES);
}

static bool begins_ntp(uint8_t first)
{
	unsigned mode = first & 7;
	unsigned version = first >> 3 & 7;

	return (mode == NTP_ACTIVE || mode == NTP_CLIENT) && version >= 1 && version <= NTP_VERSION;
}

static bool is_request(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint8_t first = reader_u8(&r);
	uint8_t stratum = reader_u8(&r);
	bool is_so;

	(void)reader_take(&r, NTP_HEADER_BYTES - 2);
	if (r.short_read || !begins_ntp(first) || stratum > NTP_STRATUM_MOST)
		return false;
	is_so = (first >> 3 & 7) == NTP_VERSION ? is_filled(&r) : is_old_mac(reader_left(&r));
	return is_so && !dns_is_query(datagram);
}

static enum wire_verdict probe_ntp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_request);
}

const struct wire_proto wire_ntp = {
	.name = "ntp",
	.is_weak = true,
	.udp = { DATAGRAMS_ROOM, probe_ntp },
	.begins = begins_ntp,
};
