/* Flows that were handed over, in the sets of the rules: as plans, and in the kernel. */
#include <errno.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <libmnl/libmnl.h>

#include "nft/commit.h"
#include "nft/flows.h"
#include "nft/plan_build.h"
#include "nft/plan_same.h"
#include "nft/readback.h"
#include "nft/readback_sets.h"
#include "nft_sample.h"
#include "own_netns.h"

enum {
	MANY = 2500,
};

static int enter(void **state)
{
	return enter_netns(state, NETLINK_NETFILTER);
}

/* A plan of one divert whose flows are handed over, or are not. */
static struct plan *plan_of(bool has_handoff)
{
	const struct plan_options options = { .has_strip = true };
	struct plan *plan = NULL;
	struct sample s;

	sample_init(&s, 1);
	s.diverts[0].handoff = has_handoff;
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	return plan;
}

static struct flows_pair pair(const char *client, const char *to)
{
	struct flows_pair p;

	assert_int_equal(addr_parse(&p.client, client, true), 0);
	assert_int_equal(addr_parse(&p.to, to, true), 0);
	return p;
}

static int put_into(struct netlink *nl, const struct plan *plan, enum flows_sets which,
		    const struct flows_pair *at, size_t count, bool is_there)
{
	struct batch *batch = NULL;
	int err = 0;

	assert_int_equal(batch_new(&batch), 0);
	assert_int_equal(flows_put(batch, &plan->owned, which, at, count, is_there), 0);
	if (!batch_is_empty(batch))
		err = batch_send(batch, nl, NULL);
	batch_free(batch);
	return err;
}

static int put(struct netlink *nl, const struct plan *plan, const struct flows_pair *at,
	       size_t count, bool is_there)
{
	return put_into(nl, plan, FLOWS_HANDED, at, count, is_there);
}

static int count_elements(const struct nlmsghdr *message, void *arg)
{
	size_t *count = arg;
	const struct nlattr *list;
	const struct nlattr *element;

	mnl_attr_for_each (list, message, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested (element, list) {
			(void)element;
			(*count)++;
		}
	}
	return 0;
}

static size_t elements(struct netlink *nl, const char *set)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = readback_request(buf, NFT_MSG_GETSETELEM);
	size_t count = 0;

	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, "shunt");
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, set);
	assert_int_equal(netlink_dump(nl, request, count_elements, &count), 0);
	return count;
}

static void test_sets_are_there_when_flows_may_be_handed_over(void **state)
{
	struct plan *with = plan_of(true);
	struct plan *without = plan_of(false);

	(void)state;
	assert_non_null(plan_find_set(&with->owned, "handed4"));
	assert_non_null(plan_find_set(&with->owned, "handed6"));
	assert_non_null(plan_find_set(&with->owned, "cut4"));
	assert_non_null(plan_find_set(&with->owned, "cut6"));
	assert_null(plan_find_set(&with->lasting, "handed4"));
	assert_null(plan_find_set(&without->owned, "handed4"));
	plan_free(with);
	plan_free(without);
}

static void test_rules_as_text(void **state)
{
	struct plan *plan = plan_of(true);

	(void)state;
	sample_expect(
		sample_chain(&plan->owned, "remember"), 0,
		"meta nfproto ipv4 add @handed4 { ip daddr . tcp dport . ip saddr . tcp sport }");
	sample_expect(sample_chain(&plan->owned, "former"), 1,
		      "meta nfproto ipv6 ip6 saddr . tcp sport . ip6 daddr . tcp dport @handed6 "
		      "delete @handed6 { ip6 saddr . tcp sport . ip6 daddr . tcp dport } "
		      "counter name \"former\" drop");
	plan_free(plan);
}

static void test_come_and_go_in_the_kernel(void **state)
{
	struct netlink *nl = need_netns(state);
	const struct flows_pair flows[] = {
		pair("192.0.2.7:40000", "198.51.100.1:443"),
		pair("[2001:db8::7]:40000", "[2001:db8:1::1]:443"),
		pair("192.0.2.7:40001", "198.51.100.1:443"),
	};
	struct plan *plan = plan_of(true);
	struct fault fault = { 0 };

	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(put(nl, plan, flows, 3, true), 0);
	assert_int_equal(put(nl, plan, flows, 2, true), 0); /* once more */
	assert_int_equal(elements(nl, "handed4"), 2);
	assert_int_equal(elements(nl, "handed6"), 1);
	assert_int_equal(put(nl, plan, flows + 1, 2, false), 0);
	assert_int_equal(put(nl, plan, flows + 1, 2, false), 0); /* not there any more */
	assert_int_equal(elements(nl, "handed4"), 1);
	assert_int_equal(elements(nl, "handed6"), 0);
	/* what is in them is none of the plan's */
	assert_int_equal(readback_compare(nl, &plan->owned, &fault), 1);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	assert_int_equal(put(nl, plan, flows, 1, true), -ENOENT);
	plan_free(plan);
}

