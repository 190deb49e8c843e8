/* Servers that a divert takes. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
