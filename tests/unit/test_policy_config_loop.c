/* Servers that a divert takes. */
#include <string.h>

#include "policy_conf.h"

#define BACKEND "[route r]\nbackend = b\n[backend b]\nserver = 192.0.2.1:443, [2001:db8::1]:8443\n"

static void says_nothing(const char *divert)
{
	char text[512];

	(void)snprintf(text, sizeof text, "%s" BACKEND, divert);
	conf_says(text, "");
}

static void test_refused(void **state)
{
	(void)state;
	conf_says("[divert d]\ntcp = 440-450\nto = 192.0.2.0, 192.0.2.1, 2001:db8::1\n" BACKEND,
		  "t.conf:6: [backend b] server 192.0.2.1:443 is what [divert d] takes: `backend = "
		  "original` leads there\n");
	conf_says("[divert c]\ntcp = 443\n[divert d]\ntcp = 8443\nto = 192.0.2.1, 2001:db8::1\n"
		  "from = 10.0.0.0/8\n" BACKEND,
		  "t.conf:9: [backend b] server [2001:db8::1]:8443 is what [divert d] takes: "
		  "`backend = original` leads there\n");
}

/* Another port or address; a network that holds it; what cannot be seen here. */
static void test_allowed(void **state)
{
	(void)state;
	says_nothing("[divert d]\ntcp = 444\nto = 192.0.2.1\n");
	says_nothing("[divert d]\ntcp = 443\nto = 192.0.2.2, 2001:db8::1\n");
	says_nothing("[divert d]\ntcp = 443\nto = 192.0.2.0/24\n");
	says_nothing("[divert d]\ntcp = 443\nto = local\n");
	says_nothing("[divert d]\ntcp = 443\nto = any\n");
	says_nothing("[divert d]\ntcp = 443\nto = transit\n");
}

/* What reaches the server by the other transport is no loop. */
static void test_transports(void **state)
{
	static const char to_datagrams[] =
		"[divert t]\ntcp = 1\n[divert u]\nudp = 443\nto = 192.0.2.1\n";
	static const char to_streams[] =
		"[divert u]\nudp = 1\n[divert t]\ntcp = 443\nto = 192.0.2.1\n";
	static const char *const keys[] = { "protocol = tls", "protocol = quic",
					    "server_name = a.test", "path = /", "" };
	static const bool faults[][2] = {
		{ false, true }, { true, false }, { true, true }, { false, true }, { true, true }
	};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		for (unsigned k = 0; k < 2; k++) {
			struct config_notes notes;
			struct config *config = NULL;
			char text[512];

			(void)snprintf(text, sizeof text,
				       "%s[route r]\n%s\nbackend = b\n[backend b]\n"
				       "server = 192.0.2.1:443\n",
				       k ? to_streams : to_datagrams, keys[i]);
			assert_int_equal(conf_try(&config, text, strlen(text), &notes) != 0,
					 faults[i][k]);
			config_free(config);
			config_notes_free(&notes);
		}
	}
	conf_says("[divert u]\nudp = 443\nto = 192.0.2.1\nunknown = b\n[backend b]\n"
		  "server = 192.0.2.1:443\n",
		  "t.conf:5: [backend b] server 192.0.2.1:443 is what [divert u] takes: `backend = "
		  "original` leads there\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_transports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
