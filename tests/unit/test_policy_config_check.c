/* Faults that no single key shows; lists in the form of the kernel's sets. */
#include "policy_conf.h"

static void test_needed(void **state)
{
	(void)state;
	conf_says(
		"[divert a]\nto = any\n[divert b]\ntcp = x\n[divert c]\nudp = 53\n",
		"t.conf:1: [divert a] has neither `tcp` nor `udp`: give it ports\n"
		"t.conf:4: tcp: `x` is not a port from 1 to 65535 or a range such as 8443-8449\n");
	conf_says("[backend b]\nserver = 192.0.2.1:1\n",
		  "t.conf:1: no [divert]: there is nothing to do\n");
}

static void test_ports_joined(void **state)
{
	struct config *config = conf_good("[divert d]\n"
					  "tcp = 65535, 90-100, 80, 82, 81, 95-97, 99-110, 443\n");
	const struct port_list *tcp = &config->diverts[0].tcp;
	static const struct port_range expected[] = {
		{ 80, 82 }, { 90, 110 }, { 443, 443 }, { 65535, 65535 }
	};

	(void)state;
	assert_int_equal(tcp->count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(tcp->at[i].first, expected[i].first);
		assert_int_equal(tcp->at[i].last, expected[i].last);
	}
	config_free(config);
	config = conf_good("[divert d]\ntcp = 1-65535, 443\n");
	assert_int_equal(config->diverts[0].tcp.count, 1);
	config_free(config);
}

static void test_prefixes_apart(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n"
					  "from = 10.1.0.0/16, 10.0.0.0/8, 10.1.2.3, 11.0.0.0/8\n"
					  "from = ::/0, 2001:db8::/32, !192.0.2.1, !192.0.2.0/24\n"
					  "to = 192.0.2.1 192.0.2.1\n");
	const struct divert *d = &config->diverts[0];

	(void)state;
	assert_int_equal(d->from.count, 3);
	assert_int_equal(d->from.at[0].bits, 8);
	assert_int_equal(d->from.at[1].bytes[0], 11);
	assert_int_equal(d->from.at[2].family, AF_INET6);
	assert_int_equal(d->from_not.count, 1);
	assert_int_equal(d->from_not.at[0].bits, 24);
	assert_int_equal(d->to.count, 1);
	config_free(config);
}

static void test_said(void **state)
{
	(void)state;
	conf_says("[divert d]\ntcp = 1-5, 5\nudp = 7 7\nfrom = 10.0.0.0/8 10.0.0.1\nto = ::1 ::1\n",
		  "t.conf:1: warning: [divert d] tcp: a port is listed twice\n"
		  "t.conf:1: warning: [divert d] udp: a port is listed twice\n"
		  "t.conf:1: warning: [divert d] to: 1 of 2 items lie inside others\n"
		  "t.conf:1: warning: [divert d] from: 1 of 2 items lie inside others\n"
		  "t.conf:1: warning: [divert d] udp: no route takes anything of it: all of it is "
		  "dropped (if so, write `unknown = drop`)\n");
	conf_says("[divert d]\ntcp = 1-5, 6\n", ""); /* side by side is not twice */
}

/* So many backends of 64 servers each, and, if wanted, one with two more. For free(). */
static char *many_servers(unsigned backends, bool one_more)
{
	enum { ROOM = 200000 };
	char *text = malloc(ROOM);
	size_t end = 0;

	assert_non_null(text);
	end += (size_t)snprintf(text, ROOM, "[divert d]\ntcp = 1\nunknown = b0\n");
	for (unsigned b = 0; b < backends; b++) {
		end += (size_t)snprintf(text + end, ROOM - end, "[backend b%u]\n", b);
		for (unsigned s = 0; s < 64; s++)
			end += (size_t)snprintf(text + end, ROOM - end, "server = 10.0.%u.%u:1\n",
						b, s + 1);
	}
	if (one_more)
		end += (size_t)snprintf(text + end, ROOM - end,
					"[backend last]\nserver = 10.1.0.1:1, 10.1.0.2:1\n");
	assert_true(end < ROOM);
	return text;
}

static void test_servers_in_all(void **state)
{
	char *text = many_servers(64, false);
	struct config *config = conf_good(text);

	(void)state;
	assert_int_equal(config->backend_count, 64);
	config_free(config);
	free(text);
	text = many_servers(64, true);
	conf_says(text, "t.conf:4164: [backend last] goes beyond the 4096 servers of all backends "
			"together: remove 2 of them, here or elsewhere\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needed),         cmocka_unit_test(test_ports_joined),
		cmocka_unit_test(test_prefixes_apart), cmocka_unit_test(test_said),
		cmocka_unit_test(test_servers_in_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
