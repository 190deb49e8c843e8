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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_id_has_a_row), cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown_names),      cmocka_unit_test(test_empty_input),
		cmocka_unit_test(test_one_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
