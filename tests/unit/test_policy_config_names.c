/* Host names and files of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/config_names.h"
#include "policy_conf.h"

static void expect_name(const char *text, const char *normal, const char *fault)
{
	char out[NAMES_TEXT_BYTES];
	const char *said = names_normal(out, text);

	if (!fault) {
		assert_null(said);
		assert_string_equal(out, normal);
		return;
	}
	assert_non_null(said);
	assert_non_null(strstr(said, fault));
}

static void test_normal(void **state)
{
	(void)state;
	expect_name("Git.Example.COM", "git.example.com", NULL);
	expect_name("git.example.com.", "git.example.com", NULL);
	expect_name("*.Example.com.", "*.example.com", NULL);
	expect_name("a", "a", NULL);
	expect_name("_dmarc.xn--bcher-kva.example", "_dmarc.xn--bcher-kva.example", NULL);
	expect_name("192.0.2.1", "192.0.2.1", NULL);
	expect_name(".", NULL, "empty label");
	expect_name("*.", NULL, "`*` may only stand as `*.`");
	expect_name("*..", NULL, "empty label");
	expect_name("*..a", NULL, "empty label");
	expect_name("a..", NULL, "empty label");
	expect_name(".a", NULL, "empty label");
	expect_name("", NULL, "empty label");
	expect_name("*", NULL, "`*` may only stand as `*.`");
	expect_name("*a", NULL, "`*` may only stand as `*.`");
	expect_name("*.*.a", NULL, "`*` may only stand as `*.`");
	expect_name("a.*", NULL, "`*` may only stand as `*.`");
	expect_name("/^a$/", NULL, "is a regex");
	expect_name("a:443", NULL, "only letters, digits");
	expect_name("b\xc3\xbc.example", NULL, "A-label");
}

/* A name of `size` bytes in labels of 63. */
static const char *long_name(char *out, const char *front, size_t size)
{
	size_t used = strlen(front);

	memcpy(out, front, used);
	for (size_t i = 0; i < size; i++)
		out[used + i] = i % 64 == 63 ? '.' : 'a';
	out[used + size] = '\0';
	return out;
}

static void test_long(void **state)
{
	char text[600];
	char out[600];

	(void)state;
	expect_name(long_name(text, "", 253), long_name(out, "", 253), NULL);
	expect_name(strcat((long_name(text, "", 253), text), "."), long_name(out, "", 253), NULL);
	expect_name(long_name(text, "*.", 253), long_name(out, "*.", 253), NULL);
	expect_name(long_name(text, "", 254), NULL, "longer than 253");
	expect_name(long_name(text, "*.", 254), NULL, "longer than 253");
	expect_name(long_name(text, "", 500), NULL, "longer than 253");
	expect_name("a234567890123456789012345678901234567890123456789012345678901234.b", NULL,
		    "label longer than 63");
}

static void test_key(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n[route r]\nbackend = drop\n"
					  "server_name = A.example. *.b.example\n"
					  "server_name = none, c.example\n");
	const struct route *r = &config->routes[0];

	(void)state;
	assert_true(r->wants_no_name);
	assert_int_equal(r->server_name.count, 3);
	assert_int_equal(r->file_names, 0);
	assert_string_equal(r->server_name.at[0], "a.example");
	assert_string_equal(r->server_name.at[1], "*.b.example");
	assert_string_equal(r->server_name.at[2], "c.example");
	config_free(config);
}

#define ROUTE "[divert d]\ntcp = 1\n[route r]\nbackend = drop\n"

/* A regex is one item, whatever it holds. */
static void test_regex(void **state)
{
	struct config *config = conf_good(ROUTE "server_name = /a, b\\/ c/ ok.example,/^x{1,3}/\n"
						"server_name = none, /z/\n");
	const struct route *r = &config->routes[0];

	(void)state;
	assert_int_equal(r->regex.count, 3);
	assert_int_equal(config->regex_count, 3);
	assert_string_equal(regex_text(r->regex.at[0]), "/a, b\\/ c/");
	assert_string_equal(regex_text(r->regex.at[1]), "/^x{1,3}/");
	assert_string_equal(regex_text(r->regex.at[2]), "/z/");
	assert_int_equal(r->server_name.count, 1);
	assert_string_equal(r->server_name.at[0], "ok.example");
	assert_true(r->wants_no_name);
	config_free(config);
	conf_says(
		ROUTE "server_name = /open, end\n",
		"t.conf:5: server_name: `/open, end` has no `/` at its end: a regex stands "
		"between two of them; a comment begins with a blank and `;`, write \\x20 for such "
		"a blank\n");
	conf_says(
		ROUTE "server_name = /a ;b/\n",
		"t.conf:5: server_name: `/a` has no `/` at its end: a regex stands between two of "
		"them; a comment begins with a blank and `;`, write \\x20 for such a blank\n");
	conf_says(
		ROUTE "server_name = /a/b.example, c.example\n",
		"t.conf:5: server_name: `/a/b.example` goes on behind its second `/`: write \\/ for "
		"one within the pattern, and a comma or a blank behind it\n");
	conf_says(
		ROUTE "server_name = ok.example /^a(/\n",
		"t.conf:5: server_name: `/^a(/` is no regex: missing closing parenthesis at offset "
		"3\n");
	conf_says(ROUTE "server_name = /a/ /b/ /a/\n",
		  "t.conf:5: warning: server_name: `/a/` is listed twice\n");
}

