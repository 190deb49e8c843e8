/* What makes two configurations the same to the daemon. */
#include <string.h>

#include "policy/config_equal.h"
#include "policy/config_keys.h"
#include "policy/config_values.h"
#include "policy_folder.h"

static const char usual[] = "[divert d]\ntcp = 80, 443\nfrom = 192.0.2.0/24, !192.0.2.1\n"
			    "[route a]\nserver_name = a.example, *.a.example\nbackend = b\n"
			    "[route r]\nfrom = 192.0.2.7\nbackend = reject\n"
			    "[backend b]\nserver = 192.0.2.9:443\n"
			    "[probe p]\nbytes = 0:12??, 4:56\nregex = /x/\n";

static bool is_same_as_usual(const char *text)
{
	struct config *a = conf_good(usual);
	struct config *b = conf_good(text);
	bool is_same = config_equal(a, b);

	assert_int_equal(config_equal(b, a), is_same);
	config_free(a);
	config_free(b);
	return is_same;
}

/* `usual` with one text in the place of another. */
static const char *with(char out[static 1024], const char *old, const char *new)
{
	const char *at = strstr(usual, old);

	assert_non_null(at);
	(void)snprintf(out, 1024, "%.*s%s%s", (int)(at - usual), usual, new, at + strlen(old));
	return out;
}

static void test_same(void **state)
{
	char text[1024];

	(void)state;
	assert_true(is_same_as_usual(usual));
	assert_true(is_same_as_usual(with(text, "[route a]", "; a comment\n\n[route a]")));
	assert_true(is_same_as_usual(with(text, "80, 443", "80\ntcp=443")));
	assert_true(is_same_as_usual(with(text, "a.example", "A.Example.")));
	/* a default that is written down */
	assert_true(is_same_as_usual(
		with(text, "[divert d]", "[shunt]\ndrain = 60m\n[divert d]\nwait = 3s")));
}

static void test_not_same(void **state)
{
	static const char *const changes[][2] = {
		{ "80, 443", "80" },
		{ "80, 443", "80, 444" },
		{ "192.0.2.0/24", "192.0.2.0/25" },
		{ "!192.0.2.1", "!192.0.2.2" },
		{ "!192.0.2.1", "192.0.2.1" },
		{ "a.example, *.a.example", "*.a.example, a.example" },
		{ "a.example", "none, a.example" },
		{ "[divert d]", "[divert e]" },
		{ "[route a]", "[route b]" },
		{ "backend = reject", "backend = drop" },
		{ "9:443", "9:444" },
		{ "9:443", "9:443, 192.0.2.10:443" },
		{ "9:443", "9:443\nsource = router" },
		{ "[route r]", "protocol = tls\n[route r]" },
		{ "[route r]\n", "[route s]\nbackend = drop\n[route r]\n" },
		{ "[divert d]", "[shunt]\nlog = warn\n[divert d]" },
		{ "[probe p]", "[probe q]" },
		{ "0:12??", "0:1???" },
		{ "0:12??", "1:12??" },
		{ "/x/", "/X/" },
		{ "/x/\n", "/x/\ntransport = udp\n" },
		{ "/x/\n", "/x/\npriority = 1\n" },
		{ "/x/\n", "/x/\nbefore = yes\n" },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (is_same_as_usual(with(text, changes[i][0], changes[i][1])))
			fail_msg("`%s` for `%s` is no change", changes[i][1], changes[i][0]);
}

/* What stands in the files counts, not that they are the same files. */
static bool is_same_with(const struct folder *f, const char *names, const char *prefixes)
{
	static const char text[] = "[divert d]\ntcp = 443\nfrom_file = prefixes\n"
				   "[route a]\nserver_name_file = names\nbackend = reject\n";
	struct config *a, *b;
	bool is_same;

	folder_write(f, "c.conf", text);
	folder_write(f, "names", "a.example\n");
	folder_write(f, "prefixes", "192.0.2.0/24\n");
	a = folder_read(f, "c.conf", "");
	folder_write(f, "names", names);
	folder_write(f, "prefixes", prefixes);
	b = folder_read(f, "c.conf", "");
	is_same = config_equal(a, b);
	assert_int_equal(config_equal(b, a), is_same);
	config_free(a);
	config_free(b);
	return is_same;
}

static void test_files(void **state)
{
	static const char names[] = "a.example\n";
	static const char prefixes[] = "192.0.2.0/24\n";
	struct folder f;

	(void)state;
	folder_make(&f);
	assert_true(is_same_with(&f, names, prefixes));
	assert_true(is_same_with(&f, "# a comment\n\n  A.example.\n", prefixes));
	assert_false(is_same_with(&f, "b.example\n", prefixes));
	assert_false(is_same_with(&f, "a.example\nb.example\n", prefixes));
	assert_false(is_same_with(&f, names, "192.0.3.0/24\n"));
	assert_false(is_same_with(&f, names, "192.0.2.0/25\n"));
	assert_false(is_same_with(&f, names, "192.0.2.0/24\n!192.0.2.3\n"));
	folder_remove(&f);
}

/* A plugin that was put in the place of another of the same name is another. */
static void test_plugin(void **state)
{
	char text[300];
	struct config *a, *b;
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "p.so", "one");
	(void)snprintf(text, sizeof text, "[divert d]\ntcp = 1\n[probe p]\nplugin = %s/p.so\n",
		       f.path);
	a = conf_good(text);
	b = conf_good(text);
	assert_true(config_equal(a, b));
	assert_true(text_list_has(&b->files, b->probes[0].plugin));
	config_free(b);
	folder_write(&f, "p.so", "another");
	b = conf_good(text);
	assert_false(config_equal(a, b));
	config_free(a);
	config_free(b);
	folder_remove(&f);
}

static void test_key(void **state)
{
	struct config *a =
		conf_good("[shunt]\nworkers = 2\nmark = 0x50000000/0xff000000\n[divert d]\n"
			  "tcp = 1\n[route r]\nbackend = reject\n");
	struct config *b = conf_good("[shunt]\nworkers = auto\nuser = root\n[divert d]\ntcp = 2\n"
				     "[route r]\nbackend = reject\n");

	(void)state;
	assert_true(config_equal_key(a, b, "mark"));
	assert_true(config_equal_key(a, b, "control"));
	assert_false(config_equal_key(a, b, "workers"));
	assert_false(config_equal_key(a, b, "user"));
	assert_false(config_equal_key(a, a, "no_such_key"));
	config_free(a);
	config_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),  cmocka_unit_test(test_not_same),
		cmocka_unit_test(test_files), cmocka_unit_test(test_plugin),
		cmocka_unit_test(test_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
