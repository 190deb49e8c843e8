/* Which divert and backend the entry of a flow fits of which nobody told. */
#include "flow/question.h"
#include "handed_adopt.h"
#include "policy_conf.h"

static const char text[] = "[divert named]\n"
			   "tcp = 443\n"
			   "to = 203.0.113.10, 2001:db8::/64\n"
			   "from = 198.51.100.0/24\n"
			   "from = !198.51.100.9\n"
			   "[divert passing]\n"
			   "tcp = 443\n"
			   "udp = 53\n"
			   "to = transit\n"
			   "[divert web]\n"
			   "tcp = 443, 8000-8009\n"
			   "[divert rest]\n"
			   "tcp = 443\n"
			   "to = any\n"
			   "interface = lan\n"
			   "[route a]\n"
			   "divert = web\n"
			   "server_name = a.example\n"
			   "backend = first\n"
			   "[route b]\n"
			   "backend = second\n"
			   "[backend first]\n"
			   "server = 192.168.1.10:443, [fd00::10]:443\n"
			   "[backend second]\n"
			   "server = 192.168.1.10:444, 192.168.1.10:443\n";

static struct addr at(const char *place)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, place, true), 0);
	return a;
}

static void entry_fits(uint8_t transport, const char *client, const char *to, const char *server,
		       bool is_local, const char *divert, const char *backend)
{
	const struct conntrack_entry e = {
		.transport = transport, .client = at(client), .to = at(to), .server = at(server)
	};
	struct config *config = conf_good(text);
	struct flow_record r;

	handed_adopt(config, &e, is_local, &r);
	assert_string_equal(r.divert, divert);
	assert_string_equal(r.backend, backend);
	assert_string_equal(r.route, "-");
	assert_string_equal(r.name, "-");
	assert_string_equal(r.proto, "-");
	assert_string_equal(r.alpn, "-");
	assert_true(addr_equal(&r.client, &e.client) && addr_equal(&r.to, &e.to) &&
		    addr_equal(&r.server, &e.server));
	assert_int_equal(r.transport, transport == IPPROTO_UDP ? QUESTION_UDP : QUESTION_TCP);
	assert_int_equal(r.source, FLOW_SOURCE_client);
	assert_true(r.in_bytes == 0 && r.age_ms == 0);
	config_free(config);
}

static void fits(const char *client, const char *to, const char *server, bool is_local,
		 const char *divert, const char *backend)
{
	entry_fits(IPPROTO_TCP, client, to, server, is_local, divert, backend);
}

static void test_datagrams(void **state)
{
	const char *client = "192.0.2.1:1";
	const char *server = "192.168.1.10:444";

	(void)state;
	entry_fits(IPPROTO_UDP, client, "203.0.113.10:53", server, false, "passing", "second");
	entry_fits(IPPROTO_UDP, client, "203.0.113.10:443", server, false, "-", "second");
	fits(client, "203.0.113.10:53", server, false, "-", "second");
}

static void test_diverts(void **state)
{
	const char *server = "192.168.1.10:444";

	(void)state;
	fits("198.51.100.7:1", "203.0.113.10:443", server, true, "named", "second");
	fits("198.51.100.9:1", "203.0.113.10:443", server, true, "web", "second");
	fits("192.0.2.1:1", "203.0.113.10:443", server, true, "web", "second");
	fits("192.0.2.1:1", "203.0.113.10:443", server, false, "passing", "second");
	fits("192.0.2.1:1", "203.0.113.10:8009", server, true, "web", "second");
	fits("192.0.2.1:1", "203.0.113.10:8010", server, true, "-", "second");
	fits("192.0.2.1:1", "203.0.113.10:8000", server, false, "-", "second");
}

static void test_backends(void **state)
{
	const char *client = "192.0.2.1:1";

	(void)state;
	fits(client, "203.0.113.10:443", "192.168.1.10:443", true, "web", "first");
	fits("[2001:db8:5::1]:7", "[2001:db8::1]:443", "[fd00::10]:443", true, "web", "first");
	fits(client, "203.0.113.10:443", "192.168.1.10:445", true, "web", "-");
	fits(client, "203.0.113.10:443", "203.0.113.10:443", false, "passing", "original");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diverts),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_backends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
