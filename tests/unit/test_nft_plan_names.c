/* What sets are called over a change. */

#include "nft/plan_names.h"
#include "nft/plan_same.h"
#include "nft_sample.h"

static void test_names(void **state)
{
	(void)state;
	assert_true(plan_name_is("ports", "ports"));
	assert_true(plan_name_is("ports/b", "ports"));
	assert_false(plan_name_is("ports_a", "ports"));
	assert_false(plan_name_is("ports/bb", "ports"));
	assert_false(plan_name_is("port", "ports"));
	assert_false(plan_name_is("ports", "ports/b"));
}

/* Does the first rule of raw_syn that asks for the ports ask that set? */
static void expect_ports(const struct plan *plan, const char *name)
{
	const struct plan_chain *chain = sample_chain(&plan->owned, "raw_syn");
	char text[64];

	assert_non_null(plan_find_set(&plan->owned, name));
	(void)snprintf(text, sizeof text, "tcp dport != @%s return", name);
	sample_expect(chain, 1, text);
}

static void test_a_set_goes_to_and_fro(void **state)
{
	static const char *const expected[] = { "ports", "ports/b", "ports/b", "ports" };
	static const uint16_t last_ports[] = { 443, 444, 444, 445 };
	struct sample s;
	struct plan *before = NULL;
	struct plan *plan;
	size_t i;

	(void)state;
	sample_init(&s, 1);
	for (i = 0; i < 4; i++) {
		s.ports[0].last = last_ports[i];
		plan = sample_plan(&s);
		if (before)
			assert_int_equal(plan_names_follow(plan, before), 0);
		expect_ports(plan, expected[i]);
		/* what is the same keeps its name */
		assert_non_null(plan_find_set(&plan->owned, "alive"));
		assert_non_null(plan_find_set(&plan->lasting, "protocols"));
		if (before)
			assert_int_equal(plan_table_is_same(&plan->owned, &before->owned), i == 2);
		plan_free(before);
		before = plan;
	}
	plan_free(before);
}

static void test_sets_of_datagrams(void **state)
{
	struct sample s;
	struct plan *before;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	s.diverts[0].udp = s.diverts[0].tcp;
	before = sample_plan(&s);
	s.ports[0].last = 444;
	plan = sample_plan(&s);
	assert_int_equal(plan_names_follow(plan, before), 0);
	sample_expect(sample_chain(&plan->owned, "udp_first"), 0, "udp dport != @uports/b return");
	sample_expect(sample_chain(&plan->owned, "udp_first"), 5,
		      "fib daddr type @no_targets return");
	plan_free(before);
	plan_free(plan);
}

static void test_a_new_set_has_its_own_name(void **state)
{
	struct port_range two[] = { { 443, 443 }, { 8443, 8443 } };
	struct sample s;
	struct plan *before;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	before = sample_plan(&s);
	s.diverts[0].tcp = (struct port_list){ two, 2 };
	plan = sample_plan(&s);
	assert_int_equal(plan_names_follow(plan, before), 0);
	assert_non_null(plan_find_set(&plan->owned, "ports_d0"));
	assert_non_null(plan_find_set(&plan->owned, "ports/b"));
	assert_null(plan_find_set(&plan->owned, "ports"));
	plan_free(before);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_a_set_goes_to_and_fro),
		cmocka_unit_test(test_sets_of_datagrams),
		cmocka_unit_test(test_a_new_set_has_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
