/*
 * CLDAP: a search of LDAP in one datagram, read to the end (RFC 4511 4.5.1, MS-ADTS 6.3.3),
 * also in the form of its own specification, which names a user in front (RFC 1798 4).
 * Nothing else of LDAP is sent so, but an abandon (RFC 4511 4.11), which a client
 * cannot begin with.
 */
#include "base/datagrams.h"
#include "wire/ber.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"

enum {
	SEARCH = 0x63,
	CONTROLS = 0xa0,
	SCOPE_MOST = 3, /* with that of draft-sermersheim-ldap-subordinate-scope */
	DEREFERENCE_MOST = 3,
	FILTER_AND = 0xa0, /* and the next ones; they hold elements */
	FILTER_EXTENSIBLE = 0xa9,
	FILTER_PRESENT = 0x87, /* holds a name */
};

static bool is_filter(uint8_t tag, struct span value)
{
	if (tag == FILTER_PRESENT)
		return value.size > 0;
	return tag >= FILTER_AND && tag <= FILTER_EXTENSIBLE && ber_is_whole(value);
}

static bool is_search(struct reader *search)
{
	struct reader names;
	struct span filter;
	uint8_t tag;

	(void)ber_take(search, BER_OCTETS); /* where */
	(void)ber_number(search, BER_ENUMERATED, 0, SCOPE_MOST);
	(void)ber_number(search, BER_ENUMERATED, 0, DEREFERENCE_MOST);
	(void)ber_number(search, BER_INTEGER, 0, INT32_MAX); /* entries */
	(void)ber_number(search, BER_INTEGER, 0, INT32_MAX); /* seconds */
	if (ber_take(search, BER_BOOLEAN).size != 1)
		return false;
	tag = ber_any(search, &filter);
	if (!is_filter(tag, filter))
		return false;
	names = ber_enter(search, BER_SEQUENCE);
	while (reader_left(&names) > 0)
		(void)ber_take(&names, BER_OCTETS);
	return ber_is_read(&names) && ber_is_read(search);
}

/* Does an element of that tag come next? */
static bool is_next(const struct reader *r, uint8_t tag)
{
	return reader_left(r) > 0 && r->in.data[r->at] == tag;
}

static bool is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct reader message = ber_enter(&r, BER_SEQUENCE);
	struct reader search;

	if (!ber_is_read(&r))
		return false;
	(void)ber_number(&message, BER_INTEGER, 1, INT32_MAX);
	if (is_next(&message, BER_OCTETS))
		(void)ber_take(&message, BER_OCTETS); /* who asks */
	search = ber_enter(&message, SEARCH);
	if (is_next(&message, CONTROLS) && !ber_is_whole(ber_take(&message, CONTROLS)))
		return false;
	return ber_is_read(&message) && is_search(&search) &&
	       !ike_is_message(datagram); /* which a name could hold */
}

static bool begins_cldap(uint8_t first)
{
	return first == BER_SEQUENCE;
}

static enum wire_verdict probe_cldap(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_cldap = {
	.name = "cldap",
	.udp = { DATAGRAMS_ROOM, probe_cldap },
	.begins = begins_cldap,
};
