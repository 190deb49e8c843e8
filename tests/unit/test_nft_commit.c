/* Tables in the kernel, in a network namespace of this test's own; skipped without root. */

#include <errno.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "nft/commit.h"
#include "nft/facilities.h"
#include "nft/plan_build.h"
#include "nft/plan_names.h"
#include "nft/plan_same.h"
#include "nft/readback.h"
#include "nft/sets.h"
#include "nft_sample.h"
#include "own_netns.h"

enum {
	MANY = 100000,
	MANY_MESSAGES = 3000, /* whose refusals are more than a socket's queue holds */
};

static const struct sets_life life = { 10000, 5000 };

static int enter(void **state)
{
	return enter_netns(state, NETLINK_NETFILTER);
}

static void test_written_and_read_back(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct readback_table found;
	struct sample s;
	struct plan *plan;

	sample_init(&s, 2);
	s.diverts[1].is_fail_closed = true;
	s.diverts[0].udp = s.diverts[0].tcp;
	s.diverts[1].udp = s.diverts[1].tcp;
	plan = sample_plan(&s);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 0);
	assert_string_equal(fault.text, "table inet shunt is missing");
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(commit_table(nl, &plan->lasting, false, &fault), 0);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->lasting, &fault), 1);
	assert_int_equal(readback_table(&found, nl, "shunt"), 0);
	assert_true(found.is_there && found.is_owned);
	assert_int_equal(found.owner, nl->port);
	assert_int_equal(commit_families(nl, &plan->owned, "alive", life), 0);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	assert_int_equal(commit_delete(nl, "shunt_base", &fault), 0);
	plan_free(plan);
}

