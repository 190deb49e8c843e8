/* TLS: real hellos from the seeds, and the shapes that no client at hand sends. */
#include "wire_hello.h"
#include "wire_samples.h"

static struct hello_bytes extensions;
static struct hello_bytes message;
static struct hello_bytes stream;

static struct span span_from(const struct hello_bytes *b)
{
	return span_of(b->data, b->size);
}

/* The message whose first extension has `padding` bytes and whose last is the name a.seed.example. */
static void build_message(size_t padding)
{
	extensions.size = 0;
	hello_put_extension(&extensions, 0x0a0a, 1);
	hello_put_extension(&extensions, 21, padding);
	hello_put_server_name(&extensions, span_text("a.seed.example"));
	message.size = 0;
	hello_put_message(&message, span_from(&extensions));
}

/* The same in records of that size. */
static void build_stream(size_t padding, size_t record)
{
	build_message(padding);
	stream.size = 0;
	hello_put_records(&stream, span_from(&message), record);
}

static void assert_hello(void)
{
	struct wire_hints hints;

	sample_assert_laws(WIRE_ID_tls, span_from(&stream));
	assert_int_equal(sample_ask(WIRE_ID_tls, span_from(&stream), &hints), WIRE_YES);
	sample_assert_name(&hints, "a.seed.example");
	assert_int_equal(hints.alpn_size, 0);
}

static bool begins_record(uint8_t byte)
{
	return byte == 0x16;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_tls, begins_record);
	assert_int_equal(wire_proto_at(WIRE_ID_tls)->tcp.most_bytes, 65536);
}

static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	print_message("%s\n", file);
	sample_assert_laws(WIRE_ID_tls, sample);
	if (sample_is(file, "near-")) {
		assert_int_equal(sample_ask(WIRE_ID_tls, sample, &hints), WIRE_NO);
		return;
	}
	assert_int_equal(sample_ask(WIRE_ID_tls, sample, &hints), WIRE_YES);
	sample_assert_name(&hints, strstr(file, "-noname") ? "" : "a.seed.example");
	if (strstr(file, "-h2")) {
		assert_int_equal(hints.alpn_size, 12);
		assert_memory_equal(hints.alpn, "\2h2\10http/1.1", 12);
	}
	if (strstr(file, "-noalpn"))
		assert_int_equal(hints.alpn_size, 0);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_tls", check_seed);
}

/* SSLv3 and TLS 1.0 know hellos without extensions; this is the smallest there can be. */
static void test_smallest(void **state)
{
	struct wire_hints hints;

	(void)state;
	message.size = 0;
	stream.size = 0;
	hello_put_message(&message, span_of(NULL, 0));
	hello_put_record(&stream, span_from(&message), 0);
	stream.data[10] = 0;
	assert_int_equal(stream.size, 50);
	sample_assert_laws(WIRE_ID_tls, span_from(&stream));
	assert_int_equal(sample_ask(WIRE_ID_tls, span_from(&stream), &hints), WIRE_YES);
	assert_int_equal(hints.name_size, 0);
	assert_int_equal(hints.alpn_size, 0);
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 49), &hints), WIRE_MORE);
	assert_int_equal(hints.wanted, 50);
}

/* Both versions are checked for sanity only. */
static void test_versions(void **state)
{
	(void)state;
	build_stream(0, SIZE_MAX / 2);
	for (unsigned minor = 0; minor < 256; minor++) {
		stream.data[2] = (uint8_t)minor;
		sample_assert(WIRE_ID_tls, span_from(&stream), minor <= 4 ? WIRE_YES : WIRE_NO);
		stream.data[2] = 1;
		stream.data[10] = (uint8_t)minor;
		sample_assert(WIRE_ID_tls, span_from(&stream), minor <= 4 ? WIRE_YES : WIRE_NO);
		stream.data[10] = 3;
	}
}

/* Two records, cut at every byte of the message: inside the lengths, inside the name. */
static void test_every_cut(void **state)
{
	(void)state;
	build_message(3);
	for (size_t cut = 1; cut < message.size; cut++) {
		stream.size = 0;
		hello_put_record(&stream, span_of(message.data, cut), 1);
		hello_put_record(&stream, span_of(message.data + cut, message.size - cut), 3);
		assert_hello();
	}
}

