/* The traps of inih, each closed. */
#include <string.h>

#include "policy_conf.h"

#define GOOD "[divert web]\ntcp = 443\n"

/* Whatever an inih would do with the keys behind it, they must not land in the section before. */
static void test_missing_bracket(void **state)
{
	(void)state;
	conf_says(GOOD "[route b\nbackend = nobody\ntcp = x\n",
		  "t.conf:3: no `]` at the end of the section `[route b`\n");
	conf_says(GOOD "[route b] backend = nobody\nbackend = nobody\n",
		  "t.conf:3: `backend = nobody` behind the `]`: begin a new line\n");
	conf_says(GOOD "[route b]x\n", "t.conf:3: `x` behind the `]`: begin a new line\n");
	conf_says(GOOD "[route b] # no comment\nbackend = drop\n",
		  "t.conf:3: `# no comment` behind the `]`: begin a new line\n");
	conf_says(GOOD "[route b] ; a comment\nbackend = drop\n", "");
	conf_says(GOOD "\t[route b]\nbackend = drop\n",
		  "t.conf:3: indented line: begin it in the first column\n"
		  "t.conf:4: unknown key `backend` in [divert]: it belongs in [route]\n");
}

static void test_comments(void **state)
{
	(void)state;
	conf_says(GOOD "wait = 5s ; c\n; c\n# c\n  ; c\n", "");
	conf_says(GOOD "wait = 5s;c\n",
		  "t.conf:3: wait: `5s;c` is not a time such as 500ms, 3s, 5m or 1h\n");
	conf_says(GOOD "wait = 5s # c\n",
		  "t.conf:3: wait: `5s # c` is not a time such as 500ms, 3s, 5m or 1h\n");
}

static void test_indented(void **state)
{
	(void)state;
	conf_says(GOOD " 8443\n", "t.conf:3: indented line: begin it in the first column\n");
	conf_says(GOOD "\tudp = 53\n", "t.conf:3: indented line: begin it in the first column\n");
	conf_says(GOOD "   \n\t\n", "");
}

static void test_twice(void **state)
{
	(void)state;
	conf_says(
		GOOD "[divert web]\ntcp = x\n",
		"t.conf:3: [divert web] stands already in line 1: join them\n"
		"t.conf:4: tcp: `x` is not a port from 1 to 65535 or a range such as 8443-8449\n");
	conf_says(GOOD "[shunt]\n[route web]\nbackend = drop\n[shunt]\n",
		  "t.conf:6: [shunt] stands already in line 3: join them\n");
	conf_says(GOOD "wait = 1s\nwait = 1s\n",
		  "t.conf:4: `wait` stands already in line 3: remove one\n");
	conf_says(GOOD "tcp = 80\ntcp = 22\n", "");
}

static void test_empty_section(void **state)
{
	struct config *config =
		conf_good("[divert web]\ntcp = 443\n[shunt]\n[route a]\nbackend=drop");

	(void)state;
	assert_int_equal(config->divert_count, 1);
	assert_int_equal(config->route_count, 1);
	assert_string_equal(config->routes[0].name, "a");
	assert_int_equal(config->routes[0].line, 4);
	config_free(config);
	conf_says(GOOD "[backend b]\n",
		  "t.conf:3: [backend b] has no `server`, which it must have\n");
}

/* A value of `size` digits in a list of ports, ports and blanks in turn. */
static void expect_long_line(size_t size, const char *expected)
{
	char text[600] = GOOD "tcp=";
	size_t line = strlen(GOOD);
	size_t end = line + size;

	for (size_t i = strlen(text); i < end; i++)
		text[i] = i + 1 < end && i % 2 ? ',' : '9';
	strcpy(text + end, "\nwait = 1x\n");
	assert_int_equal(strcspn(text + line, "\n"), size);
	conf_says(text, expected);
}

#define BAD_WAIT "t.conf:4: wait: `1x` is not a time such as 500ms, 3s, 5m or 1h\n"

static void test_long_line(void **state)
{
	(void)state;
	expect_long_line(196,
			 BAD_WAIT "t.conf:1: warning: [divert web] tcp: a port is listed twice\n");
	expect_long_line(197,
			 "t.conf:3: line longer than 196 bytes: repeat the key to lengthen its "
			 "list\n" BAD_WAIT);
	expect_long_line(230,
			 "t.conf:3: line longer than 196 bytes: repeat the key to lengthen its "
			 "list\n" BAD_WAIT);
	expect_long_line(450,
			 "t.conf:3: line longer than 196 bytes: repeat the key to lengthen its "
			 "list\n" BAD_WAIT);
}

