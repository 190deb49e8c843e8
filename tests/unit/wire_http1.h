#ifndef SHUNT_UNIT_WIRE_HTTP1_H
#define SHUNT_UNIT_WIRE_HTTP1_H

#include "wire_samples.h"

/* What the tests of HTTP/1 share: one request, what it must be, and the laws with it. */
static inline struct wire_hints http1_ask(const char *request, enum wire_verdict expected)
{
	struct wire_hints hints;

	sample_assert(WIRE_ID_http, span_text(request), expected);
	assert_int_equal(sample_ask(WIRE_ID_http, span_text(request), &hints), expected);
	return hints;
}

/* YES, and this is the name; each way of cutting it gives the same, by the laws. */
static inline void http1_check(const char *request, const char *name)
{
	struct wire_hints hints = http1_ask(request, WIRE_YES);

	sample_assert_name(&hints, name);
	assert_int_equal(hints.alpn_size, 0);
}

static inline void http1_check_parts(const char *request, const char *method, const char *path)
{
	struct wire_hints hints = http1_ask(request, WIRE_YES);

	assert_true(span_equal(hints.method, span_text(method)));
	assert_true(span_equal(hints.path, span_text(path)));
}

/* Refused with its last byte, and not before. */
static inline void http1_check_refused(const char *request)
{
	struct wire_hints hints;
	size_t size = strlen(request);

	(void)http1_ask(request, WIRE_NO);
	if (sample_ask(WIRE_ID_http, span_of(request, size - 1), &hints) != WIRE_MORE)
		fail_msg("refused before its end: %s", request);
}

#endif
