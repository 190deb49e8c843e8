#ifndef SHUNT_WIRE_X224_H
#define SHUNT_WIRE_X224_H

#include "wire/fields.h"

/*
 * The connection request of X.224 over TCP (RFC 1006 6, X.224 13.3), with which RDP and
 * all that is made for ISO's transport begin. What follows its head tells them apart:
 * parameters of X.224 have codes of 0x80 and above, RDP puts a line of text or its own
 * request there; where nothing follows, only RDP sends a reference of 0.
 */
enum {
	X224_HEAD_BYTES = 11,
	X224_MOST_BYTES = 4 + 1 + 254, /* its own length field has one byte, 255 is reserved */
	X224_CODE_LEAST = 0x80,
};

struct x224_request {
	size_t more;        /* bytes that follow the head */
	uint32_t reference; /* the client's own */
	uint32_t options;   /* class and options: 0 is class 0 */
};

/* Read the head; on return `verdict` says whether `out` is of any use. */
void x224_read_head(struct fields *f, struct x224_request *out);

#endif
