/* Objects that are found by endpoints: many of them, of the same hash, and taken out again. */
#include <stdlib.h>

#include "carry/udp_table.h"
#include "unit.h"

enum {
	MANY = 5000,
};

struct thing {
	struct udp_node node;
	struct addr at;
};

static const struct siphash_key key = { { 1, 2 } };

static struct addr endpoint(unsigned i)
{
	struct addr a = { .family = AF_INET, .port = (uint16_t)(i % 7 + 1) };

	memcpy(a.bytes, &i, sizeof i);
	return a;
}

static struct thing *find(const struct udp_table *t, const struct addr *at)
{
	struct udp_node *node = udp_table_first(t, udp_table_hash(t, at, NULL));

	for (; node; node = udp_table_next(node)) {
		struct thing *thing = (struct thing *)(void *)node;

		if (addr_equal(&thing->at, at))
			return thing;
	}
	return NULL;
}

static void test_many(void **state)
{
	struct thing *things = calloc(MANY, sizeof *things);
	struct udp_table t;

	(void)state;
	assert_non_null(things);
	assert_int_equal(udp_table_init(&t, &key), 0);
	for (unsigned i = 0; i < MANY; i++) {
		things[i].at = endpoint(i);
		assert_null(find(&t, &things[i].at));
		udp_table_insert(&t, &things[i].node, udp_table_hash(&t, &things[i].at, NULL));
	}
	assert_int_equal(t.count, MANY);
	assert_true(t.bucket_count >= MANY); /* chains stay short */
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(find(&t, &things[i].at), &things[i]);
	for (unsigned i = 0; i < MANY; i += 2)
		udp_table_remove(&t, &things[i].node);
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(find(&t, &things[i].at), i % 2 ? &things[i] : NULL);
	assert_int_equal(t.count, MANY / 2);
	udp_table_done(&t);
	free(things);
}

/* Nobody is lost where the hash is the same, nor when that one is taken out. */
static void test_the_same_hash(void **state)
{
	struct thing things[3] = { 0 };
	struct udp_node *node;
	struct udp_table t;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(udp_table_init(&t, &key), 0);
	for (int i = 0; i < 3; i++)
		udp_table_insert(&t, &things[i].node, 42);
	udp_table_remove(&t, &things[1].node);
	for (node = udp_table_first(&t, 42); node; node = udp_table_next(node))
		seen |= 1u << ((struct thing *)(void *)node - things);
	assert_int_equal(seen, 5);
	assert_null(udp_table_first(&t, 42 + t.bucket_count));
	udp_table_done(&t);
}

/* What tells two flows apart: which end is which, ports, families, and the link of a link-local address. */
static void test_hash(void **state)
{
	struct addr a = endpoint(1);
	struct addr b = endpoint(2);
	struct addr other = a;
	struct udp_table t;

	(void)state;
	assert_int_equal(udp_table_init(&t, &key), 0);
	assert_int_equal(udp_table_hash(&t, &a, &b), udp_table_hash(&t, &a, &b));
	assert_int_not_equal(udp_table_hash(&t, &a, &b), udp_table_hash(&t, &b, &a));
	assert_int_not_equal(udp_table_hash(&t, &a, NULL), udp_table_hash(&t, &a, &a));
	other.port++;
	assert_int_not_equal(udp_table_hash(&t, &a, NULL), udp_table_hash(&t, &other, NULL));
	other = a;
	other.scope = 3;
	assert_int_not_equal(udp_table_hash(&t, &a, NULL), udp_table_hash(&t, &other, NULL));
	other = a;
	other.family = AF_INET6;
	assert_int_not_equal(udp_table_hash(&t, &a, NULL), udp_table_hash(&t, &other, NULL));
	udp_table_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_the_same_hash),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
