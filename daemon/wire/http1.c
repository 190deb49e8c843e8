/*
 * HTTP/1.0 and 1.1 (RFC 9112): a request line, see request_line.h. Each target form
 * is known; the minor version may be any digit (RFC 9110 2.5). HTTP/0.9 is not
 * recognised: without a version, `GET key` is as good Redis or memcached as it is HTTP.
 *
 * The request line decides. A target with an authority gives the name at once,
 * whatever Host says (RFC 9112 3.2.2). Else it is known at the end of the head
 * and not before: a second Host may come last, and a client that is routed by one
 * must not be served by the other. Until then it is a MORE that is sure.
 *
 * A head that a server has to refuse gives no name, at its first faulty line: two
 * Hosts (3.2), a folded line (5.2), a blank before the colon (5.1), a bare CR, a
 * NUL. So does one that is longer than HTTP1_MOST_BYTES, or has more fields than
 * HTTP1_FIELDS_MOST: each byte that arrives costs a look at all before it, and many
 * short lines are the dearest. All these are HTTP.
 */
#include "wire/authority.h"
#include "wire/recognise.h"
#include "wire/request_line.h"
#include "wire/text.h"

enum {
	HTTP1_MOST_BYTES = 65536, /* request line and fields: tickets and tokens may be long */
	HTTP1_FIELDS_MOST = 256,  /* browsers send 20, servers take 100 and more */
};

/* A character of host [ ":" port ]. */
static bool is_authority(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || (c && strchr("-._~%!$&'()*+,;=:[]", c));
}

/* Real clients send more than the RFC has in a target, but no blank and no control character. */
static void read_target(struct fields *f, struct span method)
{
	if (span_equal(method, span_text("CONNECT"))) /* RFC 9112 3.2.3 */
		(void)text_run(f, is_authority, REQUEST_LINE_MOST);
	else if (text_peek(f) == '/')
		(void)text_run(f, text_is_word, REQUEST_LINE_MOST);
	else if (text_peek(f) == '*')
		fields_text(f, span_text("*"));
	else
		request_line_read_absolute(f); /* 3.2.2 */
}

static void read_version(struct fields *f)
{
	fields_text(f, span_text("HTTP/1."));
	(void)fields_be(f, 1, '0', '9');
}

static const struct request_form http1_form = { read_target, read_version };

/*
 * Path, and the name where the target has one. Returns true when it has: then
 * Host does not count. An absolute form with an empty path means "/" (RFC 9110
 * 4.2.3), and there is a slash at hand.
 */
static bool read_target_name(const struct request_line *r, struct wire_hints *hints)
{
	const uint8_t *colon;
	struct span authority;
	size_t end;

	hints->path = r->target;
	if (r->target.data[0] == '/' || r->target.data[0] == '*')
		return false;
	if (span_equal(r->method, span_text("CONNECT"))) {
		hints->path = span_of(NULL, 0);
		wire_authority_set_name(hints, r->target);
		return true;
	}
	if (!wire_authority_find(r->target, &authority)) {
		colon = memchr(r->target.data, ':', r->target.size);
		end = (size_t)(colon - r->target.data) + 1;
		hints->path = span_of(r->target.data + end, r->target.size - end);
		return false;
	}
	wire_authority_set_name(hints, authority);
	end = (size_t)(authority.data - r->target.data) + authority.size;
	hints->path = end < r->target.size && r->target.data[end] == '/'
			      ? span_of(r->target.data + end, r->target.size - end)
			      : span_of(authority.data - 1, 1);
	return true;
}

/* Is it `name ":" value` with nothing that servers read in different ways (RFC 9112 5)? */
static bool is_field(struct span line, size_t *name_size)
{
	size_t size = 0;

	while (size < line.size && text_is_token(line.data[size]))
		size++;
	*name_size = size;
	return size > 0 && size < line.size && line.data[size] == ':' &&
	       !memchr(line.data, '\r', line.size) && !memchr(line.data, '\0', line.size);
}

/* The value of a field, without the blanks around it (RFC 9112 5). */
static struct span value_of(struct span line, size_t name_size)
{
	size_t start = name_size + 1;
	size_t end = line.size;

	while (start < end && (line.data[start] == ' ' || line.data[start] == '\t'))
		start++;
	while (end > start && (line.data[end - 1] == ' ' || line.data[end - 1] == '\t'))
		end--;
	return span_of(line.data + start, end - start);
}

/* The line that begins at `at`, without its end. Returns where the next one begins, 0 when this
 * one is not all there. */
static size_t take_line(struct span in, size_t at, struct span *line)
{
	const uint8_t *end = at < in.size ? memchr(in.data + at, '\n', in.size - at) : NULL;
	size_t size;

	if (!end)
		return 0;
	size = (size_t)(end - in.data) - at;
	if (size > 0 && end[-1] == '\r')
		size--;
	*line = span_of(in.data + at, size);
	return (size_t)(end - in.data) + 1;
}

/* The fields from `at` on. YES when the one Host is known, or that there is no name to be had. */
static enum wire_verdict read_fields(struct span in, size_t at, struct wire_hints *hints)
{
	struct span host = span_of(NULL, 0);
	struct span line;
	size_t name_size;

	for (unsigned fields = 0;; fields++) {
		at = take_line(in, at, &line);
		if (at == 0)
			return in.size < HTTP1_MOST_BYTES ? WIRE_MORE : WIRE_YES;
		if (line.size == 0)
			break;
		if (fields == HTTP1_FIELDS_MOST || !is_field(line, &name_size))
			return WIRE_YES;
		if (!text_is_same(span_of(line.data, name_size), "HOST"))
			continue;
		if (host.data)
			return WIRE_YES;
		host = value_of(line, name_size);
	}
	wire_authority_set_name(hints, host);
	return WIRE_YES;
}

static enum wire_verdict probe_http1(struct span in, struct wire_hints *hints)
{
	struct request_line line;
	enum wire_verdict verdict;
	struct fields f;

	if (in.size > HTTP1_MOST_BYTES)
		in.size = HTTP1_MOST_BYTES;
	f = fields_of(in);
	hints->name_size = 0;
	hints->alpn_size = 0;
	hints->is_sure = false;
	request_line_read(&f, &http1_form, &line);
	verdict = fields_end(&f, hints);
	if (verdict != WIRE_YES)
		return verdict;
	hints->method = line.method;
	if (read_target_name(&line, hints))
		return WIRE_YES;
	hints->wanted = in.size + 1; /* any byte may be one that cannot be */
	verdict = read_fields(in, f.at, hints);
	hints->is_sure = verdict == WIRE_MORE;
	return verdict;
}

const struct wire_proto wire_http = {
	.name = "http",
	.says = WIRE_SAYS_NAME | WIRE_SAYS_REQUEST,
	.tcp = { HTTP1_MOST_BYTES, probe_http1 },
};