static void test_three_unequal_records(void **state)
{
	(void)state;
	build_message(40);
	stream.size = 0;
	hello_put_record(&stream, span_of(message.data, 2), 0);
	hello_put_record(&stream, span_of(message.data + 2, 77), 4);
	hello_put_record(&stream, span_of(message.data + 79, message.size - 79), 3);
	assert_hello();
}

/* A hello as big as a post-quantum key share makes it, in records of one byte and up to its size. */
static void test_key_share_size(void **state)
{
	(void)state;
	build_message(1700);
	for (size_t size = 1; size <= message.size; size += size < 64 ? 1 : 61) {
		build_stream(1700, size);
		assert_hello();
	}
}

/* 60 KiB, which takes at least four records. */
static void test_60_kib(void **state)
{
	static const size_t records[] = { 16384, 16640, 9999, 1000, 517, 100 };

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		build_stream((size_t)60 * 1024, records[i]);
		assert_hello();
	}
}

/* The stream may have 65536 bytes up to the end of the hello, and not one more. */
static void test_largest(void **state)
{
	struct wire_hints hints;
	size_t padding;

	(void)state;
	build_stream(0, 16640);
	padding = 65536 - stream.size - (size_t)3 * 5;
	build_stream(padding, 16640);
	assert_int_equal(stream.size, 65536);
	assert_hello();
	build_stream(padding + 1, 16640);
	assert_int_equal(stream.size, 65537);
	sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_NO);
	/* known as soon as the length of the hello is */
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 11), &hints), WIRE_NO);
}

/* Many headers can carry a small hello past the limit: refused before the limit is reached. */
static void test_headers_count(void **state)
{
	struct wire_hints hints;

	(void)state;
	build_stream(12000, 1);
	assert_true(stream.size > 70000);
	sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 65000), &hints), WIRE_NO);
	build_stream(10000, 1);
	assert_hello();
}

/* Anything may follow the hello: the rest of the record, other records, other bytes. */
static void test_trailing_bytes(void **state)
{
	(void)state;
	build_message(0);
	hello_put(&message, "\x0e\0\0\0more", 8);
	stream.size = 0;
	hello_put_record(&stream, span_from(&message), 1);
	hello_put(&stream, "\x14\x03\x03\0\1\1 and this", 15);
	assert_hello();
}

/* Between the parts of a hello no other record may stand, empty ones neither (RFC 8446 5.1). */
static void test_other_records_between(void **state)
{
	static const struct {
		uint8_t header[5];
		size_t refused_at; /* bytes of it that are enough */
	} between[] = {
		{ { 0x14, 3, 3, 0, 1 }, 1 },    { { 0x15, 3, 3, 0, 2 }, 1 },
		{ { 0x17, 3, 3, 0, 2 }, 1 },    { { 0x16, 2, 3, 0, 2 }, 2 },
		{ { 0x16, 3, 5, 0, 2 }, 3 },    { { 0x16, 3, 1, 0, 0 }, 5 },
		{ { 0x16, 3, 1, 0x41, 1 }, 5 },
	};
	struct wire_hints hints;

	(void)state;
	build_message(0);
	for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
		size_t part;

		stream.size = 0;
		hello_put_record(&stream, span_of(message.data, 60), 1);
		part = stream.size + between[i].refused_at;
		hello_put(&stream, between[i].header, 5);
		hello_put(&stream, message.data + 60, message.size - 60);
		sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_NO);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, part), &hints),
				 WIRE_NO);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, part - 1), &hints),
				 WIRE_MORE);
	}
}

