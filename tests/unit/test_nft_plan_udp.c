/* What stands in the two tables for diverts of datagrams. */

#include "nft_sample.h"

#define MARK_SET    "meta mark set meta mark & 0x00ffffff | 0x5f000000 accept"
#define HELD_SET    "ct mark set ct mark & 0x00ffffff | 0x59000000 "
#define TAKE4(n)    "tproxy ip to 127.0.0.1:" n " " MARK_SET
#define TAKE6(n)    "tproxy ip6 to [::1]:" n " " MARK_SET
#define FIRST_MARKS HELD_SET "meta mark set meta mark & 0x00ffffff | 0x5f000000 "
#define FIRST4(n)   "tproxy ip to 127.0.0.1:" n " " FIRST_MARKS "ct timeout set \"strangers4\" accept"
#define FIRST6(n)   "tproxy ip6 to [::1]:" n " " FIRST_MARKS "ct timeout set \"strangers6\" accept"

#define OWN_SOCKET "socket mark & 0xff000000 == 0x53000000 " MARK_SET

enum {
	BEFORE_DIVERTS = 6, /* rules of chain `udp_first` */
};

/* The diverts are of UDP as well. */
static void sample_udp(struct sample *s, size_t count)
{
	sample_init(s, count);
	for (size_t i = 0; i < count; i++)
		s->diverts[i].udp = s->diverts[i].tcp;
}

/* What servers send to our sockets has a zone; what this box sent itself is not taken. */
static void test_raw(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;

	(void)state;
	sample_udp(&s, 1);
	plan = sample_plan(&s);
	chain = sample_chain(&plan->owned, "raw_udp");
	sample_expect(chain, 0, "socket mark & 0xf7000000 == 0x52000000 goto raw_server");
	sample_expect(chain, 1,
		      "meta mark & 0xf0000000 != 0x50000000 "
		      "meta mark set meta mark & 0x00ffffff | 0x5e000000 accept");
	sample_expect(chain, 2, "meta mark set meta mark & 0x00ffffff | 0x54000000");
	assert_int_equal(chain->count, 3);
	assert_int_equal(sample_chain(&plan->lasting, "raw_udp")->count, 1);
	sample_expect(sample_chain(&plan->lasting, "raw_server"), 0,
		      "meta nfproto ipv4 meta l4proto udp tproxy ip to 127.0.0.1:1 "
		      "ct zone set 1444 accept");
	plan_free(plan);
}

static void test_one_divert(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;

	(void)state;
	sample_udp(&s, 1);
	plan = sample_plan(&s);
	chain = sample_chain(&plan->owned, "datagram");
	sample_expect(chain, 0, "ct mark & 0xf9000000 == 0x58000000 return");
	sample_expect(chain, 1, "ct mark & 0xff000000 == 0x5b000000 return");
	sample_expect(chain, 2,
		      "ct mark & 0xf0000000 == 0x50000000 ct direction original goto udp_take");
	sample_expect(chain, 3,
		      "ct mark & 0xff000000 == 0x57000000 ct direction reply goto udp_take");
	sample_expect(chain, 4, "ct status & confirmed == 0 goto udp_first");
	assert_int_equal(chain->count, 5);
	chain = sample_chain(&plan->owned, "udp_first");
	sample_expect(chain, 0, "udp dport != @uports return");
	sample_expect(chain, 1, "meta nfproto != @alive return");
	sample_expect(chain, 2,
		      "meta mark & 0xf0000000 == 0x50000000 counter name \"loop\" return");
	sample_expect(chain, 3, "iif \"lo\" return");
	sample_expect(chain, 4, "fib saddr type @no_clients return");
	sample_expect(chain, 5, "fib daddr type @no_targets return");
	sample_expect(chain, 6,
		      "meta nfproto ipv4 udp dport 443 fib daddr type local " FIRST4("50000"));
	sample_expect(chain, 7,
		      "meta nfproto ipv6 udp dport 443 fib daddr type local " FIRST6("50000"));
	assert_int_equal(chain->count, 8);
	assert_int_equal(sample_set_count(&plan->owned, "uports"), 1);
	plan_free(plan);
}

static void test_without_datagrams_there_is_nothing(void **state)
{
	static const char *const chains[] = { "datagram",   "udp_first",   "udp_take",  "raw_udp",
					      "raw_server", "raw_out_udp", "udp_closed" };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	s.diverts[0].is_fail_closed = true;
	plan = sample_plan(&s);
	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
		assert_false(sample_has_chain(&plan->owned, chains[i]));
		assert_false(sample_has_chain(&plan->lasting, chains[i]));
	}
	for (size_t i = 0; i < plan->owned.chain_count; i++)
		for (size_t k = 0; k < plan->owned.chains[i].count; k++) {
			char *text = sample_rule(&plan->owned.chains[i].rules[k]);

			assert_null(strstr(text, "udp"));
			free(text);
		}
	plan_free(plan);
}

