/* The plan in nft's language: sets, chains and tables. Whole plans are golden tests' work. */

#include <arpa/inet.h>

#include <linux/netfilter.h>

#include "nft/plan_build.h"
#include "nft_sample.h"

static char *text_of(const struct plan_table *table)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	plan_text(out, table);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void expect(const struct plan_table *table, const char *text)
{
	char *found = text_of(table);

	assert_string_equal(found, text);
	free(found);
}

static void add_addresses(struct plan_set *set, const char *first, const char *last)
{
	struct plan_range *range = &set->at[set->count++];
	int family = strchr(first, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, first, range->first), 1);
	assert_int_equal(inet_pton(family, last, range->last), 1);
}

static void test_addresses(void **state)
{
	struct plan *plan = plan_empty();
	struct plan_table *table = &plan->lasting;
	struct plan_set *set = plan_set(table, PLAN_V4, "four", 5);

	(void)state;
	add_addresses(set, "0.0.0.0", "0.255.255.255");
	add_addresses(set, "10.0.0.0", "10.0.0.0");
	add_addresses(set, "10.0.0.3", "10.0.0.4");
	add_addresses(set, "192.0.2.0", "192.0.2.127");
	add_addresses(set, "192.0.3.1", "192.0.3.255");
	set = plan_set(table, PLAN_V6, "six", 2);
	add_addresses(set, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	expect(table, "table inet shunt_base {"
		      "\n\tset four {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
		      "\t\telements = { 0.0.0.0/8,\n\t\t\t     10.0.0.0,\n"
		      "\t\t\t     10.0.0.3-10.0.0.4,\n\t\t\t     192.0.2.0/25,\n"
		      "\t\t\t     192.0.3.1-192.0.3.255 }\n\t}\n"
		      "\n\tset six {\n\t\ttype ipv6_addr\n\t\tflags interval\n"
		      "\t\telements = { ::/0 }\n\t}\n"
		      "}\n");
	plan_free(plan);
}

static void test_chains_and_objects(void **state)
{
	struct plan *plan = plan_empty();
	struct plan_table *table = &plan->owned;
	struct plan_chain *chain = plan_hook(table, "c", "filter", NF_INET_LOCAL_OUT, -300);

	(void)state;
	plan_object(table, "hits", 0);
	plan_object(table, "soon", NFPROTO_IPV6);
	PLAN_RULE(table, chain, { .kind = OP_TCP_FLAGS, .mask = 0x07, .value = 0 },
		  { .kind = OP_CT_STATE, .value = 6 }, { .kind = OP_COUNTER, .name = "hits" },
		  { .kind = OP_DROP });
	plan_chain(table, "d");
	expect(table, "table inet shunt { # flags owner"
		      "\n\tcounter hits {\n\t}\n"
		      "\n\tct timeout soon {\n\t\tprotocol tcp\n\t\tl3proto ip6\n"
		      "\t\tpolicy = { last_ack : 10, time_wait : 2, close : 2 }\n\t}\n"
		      "\n\tchain c {\n\t\ttype filter hook output priority -300; policy accept;\n"
		      "\t\ttcp flags & (fin|syn|rst) == 0x0 ct state established,related "
		      "counter name \"hits\" drop\n\t}\n"
		      "\n\tchain d {\n\t}\n"
		      "}\n");
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_chains_and_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
