/* HTTP/2: frames in every order and shape, good and bad. */
#include "wire_http2.h"

/* Padding and priority shift the fragment (RFC 9113 6.2). */
static void test_padding_and_priority(void **state)
{
	uint8_t payload[64] = { 7, 0x80, 0, 0, 3, 255 };

	(void)state;
	memcpy(payload + 6, http2_request, sizeof http2_request);
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED | HTTP2_WITH_PRIORITY, 1,
			span_of(payload, 6 + sizeof http2_request + 7));
	http2_check("www.example.com");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_WITH_PRIORITY, 1,
			span_of(payload + 1, 5 + sizeof http2_request));
	http2_check("www.example.com");
	payload[5] = 0;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED, 1,
			span_of(payload + 5, 1 + sizeof http2_request));
	http2_check("www.example.com");
}

/* A frame too short for what its flags announce. */
static void test_bad_padding(void **state)
{
	uint8_t payload[8] = { 3, 0x82, 0x86, 0x84 };

	(void)state;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED, 1, span_of(payload, 3));
	http2_check("");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_PADDED, 1, span_of(payload, 3));
	http2_check(""); /* and nobody waits for the rest of such a block */
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_WITH_PRIORITY, 1,
			span_of(payload, 4));
	http2_check("");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED | HTTP2_WITH_PRIORITY, 1,
			span_of(payload, 8));
	http2_check(""); /* 3 of 2 */
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED, 1, span_of(NULL, 0));
	http2_stream.size -= 9;
	http2_put("\0\0\0\1\14\0\0\0\1", 9);
	http2_check("");
}

/* The block cut at every byte, over two frames and over as many as it has bytes. */
static void test_continuation(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof http2_request; cut++) {
		http2_begin();
		http2_put_frame(HTTP2_HEADERS, 1, 5, span_of(http2_request, cut));
		http2_put_frame(HTTP2_CONTINUATION, HTTP2_END_HEADERS, 5,
				span_of(http2_request + cut, sizeof http2_request - cut));
		http2_check("www.example.com");
	}
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, 0, 1, span_of(NULL, 0));
	for (size_t i = 0; i < sizeof http2_request; i++)
		http2_put_frame(HTTP2_CONTINUATION, HTTP2_PADDED, 1,
				span_of(http2_request + i, 1)); /* no such flag there */
	http2_put_frame(HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1, span_of(NULL, 0));
	http2_check("www.example.com");
}

/* Frames that may come first, in any order. */
static void test_passed_over(void **state)
{
	static const uint8_t zeros[100];

	(void)state;
	http2_stream.size = 0;
	http2_put(HTTP2_PREFACE, 24);
	http2_put_frame(HTTP2_SETTINGS, 0, 0, span_of("\0\3\0\0\0\144\0\4\0\377\377\377", 12));
	http2_put_frame(HTTP2_WINDOW_UPDATE, 0, 0, span_of(zeros, 4));
	http2_put_frame(HTTP2_PRIORITY, 0, 3, span_of(zeros, 5));
	http2_put_frame(HTTP2_SETTINGS, 1, 0, span_of(NULL, 0));
	http2_put_frame(HTTP2_PING, 0, 0, span_of(zeros, 8));
	http2_put_frame(0x10, 0, 0, span_of(zeros, 17));
	http2_put_frame(0xfa, 0xff, 0xffffffff, span_of(zeros, 100));
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
			span_of(http2_request, sizeof http2_request));
	http2_check("www.example.com");
}

