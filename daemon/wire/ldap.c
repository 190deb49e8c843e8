/*
 * LDAP over TCP: the first request of a client, a bind, a search or an extended one
 * (StartTLS is one), as far as the first field of it that is of any content (RFC 4511 4.1.1,
 * 4.2, 4.5.1, 4.12). Lengths may have more bytes than they need (X.690 8.1.3.5): Windows
 * always sends four. Each must fit into the one around it.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	TAG_SEQUENCE = 0x30,
	TAG_INTEGER = 0x02,
	TAG_STRING = 0x04,
	TAG_BIND = 0x60,
	TAG_SEARCH = 0x63,
	TAG_EXTENDED = 0x77,
	TAG_REQUEST_NAME = 0x80,
	LENGTH_LONG = 0x80,         /* that many bytes of length follow */
	MESSAGE_LEAST = 10,         /* id and an extended request with the shortest name */
	MESSAGE_MOST = 1024 * 1024, /* a bind may carry a ticket */
	ID_BYTES = 4,               /* at most, below 2^31 (RFC 4511 4.1.1.1) */
	BIND_LEAST = 7,             /* version, name, password, both empty */
	SEARCH_LEAST = 21,          /* with nothing in it */
	EXTENDED_LEAST = 5,
	LDAP_MOST_BYTES = 6 + 6 + 6 + 9,
};

/* The length of what follows: that ends `behind` bytes from the start at the latest. */
static uint32_t read_length(struct fields *f, uint32_t least, size_t behind)
{
	uint32_t first = fields_be(f, 1, 0, LENGTH_LONG | 4);
	uint32_t most = behind > f->at ? (uint32_t)(behind - f->at) : 0;

	fields_require(f, first != LENGTH_LONG);
	if (first < LENGTH_LONG) {
		fields_require(f, first >= least && first <= most);
		return first;
	}
	most -= most > (first & 7) ? first & 7 : most;
	fields_require(f, least <= most);
	return fields_be(f, first & 7, least, most);
}

static void read_id(struct fields *f)
{
	uint32_t size;

	(void)fields_be(f, 1, TAG_INTEGER, TAG_INTEGER);
	size = fields_be(f, 1, 1, ID_BYTES);
	/* behind NO and MORE nothing is read, whatever the range */
	(void)fields_be(f, size, 1, size ? (uint32_t)INT32_MAX >> 8 * (ID_BYTES - size) : 1);
}

static void read_bind(struct fields *f, size_t end)
{
	(void)fields_be(f, 1, TAG_INTEGER, TAG_INTEGER);
	(void)fields_be(f, 1, 1, 1);
	(void)fields_be(f, 1, 2, 3); /* version */
	(void)fields_be(f, 1, TAG_STRING, TAG_STRING);
	(void)read_length(f, 0, end - 2);
}

static void read_search(struct fields *f, size_t end)
{
	(void)fields_be(f, 1, TAG_STRING, TAG_STRING);
	(void)read_length(f, 0, end - (SEARCH_LEAST - 2));
}

static void read_extended(struct fields *f, size_t end)
{
	(void)fields_be(f, 1, TAG_REQUEST_NAME, TAG_REQUEST_NAME);
	(void)read_length(f, EXTENDED_LEAST - 2, end);
	(void)fields_be(f, 1, '0', '2'); /* an object's number in digits (RFC 4512 1.4) */
	(void)fields_be(f, 1, '.', '.');
}

static enum wire_verdict probe_ldap(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t tag, length;
	size_t end;

	(void)fields_be(&f, 1, TAG_SEQUENCE, TAG_SEQUENCE);
	length = read_length(&f, MESSAGE_LEAST, MESSAGE_MOST);
	end = f.at + length;
	read_id(&f);
	tag = fields_be(&f, 1, TAG_BIND, TAG_EXTENDED);
	fields_require(&f, tag == TAG_BIND || tag == TAG_SEARCH || tag == TAG_EXTENDED);
	length = read_length(&f, EXTENDED_LEAST, end);
	end = f.at + length;
	if (tag == TAG_BIND) {
		fields_require(&f, length >= BIND_LEAST);
		read_bind(&f, end);
	} else if (tag == TAG_SEARCH) {
		fields_require(&f, length >= SEARCH_LEAST);
		read_search(&f, end);
	} else {
		read_extended(&f, end);
	}
	return fields_end(&f, hints);
}

const struct wire_proto wire_ldap = {
	.name = "ldap",
	.tcp = { LDAP_MOST_BYTES, probe_ldap },
};
