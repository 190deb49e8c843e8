/* Whom a first byte leaves in question, against what the recognisers say of it. */
#include "base/datagrams.h"
#include "sniff/first_bytes.h"
#include "wire_samples.h"

static struct first_bytes first;

static int setup(void **state)
{
	(void)state;
	memset(&first, 0xa5, sizeof first);
	first_bytes_learn(&first);
	return 0;
}

static bool refuses(const struct wire_way *way, struct span in)
{
	struct wire_hints hints;

	return sample_ask_way(way, in, &hints) == WIRE_NO;
}

/* Of TCP exactly those are left out who refuse that byte alone. */
static void test_tcp(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256 * WIRE_IDS; i++) {
		const struct wire_way *way = &wire_proto_at(i / 256)->tcp;
		uint8_t byte = (uint8_t)i;
		struct span in = span_of(&byte, 1);

		assert_int_equal(proto_set_has(first_bytes_leave(&first, WIRE_TCP, in), i / 256),
				 way->probe && !refuses(way, in));
	}
}

/* Of UDP, what a recogniser declares; one that declares nothing is always asked. */
static void test_udp(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256 * WIRE_IDS; i++) {
		const struct wire_proto *proto = wire_proto_at(i / 256);
		const uint8_t run[] = { 0, 2, (uint8_t)i, 0 };
		const struct proto_set *left =
			first_bytes_leave(&first, WIRE_UDP, span_of(run, sizeof run));

		assert_int_equal(proto_set_has(left, i / 256),
				 proto->udp.probe && (!proto->begins || proto->begins((uint8_t)i)));
	}
}

/* Where no byte is there yet nobody is left out, and nobody of the other transport is let in. */
static void test_no_byte(void **state)
{
	static const uint8_t run[] = { 0, 0, 0, 1, 0x16 }; /* an empty datagram, then one more */

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		assert_int_equal(
			proto_set_has(first_bytes_leave(&first, WIRE_TCP, span_of(NULL, 0)), id),
			proto->tcp.probe != NULL);
		for (size_t size = 0; size <= sizeof run; size++) {
			const struct proto_set *left =
				first_bytes_leave(&first, WIRE_UDP, span_of(run, size));

			assert_int_equal(proto_set_has(left, id), proto->udp.probe != NULL);
		}
	}
}

/* No id that is not a recogniser's. */
static void test_only_ids(void **state)
{
	const struct proto_set *sets[] = { &first.tcp_all, &first.udp_all };

	(void)state;
	for (unsigned i = 0; i < 2 + 512; i++) {
		const struct proto_set *set = i < 2         ? sets[i]
					      : i < 2 + 256 ? &first.tcp[i - 2]
							    : &first.udp[i - 2 - 256];

		for (unsigned id = WIRE_IDS; id < 64 * CONFIG_PROTO_WORDS; id++)
			assert_false(proto_set_has(set, id));
	}
}

/* What it is for: of all that come by a transport a first byte leaves less than a quarter, on average. */
static void test_few_are_left(void **state)
{
	unsigned tcp = 0, udp = 0, left_tcp = 0, left_udp = 0;

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		tcp += proto_set_has(&first.tcp_all, id);
		udp += proto_set_has(&first.udp_all, id);
		for (unsigned byte = 0; byte < 256; byte++) {
			left_tcp += proto_set_has(&first.tcp[byte], id);
			left_udp += proto_set_has(&first.udp[byte], id);
		}
	}
	assert_true(left_tcp * 4 < tcp * 256);
	assert_true(left_udp * 4 < udp * 256);
}

/* Sets are walked in the order of evidence. */
static void test_walk(void **state)
{
	static const unsigned ids[] = { 0, 1, 63, 64, 100, 127 };
	const struct proto_set odd = { { UINT64_C(1) << 63 | 2, UINT64_C(1) << 63 | 8 } };
	struct proto_set set = { { 0 } };
	struct proto_set both;

	(void)state;
	for (size_t i = sizeof ids / sizeof *ids; i-- > 0;)
		proto_set_add(&set, ids[i]);
	both = proto_set_both(&set, &odd);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		assert_true(proto_set_has(&set, ids[i]));
		assert_int_equal(proto_set_first(&set), ids[i]);
		proto_set_remove(&set, ids[i]);
	}
	assert_true(proto_set_is_empty(&set));
	assert_true(proto_set_without(&odd, &both).words[0] == 0);
	assert_true(proto_set_without(&odd, &both).words[1] == 8);
	assert_true(both.words[0] == odd.words[0] && both.words[1] == UINT64_C(1) << 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),          cmocka_unit_test(test_udp),
		cmocka_unit_test(test_no_byte),      cmocka_unit_test(test_only_ids),
		cmocka_unit_test(test_few_are_left), cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
