/*
 * ISO's transport over TCP (RFC 1006, RFC 2126), as S7, MMS and others use it: an X.224
 * connection request of class 0 or 2 whose parameters fill it. RDP begins likewise:
 * see x224.h for what tells them apart.
 */
#include "wire/recognise.h"
#include "wire/x224.h"

enum {
	CLASS_2 = 0x20,
	PARAMETER_HEAD_BYTES = 2,
	CODE_TPDU_SIZE = 0xc0,
	TPDU_SIZE_LEAST = 7, /* powers of two: 128 bytes to 8192 (X.224 13.3.4) */
	TPDU_SIZE_MOST = 13,
};

/* Code, length and value, in what is left of the request. */
static void read_parameter(struct fields *f, size_t left)
{
	uint32_t most = left < PARAMETER_HEAD_BYTES ? 0 : (uint32_t)left - PARAMETER_HEAD_BYTES;
	uint32_t code, size;

	code = fields_be(f, 1, X224_CODE_LEAST, UINT8_MAX);
	fields_require(f, left >= PARAMETER_HEAD_BYTES);
	size = fields_be(f, 1, code == CODE_TPDU_SIZE ? 1 : 0, code == CODE_TPDU_SIZE ? 1 : most);
	fields_require(f, size <= most);
	if (code == CODE_TPDU_SIZE)
		(void)fields_be(f, 1, TPDU_SIZE_LEAST, TPDU_SIZE_MOST);
	else
		(void)fields_take(f, size);
}

static enum wire_verdict probe_cotp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct x224_request request;
	size_t end;

	x224_read_head(&f, &request);
	fields_require(&f, request.options == 0 || request.options >= CLASS_2);
	fields_require(&f, request.more > 0 || request.reference != 0);
	end = f.at + request.more;
	while (f.verdict == WIRE_YES && f.at < end)
		read_parameter(&f, end - f.at);
	return fields_end(&f, hints);
}

const struct wire_proto wire_cotp = {
	.name = "cotp",
	.tcp = { X224_MOST_BYTES, probe_cotp },
};
