/*
 * rsync to its daemon, without ssh: client and server both begin with a line that says
 * the version of the protocol, `@RSYNCD: 31.0`, and since rsync 3.2.7 the names of the
 * digests that they know. The module comes later, when the server has answered.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	RSYNC_MOST_BYTES = 256, /* of the line; digests are few, and their names short */
	VERSION_DIGITS = 3,
};

static void read_number(struct fields *f)
{
	struct span digits = text_run(f, text_is_digit, VERSION_DIGITS);

	fields_require(f, digits.size > 0);
}

static enum wire_verdict probe_rsync(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	fields_text(&f, span_text("@RSYNCD: "));
	read_number(&f);
	if (text_peek(&f) == '.') {
		fields_text(&f, span_text("."));
		read_number(&f);
	}
	if (text_peek(&f) == ' ')
		(void)text_run(&f, text_is_printed, RSYNC_MOST_BYTES);
	fields_text(&f, span_text("\n"));
	text_bound(&f, RSYNC_MOST_BYTES);
	return fields_end(&f, hints);
}

const struct wire_proto wire_rsync = {
	.name = "rsync",
	.tcp = { RSYNC_MOST_BYTES, probe_rsync },
};
