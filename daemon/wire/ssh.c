/*
 * SSH (RFC 4253 4.2): a client begins with its identification string. Only the
 * server may send other lines ahead of it.
 */
#include "wire/recognise.h"

enum {
	SSH_MOST_BYTES = sizeof "SSH-1.99-" - 1,
};

/* 2.0; 1.99 is 2.0 that also speaks 1.x (RFC 4253 5.1); 1.5 is the last of the old protocol. */
static const char *const version_table[] = { "SSH-2.0-", "SSH-1.99-", "SSH-1.5-" };

static enum wire_verdict probe_ssh(struct span in, struct wire_hints *hints)
{
	bool fits = false;

	for (size_t i = 0; i < sizeof version_table / sizeof version_table[0]; i++) {
		struct span version = span_text(version_table[i]);
		size_t size = in.size < version.size ? in.size : version.size;

		if (!span_equal(span_of(in.data, size), span_of(version.data, size)))
			continue;
		if (size == version.size) {
			hints->name_size = 0;
			hints->alpn_size = 0;
			return WIRE_YES;
		}
		fits = true;
	}
	hints->wanted = in.size + 1; /* any byte may differ */
	return fits ? WIRE_MORE : WIRE_NO;
}

const struct wire_proto wire_ssh = {
	.name = "ssh",
	.tcp = { SSH_MOST_BYTES, probe_ssh },
};
