/* Sets that follow addresses of interfaces, as plans; in the kernel tests/golden/test_hosts.py has them. */

#include "nft/hosts.h"
#include "nft/plan_build.h"
#include "nft/plan_names.h"
#include "nft/plan_same.h"
#include "nft_sample.h"

/* A configuration whose divert d0 follows wan, and d1 wan and lan. */
struct followed {
	struct sample s;
	char *names[2];
	struct host_interface interfaces[2];
	struct host_list list;
};

static void follow_init(struct followed *f)
{
	static char wan[] = "wan";
	static char lan[] = "lan";

	memset(f, 0, sizeof *f);
	sample_init(&f->s, 2);
	f->names[0] = wan;
	f->names[1] = lan;
	for (size_t i = 0; i < 2; i++) {
		f->s.diverts[i].to_kind = TO_PREFIXES;
		f->s.diverts[i].to_interface = (struct text_list){ f->names, i + 1 };
		f->interfaces[i].name = f->names[i];
	}
	f->list = (struct host_list){ f->interfaces, 2 };
}

static void follow_done(struct followed *f)
{
	for (size_t i = 0; i < 2; i++)
		addr_list_free(&f->interfaces[i].addresses);
}

static void add(struct followed *f, size_t interface, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	assert_int_equal(addr_list_add(&f->interfaces[interface].addresses, &a), 0);
}

static void test_each_divert_has_those_of_its_interfaces(void **state)
{
	struct followed f;
	struct plan *plan;

	(void)state;
	follow_init(&f);
	plan = sample_plan(&f.s);
	assert_int_equal(sample_set_count(&plan->owned, "at4_d0"), 0);
	assert_int_equal(sample_set_count(&plan->owned, "at6_d1"), 0);
	add(&f, 0, "192.0.2.2");
	add(&f, 0, "192.0.2.1");
	add(&f, 1, "192.0.2.1");
	add(&f, 1, "2001:db8::1");
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, NULL), 0);
	assert_int_equal(sample_set_count(&plan->owned, "at4_d0"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "at6_d0"), 0);
	/* one that both have once, and sorted */
	assert_int_equal(sample_set_count(&plan->owned, "at4_d1"), 2);
	assert_int_equal(plan_find_set(&plan->owned, "at4_d1")->at[0].first[3], 1);
	assert_int_equal(sample_set_count(&plan->owned, "at6_d1"), 1);
	assert_int_equal(sample_set_count(&plan->lasting, "at4_d1"), 2);
	plan_free(plan);
	follow_done(&f);
}

static void test_only_what_differs_is_written(void **state)
{
	struct followed f;
	struct plan *plan;
	struct batch *batch = NULL;
	uint32_t count;

	(void)state;
	follow_init(&f);
	plan = sample_plan(&f.s);
	assert_int_equal(batch_new(&batch), 0);
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, batch), 0);
	assert_true(batch_is_empty(batch));
	add(&f, 1, "192.0.2.1");
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, batch), 0);
	/* of d1, in both tables */
	count = batch_count(batch);
	assert_int_equal(count, 1 + 2);
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, batch), 0);
	assert_int_equal(batch_count(batch), count);
	/* another one for it: what goes and what comes */
	f.interfaces[1].addresses.at[0].bytes[3] = 7;
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, batch), 0);
	assert_int_equal(batch_count(batch), count + 4);
	batch_free(batch);
	plan_free(plan);
	follow_done(&f);
}

static void test_by_its_other_name(void **state)
{
	struct followed f;
	struct plan *before;
	struct plan *plan;

	(void)state;
	follow_init(&f);
	before = sample_plan(&f.s);
	add(&f, 0, "192.0.2.2");
	plan = sample_plan(&f.s);
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, NULL), 0);
	assert_int_equal(plan_names_follow(plan, before), 0);
	assert_int_equal(sample_set_count(&plan->owned, "at4_d0/b"), 1);
	f.interfaces[0].addresses.count = 0;
	assert_int_equal(hosts_fill(plan, &f.s.config, &f.list, NULL), 0);
	assert_int_equal(sample_set_count(&plan->owned, "at4_d0/b"), 0);
	plan_free(before);
	plan_free(plan);
	follow_done(&f);
}

static void test_rules(void **state)
{
	struct followed f;
	struct plan *plan;
	struct prefix prefix;

	(void)state;
	follow_init(&f);
	assert_int_equal(prefix_parse(&prefix, "203.0.113.0/24"), 0);
	f.s.config.divert_count = 1;
	f.s.diverts[0].to = (struct prefix_list){ &prefix, 1 };
	plan = sample_plan(&f.s);
	sample_expect(sample_chain(&plan->owned, "half_open"), 0,
		      "meta nfproto ipv4 tcp dport 443 ip daddr @to4_d0 ct zone set 1443 "
		      "meta mark set meta mark & 0x00ffffff | 0x5e000000 accept");
	sample_expect(sample_chain(&plan->owned, "half_open"), 1,
		      "meta nfproto ipv4 tcp dport 443 ip daddr @at4_d0 ct zone set 1443 "
		      "meta mark set meta mark & 0x00ffffff | 0x5e000000 accept");
	/* no prefix of IPv6 is listed, but the interface may have an address */
	sample_expect(sample_chain(&plan->owned, "half_open"), 2,
		      "meta nfproto ipv6 tcp dport 443 ip6 daddr @at6_d0 ct zone set 1443 "
		      "meta mark set meta mark & 0x00ffffff | 0x5e000000 accept");
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_divert_has_those_of_its_interfaces),
		cmocka_unit_test(test_only_what_differs_is_written),
		cmocka_unit_test(test_by_its_other_name),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
