/* mac1: which server a message is for, and that not a bit of it may be another one. */
#include "wire_samples.h"
#include "wire_wireguard.h"

static struct {
	uint8_t bytes[148];
	size_t size;
} message;

/* The first datagram of that seed. */
static void take_message(const char *file, struct span sample)
{
	const char *wanted = message.size == 148 ? "wireguard-go-0.0.20220316"
						 : "wireguard-go-0.0.20220316-response";

	if (strcmp(file, wanted) == 0)
		memcpy(message.bytes, sample.data + 2, message.size);
}

static bool fits(const struct wireguard_key *key)
{
	return wireguard_key_fits(key, span_of(message.bytes, message.size));
}

static void check_every_bit(const struct wireguard_key *right)
{
	size_t covered = (message.size - 16) * 8; /* mac2 is of another kind */

	for (size_t bit = 0; bit < message.size * 8; bit++) {
		message.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(fits(right), bit >= covered);
		message.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(fits(right));
}

/* An initiation is for the server, the server's response for the client. */
static void test_messages(void **state)
{
	struct wireguard_key client = wireguard_key_of(SEED_CLIENT_KEY);
	struct wireguard_key server = wireguard_key_of(SEED_SERVER_KEY);

	(void)state;
	message.size = 148;
	sample_each("fuzz_wire_wireguard", take_message);
	assert_true(fits(&server));
	assert_false(fits(&client));
	check_every_bit(&server);
	message.size = 92;
	sample_each("fuzz_wire_wireguard", take_message);
	assert_true(fits(&client));
	assert_false(fits(&server));
	check_every_bit(&client);
}

/* The same key again and again: asking changes nothing. And no key but the right one. */
static void test_keys(void **state)
{
	struct wireguard_key server = wireguard_key_of(SEED_SERVER_KEY);

	(void)state;
	message.size = 148;
	sample_each("fuzz_wire_wireguard", take_message);
	for (unsigned bit = 0; bit < 256; bit++) {
		struct wireguard_key other;
		uint8_t public_key[WIREGUARD_KEY_BYTES];

		memcpy(public_key, server.public_key, sizeof public_key);
		public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		wireguard_key_open(&other, public_key);
		assert_false(fits(&other));
		assert_true(fits(&server));
	}
}

static void test_no_message(void **state)
{
	struct wireguard_key server = wireguard_key_of(SEED_SERVER_KEY);

	(void)state;
	assert_false(wireguard_key_fits(&server, span_of(NULL, 0)));
	for (size_t size = 0; size < sizeof message.bytes; size++)
		assert_false(wireguard_key_fits(&server, span_of(message.bytes, size)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
