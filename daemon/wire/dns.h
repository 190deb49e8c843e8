#ifndef SHUNT_WIRE_DNS_H
#define SHUNT_WIRE_DNS_H

#include "wire/wire.h"

enum {
	DNS_HEADER_BYTES = 12,
	DNS_NAME_MOST = 255, /* bytes of a name, with the lengths of its labels (RFC 1035 3.1) */
	DNS_LABEL_MOST = 63,
	DNS_FLAGS_OF_ANSWERS = 0x80cf, /* QR, RA, Z and RCODE: no query has any of them */
	DNS_TYPE_SOA = 6,
	DNS_TYPE_IXFR = 251,
	/* of a stream: size, header, name, type and class */
	DNS_STREAM_MOST_BYTES = 2 + DNS_HEADER_BYTES + DNS_NAME_MOST + 4,
};

/* What the header says of a message of one question. */
struct dns_header {
	unsigned opcode;
	uint16_t answers;    /* of an UPDATE: prerequisites */
	uint16_t authority;  /* of an UPDATE: changes */
	uint16_t additional; /* records */
};

/*
 * Is a datagram, whole, a DNS query (RFC 1035 4.1), NOTIFY (RFC 1996) or UPDATE
 * (RFC 2136)? One question, every name and record in form, and not a byte behind
 * them. Its id is a client's free choice, so its first two bytes may be those of any
 * other protocol, whose recogniser had better ask here.
 */
bool dns_is_query(struct span message);

/* How many records of which section go with a question of that type? */
bool dns_counts_fit(const struct dns_header *h, uint16_t type);

/* IN, CH, HS, NONE and ANY; IN with the bit by which a client of mDNS asks for an answer to itself
 * (RFC 6762 5.4). */
bool dns_is_class(uint16_t class);

/* The name of the question of a message that holds all of that. A label with a dot in it makes it
 * none. */
void dns_set_name(struct wire_hints *hints, struct span message);

/* DNS over TCP: see dns_stream.c. */
enum wire_verdict dns_probe_stream(struct span in, struct wire_hints *hints);

/*
 * May these first bytes of a stream be those of DNS, as far as its header? Its size and id
 * may be the first bytes of another protocol, whose recogniser had better ask here when it
 * goes by little else.
 */
bool dns_stream_begins(struct span stream);

#endif
