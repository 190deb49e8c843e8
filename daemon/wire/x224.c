/* X.224's connection request, as far as RDP and ISO's transport have it in common. */
#include "wire/x224.h"

enum {
	TPKT_HEAD_BYTES = 4,
	CONNECTION_REQUEST = 0xe0,
	CLASS_2_OPTIONS_MOST = 0x23,
};

void x224_read_head(struct fields *f, struct x224_request *out)
{
	uint32_t size, rest;

	fields_text(f, span_of("\3\0", 2));
	size = fields_be(f, 2, X224_HEAD_BYTES, X224_MOST_BYTES);
	rest = size - TPKT_HEAD_BYTES - 1;
	(void)fields_be(f, 1, rest, rest);
	(void)fields_be(f, 1, CONNECTION_REQUEST, CONNECTION_REQUEST);
	(void)fields_be(f, 2, 0, 0); /* the server has no reference yet */
	out->reference = fields_be(f, 2, 0, UINT16_MAX);
	out->options = fields_be(f, 1, 0, CLASS_2_OPTIONS_MOST);
	out->more = f->verdict == WIRE_YES ? size - X224_HEAD_BYTES : 0;
}