static void test_another_plan_differs(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct sample s;
	struct plan *plan;
	struct plan *other;

	sample_init(&s, 1);
	plan = sample_plan(&s);
	s.listeners[0].v4 = 50007;
	other = sample_plan(&s);
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(readback_compare(nl, &other->owned, &fault), 0);
	assert_string_equal(fault.text, "rule 7 of chain raw_syn of table shunt is another");
	assert_int_equal(commit_table(nl, &other->owned, true, &fault), 0);
	assert_int_equal(readback_compare(nl, &other->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
	plan_free(other);
}

static void test_a_change_writes_what_differs(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct sample s;
	struct plan *plan;
	struct plan *other;
	uint32_t first;
	uint32_t last;

	sample_init(&s, 1);
	plan = sample_plan(&s);
	s.ports[0].last = 450;
	s.diverts[0].is_fail_closed = true;
	other = sample_plan(&s);
	assert_int_equal(plan_names_follow(other, plan), 0);
	assert_int_equal(commit_table(nl, &plan->lasting, false, &fault), 0);
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(commit_change(nl, plan, plan, &fault), 0);
	assert_int_equal(readback_generation(&first, nl), 0);
	assert_int_equal(commit_change(nl, plan, other, &fault), 2);
	assert_int_equal(readback_generation(&last, nl), 0);
	assert_int_equal(last, first + 2);
	assert_int_equal(readback_compare(nl, &other->lasting, &fault), 1);
	assert_int_equal(readback_compare(nl, &other->owned, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 0);
	assert_int_equal(commit_change(nl, other, plan, &fault), 2);
	assert_int_equal(readback_compare(nl, &plan->lasting, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	assert_int_equal(commit_delete(nl, "shunt_base", &fault), 0);
	plan_free(plan);
	plan_free(other);
}

/* The sets that were laid ready for it go again. */
static void test_a_refused_change_leaves_nothing(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct sample s;
	struct plan *plan;
	struct plan *bad;

	sample_init(&s, 1);
	plan = sample_plan(&s);
	s.ports[0].last = 450;
	bad = sample_plan(&s);
	assert_int_equal(plan_names_follow(bad, plan), 0);
	PLAN_RULE(&bad->owned, (struct plan_chain *)sample_chain(&bad->owned, "take"),
		  PLAN_TO(OP_JUMP, "nowhere"));
	assert_int_equal(commit_table(nl, &plan->lasting, false, &fault), 0);
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(commit_change(nl, plan, bad, &fault), -ENOENT);
	assert_string_equal(fault.text,
			    "rule 3 of chain take of table shunt: No such file or directory");
	assert_int_equal(readback_compare(nl, &plan->lasting, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	/* and where the old tables are not, none is made */
	assert_int_equal(commit_change(nl, plan, bad, &fault), -ENOENT);
	assert_int_equal(readback_compare(nl, &plan->lasting, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt_base", &fault), 0);
	plan_free(plan);
	plan_free(bad);
}

static void test_a_refused_rule_is_named_and_the_old_table_stays(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct sample s;
	struct plan *plan;
	struct plan *bad;
	struct plan_chain *chain;

	sample_init(&s, 1);
	plan = sample_plan(&s);
	bad = sample_plan(&s);
	chain = (struct plan_chain *)sample_chain(&bad->owned, "take");
	PLAN_RULE(&bad->owned, chain, PLAN_TO(OP_JUMP, "nowhere"));
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(commit_table(nl, &bad->owned, true, &fault), -ENOENT);
	assert_string_equal(fault.text,
			    "rule 3 of chain take of table shunt: No such file or directory");
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
	plan_free(bad);
}

/* Every second /24 or /48, so that none can be joined with the next. For free(). */
static struct prefix *make_prefixes(void)
{
	struct prefix *from = calloc(MANY, sizeof *from);
	size_t i;

	assert_non_null(from);
	for (i = 0; i < MANY / 2; i++) {
		from[i] = (struct prefix){ .family = AF_INET,
					   .bits = 24,
					   .bytes = { (uint8_t)(1 + i / 32768), (uint8_t)(i / 128),
						      (uint8_t)(i % 128 * 2) } };
		from[MANY / 2 + i] =
			(struct prefix){ .family = AF_INET6,
					 .bits = 48,
					 .bytes = { 0x20, 0x01, 0x0d, (uint8_t)(i / 32768),
						    (uint8_t)(i / 128), (uint8_t)(i % 128 * 2) } };
	}
	return from;
}

static void test_a_hundred_thousand_prefixes(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct prefix *from = make_prefixes();
	struct sample s;
	struct plan *plan;
	struct plan_set *set;

	sample_init(&s, 1);
	s.diverts[0].from = (struct prefix_list){ from, MANY };
	plan = sample_plan(&s);
	assert_int_equal(sample_set_count(&plan->owned, "from4_d0"), MANY / 2);
	assert_int_equal(sample_set_count(&plan->owned, "from6_d0"), MANY / 2);
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(readback_compare_quickly(nl, &plan->owned, &fault), 1);
	/* an element less: only who looks sees it */
	set = (struct plan_set *)plan_find_set(&plan->owned, "from4_d0");
	set->count--;
	assert_int_equal(readback_compare_quickly(nl, &plan->owned, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 0);
	assert_string_equal(fault.text, "set from4_d0 of table shunt has other elements");
	set->count = READBACK_HUGE_SET + 1;
	assert_int_equal(readback_compare_quickly(nl, &plan->owned, &fault), 1);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 0);
	assert_string_equal(fault.text, "set from4_d0 of table shunt is too long to be read back");
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
	free(from);
}

/* One message is larger than what is read at once, and its refusal must not be. */
static void test_large_refused_elements_are_named(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct prefix *from = make_prefixes();
	struct batch *batch = NULL;
	struct sample s;
	struct plan *plan;
	size_t i;

	sample_init(&s, 1);
	s.diverts[0].from = (struct prefix_list){ from, MANY };
	plan = sample_plan(&s);
	assert_int_equal(batch_new(&batch), 0);
	for (i = 0; i < plan->owned.set_count; i++)
		if (!strcmp(plan->owned.sets[i].name, "from4_d0"))
			assert_int_equal(
				sets_put_elements(batch, &plan->owned, &plan->owned.sets[i]), 0);
	assert_int_equal(batch_send(batch, nl, &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "from4_d0"));
	batch_free(batch);
	plan_free(plan);
	free(from);
}

static void test_of_many_refused_the_first_is_named(void **state)
{
	static const struct plan_table nowhere = { .name = "nowhere" };
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct batch *batch = NULL;
	size_t i;

	assert_int_equal(batch_new(&batch), 0);
	assert_int_equal(sets_flush(batch, &nowhere, "first"), 0);
	for (i = 0; i < MANY_MESSAGES; i++)
		assert_int_equal(sets_flush(batch, &nowhere, "later"), 0);
	assert_int_equal(batch_send(batch, nl, &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "first"));
	/* and the socket is as good as new */
	assert_int_equal(facilities_check(nl, &fault), 0);
	batch_free(batch);
}

static void test_facilities(void **state)
{
	struct netlink *nl = need_netns(state);
	struct fault fault = { 0 };
	struct readback_table found;

	assert_int_equal(facilities_check(nl, &fault), 0);
	/* nothing of it stays */
	assert_int_equal(readback_table(&found, nl, "shunt_probe"), 0);
	assert_false(found.is_there);
}

static void test_another_socket_must_not_touch(void **state)
{
	struct netlink *nl = need_netns(state);
	struct netlink stranger = { .socket = NULL };
	struct fault fault = { 0 };
	struct sample s;
	struct plan *plan;

	sample_init(&s, 1);
	plan = sample_plan(&s);
	assert_int_equal(netlink_open(&stranger, NETLINK_NETFILTER), 0);
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(commit_delete(&stranger, "shunt", &fault), -EPERM);
	assert_string_equal(fault.text, "delete table inet shunt: Operation not permitted");
	assert_int_equal(commit_families(&stranger, &plan->owned, "alive", life), -EPERM);
	netlink_close(&stranger);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_read_back),
		cmocka_unit_test(test_another_plan_differs),
		cmocka_unit_test(test_a_change_writes_what_differs),
		cmocka_unit_test(test_a_refused_change_leaves_nothing),
		cmocka_unit_test(test_a_refused_rule_is_named_and_the_old_table_stays),
		cmocka_unit_test(test_a_hundred_thousand_prefixes),
		cmocka_unit_test(test_large_refused_elements_are_named),
		cmocka_unit_test(test_of_many_refused_the_first_is_named),
		cmocka_unit_test(test_facilities),
		cmocka_unit_test(test_another_socket_must_not_touch),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
