/*
 * RTSP 1.0 and 2.0 (RFC 2326 6.1, RFC 7826 20.2.1): a request line like that of HTTP,
 * but that the target is `*` or a URL of RTSP, whose host is the name. No RFC has a path
 * alone, but clients of AirPlay begin with one: `GET /info RTSP/1.0`. RTSP that is carried
 * in HTTP is HTTP.
 */
#include "wire/authority.h"
#include "wire/recognise.h"
#include "wire/request_line.h"
#include "wire/text.h"

static void read_target(struct fields *f, struct span method)
{
	static const char *const schemes[] = { "RTSP://", "RTSPS://", "RTSPU://" };

	(void)method;
	if (text_peek(f) == '*') {
		fields_text(f, span_text("*"));
		return;
	}
	if (text_peek(f) != '/')
		text_one_of(f, schemes, sizeof schemes / sizeof *schemes);
	(void)text_run(f, text_is_word, REQUEST_LINE_MOST);
}

static void read_version(struct fields *f)
{
	fields_text(f, span_text("RTSP/"));
	(void)fields_be(f, 1, '1', '2');
	fields_text(f, span_text(".0"));
}

static const struct request_form rtsp_form = { read_target, read_version };

static enum wire_verdict probe_rtsp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct request_line line;
	struct span host;

	hints->name_size = 0;
	hints->alpn_size = 0;
	request_line_read(&f, &rtsp_form, &line);
	if (f.verdict == WIRE_YES && line.target.data[0] != '/' &&
	    wire_authority_find(line.target, &host))
		wire_authority_set_name(hints, host);
	return fields_end(&f, hints);
}

const struct wire_proto wire_rtsp = {
	.name = "rtsp",
	.says = WIRE_SAYS_NAME,
	.tcp = { REQUEST_LINE_MOST_BYTES, probe_rtsp },
};