/* Running flows are led by their port alone, whatever the divert takes. */
static void test_running_flows_are_known_by_their_port(void **state)
{
	struct prefix from;
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_udp(&s, 2);
	s.ports[1] = (struct port_range){ 500, 600 };
	assert_int_equal(prefix_parse(&from, "10.0.0.0/8"), 0);
	s.diverts[0].from = (struct prefix_list){ &from, 1 };
	plan = sample_plan(&s);
	for (int i = 0; i < 2; i++) {
		const struct plan_table *table = i ? &plan->lasting : &plan->owned;
		const struct plan_chain *chain = sample_chain(table, "udp_take");

		sample_expect(chain, 0, "meta nfproto ipv4 udp dport 443 " TAKE4("50000"));
		sample_expect(chain, 1, "meta nfproto ipv6 udp dport 443 " TAKE6("50000"));
		sample_expect(chain, 2, "meta nfproto ipv4 udp dport 500-600 " TAKE4("50001"));
		sample_expect(chain, 4, OWN_SOCKET);
		assert_int_equal(chain->count, 5);
		/* the owned one has it for new flows */
		assert_int_equal(sample_set_count(table, "from4_d0"), i ? SIZE_MAX : 1);
	}
	plan_free(plan);
}

static void test_where_ports_do_not_tell_all_is_asked(void **state)
{
	struct prefix from;
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;

	(void)state;
	sample_udp(&s, 2);
	s.ports[1] = (struct port_range){ 400, 600 };
	assert_int_equal(prefix_parse(&from, "10.0.0.0/8"), 0);
	s.diverts[0].from = (struct prefix_list){ &from, 1 };
	plan = sample_plan(&s);
	chain = sample_chain(&plan->lasting, "udp_take");
	sample_expect(chain, 0,
		      "meta nfproto ipv4 udp dport 443 fib daddr type local ip saddr "
		      "@from4_d0 " TAKE4("50000"));
	sample_expect(chain, 1,
		      "meta nfproto ipv4 udp dport 400-600 fib daddr type local " TAKE4("50001"));
	sample_expect(chain, 3, OWN_SOCKET);
	assert_int_equal(chain->count, 4);
	assert_int_equal(sample_set_count(&plan->lasting, "from4_d0"), 1);
	plan_free(plan);
}

static void test_a_family_without_listener(void **state)
{
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_udp(&s, 1);
	s.listeners[0].udp6 = 0;
	plan = sample_plan(&s);
	assert_int_equal(sample_chain(&plan->owned, "udp_take")->count, 2);
	assert_int_equal(sample_chain(&plan->owned, "udp_first")->count, BEFORE_DIVERTS + 1);
	plan_free(plan);
}

static void test_ports_of_their_own(void **state)
{
	struct port_range ports[2] = { { 443, 443 }, { 51820, 51829 } };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	s.diverts[0].udp = (struct port_list){ ports, 2 };
	plan = sample_plan(&s);
	assert_int_equal(sample_set_count(&plan->owned, "uports"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "uports_d0"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "ports_d0"), SIZE_MAX);
	sample_expect(sample_chain(&plan->lasting, "udp_take"), 0,
		      "meta nfproto ipv4 udp dport @uports_d0 " TAKE4("50000"));
	plan_free(plan);
}

static void test_without_timeout_policies(void **state)
{
	const struct plan_options options = { .has_udp = true };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_udp(&s, 1);
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	sample_expect(sample_chain(&plan->owned, "udp_first"), BEFORE_DIVERTS,
		      "meta nfproto ipv4 udp dport 443 fib daddr type local "
		      "tproxy ip to 127.0.0.1:50000 " FIRST_MARKS "accept");
	plan_free(plan);
}

/* Flows of diverts that are gone go on by sockets of their own. */
static void test_what_is_left_of_former_diverts(void **state)
{
	const struct plan_options options = { .has_udp = true, .had_udp = true };
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	for (int i = 0; i < 2; i++) {
		const struct plan_table *table = i ? &plan->lasting : &plan->owned;

		sample_expect(sample_chain(table, "datagram"), 2,
			      i ? "ct mark & 0xf0000000 == 0x50000000 ct direction original jump "
				  "udp_take"
				: "ct mark & 0xf0000000 == 0x50000000 ct direction original goto "
				  "udp_take");
		sample_expect(sample_chain(table, "udp_take"), 0, OWN_SOCKET);
		assert_true(sample_has_chain(table, "raw_udp"));
	}
	assert_int_equal(sample_set_count(&plan->owned, "uports"), 0);
	assert_int_equal(sample_chain(&plan->owned, "udp_first")->count, BEFORE_DIVERTS);
	plan_free(plan);
}

