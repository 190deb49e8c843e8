#ifndef SHUNT_WIRE_BER_H
#define SHUNT_WIRE_BER_H

#include "base/reader.h"

/*
 * The elements of BER (X.690) as SNMP and LDAP use them, read off a message that is all
 * there: a tag of one byte, a definite length of any form. Sticky as the reader is: an
 * element that is another one, or is cut, is a short read.
 */
enum {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_SEQUENCE = 0x30,
	BER_CONSTRUCTED = 0x20, /* bit of a tag: it holds elements */
};

/* The tag of the next element, and what it holds, part of the input; 0 after a short read. */
uint8_t ber_any(struct reader *r, struct span *value);

/* What the next element holds, which has that tag; empty after a short read. */
struct span ber_take(struct reader *r, uint8_t tag);

/* Read the next element, of that tag, element by element. */
struct reader ber_enter(struct reader *r, uint8_t tag);

/* A whole number, of that tag, from `least` to `most`; another one is a short read, and gives `least`. */
int64_t ber_number(struct reader *r, uint8_t tag, int64_t least, int64_t most);

/* Nothing was missing, and nothing is left. */
bool ber_is_read(const struct reader *r);

/* Elements fill it, and others fill those of them that hold some, some levels deep. */
bool ber_is_whole(struct span elements);

#endif
