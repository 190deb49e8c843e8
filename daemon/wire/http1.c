/*
 * HTTP/1.0 and 1.1 (RFC 9112): a request line, in any segments. Any token is a
 * method that begins with a letter, as all do that anybody uses, unless it is SSH's
 * greeting; each target form is known; the minor version may be any digit (RFC
 * 9110 2.5). Lines may end in LF alone, and two empty lines may come first (RFC
 * 9112 2.2). HTTP/0.9 is not recognised: without a version, `GET key` is as good
 * Redis or memcached as it is HTTP.
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

enum {
	HTTP1_MOST_BYTES = 65536, /* request line and fields: tickets and tokens may be long */
	HTTP1_LINE_MOST = 8192,   /* the request line with its end (RFC 9112 3: 8000 at least) */
	HTTP1_METHOD_MOST = 32,   /* the longest registered one has 17 */
	HTTP1_BLANK_LINES = 2,    /* ahead of the request line */
	HTTP1_FIELDS_MOST = 256,  /* browsers send 20, servers take 100 and more */
};

/*
 * Reads the request line. `verdict` stays YES while all went well; at the end of
 * the input it turns MORE, at a byte that cannot be NO; then `at` stands still.
 */
struct request {
	struct span in;
	size_t at;          /* bytes that were read */
	struct span method; /* */
	struct span target; /* */
	enum wire_verdict verdict;
};

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* A character of a token (RFC 9110 5.6.2). */
static bool is_token(uint8_t c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* What may stand in a target: real clients send more than the RFC has, but no blank and no
 * control character. */
static bool is_target(uint8_t c)
{
	return c > ' ' && c != 0x7f;
}

static bool is_scheme(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* A character of host [ ":" port ]. */
static bool is_authority(uint8_t c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("-._~%!$&'()*+,;=:[]", c));
}

/* MORE when all bytes were read: another one has to follow. */
static void require_more(struct request *r)
{
	if (r->verdict == WIRE_YES && r->at == r->in.size)
		r->verdict = WIRE_MORE;
}

/* The run of bytes from here on that fit, up to `most`; something follows it. */
static struct span take_run(struct request *r, bool (*fits)(uint8_t c), size_t most)
{
	struct span run = span_of(NULL, 0);

	if (r->verdict != WIRE_YES)
		return run;
	run = span_of(r->in.data + r->at, 0);
	while (r->at < r->in.size && run.size < most && fits(r->in.data[r->at])) {
		r->at++;
		run.size++;
	}
	require_more(r);
	return run;
}

static void require(struct request *r, bool fits)
{
	if (r->verdict == WIRE_YES && !fits)
		r->verdict = WIRE_NO;
}

/* This very byte. */
static void take_byte(struct request *r, uint8_t byte)
{
	require_more(r);
	if (r->verdict != WIRE_YES)
		return;
	require(r, r->in.data[r->at] == byte);
	r->at++;
}

/* The byte here, 0 when there is none. */
static uint8_t peek(const struct request *r)
{
	return r->verdict == WIRE_YES && r->at < r->in.size ? r->in.data[r->at] : 0;
}

static void skip_blank_lines(struct request *r)
{
	for (unsigned i = 0; i < HTTP1_BLANK_LINES; i++) {
		if (peek(r) == '\r')
			r->at++;
		else if (peek(r) != '\n')
			return;
		take_byte(r, '\n');
	}
}

/* `SSH-2.0-x / HTTP/1.1` is both. */
static bool is_ssh(struct span method)
{
	return method.size >= 4 && memcmp(method.data, "SSH-", 4) == 0;
}

static void read_method(struct request *r)
{
	require_more(r);
	require(r, is_letter(peek(r)));
	r->method = take_run(r, is_token, HTTP1_METHOD_MOST);
	if (is_ssh(r->method))
		r->verdict = WIRE_NO;
	take_byte(r, ' ');
}

/* scheme ":" and whatever follows (RFC 9112 3.2.2). */
static void read_absolute(struct request *r)
{
	(void)take_run(r, is_scheme, HTTP1_LINE_MOST);
	take_byte(r, ':');
	(void)take_run(r, is_target, HTTP1_LINE_MOST);
}

static void read_target(struct request *r)
{
	size_t start = r->at;

	require_more(r);
	if (span_equal(r->method, span_text("CONNECT"))) { /* RFC 9112 3.2.3 */
		(void)take_run(r, is_authority, HTTP1_LINE_MOST);
	} else if (peek(r) == '/') {
		(void)take_run(r, is_target, HTTP1_LINE_MOST);
	} else if (peek(r) == '*') {
		take_byte(r, '*');
	} else {
		require(r, is_letter(peek(r)));
		read_absolute(r);
	}
	require(r, r->at > start);
	if (r->verdict == WIRE_YES)
		r->target = span_of(r->in.data + start, r->at - start);
}

static void read_version(struct request *r)
{
	static const char version[] = " HTTP/1.";

	for (const char *c = version; *c; c++)
		take_byte(r, (uint8_t)*c);
	require_more(r);
	require(r, is_digit(peek(r)));
	if (r->verdict != WIRE_YES)
		return;
	r->at++;
	if (peek(r) == '\r')
		r->at++;
	take_byte(r, '\n');
}

static void read_request(struct request *r, struct span in)
{
	size_t most;

	*r = (struct request){ .in = in, .verdict = WIRE_YES };
	skip_blank_lines(r);
	most = r->at + HTTP1_LINE_MOST;
	read_method(r);
	read_target(r);
	read_version(r);
	if ((r->verdict == WIRE_YES && r->at > most) ||
	    (r->verdict == WIRE_MORE && in.size >= most))
		r->verdict = WIRE_NO;
}

/*
 * Path, and the name where the target has one. Returns true when it has: then
 * Host does not count. An absolute form with an empty path means "/" (RFC 9110
 * 4.2.3), and there is a slash at hand.
 */
static bool read_target_name(const struct request *r, struct wire_hints *hints)
{
	const uint8_t *target = r->target.data;
	size_t size = r->target.size;
	size_t start = 0;
	size_t end;

	hints->path = r->target;
	if (target[0] == '/' || target[0] == '*')
		return false;
	if (span_equal(r->method, span_text("CONNECT"))) {
		hints->path = span_of(NULL, 0);
		wire_authority_set_name(hints, r->target);
		return true;
	}
	while (target[start] != ':')
		start++;
	start++;
	hints->path = span_of(target + start, size - start);
	if (size - start < 2 || target[start] != '/' || target[start + 1] != '/')
		return false;
	start += 2;
	end = start;
	while (end < size && target[end] != '/' && target[end] != '?' && target[end] != '#')
		end++;
	wire_authority_set_name(hints, span_of(target + start, end - start));
	hints->path = end < size && target[end] == '/' ? span_of(target + end, size - end)
						       : span_of(target + start - 1, 1);
	return true;
}

/* Is it `name ":" value` with nothing that servers read in different ways (RFC 9112 5)? */
static bool is_field(struct span line, size_t *name_size)
{
	size_t size = 0;

	while (size < line.size && is_token(line.data[size]))
		size++;
	*name_size = size;
	return size > 0 && size < line.size && line.data[size] == ':' &&
	       !memchr(line.data, '\r', line.size) && !memchr(line.data, '\0', line.size);
}

static bool is_host(struct span name)
{
	static const char host[] = "host";

	if (name.size != sizeof host - 1)
		return false;
	for (size_t i = 0; i < name.size; i++) {
		if ((name.data[i] | 0x20) != host[i])
			return false;
	}
	return true;
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
		if (!is_host(span_of(line.data, name_size)))
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
	struct request r;
	enum wire_verdict verdict;

	if (in.size > HTTP1_MOST_BYTES)
		in.size = HTTP1_MOST_BYTES;
	hints->name_size = 0;
	hints->alpn_size = 0;
	hints->is_sure = false;
	hints->wanted = in.size + 1; /* any byte may be one that cannot be */
	read_request(&r, in);
	if (r.verdict != WIRE_YES)
		return r.verdict;
	hints->method = r.method;
	if (read_target_name(&r, hints))
		return WIRE_YES;
	verdict = read_fields(in, r.at, hints);
	hints->is_sure = verdict == WIRE_MORE;
	return verdict;
}

const struct wire_proto wire_http = {
	.name = "http",
	.says = WIRE_SAYS_NAME | WIRE_SAYS_REQUEST,
	.tcp = { HTTP1_MOST_BYTES, probe_http1 },
};
