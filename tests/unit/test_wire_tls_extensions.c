/* Extension blocks, good and bad, each also as part of a whole hello under the laws. */
#include "wire/tls_extensions.h"
#include "wire_hello.h"
#include "wire_samples.h"

static struct hello_bytes block;
static struct hello_bytes message;
static struct hello_bytes stream;

/* Reads the block, alone and in a hello: both must give this verdict. Hints are of the first. */
static struct wire_hints read_block(enum wire_verdict expected)
{
	struct wire_hints hints;
	struct tls_record r;

	memset(&hints, 0xa5, sizeof hints);
	hints.name_size = 0;
	hints.alpn_size = 0;
	stream.size = 0;
	hello_put_record(&stream, span_of(block.data, block.size), 1);
	tls_record_open(&r, span_of(stream.data, stream.size));
	tls_extensions_read(&r, block.size, &hints);
	assert_int_equal(r.verdict, expected);
	message.size = 0;
	hello_put_message(&message, span_of(block.data, block.size));
	stream.size = 0;
	hello_put_records(&stream, span_of(message.data, message.size), 97);
	sample_assert(WIRE_ID_tls, span_of(stream.data, stream.size), expected);
	return hints;
}

static void start(void)
{
	block.size = 0;
}

/* One more extension of this type with these bytes. */
static void put(size_t type, const char *bytes, size_t size)
{
	hello_put_number(&block, 2, type);
	hello_put_number(&block, 2, size);
	hello_put(&block, bytes, size);
}

static void check_one(size_t type, const char *bytes, size_t size, enum wire_verdict expected)
{
	start();
	put(type, bytes, size);
	(void)read_block(expected);
}

static void check_name(struct span name, const char *expected)
{
	struct wire_hints hints;

	start();
	hello_put_server_name(&block, name);
	hints = read_block(WIRE_YES);
	sample_assert_name(&hints, expected);
}

static void test_names(void **state)
{
	static char longest[300];

	(void)state;
	check_name(span_text("git.example.com"), "git.example.com");
	check_name(span_text("GIT.example.com."), "git.example.com");
	check_name(span_text("192.0.2.1"), "192.0.2.1");
	check_name(span_of("git\0.evil", 9), "");
	check_name(span_text("git example"), "");
	check_name(span_text("."), "");
	memset(longest, 'a', sizeof longest - 1);
	check_name(span_of(longest, 299), "");
	check_name(span_of(longest, 254), "");
	longest[WIRE_NAME_BYTES] = '.';
	start();
	hello_put_server_name(&block, span_of(longest, WIRE_NAME_BYTES + 1));
	assert_int_equal(read_block(WIRE_YES).name_size, WIRE_NAME_BYTES);
	memset(longest + WIRE_NAME_BYTES, 0, sizeof longest - WIRE_NAME_BYTES);
	check_name(span_of(longest, WIRE_NAME_BYTES), longest);
}

static void test_order_and_unknown(void **state)
{
	struct wire_hints hints;

	(void)state;
	start();
	hello_put_extension(&block, 0x1a1a, 0);
	put(16, "\0\x0c\2h2\x08http/1.1", 14);
	hello_put_extension(&block, 0xfe0d, 300);
	hello_put_extension(&block, 0xfe0d, 0); /* only SNI and ALPN are looked at for doubles */
	hello_put_server_name(&block, span_text("last.example"));
	hello_put_extension(&block, 0xffff, 0);
	hints = read_block(WIRE_YES);
	sample_assert_name(&hints, "last.example");
	assert_int_equal(hints.alpn_size, 12);
	assert_memory_equal(hints.alpn, "\2h2\10http/1.1", 12);
}

static void test_no_extension(void **state)
{
	struct wire_hints hints;

	(void)state;
	start();
	hints = read_block(WIRE_YES);
	assert_int_equal(hints.name_size, 0);
	assert_int_equal(hints.alpn_size, 0);
}

/* Twice the same extension or type of name: nobody may choose (RFC 8446 4.2, RFC 6066 3). */
static void test_doubles(void **state)
{
	(void)state;
	start();
	hello_put_server_name(&block, span_text("a.example"));
	hello_put_extension(&block, 5, 5);
	hello_put_server_name(&block, span_text("a.example"));
	(void)read_block(WIRE_NO);
	start();
	put(16, "\0\3\2h2", 5);
	put(16, "\0\3\2h2", 5);
	(void)read_block(WIRE_NO);
	check_one(0, "\0\x08\0\0\1a\0\0\1b", 10, WIRE_NO);
}

static void test_broken_server_name(void **state)
{
	(void)state;
	check_one(0, "", 0, WIRE_NO);                        /* no list */
	check_one(0, "\0", 1, WIRE_NO);                      /* half its length */
	check_one(0, "\0\0", 2, WIRE_NO);                    /* an empty one */
	check_one(0, "\0\3\0\0\0", 5, WIRE_NO);              /* an empty name */
	check_one(0, "\0\5\0\0\1a", 6, WIRE_NO);             /* the list passes its end */
	check_one(0, "\0\4\0\0\2a", 6, WIRE_NO);             /* the name does */
	check_one(0, "\0\4\0\0\1ab", 7, WIRE_NO);            /* bytes behind the list */
	check_one(0, "\0\5\0\0\1ab", 7, WIRE_NO);            /* and in it, too few for an entry */
	check_one(0, "\0\4\0\0\1a", 6, WIRE_YES);            /* so it is right */
	check_one(0, "\0\3\7\0\0", 5, WIRE_YES);             /* another type of name alone */
	check_one(0, "\0\x09\7\0\2zz\0\0\1a", 11, WIRE_YES); /* and in front */
}

