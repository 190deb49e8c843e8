/*
 * PPTP's control connection: a client begins with a Start-Control-Connection-Request
 * (RFC 2637 2.1), of which length, type, magic cookie and version are always the same.
 * The tunnel itself is GRE, which never comes this way.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

/* 156 bytes, a control message, the cookie, a start request, reserved, version 1.0 */
static const uint8_t request[] = { 0, 156, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 1, 0 };

static enum wire_verdict probe_pptp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	fields_text(&f, span_of(request, sizeof request));
	return fields_end(&f, hints);
}

const struct wire_proto wire_pptp = {
	.name = "pptp",
	.tcp = { sizeof request, probe_pptp },
};
