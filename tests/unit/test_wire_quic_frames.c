/* The frames of Initial packets: what may stand there and what may not, whole and cut. */
#include <stdio.h>

#include "wire/quic_frames.h"
#include "wire_hex.h"

static struct pieces stream;

static bool read_frames(const char *hex)
{
	struct hex_bytes room;

	pieces_open(&stream);
	return quic_frames_read(hex_of(&room, hex), &stream);
}

static void expect_text(const char *text)
{
	assert_int_equal(stream.whole, strlen(text));
	assert_memory_equal(stream.bytes, text, strlen(text));
}

static void test_allowed(void **state)
{
	static const char *const frames[] = {
		"00",
		"0000000000",
		"01",
		"010001",
		"0205000000",                   /* ACK of one packet */
		"020500020100000001",           /* of three runs */
		"0305000000010203",             /* with ECN counts */
		"02c0000000000000054000000000", /* numbers in more bytes than they need */
		"1c00000561626364650001",       /* CONNECTION_CLOSE with a reason */
		"060000",                       /* CRYPTO of nothing */
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		assert_true(read_frames(frames[i]));
		expect_text("");
	}
	assert_true(read_frames(""));
}

static void test_crypto(void **state)
{
	(void)state;
	assert_true(read_frames("060003616263"));
	expect_text("abc");
	assert_true(read_frames("0603036465660001060003616263"));
	expect_text("abcdef");
	assert_true(read_frames("0640034003646566060003616263")); /* longer numbers */
	expect_text("abcdef");
	assert_true(read_frames("06000361626306000378797a")); /* twice: the first */
	expect_text("abc");
	assert_true(read_frames("06c0000001000000000161"
				"06000162")); /* far away */
	expect_text("b");
}

/* All other types: streams, tokens, ids, application's close, HANDSHAKE_DONE, unknown ones. */
static void test_forbidden(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		char text[32];
		bool is_allowed = type <= 3 || type == 6 || type == 0x1c;

		(void)snprintf(text, sizeof text, "%02x00000000000000", type);
		assert_int_equal(read_frames(text), is_allowed);
	}
	/* what stood ahead of it counts */
	assert_false(read_frames("06000361626307"));
	expect_text("abc");
}

/* Each of these is whole as it stands, and cut anywhere it is nothing. */
static void test_every_cut(void **state)
{
	static const char *const frames[] = { "0205000000", "020500020100000001",
					      "0305000000010203", "1c000005616263646500",
					      "0600056162636465" };

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		size_t digits = strlen(frames[i]);

		if (i == 3)
			digits -= 2; /* a PADDING behind it */
		for (size_t cut = 2; cut < digits; cut += 2) {
			char text[64];

			(void)snprintf(text, sizeof text, "%.*s", (int)cut, frames[i]);
			assert_false(read_frames(text));
			expect_text("");
		}
	}
}

/* Lengths and counts as large as they can be cost no time and touch nothing. */
static void test_huge(void **state)
{
	(void)state;
	assert_false(read_frames("0600ffffffffffffffff61"));
	assert_false(read_frames("06ffffffffffffffff0161")); /* its end is no number (19.6) */
	assert_false(read_frames("020000ffffffffffffffff00"));
	assert_false(read_frames("1c0000ffffffffffffffff"));
	expect_text("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),   cmocka_unit_test(test_crypto),
		cmocka_unit_test(test_forbidden), cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
