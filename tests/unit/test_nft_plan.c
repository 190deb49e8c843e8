/* What stands in the two tables, for configurations made by hand. */

#include "nft_sample.h"

#define ZONE     "ct zone set 1443 accept"
#define ZONE4(n) "tproxy ip to 127.0.0.1:" n " " ZONE
#define ZONE6(n) "tproxy ip6 to [::1]:" n " " ZONE
#define LOCAL4   "meta nfproto ipv4 tcp dport 443 fib daddr type local "
#define LOCAL6   "meta nfproto ipv6 tcp dport 443 fib daddr type local "
#define TO4(n)   "tproxy ip to 127.0.0.1:" n " " MARK_SET
#define TO6(n)   "tproxy ip6 to [::1]:" n " " MARK_SET
#define MARK_SET "meta mark set meta mark & 0x00ffffff | 0x5f000000 accept"

static void test_minimal(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *syn;
	const struct plan_chain *take;

	(void)state;
	sample_init(&s, 1);
	plan = sample_plan(&s);
	syn = sample_chain(&plan->owned, "raw_syn");
	take = sample_chain(&plan->owned, "take");
	sample_expect(syn, 0, "iif \"lo\" meta mark & 0xff000000 == 0x55000000 goto evict");
	sample_expect(syn, 1, "tcp dport != @ports return");
	sample_expect(syn, 2, "meta nfproto != @alive return");
	sample_expect(syn, 3, "meta mark & 0xf0000000 == 0x50000000 counter name \"loop\" return");
	sample_expect(syn, 4, "iif \"lo\" return");
	sample_expect(syn, 5, "fib saddr type @no_clients return");
	sample_expect(syn, 6, LOCAL4 ZONE4("50000"));
	sample_expect(syn, 7, LOCAL6 ZONE6("50000"));
	assert_int_equal(syn->count, 8);
	sample_expect(take, 0,
		      "meta nfproto ipv4 tcp dport 443 fib daddr type local " TO4("50000"));
	sample_expect(take, 1,
		      "meta nfproto ipv6 tcp dport 443 fib daddr type local " TO6("50000"));
	assert_int_equal(take->count, 2);
	assert_true(plan->owned.is_owned);
	assert_false(plan->lasting.is_owned);
	assert_false(sample_has_chain(&plan->lasting, "closed"));
	plan_free(plan);
}

static void test_first_in_the_file_comes_first(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *take;

	(void)state;
	sample_init(&s, 2);
	s.diverts[0].to_kind = TO_TRANSIT;
	s.diverts[1].to_kind = TO_ANY;
	plan = sample_plan(&s);
	take = sample_chain(&plan->owned, "take");
	sample_expect(take, 0,
		      "meta nfproto ipv4 tcp dport 443 fib daddr type != local " TO4("50000"));
	sample_expect(take, 2, "meta nfproto ipv4 tcp dport 443 " TO4("50001"));
	plan_free(plan);
}

static void test_family_without_listener(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *syn;

	(void)state;
	sample_init(&s, 1);
	s.listeners[0].v6 = 0;
	plan = sample_plan(&s);
	syn = sample_chain(&plan->owned, "raw_syn");
	sample_expect(syn, 6, LOCAL4 ZONE4("50000"));
	assert_int_equal(syn->count, 7);
	assert_int_equal(sample_chain(&plan->owned, "take")->count, 1);
	assert_int_equal(sample_chain(&plan->owned, "evict")->count, 2);
	plan_free(plan);
}

static void test_devices(void **state)
{
	char *names[] = { (char[]){ "wan" }, (char[]){ "ppp*" }, (char[]){ "lan" } };
	struct sample s;
	struct plan *plan;
	const struct plan_chain *syn;

	(void)state;
	sample_init(&s, 2);
	s.diverts[0].interface = (struct text_list){ names, 3 };
	s.diverts[1].interface = (struct text_list){ names, 2 };
	plan = sample_plan(&s);
	syn = sample_chain(&plan->owned, "raw_syn");
	sample_expect(syn, 6, "iifname @devices_d0 " LOCAL4 ZONE4("50000"));
	sample_expect(syn, 7, "iifname \"ppp*\" " LOCAL4 ZONE4("50000"));
	sample_expect(syn, 8, "iifname @devices_d0 " LOCAL6 ZONE6("50000"));
	sample_expect(syn, 9, "iifname \"ppp*\" " LOCAL6 ZONE6("50000"));
	sample_expect(syn, 10, "iifname \"wan\" " LOCAL4 ZONE4("50001"));
	sample_expect(syn, 11, "iifname \"ppp*\" " LOCAL4 ZONE4("50001"));
	assert_int_equal(syn->count, 14);
	assert_int_equal(sample_set_count(&plan->owned, "devices_d0"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "devices_d1"), SIZE_MAX);
	plan_free(plan);
}