static void test_other_name_type(void **state)
{
	struct wire_hints hints;

	(void)state;
	start();
	put(0, "\0\x0d\7\0\2zz\0\0\1a\7\0\1z", 15);
	hints = read_block(WIRE_YES);
	sample_assert_name(&hints, "a");
}

static void test_broken_alpn(void **state)
{
	(void)state;
	check_one(16, "", 0, WIRE_NO);
	check_one(16, "\0\0", 2, WIRE_NO);
	check_one(16, "\0\1\0", 3, WIRE_NO);     /* an empty name (RFC 7301 3.1) */
	check_one(16, "\0\4\2h2\0", 6, WIRE_NO); /* one behind a good one */
	check_one(16, "\0\3\3h2", 5, WIRE_NO);   /* past the list */
	check_one(16, "\0\4\2h2", 5, WIRE_NO);   /* the list past its end */
	check_one(16, "\0\3\2h2x", 6, WIRE_NO);  /* bytes behind it */
	check_one(16, "\0\3\2h2", 5, WIRE_YES);
}

/* Opaque bytes are kept as they are: GREASE, capitals, NUL. */
static void test_opaque_alpn(void **state)
{
	struct wire_hints hints;

	(void)state;
	start();
	put(16, "\0\x0a\2\xba\xad\2H2\3a\0b", 12);
	hints = read_block(WIRE_YES);
	assert_int_equal(hints.alpn_size, 10);
	assert_memory_equal(hints.alpn, "\2\xba\xad\2H2\3a\0b", 10);
}

/* More names than the hints hold: the first are kept, whole, up to the first that does not fit,
 * even if a later one would. */
static void test_long_alpn(void **state)
{
	struct wire_hints hints;
	char list[2 + 255 * 2 + 5];

	(void)state;
	memset(list, 'x', sizeof list);
	list[0] = (char)((sizeof list - 2) >> 8);
	list[1] = (char)((sizeof list - 2) & 0xff);
	list[2] = (char)254;
	list[2 + 255] = (char)254;
	list[2 + 255 * 2] = 2;
	list[2 + 255 * 2 + 3] = 1;
	start();
	put(16, list, sizeof list);
	hints = read_block(WIRE_YES);
	assert_int_equal(hints.alpn_size, 510);
	assert_int_equal(hints.alpn[255], 254);
	/* the two changed about: now one fills the hints to the last byte */
	list[2 + 255 * 2] = 1;
	list[2 + 255 * 2 + 2] = 2;
	start();
	put(16, list, sizeof list);
	hints = read_block(WIRE_YES);
	assert_int_equal(hints.alpn_size, 512);
	assert_int_equal(hints.alpn[510], 1);
}

/* What cannot come out even is refused at the length that says so, not at its end. */
static void test_refused_at_once(void **state)
{
	enum { BLOCK_AT = 52 }; /* in a hello of one record */
	static const struct {
		char bytes[20];
		size_t size;
		size_t refused_at;
	} cases[] = {
		{ "\0\0\0\6\0\3\0\0\1a", 10, 6 },          /* a list short of its end */
		{ "\0\0\0\4\0\2\0\0", 8, 6 },              /* one too short for an entry */
		{ "\0\0\0\x08\0\6\0\0\1a\0\0", 12, 9 },    /* two bytes behind a name */
		{ "\0\5\0\4aaaabb", 10, 4 },               /* two behind an extension */
		{ "\0\0\0\6\0\4\0\0\1a\0\0\0\0", 14, 12 }, /* a second server_name */
	};
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t size = BLOCK_AT + cases[i].refused_at;

		message.size = 0;
		stream.size = 0;
		hello_put_message(&message, span_of(cases[i].bytes, cases[i].size));
		hello_put_record(&stream, span_of(message.data, message.size), 1);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, size), &hints),
				 WIRE_NO);
		assert_int_equal(sample_ask(WIRE_ID_tls, span_of(stream.data, size - 1), &hints),
				 WIRE_MORE);
	}
}

/* Headers cut off and lengths past the end of the block. */
static void test_broken_blocks(void **state)
{
	(void)state;
	for (size_t size = 1; size < 4; size++) {
		start();
		hello_put_zeros(&block, size);
		(void)read_block(WIRE_NO);
		start();
		hello_put_extension(&block, 5, 2);
		hello_put_zeros(&block, size);
		(void)read_block(WIRE_NO);
	}
	start();
	hello_put_number(&block, 2, 5);
	hello_put_number(&block, 2, 1);
	(void)read_block(WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_order_and_unknown),
		cmocka_unit_test(test_no_extension),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_broken_server_name),
		cmocka_unit_test(test_other_name_type),
		cmocka_unit_test(test_broken_alpn),
		cmocka_unit_test(test_opaque_alpn),
		cmocka_unit_test(test_long_alpn),
		cmocka_unit_test(test_refused_at_once),
		cmocka_unit_test(test_broken_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