static void test_those_that_were_ended_are_others(void **state)
{
	struct netlink *nl = need_netns(state);
	const struct flows_pair flows[] = {
		pair("192.0.2.7:40000", "198.51.100.1:443"),
		pair("192.168.1.10:443", "192.0.2.7:40000"),
		pair("[2001:db8::7]:40000", "[2001:db8:1::1]:443"),
	};
	struct plan *plan = plan_of(true);
	struct fault fault = { 0 };

	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(put(nl, plan, flows, 1, true), 0);
	assert_int_equal(put_into(nl, plan, FLOWS_CUT, flows, 3, true), 0);
	assert_int_equal(elements(nl, "handed4"), 1);
	assert_int_equal(elements(nl, "cut4"), 2);
	assert_int_equal(elements(nl, "cut6"), 1);
	assert_int_equal(put_into(nl, plan, FLOWS_CUT, flows, 3, false), 0);
	assert_int_equal(elements(nl, "handed4"), 1);
	assert_int_equal(elements(nl, "cut4") + elements(nl, "cut6"), 0);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
}

static void test_stay_through_a_change(void **state)
{
	struct netlink *nl = need_netns(state);
	const struct flows_pair flow = pair("192.0.2.7:40000", "198.51.100.1:443");
	struct plan *from = plan_of(true);
	struct plan *to = plan_of(true);
	struct plan *without = plan_of(false);
	struct fault fault = { 0 };

	plan_rule(&to->owned, (struct plan_chain *)sample_chain(&to->owned, "take"),
		  &(struct plan_op){ .kind = OP_RETURN }, 1);
	assert_int_equal(commit_table(nl, &from->lasting, false, &fault), 0);
	assert_int_equal(commit_table(nl, &from->owned, false, &fault), 0);
	assert_int_equal(put(nl, from, &flow, 1, true), 0);
	assert_int_equal(commit_change(nl, from, to, &fault), 1);
	assert_int_equal(elements(nl, "handed4"), 1);
	assert_int_equal(commit_change(nl, to, without, &fault), 1);
	assert_int_equal(put(nl, without, &flow, 1, true), 0); /* no set: nothing to do */
	assert_int_equal(commit_change(nl, without, to, &fault), 2);
	assert_int_equal(elements(nl, "handed4"), 0);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	assert_int_equal(commit_delete(nl, "shunt_base", &fault), 0);
	plan_free(from);
	plan_free(to);
	plan_free(without);
}

static void test_many_at_once(void **state)
{
	struct netlink *nl = need_netns(state);
	struct flows_pair *flows = calloc(MANY, sizeof *flows);
	struct plan *plan = plan_of(true);
	struct fault fault = { 0 };

	assert_non_null(flows);
	for (size_t i = 0; i < MANY; i++) {
		flows[i] = pair(i % 2 ? "192.0.2.7:1" : "[2001:db8::7]:1",
				i % 2 ? "198.51.100.1:443" : "[2001:db8:1::1]:443");
		flows[i].client.port = (uint16_t)(10000 + i);
	}
	assert_int_equal(commit_table(nl, &plan->owned, false, &fault), 0);
	assert_int_equal(put(nl, plan, flows, MANY, true), 0);
	assert_int_equal(elements(nl, "handed4"), MANY / 2);
	assert_int_equal(elements(nl, "handed6"), MANY / 2);
	assert_int_equal(put(nl, plan, flows, MANY, false), 0);
	assert_int_equal(elements(nl, "handed4") + elements(nl, "handed6"), 0);
	assert_int_equal(commit_delete(nl, "shunt", &fault), 0);
	plan_free(plan);
	free(flows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets_are_there_when_flows_may_be_handed_over),
		cmocka_unit_test(test_rules_as_text),
		cmocka_unit_test(test_come_and_go_in_the_kernel),
		cmocka_unit_test(test_those_that_were_ended_are_others),
		cmocka_unit_test(test_stay_through_a_change),
		cmocka_unit_test(test_many_at_once),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