/* From a network of one link it comes in there, or it is not taken. */
static void test_networks_of_links(void **state)
{
	struct plan_link links[] = {
		{ .device = "lan" }, { .device = "lan" }, { .device = "wan" }, { .device = "wan" }
	};
	const struct plan_options options = { .has_udp = true, .links = links, .link_count = 4 };
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;

	(void)state;
	assert_int_equal(prefix_parse(&links[0].net, "192.168.1.0/24"), 0);
	assert_int_equal(prefix_parse(&links[1].net, "10.0.0.0/8"), 0);
	assert_int_equal(prefix_parse(&links[2].net, "10.1.0.0/16"), 0);
	assert_int_equal(prefix_parse(&links[3].net, "2001:db8:1::/64"), 0);
	sample_udp(&s, 1);
	assert_int_equal(plan_build(&plan, &s.config, s.listeners, &options), 0);
	chain = sample_chain(&plan->owned, "udp_first");
	sample_expect(chain, 6, "meta nfproto ipv4 ip saddr @links4 jump udp_link");
	sample_expect(chain, 7, "meta nfproto ipv6 ip6 saddr @links6 jump udp_link");
	chain = sample_chain(&plan->owned, "udp_link");
	sample_expect(chain, 0, "meta nfproto ipv4 iifname \"lan\" ip saddr @link4_0 return");
	sample_expect(chain, 1, "meta nfproto ipv4 iifname \"wan\" ip saddr @link4_2 return");
	sample_expect(chain, 2, "meta nfproto ipv6 iifname \"wan\" ip6 saddr @link6_2 return");
	sample_expect(chain, 3, "counter name \"astray\" accept");
	assert_int_equal(chain->count, 4);
	/* one network holds the other */
	assert_int_equal(sample_set_count(&plan->owned, "links4"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "link4_0"), 2);
	assert_int_equal(sample_set_count(&plan->owned, "link4_2"), 1);
	assert_int_equal(sample_set_count(&plan->owned, "links6"), 1);
	assert_int_equal(sample_set_count(&plan->lasting, "links4"), SIZE_MAX);
	plan_free(plan);
}

static void test_closed(void **state)
{
	struct sample s;
	struct plan *plan;
	const struct plan_chain *chain;

	(void)state;
	sample_udp(&s, 3);
	s.ports[2] = (struct port_range){ 53, 53 };
	s.diverts[1].is_fail_closed = true;
	s.diverts[1].tcp.count = 0;
	plan = sample_plan(&s);
	chain = sample_chain(&plan->lasting, "datagram");
	sample_expect(chain, 0, "ct mark & 0xf9000000 == 0x58000000 accept");
	sample_expect(chain, 2,
		      "ct mark & 0xf0000000 == 0x50000000 ct direction original jump udp_take");
	sample_expect(chain, 4, "ct status & confirmed == 0 goto udp_closed");
	sample_expect(chain, 5,
		      "ct mark & 0xf0000000 == 0x50000000 ct direction original goto udp_closed");
	assert_int_equal(chain->count, 6);
	chain = sample_chain(&plan->lasting, "udp_closed");
	sample_expect(chain, 0, "iif \"lo\" return");
	sample_expect(chain, 1, "fib saddr type @no_clients return");
	sample_expect(chain, 2, "fib daddr type @no_targets return");
	/* the open one comes first, so it is not refused; the third has nothing in common */
	sample_expect(chain, 3, "udp dport 443 fib daddr type local return");
	sample_expect(chain, 4,
		      "udp dport 443 fib daddr type local counter name \"refused\" "
		      "reject with icmpx port-unreachable");
	assert_int_equal(chain->count, 5);
	/* nothing of TCP is closed */
	assert_false(sample_has_chain(&plan->lasting, "closed"));
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_one_divert),
		cmocka_unit_test(test_without_datagrams_there_is_nothing),
		cmocka_unit_test(test_running_flows_are_known_by_their_port),
		cmocka_unit_test(test_where_ports_do_not_tell_all_is_asked),
		cmocka_unit_test(test_a_family_without_listener),
		cmocka_unit_test(test_ports_of_their_own),
		cmocka_unit_test(test_without_timeout_policies),
		cmocka_unit_test(test_what_is_left_of_former_diverts),
		cmocka_unit_test(test_networks_of_links),
		cmocka_unit_test(test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
