/* path and method: what is taken, what is refused, what is said. */
#include <errno.h>
#include <string.h>

#include "policy_conf.h"

#define ROUTE "[divert d]\ntcp = 1\n[route r]\nbackend = drop\n"

static void test_taken(void **state)
{
	struct config *config = conf_good(ROUTE "path = /, /a/b?c=d;e *\npath = /%20~x\n"
						"method = GET M-SEARCH, x!#$%&'*+-.^_`|~Z9\n");
	const struct route *r = &config->routes[0];

	(void)state;
	assert_int_equal(r->path.count, 4);
	assert_string_equal(r->path.at[0], "/");
	assert_string_equal(r->path.at[1], "/a/b?c=d;e");
	assert_string_equal(r->path.at[2], "*");
	assert_string_equal(r->path.at[3], "/%20~x");
	assert_int_equal(r->method.count, 3);
	assert_string_equal(r->method.at[1], "M-SEARCH");
	config_free(config);
	config = conf_good(ROUTE);
	assert_int_equal(config->routes[0].path.count + config->routes[0].method.count, 0);
	config_free(config);
}

static void test_refused(void **state)
{
	(void)state;
	conf_says(ROUTE "path = http://a.example/, a/b, **\n",
		  "t.conf:5: path: `http://a.example/` must begin with `/`: scheme and host are no "
		  "part of it\n"
		  "t.conf:5: path: `a/b` must begin with `/`: scheme and host are no part of it\n"
		  "t.conf:5: path: `**` must begin with `/`: scheme and host are no part of it\n");
	conf_says(ROUTE "path = /a#b\n",
		  "t.conf:5: path: `/a#b`: no client sends a `#` or what follows it\n");
	conf_says(ROUTE "path = /\xc3\xbc\n",
		  "t.conf:5: path: `/\xc3\xbc` has bytes that are sent as %XX: write it so\n");
	conf_says(ROUTE "method = GET/POST, A(B)\n",
		  "t.conf:5: method: `GET/POST` is not a method such as GET or POST\n"
		  "t.conf:5: method: `A(B)` is not a method such as GET or POST\n");
	conf_says(ROUTE "path = ,\n", "t.conf:5: path: an empty list\n");
	conf_says("[divert d]\ntcp = 1\npath = /\n",
		  "t.conf:3: unknown key `path` in [divert]: it belongs in [route]\n");
}

static void test_said(void **state)
{
	(void)state;
	conf_says(ROUTE "method = get, Get\n",
		  "t.conf:5: warning: method: `get` is not the same as in capitals, which is how "
		  "clients write the usual ones\n");
	conf_says(ROUTE "path = /a /a\nmethod = PUT PUT\n",
		  "t.conf:5: warning: path: `/a` is listed twice\n"
		  "t.conf:6: warning: method: `PUT` is listed twice\n");
}

/* Each list has its limit, and what is within it is taken. */
static void test_limits(void **state)
{
	char text[8000] = ROUTE;
	size_t used = strlen(text);
	struct config_notes notes;
	struct config *config;

	(void)state;
	for (int i = 0; i < 256; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "path = /%d\n", i);
	config_free(conf_good(text));
	(void)snprintf(text + used, sizeof text - used, "path = /256\n");
	assert_int_equal(conf_try(&config, text, strlen(text), &notes), -EINVAL);
	assert_string_equal(notes.at[0].text, "path: more than 256 items");
	config_notes_free(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
