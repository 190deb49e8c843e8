#ifndef SHUNT_UNIT_WIRE_HTTP2_H
#define SHUNT_UNIT_WIRE_HTTP2_H

#include "wire_samples.h"

/* Builds what a client of HTTP/2 sends, frame by frame. */
#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum {
	HTTP2_HEADERS = 1,
	HTTP2_PRIORITY = 2,
	HTTP2_SETTINGS = 4,
	HTTP2_PING = 6,
	HTTP2_WINDOW_UPDATE = 8,
	HTTP2_CONTINUATION = 9,
	HTTP2_END_HEADERS = 4,
	HTTP2_PADDED = 8,
	HTTP2_WITH_PRIORITY = 32,
};

static struct {
	size_t size;
	uint8_t data[64 * 1024];
} http2_stream;

static inline void http2_put(const void *data, size_t size)
{
	assert_true(size <= sizeof http2_stream.data - http2_stream.size);
	memcpy(http2_stream.data + http2_stream.size, data, size);
	http2_stream.size += size;
}

static inline void http2_put_frame(unsigned type, unsigned flags, unsigned id, struct span payload)
{
	uint8_t header[] = { (uint8_t)(payload.size >> 16),
			     (uint8_t)(payload.size >> 8),
			     (uint8_t)payload.size,
			     (uint8_t)type,
			     (uint8_t)flags,
			     (uint8_t)(id >> 24),
			     (uint8_t)(id >> 16),
			     (uint8_t)(id >> 8),
			     (uint8_t)id };

	http2_put(header, sizeof header);
	if (payload.size > 0)
		http2_put(payload.data, payload.size);
}

/* The preface and empty SETTINGS. */
static inline void http2_begin(void)
{
	http2_stream.size = 0;
	http2_put(HTTP2_PREFACE, 24);
	http2_put_frame(HTTP2_SETTINGS, 0, 0, span_of(NULL, 0));
}

static inline struct span http2_all(void)
{
	return span_of(http2_stream.data, http2_stream.size);
}

/* YES with the last byte, with this name. */
static inline void http2_check(const char *name)
{
	struct wire_hints hints;

	sample_assert(WIRE_ID_http2, http2_all(), WIRE_YES);
	assert_int_equal(sample_ask(WIRE_ID_http2, http2_all(), &hints), WIRE_YES);
	sample_assert_name(&hints, name);
	assert_int_equal(hints.alpn_size, 0);
	assert_int_equal(sample_ask(WIRE_ID_http2,
				    span_of(http2_stream.data, http2_stream.size - 1), &hints),
			 WIRE_MORE);
	assert_true(hints.is_sure);
	sample_assert_name(&hints, "");
}

/* The first request of RFC 7541 C.4: indexed fields, a Huffman code. */
static const uint8_t http2_request[] = { 0x82, 0x86, 0x84, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5,
					 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff };

#endif
