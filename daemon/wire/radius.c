/*
 * RADIUS: a request of a client, whole: its size in the header, attributes that fill it
 * (RFC 2865 3, 5), those of them right whose sizes are fixed, and the ones without which
 * a request of its kind says nothing (RFC 2865 4.1, RFC 2866 4.1, RFC 5997 3, RFC 5176 3).
 * Answers are a server's. The first four bytes may be those of a query of DNS or of anything
 * else: what comes behind them tells.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"

enum code {
	ACCESS_REQUEST = 1,
	ACCOUNTING_REQUEST = 4,
	STATUS_SERVER = 12,
	DISCONNECT_REQUEST = 40, /* these two of a server that changes its mind (RFC 5176) */
	CHANGE_REQUEST = 43,
};

enum {
	SIZE_MOST = 4096,
	AUTHENTICATOR_BYTES = 16,
	ATTRIBUTE_HEAD_BYTES = 2,
	PASSWORD_BLOCK_BYTES = 16,
	PASSWORD_MOST = 128,
	ATTRIBUTE_KINDS = 256,
};

/* Attributes that are looked at. */
enum attribute {
	USER_NAME = 1,
	USER_PASSWORD = 2,
	CHAP_PASSWORD = 3,
	NAS_ADDRESS = 4,
	NAS_PORT = 5,
	SERVICE_TYPE = 6,
	FRAMED_ADDRESS = 8,
	VENDOR_SPECIFIC = 26,
	CALLED_STATION = 30,
	CALLING_STATION = 31,
	NAS_IDENTIFIER = 32,
	ACCT_STATUS_TYPE = 40,
	ACCT_SESSION = 44,
	ACCT_MULTI_SESSION = 50,
	NAS_PORT_TYPE = 61,
	EAP_MESSAGE = 79,
	MESSAGE_AUTHENTICATOR = 80,
	NAS_PORT_ID = 87,
	CHARGEABLE_USER = 89,
	NAS_ADDRESS_V6 = 95,
	FRAMED_INTERFACE = 96,
	FRAMED_PREFIX_V6 = 97,
};

struct attributes {
	bool has[ATTRIBUTE_KINDS];
};

/* The value of an attribute, by its size. */
static bool fits(uint8_t type, size_t size)
{
	switch (type) {
	case 0:
		return false;
	case USER_PASSWORD:
		return size > 0 && size <= PASSWORD_MOST && size % PASSWORD_BLOCK_BYTES == 0;
	case CHAP_PASSWORD:
		return size == 17; /* an id and an MD5 (RFC 2865 5.3) */
	case NAS_ADDRESS:
	case NAS_PORT:
	case SERVICE_TYPE:
	case FRAMED_ADDRESS:
	case ACCT_STATUS_TYPE:
	case NAS_PORT_TYPE:
		return size == 4;
	case VENDOR_SPECIFIC:
		return size > 4;
	case MESSAGE_AUTHENTICATOR:
	case NAS_ADDRESS_V6:
		return size == 16;
	default:
		return true;
	}
}

static bool read_attributes(struct reader *r, struct attributes *a)
{
	memset(a, 0, sizeof *a);
	while (reader_left(r) > 0) {
		uint8_t type = reader_u8(r);
		uint8_t size = reader_u8(r);

		if (size < ATTRIBUTE_HEAD_BYTES || !fits(type, size - ATTRIBUTE_HEAD_BYTES))
			return false;
		(void)reader_take(r, size - (size_t)ATTRIBUTE_HEAD_BYTES);
		a->has[type] = true;
	}
	return !r->short_read;
}

/* Is there any of those that tell a session of a server for network access (RFC 5176 3)? */
static bool names_session(const struct attributes *a)
{
	static const uint8_t kinds[] = { USER_NAME,       NAS_PORT,           FRAMED_ADDRESS,
					 VENDOR_SPECIFIC, CALLED_STATION,     CALLING_STATION,
					 ACCT_SESSION,    ACCT_MULTI_SESSION, NAS_PORT_ID,
					 CHARGEABLE_USER, FRAMED_INTERFACE,   FRAMED_PREFIX_V6 };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (a->has[kinds[i]])
			return true;
	}
	return false;
}

/* Do they say what a request of that kind is made for? */
static bool is_request(uint8_t code, const struct attributes *a)
{
	bool names_nas = a->has[NAS_ADDRESS] || a->has[NAS_IDENTIFIER] || a->has[NAS_ADDRESS_V6];

	switch (code) {
	case ACCESS_REQUEST: /* who, or from where: by the address of a caller alone, too */
		return a->has[USER_NAME] || a->has[EAP_MESSAGE] || a->has[CALLING_STATION];
	case ACCOUNTING_REQUEST:
		return a->has[ACCT_STATUS_TYPE] && (a->has[ACCT_SESSION] || names_nas);
	case STATUS_SERVER:
		return a->has[MESSAGE_AUTHENTICATOR];
	case DISCONNECT_REQUEST:
	case CHANGE_REQUEST:
		return names_session(a) || names_nas;
	default:
		return false;
	}
}

static bool begins_radius(uint8_t first)
{
	return first == ACCESS_REQUEST || first == ACCOUNTING_REQUEST || first == STATUS_SERVER ||
	       first == DISCONNECT_REQUEST || first == CHANGE_REQUEST;
}

static bool is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct attributes a;
	uint8_t code = reader_u8(&r);

	(void)reader_u8(&r); /* its number */
	if (!begins_radius(code) || reader_be16(&r) != datagram.size || datagram.size > SIZE_MOST)
		return false;
	(void)reader_take(&r, AUTHENTICATOR_BYTES);
	return read_attributes(&r, &a) && is_request(code, &a) && !dns_is_query(datagram) &&
	       !ike_is_message(datagram);
}

static enum wire_verdict probe_radius(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_radius = {
	.name = "radius",
	.udp = { DATAGRAMS_ROOM, probe_radius },
	.begins = begins_radius,
};