/* What a server ends the connection for: known with the frame's header, and without a name. */
static void test_refused_frames(void **state)
{
	static const struct {
		unsigned type, flags, id;
	} frames[] = {
		{ 0, 0, 1 },                             /* DATA of no stream */
		{ 3, 0, 1 },                             /* RST_STREAM */
		{ 5, 4, 1 },                             /* PUSH_PROMISE of a client */
		{ HTTP2_CONTINUATION, 4, 1 },            /* of nothing */
		{ HTTP2_HEADERS, HTTP2_END_HEADERS, 0 }, /* streams of clients are odd */
		{ HTTP2_HEADERS, HTTP2_END_HEADERS, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		http2_begin();
		http2_put_frame(frames[i].type, frames[i].flags, frames[i].id, span_of(NULL, 0));
		http2_check("");
	}
	http2_begin();
	http2_put("\0\x40\1\1\4\0\0\0\1", 9); /* longer than any frame may be */
	http2_check("");
}

/* SETTINGS come first. */
static void test_first_frame(void **state)
{
	static const struct {
		unsigned type, flags, id;
	} frames[] = { { HTTP2_HEADERS, HTTP2_END_HEADERS, 1 },
		       { HTTP2_WINDOW_UPDATE, 0, 0 },
		       { HTTP2_SETTINGS, 1, 0 },
		       { HTTP2_SETTINGS, 0, 1 },
		       { 0xfa, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		http2_stream.size = 0;
		http2_put(HTTP2_PREFACE, 24);
		http2_put_frame(frames[i].type, frames[i].flags, frames[i].id, span_of(NULL, 0));
		http2_check("");
	}
}

/* Between the parts of a block nothing else may come (RFC 9113 6.10). */
static void test_interrupted_block(void **state)
{
	static const struct {
		unsigned type, id;
	} frames[] = {
		{ HTTP2_CONTINUATION, 3 }, { HTTP2_HEADERS, 1 }, { HTTP2_SETTINGS, 0 }, { 0xfa, 1 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		http2_begin();
		http2_put_frame(HTTP2_HEADERS, 0, 1, span_of(http2_request, sizeof http2_request));
		http2_put_frame(frames[i].type, HTTP2_END_HEADERS, frames[i].id, span_of(NULL, 0));
		http2_check("");
	}
}

/* A name ahead of the fault does not count: the server does not take the request. */
static void test_bad_block(void **state)
{
	uint8_t block[sizeof http2_request + 1];

	(void)state;
	memcpy(block, http2_request, sizeof http2_request);
	block[sizeof http2_request] = 0x80;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, sizeof block));
	http2_check("");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(NULL, 0));
	http2_check("");
}

/* 32768 bytes up to the end of the block; it is known early that more will be needed. */
static void test_largest(void **state)
{
	enum { BEFORE = 24 + 9 + 9 + 16384 + 9 + 9 };
	static uint8_t zeros[16384];
	struct wire_hints hints;

	(void)state;
	assert_int_equal(wire_proto_at(WIRE_ID_http2)->tcp.most_bytes, 32768);
	for (size_t more = 0; more < 2; more++) {
		http2_begin();
		http2_put_frame(0xfa, 0, 0, span_of(zeros, 16384));
		http2_put_frame(0xfa, 0, 0,
				span_of(zeros, 32768 - BEFORE - sizeof http2_request + more));
		http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
				span_of(http2_request, sizeof http2_request));
		assert_int_equal(http2_stream.size, 32768 + more);
		if (more == 0)
			http2_check("www.example.com");
	}
	sample_assert(WIRE_ID_http2, http2_all(), WIRE_YES);
	assert_int_equal(sample_ask(WIRE_ID_http2,
				    span_of(http2_stream.data, 32768 - sizeof http2_request),
				    &hints),
			 WIRE_MORE);
	assert_int_equal(sample_ask(WIRE_ID_http2,
				    span_of(http2_stream.data, 32769 - sizeof http2_request),
				    &hints),
			 WIRE_YES);
	sample_assert_name(&hints, "");
}

static void test_wanted(void **state)
{
	struct wire_hints hints;

	(void)state;
	http2_begin();
	http2_put_frame(HTTP2_WINDOW_UPDATE, 0, 0, span_of("\0\0\1\0", 4));
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
			span_of(http2_request, sizeof http2_request));
	for (size_t size = 0; size < http2_stream.size; size++) {
		size_t wanted = size < 24   ? size + 1
				: size < 33 ? 33
				: size < 42 ? 42
				: size < 55 ? 55
					    : http2_stream.size;

		assert_int_equal(
			sample_ask(WIRE_ID_http2, span_of(http2_stream.data, size), &hints),
			WIRE_MORE);
		assert_int_equal(hints.wanted, wanted);
		assert_int_equal(hints.is_sure, size >= 24);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_padding_and_priority),
		cmocka_unit_test(test_bad_padding),
		cmocka_unit_test(test_continuation),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_refused_frames),
		cmocka_unit_test(test_first_frame),
		cmocka_unit_test(test_interrupted_block),
		cmocka_unit_test(test_bad_block),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