/* In all routes together: each of them may have to be tried on a flow. */
static void test_regex_limit(void **state)
{
	char text[8000] = ROUTE;
	size_t used = strlen(text);
	struct config_notes notes;
	struct config *config;

	(void)state;
	for (int i = 0; i < CONFIG_MOST_REGEXES; i++) {
		if (i == 100)
			used += (size_t)snprintf(text + used, sizeof text - used,
						 "[route s]\nbackend = drop\n");
		used += (size_t)snprintf(text + used, sizeof text - used, "server_name = /%d/\n",
					 i);
	}
	config = conf_good(text);
	assert_int_equal(config->regex_count, CONFIG_MOST_REGEXES);
	config_free(config);
	(void)snprintf(text + used, sizeof text - used, "server_name = /x/\n");
	assert_int_equal(conf_try(&config, text, strlen(text), &notes), -EINVAL);
	assert_int_equal(notes.count, 1);
	assert_string_equal(notes.at[0].text,
			    "server_name: `/x/` is one regex more than the 256 of "
			    "all routes together");
	config_notes_free(&notes);
}

struct folder {
	char path[40];
	char names[64];
	char conf[64];
};

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void make_folder(struct folder *f, const char *names)
{
	strcpy(f->path, "/tmp/test-names-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	(void)snprintf(f->names, sizeof f->names, "%s/names", f->path);
	(void)snprintf(f->conf, sizeof f->conf, "%s/conf", f->path);
	write_file(f->names, names);
	write_file(f->conf, "[divert d]\ntcp = 1\n[route r]\nbackend = drop\n"
			    "server_name_file = names\nserver_name = own.example\n");
}

static void remove_folder(struct folder *f)
{
	assert_int_equal(unlink(f->names), 0);
	assert_int_equal(unlink(f->conf), 0);
	assert_int_equal(rmdir(f->path), 0);
}

static void test_file(void **state)
{
	struct config_notes notes;
	struct config *config = NULL;
	struct folder f;
	const struct route *r;

	(void)state;
	make_folder(&f, "# c\n  A.example ; c\n\n*.b.example.\r\nc.example");
	assert_int_equal(config_read(&config, f.conf, &notes), 0);
	assert_int_equal(notes.count, 0);
	r = &config->routes[0];
	assert_int_equal(r->server_name.count, 4);
	assert_int_equal(r->file_names, 3);
	assert_string_equal(r->server_name.at[0], "own.example"); /* its own come first */
	assert_string_equal(r->server_name.at[1], "a.example");
	assert_string_equal(r->server_name.at[2], "*.b.example");
	assert_string_equal(r->server_name.at[3], "c.example");
	assert_int_equal(r->server_name_file.count, 1);
	assert_string_equal(r->server_name_file.at[0], f.names); /* absolute by now */
	config_free(config);
	config_notes_free(&notes);
	remove_folder(&f);
}

/* What is said about a file of names, "F/" in front of its name. */
static void expect_file(const char *names, mode_t mode, const char *expected)
{
	struct config_notes notes;
	struct config *config = NULL;
	struct folder f;
	char *said;
	char *at;

	make_folder(&f, names);
	assert_int_equal(chmod(f.names, mode), 0);
	(void)config_read(&config, f.conf, &notes);
	said = conf_notes_text(&notes);
	while ((at = strstr(said, f.path)) != NULL) {
		at[0] = 'F';
		memmove(at + 1, at + strlen(f.path), strlen(at + strlen(f.path)) + 1);
	}
	assert_string_equal(said, expected);
	free(said);
	config_free(config);
	config_notes_free(&notes);
	remove_folder(&f);
}

static void test_bad_file(void **state)
{
	(void)state;
	expect_file("ok.example\nnone\na b\n*\n", 0600,
		    "F/names:2: `none` means no name at all: write it behind server_name\n"
		    "F/names:3: `a b` is no name: only letters, digits, `-`, `_` and dots\n"
		    "F/names:4: `*` is no name: `*` may only stand as `*.` at its beginning\n");
	expect_file("", 0600, "F/conf:5: warning: server_name_file: F/names holds no name\n");
	expect_file("a.example\n", 0602,
		    "F/conf:5: F/names may be written by everybody: chmod o-w\n");
	conf_says("[divert d]\ntcp = 1\n[route r]\nbackend = drop\nserver_name_file = /dev/null\n",
		  "t.conf:5: /dev/null is not a regular file\n");
	conf_says("[divert d]\ntcp = 1\n[route r]\nbackend = drop\nserver_name_file = /nowhere/x\n",
		  "t.conf:5: cannot open /nowhere/x: No such file or directory\n");
}

static void test_long_lines(void **state)
{
	char text[400];

	(void)state;
	memset(text, ' ', 300);
	strcpy(text + 300, "\n");
	memcpy(text, "a.example", 9);
	expect_file(text, 0600, "");
	strcpy(text + 300, " \n");
	expect_file(text, 0600,
		    "F/names:1: line longer than 300 bytes: one name a line\n"
		    "F/conf:5: warning: server_name_file: F/names holds no name\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal),      cmocka_unit_test(test_long),
		cmocka_unit_test(test_key),         cmocka_unit_test(test_regex),
		cmocka_unit_test(test_regex_limit), cmocka_unit_test(test_file),
		cmocka_unit_test(test_bad_file),    cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
