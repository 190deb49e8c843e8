/* Dump, read again, dump: the same. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/config_dump.h"
#include "policy_conf.h"

static void expect_round_trip(const struct config *config)
{
	struct config_notes notes;
	struct config *again;
	char *first;
	char *second;
	size_t size;

	assert_int_equal(config_dump(&first, &size, config), 0);
	assert_int_equal(strlen(first), size);
	if (conf_try(&again, first, size, &notes))
		fail_msg("%s\n%s", conf_notes_text(&notes), first);
	assert_int_equal(config_dump(&second, &size, again), 0);
	assert_string_equal(first, second);

	/* the dump could leave something out twice: compare what it may not */
	assert_int_equal(again->divert_count, config->divert_count);
	assert_int_equal(again->route_count, config->route_count);
	assert_int_equal(again->backend_count, config->backend_count);
	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *a = &config->routes[i];
		const struct route *b = &again->routes[i];

		assert_int_equal(a->diverts, b->diverts);
		assert_memory_equal(&a->protocols, &b->protocols, sizeof a->protocols);
		assert_memory_equal(&a->target, &b->target, sizeof a->target);
		assert_int_equal(a->server_name.count, b->server_name.count);
		assert_int_equal(a->file_names, b->file_names);
		assert_int_equal(a->regex.count, b->regex.count);
		assert_int_equal(a->path.count, b->path.count);
		assert_int_equal(a->method.count, b->method.count);
		assert_int_equal(a->wants_no_name, b->wants_no_name);
	}
	free(first);
	free(second);
	config_free(again);
	config_notes_free(&notes);
}

static void test_round_trip(void **state)
{
	static const char *const names[] = { "minimal", "share",     "ports",
					     "police",  "datagrams", "every_key" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct config_notes notes;
		struct config *config;
		char path[100];
		struct stat st;

		(void)snprintf(path, sizeof path, "tests/conf/%s.conf", names[i]);
		assert_int_equal(stat(path, &st), 0);
		if (st.st_uid != 0 && st.st_uid != geteuid()) {
			print_message("skipped: %s belongs neither to root nor to us\n", path);
			skip();
		}
		assert_int_equal(config_read(&config, path, &notes), 0);
		expect_round_trip(config);
		config_free(config);
		config_notes_free(&notes);
	}
}

static void test_text(void **state)
{
	static const char text[] =
		"[divert d]\ntcp = 443-445, 80\nfrom = !192.0.2.1\n"
		"[route r]\nserver_name = b.example /^(x, |y\\/)/ none a.example\n"
		"path = /a?b /c\nmethod = GET POST\n"
		"backend = x\n"
		"[backend x]\nserver = 192.0.2.1:1\nidle = 90m\n"
		"connect_timeout = 1500ms\n";
	static const char expected[] =
		"[shunt]\nworkers = auto\nsniffers = 1\nlog = info\nlog_flows = yes\n"
		"log_format = text\ncontrol = /run/shunt/control.sock\ncontrol_group = root\n"
		"mark = 0x50000000/0xff000000\ntable = 1443\nmax_connections = auto\ndrain = 1h\n\n"
		"[divert d]\ntcp = 80, 443-445\nto = local\ninterface = any\nfrom = !192.0.2.1\n"
		"wait = 3s\nsniff_bytes = 64k\nsilent = reject\nunknown = reject\nfail = open\n"
		"force = no\nhandoff = auto\n\n"
		"[route r]\ndivert = all\nprotocol = any\n"
		"server_name = b.example, a.example, /^(x, |y\\/)/, none\n"
		"path = /a?b, /c\nmethod = GET, POST\nfrom = any\nto = any\nbackend = x\n\n"
		"[backend x]\nserver = 192.0.2.1:1\nsource = client\nconnect_timeout = 1500ms\n"
		"retries = 2\nidle = 90m\nhandoff = auto\n";
	struct config *config = conf_good(text);
	char *got;
	size_t size;

	(void)state;
	assert_int_equal(config_dump(&got, &size, config), 0);
	assert_string_equal(got, expected);
	expect_round_trip(config);
	free(got);
	config_free(config);
}

/* Two defaults of `unknown` are no value that one could write: it is left out, and comes back. */
static void test_unknown_of_udp(void **state)
{
	static const char *const texts[] = { "", "unknown = drop\n", "unknown = reject\n" };
	static const char *const shown[] = { NULL, "\nunknown = drop\n", "\nunknown = reject\n" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char text[100];
		struct config *config;
		char *got;
		size_t size;

		(void)snprintf(text, sizeof text, "[divert d]\nudp = 1\ntcp = 1\n%s", texts[i]);
		config = conf_good(text);
		assert_int_equal(config_dump(&got, &size, config), 0);
		if (shown[i])
			assert_non_null(strstr(got, shown[i]));
		else
			assert_null(strstr(got, "unknown"));
		expect_round_trip(config);
		free(got);
		config_free(config);
	}
}

/* Lists that fill many lines, and a value that fills the longest. */
static void test_long(void **state)
{
	char *text = calloc(1, 100000);
	struct config *config;
	size_t used;

	(void)state;
	assert_non_null(text);
	used = (size_t)snprintf(text, 100000, "[divert d]\ntcp = 1\n[route r]\nbackend = drop\n");
	for (int i = 0; i < 500; i++)
		used += (size_t)snprintf(text + used, 100000 - used,
					 "server_name = host%d.some.where.example\n", i);
	used += (size_t)snprintf(text + used, 100000 - used, "server_name=");
	for (int i = 0; i < 184; i++)
		text[used++] = i % 46 == 45 ? '.' : 'a';
	text[used - 1] = 'a';
	config = conf_good(text);
	assert_int_equal(config->routes[0].server_name.count, 501);
	assert_int_equal(strlen(config->routes[0].server_name.at[500]), 184);
	expect_round_trip(config);
	config_free(config);
	free(text);
}

struct seen {
	int calls;
	int stop_at;
	char text[2000];
};

static int see(const struct config_value *value, void *arg)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	(void)snprintf(seen->text + used, sizeof seen->text - used, "%s/%s/%s%s=%s\n",
		       value->section, value->name ? value->name : "-", value->key,
		       value->is_list ? "[]" : "", value->text);
	return ++seen->calls == seen->stop_at ? -77 : 0;
}

static void test_each(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 443-445, 80\n");
	struct seen all = { 0 };
	struct seen some = { .stop_at = 3 };

	(void)state;
	assert_int_equal(config_each_value(config, see, &all), 0);
	assert_non_null(strstr(all.text, "shunt/-/workers=auto\n"));
	assert_non_null(strstr(all.text, "divert/d/tcp[]=80\ndivert/d/tcp[]=443-445\n"));
	assert_non_null(strstr(all.text, "divert/d/from[]=any\n"));
	assert_null(strstr(all.text, "udp"));
	assert_int_equal(config_each_value(config, see, &some), -77);
	assert_int_equal(some.calls, 3);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_text),
		cmocka_unit_test(test_unknown_of_udp), cmocka_unit_test(test_long),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
