/* Winbox: the first message of its login. */
#include "wire_steps.h"

enum { KEY_BYTES = 32, USER_MOST = 221 };

struct login {
	uint8_t bytes[2 + 255 + 1];
	size_t size;
};

static struct login login_of(const char *user, uint8_t parity)
{
	struct login l = { .size = 2 + strlen(user) + 1 + KEY_BYTES + 1 };

	l.bytes[0] = (uint8_t)(l.size - 2);
	l.bytes[1] = 6;
	memcpy(l.bytes + 2, user, strlen(user) + 1);
	memset(l.bytes + 2 + strlen(user) + 1, 0xee, KEY_BYTES);
	l.bytes[l.size - 1] = parity;
	return l;
}

static void check(const struct login *l, enum wire_verdict expected, size_t decided)
{
	steps_assert(WIRE_ID_winbox, span_of(l->bytes, l->size), expected, decided);
}

static bool begins_winbox(uint8_t byte)
{
	return byte >= 1 + 1 + KEY_BYTES + 1;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_winbox, begins_winbox);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_winbox, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_winbox", check_seed);
}

/* Names of every length; the bytes behind the message do not count. */
static void test_lengths(void **state)
{
	char user[USER_MOST + 1] = "";

	(void)state;
	for (size_t size = 1; size <= USER_MOST; size++) {
		struct login l;

		memset(user, 'u', size);
		l = login_of(user, size % 2);
		check(&l, WIRE_YES, l.size);
		l.bytes[l.size++] = 0xff;
		check(&l, WIRE_YES, l.size - 1);
	}
	assert_int_equal(wire_proto_at(WIRE_ID_winbox)->tcp.most_bytes, 2 + 255);
}

/* The type, every character of a name, its end, the parity: refused at that byte. */
static void test_fields(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		struct login l = login_of("abc", (uint8_t)i);
		bool is_user = i > ' ' && i != 0x7f;

		check(&l, i < 2 ? WIRE_YES : WIRE_NO, l.size);
		l = login_of("abc", 0);
		l.bytes[1] = (uint8_t)i;
		check(&l, i == 6 ? WIRE_YES : WIRE_NO, i == 6 ? l.size : 2);
		l = login_of("abc", 0);
		l.bytes[3] = (uint8_t)i;
		check(&l, is_user ? WIRE_YES : WIRE_NO, is_user ? l.size : 4);
		l = login_of("abc", 0);
		l.bytes[5] = (uint8_t)i;
		check(&l, i == 0 ? WIRE_YES : WIRE_NO, i == 0 ? l.size : 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