static void test_prefixes(void **state)
{
	struct prefix from[3];
	struct prefix to[1];
	struct prefix besides[1];
	struct sample s;
	struct plan *plan;
	const struct plan_chain *syn;

	(void)state;
	sample_init(&s, 1);
	assert_int_equal(prefix_parse(&from[0], "10.0.0.0/8"), 0);
	assert_int_equal(prefix_parse(&from[1], "10.1.0.0/16"), 0);
	assert_int_equal(prefix_parse(&from[2], "2001:db8::/32"), 0);
	assert_int_equal(prefix_parse(&to[0], "192.0.2.1"), 0);
	assert_int_equal(prefix_parse(&besides[0], "10.9.0.0/16"), 0);
	s.diverts[0].from = (struct prefix_list){ from, 3 };
	s.diverts[0].from_not = (struct prefix_list){ besides, 1 };
	s.diverts[0].to_kind = TO_PREFIXES;
	s.diverts[0].to = (struct prefix_list){ to, 1 };
	plan = sample_plan(&s);
	syn = sample_chain(&plan->owned, "raw_syn");
	sample_expect(syn, 6,
		      "meta nfproto ipv4 tcp dport 443 ip daddr @to4_d0 ip saddr @from4_d0 "
		      "ip saddr != @not4_d0 " ZONE4("50000"));
	/* no IPv6 destination: no IPv6 rule */
	assert_int_equal(syn->count, 7);
	assert_int_equal(sample_chain(&plan->owned, "take")->count, 1);
	/* the second lies in the first */
	assert_int_equal(sample_set_count(&plan->owned, "from4_d0"), 1);
	assert_int_equal(sample_set_count(&plan->owned, "from6_d0"), 1);
	assert_int_equal(sample_set_count(&plan->owned, "to6_d0"), SIZE_MAX);
	plan_free(plan);
}

/* Where no socket shows a mark only what a divert takes is ours; who has looked says so. */
static void test_half_open(void **state)
{
	static const char owned[] =
		"tcp dport 443 fib daddr type local ip saddr != @not4_d0 ct zone set 1443 meta mark "
		"set meta mark & 0x00ffffff | 0x5e000000 accept";
	char *names[] = { (char[]){ "wan" } };
	struct prefix besides[1];
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;
	char text[256];

	(void)state;
	sample_init(&s, 2);
	assert_int_equal(prefix_parse(&besides[0], "10.9.0.0/16"), 0);
	s.diverts[0].from_not = (struct prefix_list){ besides, 1 };
	s.diverts[0].interface = (struct text_list){ names, 1 };
	s.diverts[0].is_fail_closed = true;
	s.diverts[1].tcp.count = 0;
	plan = sample_plan(&s);
	chain = sample_chain(&plan->owned, "half_open");
	(void)snprintf(text, sizeof text, "iifname \"wan\" meta nfproto ipv4 %s", owned);
	sample_expect(chain, 0, text);
	sample_expect(chain, 2, "meta mark set meta mark & 0x00ffffff | 0x5e000000");
	assert_int_equal(chain->count, 3);
	/* without clients' addresses, though `closed` has them */
	chain = sample_chain(&plan->lasting, "half_open");
	sample_expect(chain, 0, "iifname \"wan\" tcp dport 443 fib daddr type local " ZONE);
	assert_int_equal(chain->count, 1);
	assert_int_equal(sample_set_count(&plan->lasting, "not4_d0"), 1);
	plan_free(plan);
}

static void test_closed(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *closed;

	(void)state;
	sample_init(&s, 4);
	s.ports[0] = (struct port_range){ 400, 500 };
	s.ports[1] = (struct port_range){ 1, 2 };
	s.diverts[2].is_fail_closed = true;
	plan = sample_plan(&s);
	closed = sample_chain(&plan->lasting, "closed");
	/* the first takes some of the closed one's port before it; the last could not */
	sample_expect(closed, 2, "tcp dport 400-500 fib daddr type local return");
	sample_expect(closed, 3,
		      "tcp dport 443 fib daddr type local counter name \"refused\" reject with tcp "
		      "reset");
	assert_int_equal(closed->count, 4);
	plan_free(plan);
}

static void test_a_divert_of_udp_alone_takes_nothing(void **state)
{
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	s.diverts[0].tcp.count = 0;
	s.diverts[0].is_fail_closed = true;
	plan = sample_plan(&s);
	assert_int_equal(sample_chain(&plan->owned, "raw_syn")->count, 6);
	assert_int_equal(sample_chain(&plan->owned, "take")->count, 0);
	assert_false(sample_has_chain(&plan->lasting, "closed"));
	plan_free(plan);
}

