/* The table of recognisers against protocols.h: a row for each, names that a configuration can hold. */
#include "wire_samples.h"

static const char *const listed[] = {
#define WIRE_PROTO(name) #name,
#include "wire/protocols.h"
#undef WIRE_PROTO
};

static void test_every_id_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(sizeof listed / sizeof listed[0], WIRE_IDS);
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		assert_non_null(proto);
		assert_string_equal(proto->name, listed[id]);
		assert_true(proto->transports & (WIRE_TCP | WIRE_UDP));
		assert_int_equal(proto->transports & ~(unsigned)(WIRE_TCP | WIRE_UDP), 0);
		assert_true(proto->most_bytes > 0);
		assert_non_null(proto->probe);
	}
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const char *name = wire_proto_at(id)->name;

		assert_int_equal(wire_proto_find(name), id);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(name));
		assert_string_not_equal(name, "any");
	}
}

static void test_unknown_names(void **state)
{
	(void)state;
	assert_int_equal(wire_proto_find("grpc"), WIRE_ID_http2);
	assert_int_equal(wire_proto_find(""), -1);
	assert_int_equal(wire_proto_find("any"), -1);
	assert_int_equal(wire_proto_find("tl"), -1);
	assert_int_equal(wire_proto_find("tlss"), -1);
	assert_int_equal(wire_proto_find("TLS"), -1);
}

/* With nothing there yet nobody may decide, and nobody may touch a NULL. */
static void test_empty_input(void **state)
{
	struct wire_hints hints;

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		assert_int_equal(sample_ask(id, span_of(NULL, 0), &hints), WIRE_MORE);
		assert_true(hints.wanted > 0 && hints.wanted <= wire_proto_at(id)->most_bytes);
	}
}

/* Whoever is certain of these bytes: a YES, or a MORE that is sure. */
static unsigned count_owners(struct span in, unsigned transport)
{
	struct wire_hints hints;
	unsigned owners = 0;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		enum wire_verdict verdict = sample_ask(id, in, &hints);

		if (!(wire_proto_at(id)->transports & transport))
			continue;
		owners += verdict == WIRE_YES || (verdict == WIRE_MORE && hints.is_sure);
	}
	return owners;
}

static void check_one_owner(const char *file, struct span sample)
{
	for (size_t size = 0; size <= sample.size; size++) {
		if (count_owners(span_of(sample.data, size), WIRE_TCP) > 1 ||
		    count_owners(span_of(sample.data, size), WIRE_UDP) > 1)
			fail_msg("%s: recognised as two protocols after %zu bytes", file, size);
	}
}

/* A stream is one thing, and so are datagrams: no seed of any recogniser, nor any of its prefixes, is claimed by two. */
static void test_one_owner(void **state)
{
	char target[64];

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		(void)snprintf(target, sizeof target, "fuzz_wire_%s", listed[id]);
		sample_each(target, check_one_owner);
	}
}

/* The recogniser that must know a seed of that folder, by its name; -1: none. A near miss may be a hit
 * of another one: its last word begins with the name of that. */
static int expected_owner(int folder, const char *file)
{
	const char *last = strrchr(file, '-');

	if (!sample_is(file, "near-"))
		return folder;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (strncmp(last + 1, listed[id], strlen(listed[id])) == 0)
			return (int)id;
	}
	return -1;
}

static int folder; /* whose seeds these are */

static void check_datagrams(const char *file, struct span sample)
{
	int owner = expected_owner(folder, file);
	struct wire_hints hints;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		enum wire_verdict wanted = strstr(file, "-more") ? WIRE_MORE : WIRE_YES;

		if (!(wire_proto_at(id)->transports & WIRE_UDP))
			continue;
		if (sample_ask(id, sample, &hints) != ((int)id == owner ? wanted : WIRE_NO))
			fail_msg("%s: %s is wrong", file, listed[id]);
		for (size_t size = 0; size < sample.size && (int)id != owner; size++) {
			enum wire_verdict verdict =
				sample_ask(id, span_of(sample.data, size), &hints);

			if (verdict == WIRE_YES || (verdict == WIRE_MORE && hints.is_sure))
				fail_msg("%s: %s claims %zu bytes", file, listed[id], size);
		}
	}
}

/* Every seed of UDP is known to its own recogniser and refused by all others, with each prefix. */
static void test_datagrams(void **state)
{
	char target[64];

	(void)state;
	for (folder = 0; folder < WIRE_IDS; folder++) {
		(void)snprintf(target, sizeof target, "fuzz_wire_%s", listed[folder]);
		if (wire_proto_at((unsigned)folder)->transports & WIRE_UDP)
			sample_each(target, check_datagrams);
	}
}

/* A datagram of nothing but chance, or of one value, of every size up to that from which it could be QUIC of
 * a version that nobody has heard of: nobody knows it. */
static void test_chance(void **state)
{
	static uint8_t bytes[2 + 1199];
	struct wire_hints hints;
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = round % 1200;

		for (size_t i = 0; i < size; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[2 + i] = round < 256 ? (uint8_t)round : (uint8_t)(seed >> 24);
		}
		bytes[0] = (uint8_t)(size >> 8);
		bytes[1] = (uint8_t)size;
		for (unsigned id = 0; id < WIRE_IDS; id++) {
			if ((wire_proto_at(id)->transports & WIRE_UDP) &&
			    sample_ask(id, span_of(bytes, 2 + size), &hints) != WIRE_NO)
				fail_msg("round %u, %zu bytes: %s", round, size, listed[id]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_id_has_a_row),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_empty_input),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