/* Each field that can be wrong, wrong: refused with its last byte, not before. */
static void test_hostile_bytes(void **state)
{
	/* offsets in a stream of one record: 5 type, 6-8 length, 9 version, 43 session id,
	 * 44 cipher suites, 48 compression, 50 extensions, 52 first extension */
	static const struct {
		size_t at;
		uint8_t bytes[3];
		size_t count;
	} wrong[] = {
		{ 0, { 0x15 }, 1 },
		{ 0, { 0x17 }, 1 },
		{ 1, { 0 }, 1 },
		{ 1, { 2 }, 1 },
		{ 3, { 0, 0 }, 2 },
		{ 3, { 0x41, 1 }, 2 },
		{ 3, { 0xff, 0xff }, 2 },
		{ 5, { 0 }, 1 },
		{ 5, { 2 }, 1 },
		{ 9, { 2 }, 1 },
		{ 10, { 5 }, 1 },
		{ 6, { 0, 0, 40 }, 3 },
		{ 6, { 0, 0, 0 }, 3 },
		{ 6, { 1, 0, 0 }, 3 },
		{ 6, { 0xff, 0xff, 0xff }, 3 },
		{ 43, { 33 }, 1 },
		{ 43, { 255 }, 1 },
		{ 44, { 0, 0 }, 2 },
		{ 44, { 0, 3 }, 2 },
		{ 44, { 0xff, 0xfe }, 2 },
		{ 48, { 0 }, 1 },
		{ 48, { 255 }, 1 },
		{ 50, { 0, 0 }, 2 },
		{ 50, { 0xff, 0xff }, 2 },
		{ 54, { 0xff, 0xff }, 2 },
	};
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		size_t end = wrong[i].at + wrong[i].count;

		build_stream(0, SIZE_MAX / 2);
		memcpy(stream.data + wrong[i].at, wrong[i].bytes, wrong[i].count);
		sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_NO);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, end), &hints),
				 WIRE_NO);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, end - 1), &hints),
				 WIRE_MORE);
	}
}

/* A session id and no extensions; and lengths that leave no room for what must follow. */
static void test_tight_lengths(void **state)
{
	struct wire_hints hints;
	size_t size;

	(void)state;
	message.size = 0;
	hello_put_message(&message, span_of(NULL, 0));
	size = message.size;
	hello_put_zeros(&message, 32);
	memmove(message.data + 39 + 32, message.data + 39, size - 39);
	message.data[3] = 41 + 32;
	message.data[38] = 32;
	stream.size = 0;
	hello_put_record(&stream, span_from(&message), 1);
	sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_YES);
	stream.data[8]--;
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 44), &hints), WIRE_NO);
	stream.data[8] = 41;
	stream.data[43] = 0;
	stream.data[44] = 0;
	stream.data[45] = 4;
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 46), &hints), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 45), &hints), WIRE_MORE);
}

/* One byte between the compression methods and the end is no length of extensions. */
static void test_half_a_length(void **state)
{
	struct wire_hints hints;

	(void)state;
	message.size = 0;
	hello_put_message(&message, span_of(NULL, 0));
	hello_put_number(&message, 1, 0);
	message.data[3]++;
	stream.size = 0;
	hello_put_record(&stream, span_from(&message), 1);
	sample_assert(WIRE_ID_tls, span_from(&stream), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, 49), &hints), WIRE_NO);
}

/* Follow `wanted` as a sleeping caller does. Returns how often it woke. */
static unsigned count_questions(void)
{
	struct wire_hints hints;
	unsigned questions = 1;
	size_t size = 1;

	while (sample_ask(WIRE_ID_tls, span_of(stream.data, size), &hints) == WIRE_MORE) {
		assert_true(hints.wanted > size && hints.wanted <= stream.size);
		size = hints.wanted;
		questions++;
	}
	assert_int_equal(size, stream.size);
	return questions;
}

/* The caller sleeps through what is not looked at, but not through a length, for it may be wrong. */
static void test_wanted(void **state)
{
	static const size_t first[] = { 1, 2, 3, 5, 5, 6, 9, 9, 9, 10, 11 };
	struct wire_hints hints;

	(void)state;
	build_stream(500, SIZE_MAX / 2);
	for (size_t size = 0; size < stream.size; size++) {
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, size), &hints),
				 WIRE_MORE);
		if (size < 11)
			assert_int_equal(hints.wanted, first[size]);
		else if (size < 44)
			assert_int_equal(hints.wanted, 44); /* random, length of the session id */
	}
	assert_true(count_questions() <= 50);
	build_stream((size_t)60 * 1024, 16640);
	assert_true(count_questions() <= 70);
	build_stream(1000, 1); /* four of each record: its header, and what it holds */
	assert_true(count_questions() <= 4 * 1100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),     cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_smallest),       cmocka_unit_test(test_versions),
		cmocka_unit_test(test_every_cut),      cmocka_unit_test(test_three_unequal_records),
		cmocka_unit_test(test_key_share_size), cmocka_unit_test(test_60_kib),
		cmocka_unit_test(test_largest),        cmocka_unit_test(test_headers_count),
		cmocka_unit_test(test_trailing_bytes), cmocka_unit_test(test_other_records_between),
		cmocka_unit_test(test_hostile_bytes),  cmocka_unit_test(test_tight_lengths),
		cmocka_unit_test(test_half_a_length),  cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