static void test_no_mark_beside_the_configured(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_table *tables[2];
	size_t t;
	size_t c;
	size_t r;
	size_t o;

	(void)state;
	sample_init(&s, 1);
	s.config.shunt.mark = (struct marks){ 0x00500000, 0x00ff0000 };
	plan = sample_plan(&s);
	tables[0] = &plan->owned;
	tables[1] = &plan->lasting;
	for (t = 0; t < 2; t++)
		for (c = 0; c < tables[t]->chain_count; c++)
			for (r = 0; r < tables[t]->chains[c].count; r++)
				for (o = 0; o < tables[t]->chains[c].rules[r].count; o++) {
					const struct plan_op *op =
						&tables[t]->chains[c].rules[r].ops[o];

					if (op->kind == OP_MARK || op->kind == OP_MARK_SET ||
					    op->kind == OP_SOCKET_MARK || op->kind == OP_CT_MARK)
						assert_int_equal(
							(op->mask | op->value) & ~0x00ff0000u, 0);
				}
	plan_free(plan);
}

static void test_without_ct_timeout(void **state)
{
	const struct plan_options options = { .has_ct_timeout = false };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	assert_false(sample_has_chain(&plan->owned, "ended"));
	assert_false(sample_has_chain(&plan->owned, "begin_target"));
	sample_expect(sample_chain(&plan->owned, "nat_out"), 0, "ct zone 1443 goto keep_target");
	plan_free(plan);
}

static bool has_seen(const struct plan_table *table, uint32_t seen)
{
	for (size_t c = 0; c < table->chain_count; c++)
		for (size_t r = 0; r < table->chains[c].count; r++)
			for (size_t o = 0; o < table->chains[c].rules[r].count; o++)
				if (table->chains[c].rules[r].ops[o].kind == OP_MARK_SET &&
				    table->chains[c].rules[r].ops[o].value == seen)
					return true;
	return false;
}

/* A table that stays without its owner has all that running connections need; the other one keeps NAT
 * switched on, and refuses. */
static void test_one_table(void **state)
{
	struct plan_options options = { .has_persist = true };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	assert_true(plan->owned.is_owned && plan->owned.is_lasting);
	assert_int_equal(plan->lasting.chain_count, 1);
	assert_true(sample_has_chain(&plan->lasting, "handed"));
	assert_int_equal(plan->lasting.set_count, 0);
	assert_true(sample_has_chain(&plan->owned, "host"));
	assert_false(has_seen(&plan->owned, marks_of(&s.config.shunt.mark, MARK_SEEN)));
	plan_free(plan);

	s.diverts[0].is_fail_closed = true;
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	assert_true(sample_has_chain(&plan->lasting, "closed"));
	assert_false(sample_has_chain(&plan->lasting, "raw"));
	plan_free(plan);

	options.has_persist = false;
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	assert_false(plan->owned.is_lasting);
	assert_true(sample_has_chain(&plan->lasting, "raw"));
	assert_false(sample_has_chain(&plan->owned, "host"));
	assert_true(has_seen(&plan->owned, marks_of(&s.config.shunt.mark, MARK_SEEN)));
	plan_free(plan);
}

/* Every chain that a rule leads to is there, and every set and object that one names. */
static void test_names_are_whole(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_table *table;
	size_t t;
	size_t c;
	size_t r;
	size_t i;

	(void)state;
	sample_init(&s, 2);
	s.diverts[1].is_fail_closed = true;
	plan = sample_plan(&s);
	for (t = 0; t < 2; t++) {
		table = t ? &plan->owned : &plan->lasting;
		for (c = 0; c < table->chain_count; c++)
			for (r = 0; r < table->chains[c].count; r++) {
				const struct plan_rule *rule = &table->chains[c].rules[r];
				const struct plan_op *last = &rule->ops[rule->count - 1];

				if (last->kind == OP_JUMP || last->kind == OP_GOTO)
					assert_true(sample_has_chain(table, last->name));
				for (i = 0; i < rule->count; i++)
					if (rule->ops[i].kind == OP_PORT_IN ||
					    rule->ops[i].kind == OP_PROTOCOL_IN ||
					    rule->ops[i].kind == OP_FAMILY_IN ||
					    rule->ops[i].kind == OP_SOURCE_TYPE_IN)
						assert_int_not_equal(
							sample_set_count(table, rule->ops[i].name),
							SIZE_MAX);
			}
	}
	plan_free(plan);
}

static void test_free_takes_null(void **state)
{
	(void)state;
	plan_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_first_in_the_file_comes_first),
		cmocka_unit_test(test_family_without_listener),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_a_divert_of_udp_alone_takes_nothing),
		cmocka_unit_test(test_no_mark_beside_the_configured),
		cmocka_unit_test(test_without_ct_timeout),
		cmocka_unit_test(test_one_table),
		cmocka_unit_test(test_names_are_whole),
		cmocka_unit_test(test_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
