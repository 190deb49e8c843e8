/* BLAKE2s: the vectors and the self-test of RFC 7693, keys and cuts of every size. */
#include "wire/blake2s.h"
#include "wire_hex.h"

static void hash(uint8_t *out, size_t size, struct span key, struct span data)
{
	struct blake2s b;

	blake2s_open(&b, size, key);
	blake2s_put(&b, data);
	blake2s_take(&b, out);
}

/* RFC 7693 B, and the empty message. */
static void test_abc(void **state)
{
	uint8_t out[BLAKE2S_BYTES];

	(void)state;
	hash(out, sizeof out, span_of(NULL, 0), span_text("abc"));
	hex_assert(out, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
	hash(out, sizeof out, span_of(NULL, 0), span_of(NULL, 0));
	hex_assert(out, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9");
}

/* Of the known answers of the reference implementation: key and message are 00 01 02 and so on. */
static void test_keyed(void **state)
{
	static const struct {
		size_t size;
		const char *hash;
	} known[] = {
		{ 0, "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49" },
		{ 1, "40d15fee7c328830166ac3f918650f807e7e01e177258cdc0a39b11f598066f1" },
		{ 64, "8975b0577fd35566d750b362b0897a26c399136df07bababbde6203ff2954ed4" },
		{ 255, "3fb735061abc519dfe979e54c1ee5bfad0a9d858b3315bad34bde999efd724dd" },
	};
	uint8_t bytes[256];
	uint8_t out[BLAKE2S_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		hash(out, sizeof out, span_of(bytes, 32), span_of(bytes, known[i].size));
		hex_assert(out, known[i].hash);
	}
}

/* The bytes of the self-test's inputs (RFC 7693 E). */
static void fill(uint8_t *out, size_t size, uint32_t seed)
{
	uint32_t a = 0xdead4bad * seed;
	uint32_t b = 1;

	for (size_t i = 0; i < size; i++) {
		uint32_t t = a + b;

		a = b;
		b = t;
		out[i] = (uint8_t)(t >> 24);
	}
}

/* RFC 7693 E: one hash over hashes of many sizes, of many messages, with keys and without. */
static void test_self(void **state)
{
	static const size_t sizes[] = { 16, 20, 28, 32 };
	static const size_t messages[] = { 0, 3, 64, 65, 255, 1024 };
	struct blake2s all;
	uint8_t message[1024];
	uint8_t out[BLAKE2S_BYTES];
	uint8_t key[BLAKE2S_BYTES];

	(void)state;
	blake2s_open(&all, sizeof out, span_of(NULL, 0));
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 6; j++) {
			struct span data = span_of(message, messages[j]);

			fill(message, messages[j], (uint32_t)messages[j]);
			hash(out, sizes[i], span_of(NULL, 0), data);
			blake2s_put(&all, span_of(out, sizes[i]));
			fill(key, sizes[i], (uint32_t)sizes[i]);
			hash(out, sizes[i], span_of(key, sizes[i]), data);
			blake2s_put(&all, span_of(out, sizes[i]));
		}
	}
	blake2s_take(&all, out);
	hex_assert(out, "6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe");
}

/* It does not matter in what pieces a message comes, nor from where a copied state goes on. */
static void test_pieces(void **state)
{
	uint8_t message[200];
	uint8_t whole[BLAKE2S_BYTES];
	uint8_t out[BLAKE2S_BYTES];

	(void)state;
	fill(message, sizeof message, 7);
	hash(whole, sizeof whole, span_text("a key"), span_of(message, sizeof message));
	for (size_t cut = 0; cut <= sizeof message; cut++) {
		struct blake2s first;
		struct blake2s b;

		blake2s_open(&first, sizeof out, span_text("a key"));
		blake2s_put(&first, span_of(message, cut));
		if (cut < sizeof message)
			blake2s_expect_more(&first);
		b = first;
		blake2s_put(&b, span_text("on another way"));
		blake2s_take(&b, out);
		assert_memory_not_equal(out, whole, sizeof out);
		b = first;
		for (size_t at = cut; at < sizeof message; at++)
			blake2s_put(&b, span_of(message + at, 1));
		blake2s_take(&b, out);
		assert_memory_equal(out, whole, sizeof out);
	}
}

/* A shorter hash is another one, and no byte behind it is written. */
static void test_sizes(void **state)
{
	uint8_t whole[BLAKE2S_BYTES];

	(void)state;
	hash(whole, sizeof whole, span_of(NULL, 0), span_text("abc"));
	for (size_t size = 1; size < BLAKE2S_BYTES; size++) {
		uint8_t out[BLAKE2S_BYTES + 1];

		memset(out, 0xa5, sizeof out);
		hash(out, size, span_of(NULL, 0), span_text("abc"));
		if (size > 2)
			assert_memory_not_equal(out, whole, size);
		for (size_t i = size; i < sizeof out; i++)
			assert_int_equal(out[i], 0xa5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abc),   cmocka_unit_test(test_keyed),
		cmocka_unit_test(test_self),  cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
