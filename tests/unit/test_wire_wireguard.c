/* WireGuard: real flows, every type and size, and what comes before a handshake. */
#include "wire/dns.h"
#include "wire_samples.h"
#include "wire_udp_run.h"
#include "wire_wireguard.h"

static void assert_run(struct udp_run *run, enum wire_verdict verdict, bool is_sure)
{
	run_assert(run, WIRE_ID_wireguard, verdict, is_sure, "");
}

static void check_seed(const char *file, struct span sample)
{
	struct wireguard_key client = wireguard_key_of(SEED_CLIENT_KEY);
	struct wireguard_key server = wireguard_key_of(SEED_SERVER_KEY);
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	if (sample_is(file, "near-")) {
		assert_run(&run, WIRE_NO, false);
		return;
	}
	if (strstr(file, "-more")) {
		assert_run(&run, WIRE_MORE, true);
		return;
	}
	assert_run(&run, WIRE_YES, false);
	/* each message is for one of them: what the server sent, for the client */
	assert_int_equal(wireguard_key_fits(&server, run.hints.mac1),
			 strstr(file, "-response") == NULL);
	assert_int_equal(wireguard_key_fits(&client, run.hints.mac1),
			 strstr(file, "-response") != NULL);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_wireguard", check_seed);
}

/* A message with that first byte, all its others 0x5a but three zeros and the counter's upper half. */
static struct span message_of(uint8_t type, size_t size)
{
	static uint8_t bytes[2048];

	memset(bytes, 0x5a, sizeof bytes);
	bytes[0] = type;
	memset(bytes + 1, 0, 3);
	memset(bytes + 12, 0, 4);
	return span_of(bytes, size);
}

static enum wire_verdict expected(unsigned type, size_t size)
{
	if ((type == 1 && size == 148) || (type == 2 && size == 92))
		return WIRE_YES;
	if ((type == 3 && size == 64) || (type == 4 && size >= 32 && size % 16 == 0))
		return WIRE_MORE;
	return WIRE_NO;
}

static void test_types_and_sizes(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		for (size_t size = 0; size < 200; size++) {
			struct udp_run run = { .size = 0 };
			enum wire_verdict verdict = expected(type, size);

			run_add(&run, message_of((uint8_t)type, size));
			assert_int_equal(run_ask(&run, WIRE_ID_wireguard), verdict);
			assert_true(verdict != WIRE_MORE || run.hints.is_sure);
			assert_int_equal(run.hints.mac1.size, verdict == WIRE_YES ? size : 0);
		}
	}
	for (size_t size = 1400; size < 1500; size++) {
		struct udp_run run = { .size = 0 };

		run_add(&run, message_of(4, size));
		assert_int_equal(run_ask(&run, WIRE_ID_wireguard), expected(4, size));
	}
}

/* The three bytes behind the type are zero, and no tunnel counts to 2^32 under one key. */
static void test_zeros(void **state)
{
	static const struct {
		uint8_t type;
		size_t size;
		size_t at;
	} cases[] = {
		{ 1, 148, 1 }, { 1, 148, 2 }, { 1, 148, 3 },   { 2, 92, 1 },  { 3, 64, 2 },
		{ 4, 32, 3 },  { 4, 32, 12 }, { 4, 1456, 13 }, { 4, 32, 14 }, { 4, 32, 15 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[1456];

		memcpy(bytes, message_of(cases[i].type, cases[i].size).data, cases[i].size);
		bytes[cases[i].at] = 1;
		run_assert_one(span_of(bytes, cases[i].size), WIRE_ID_wireguard, WIRE_NO);
	}
}

/* Data first, then a handshake: that one brings mac1, whatever lies between, as long as more is held. */
static void test_late_handshake(void **state)
{
	struct udp_run run = { .size = 0 };

	(void)state;
	run_add(&run, message_of(4, 96));
	for (unsigned i = 1; i < DATAGRAMS_MOST - 1; i++) {
		run_add(&run, i % 2 ? message_of(3, 64) : span_text("garbage"));
		assert_run(&run, WIRE_MORE, true);
		assert_int_equal(run.hints.mac1.size, 0);
	}
	run_add(&run, message_of(1, 148));
	assert_run(&run, WIRE_YES, false);
	assert_int_equal(run.hints.mac1.size, 148);
	assert_ptr_equal(run.hints.mac1.data, run.bytes + run.size - 148);
}

static void test_no_handshake(void **state)
{
	struct udp_run run = { .size = 0 };

	(void)state;
	for (unsigned i = 0; i < DATAGRAMS_MOST; i++)
		run_add(&run, message_of(4, 32));
	assert_run(&run, WIRE_YES, false);
	assert_int_equal(run.hints.mac1.size, 0);
	run.size = 0;
	run_add(&run, span_text("garbage"));
	run_add(&run, message_of(1, 148));
	assert_run(&run, WIRE_NO, false);
}

/* A query of DNS with the id 0x0100 and no flags begins as an initiation does, and can be as long. */
static void test_dns(void **state)
{
	uint8_t bytes[148] = { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	struct udp_run run = { .size = 0 };
	size_t at = 12;

	(void)state;
	while (at < sizeof bytes - 5) {
		size_t left = sizeof bytes - 5 - at - 1;

		bytes[at] = (uint8_t)(left < 63 ? left : 63);
		memset(bytes + at + 1, 'a', bytes[at]);
		at += 1u + bytes[at];
	}
	bytes[sizeof bytes - 3] = 1; /* A */
	bytes[sizeof bytes - 1] = 1; /* IN */
	assert_true(dns_is_query(span_of(bytes, sizeof bytes)));
	run_add(&run, span_of(bytes, sizeof bytes));
	assert_int_equal(run_ask(&run, WIRE_ID_dns), WIRE_YES);
	run_assert_one(span_of(bytes, sizeof bytes), WIRE_ID_wireguard, WIRE_NO);
	bytes[sizeof bytes - 1] = 2; /* of no class */
	run_assert_one(span_of(bytes, sizeof bytes), WIRE_ID_dns, WIRE_NO);
	run_assert_one(span_of(bytes, sizeof bytes), WIRE_ID_wireguard, WIRE_YES);
}

static void test_strangers(void **state)
{
	(void)state;
	run_assert_one(span_of(NULL, 0), WIRE_ID_wireguard, WIRE_NO);
	run_assert_one(span_of("\1", 1), WIRE_ID_wireguard, WIRE_NO);
	run_assert_one(span_of("\4\0\0\0", 4), WIRE_ID_wireguard, WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),        cmocka_unit_test(test_types_and_sizes),
		cmocka_unit_test(test_zeros),        cmocka_unit_test(test_late_handshake),
		cmocka_unit_test(test_no_handshake), cmocka_unit_test(test_dns),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
