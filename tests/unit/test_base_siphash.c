/* SipHash-2-4 against the vectors of its authors' reference code. */
#include "base/siphash.h"
#include "unit.h"

/* key 00 01 .. 0f, input 00 01 .. (n - 1) */
static const struct {
	size_t size;
	uint64_t hash;
} vectors[] = {
	{ 0, 0x726fdb47dd0e0e31u },  { 1, 0x74f839c593dc67fdu },  { 7, 0xab0200f58b01d137u },
	{ 8, 0x93f5f5799a932462u },  { 9, 0x9e0082df0ba9e4b0u },  { 15, 0xa129ca6149be45e5u },
	{ 16, 0x3f2acc7f57c29bdbu }, { 63, 0x958a324ceb064572u },
};

static void test_vectors(void **state)
{
	const struct siphash_key key = { { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u } };
	uint8_t in[64];

	(void)state;
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		assert_int_equal(siphash(&key, span_of(in, vectors[i].size)), vectors[i].hash);
}

static void test_an_empty_span_without_bytes(void **state)
{
	const struct siphash_key key = { { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u } };

	(void)state;
	assert_int_equal(siphash(&key, span_of(NULL, 0)), 0x726fdb47dd0e0e31u);
}

static void test_the_key_counts(void **state)
{
	const struct siphash_key one = { { 1, 2 } };
	const struct siphash_key other = { { 1, 3 } };

	(void)state;
	assert_int_not_equal(siphash(&one, span_text("a")), siphash(&other, span_text("a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_an_empty_span_without_bytes),
		cmocka_unit_test(test_the_key_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