/* inih cuts a section's name at 49 bytes. */
static void test_long_section(void **state)
{
	static const char text[] =
		GOOD "[route a23456789012345678901234567890123456789012345678901234567890123]\n"
		     "backend = drop\n"
		     "[route a23456789012345678901234567890123456789012345678901234567890124]\n"
		     "backend = reject\n";
	struct config *config = conf_good(text);

	(void)state;
	assert_int_equal(config->route_count, 2);
	assert_int_equal(strlen(config->routes[1].name), 63);
	assert_int_equal(config->routes[0].target.kind, TARGET_DROP);
	assert_int_equal(config->routes[1].target.kind, TARGET_REJECT);
	config_free(config);
}

static void test_no_section(void **state)
{
	(void)state;
	conf_says("tcp = 443\n" GOOD, "t.conf:1: `tcp` stands in front of any section\n");
	conf_says("", "t.conf:1: no [divert]: there is nothing to do\n");
	conf_says("\n; nothing\n[shunt]\n", "t.conf:1: no [divert]: there is nothing to do\n");
	conf_says("[shunt]\n[backends]\nx = y\n",
		  "t.conf:2: unknown section [backends] (did you mean [backend]?)\n");
}

static void test_not_ini(void **state)
{
	(void)state;
	conf_says(GOOD "udp: 443\n",
		  "t.conf:3: `udp: 443` is neither `[section]` nor `key = value`\n");
	conf_says(GOOD "udp: a=b\n",
		  "t.conf:3: `udp: a=b` is neither `[section]` nor `key = value`\n");
	conf_says(GOOD "udp\n", "t.conf:3: `udp` is neither `[section]` nor `key = value`\n");
	conf_says(GOOD "= 443\n", "t.conf:3: no key in front of `=`\n");
	conf_says(GOOD "udp =\n", "t.conf:3: `udp` has no value: give one or remove it\n");
	conf_says(GOOD "udp = ,\n", "t.conf:3: udp: an empty list\n");
	conf_says(GOOD "udp=53\r\n\xef\xbb\xbf; x\r\n",
		  "t.conf:4: `\xef\xbb\xbf; x` is neither `[section]` nor `key = value`\n");
}

static void test_nul(void **state)
{
	static const char text[] = GOOD "wait = 1\0s\nwait = 1x\n";

	(void)state;
	conf_expect(text, sizeof text - 1,
		    "t.conf:3: a NUL byte: this is not a text file\n" BAD_WAIT);
}

static void test_mark(void **state)
{
	(void)state;
	conf_says("\xef\xbb\xbf" GOOD, "");
}

/* Each limit on sections, at it and beyond. */
static void expect_sections(const char *kind, const char *key, size_t count, const char *expected)
{
	size_t room = count * 64 + 100;
	char *text = calloc(1, room);
	struct config_notes notes;
	struct config *config;
	size_t used = 0;

	assert_non_null(text);
	if (strcmp(kind, "divert") != 0)
		used = (size_t)snprintf(text, room, GOOD);
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, room - used, "[%s n%zu]\n%s\n", kind, i, key);
	(void)conf_try(&config, text, used, &notes);
	assert_int_equal(notes.faults, *expected ? 1 : 0);
	if (*expected)
		assert_string_equal(notes.at[0].text, expected);
	config_free(config);
	config_notes_free(&notes);
	free(text);
}

static void test_section_limits(void **state)
{
	(void)state;
	expect_sections("divert", "tcp = 443", 64, "");
	expect_sections("divert", "tcp = 443", 65, "more than 64 [divert] sections");
	expect_sections("backend", "server = 192.0.2.1:1", 1024, "");
	expect_sections("backend", "server = 192.0.2.1:1", 1025,
			"more than 1024 [backend] sections");
	expect_sections("route", "backend = drop", 4096, "");
	expect_sections("route", "backend = drop", 4097, "more than 4096 [route] sections");
}

static void test_unknown_keys(void **state)
{
	(void)state;
	conf_says(GOOD "protocl = tls\n",
		  "t.conf:3: unknown key `protocl` in [divert] (did you mean "
		  "`protocol`, which belongs in [route]?)\n");
	conf_says(GOOD "protocol = tls\n",
		  "t.conf:3: unknown key `protocol` in [divert]: it belongs in [route]\n");
	conf_says(GOOD "Protocol = tls\n",
		  "t.conf:3: unknown key `Protocol` in [divert] (did you mean "
		  "`protocol`, which belongs in [route]?)\n");
	conf_says(GOOD "TCP = 1\n",
		  "t.conf:3: unknown key `TCP` in [divert] (did you mean `tcp`?)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_bracket),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_indented),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_empty_section),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_long_section),
		cmocka_unit_test(test_no_section),
		cmocka_unit_test(test_not_ini),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_unknown_keys),
		cmocka_unit_test(test_section_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
