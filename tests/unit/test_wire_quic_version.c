/* Which versions of QUIC are known, and which numbers speak for themselves. */
#include "unit.h"
#include "wire/quic_version.h"

static void test_known(void **state)
{
	static const uint32_t unknown[] = { 0,          2,          0x6b3343ce, 0x6b3343d0,
					    0x709a50c4, 0xff00001c, 0xff000023, 0xffffffff,
					    0x0a0a0a0a, 0x51303530 };

	(void)state;
	assert_non_null(quic_version_find(1));
	assert_non_null(quic_version_find(0x6b3343cf));
	for (uint32_t draft = 29; draft <= 34; draft++)
		assert_non_null(quic_version_find(0xff000000 + draft));
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_null(quic_version_find(unknown[i]));
}

/* Drafts 33 and 34 have the salt of version 1 (draft-ietf-quic-tls-33 5.2), those before another. */
static void test_salts(void **state)
{
	const uint8_t *one = quic_version_find(1)->salt;

	(void)state;
	assert_memory_equal(quic_version_find(0xff000021)->salt, one, QUIC_SALT_BYTES);
	assert_memory_equal(quic_version_find(0xff000022)->salt, one, QUIC_SALT_BYTES);
	assert_memory_not_equal(quic_version_find(0xff000020)->salt, one, QUIC_SALT_BYTES);
	assert_memory_not_equal(quic_version_find(0x6b3343cf)->salt, one, QUIC_SALT_BYTES);
}

static void test_telling(void **state)
{
	(void)state;
	assert_true(quic_version_is_telling(0x0a0a0a0a));
	assert_true(quic_version_is_telling(0x1a2a3a4a));
	assert_true(quic_version_is_telling(0xfafafafa));
	assert_true(quic_version_is_telling(1));
	assert_true(quic_version_is_telling(0xffff));
	assert_true(quic_version_is_telling(0xff000001));
	assert_false(quic_version_is_telling(0));
	assert_false(quic_version_is_telling(0x0a0a0a0b));
	assert_false(quic_version_is_telling(0x10000));
	assert_false(quic_version_is_telling(0x51303530));
	assert_false(quic_version_is_telling(0xff010001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_salts),
		cmocka_unit_test(test_telling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
