/* Whose fault it was that a sniffer ended, and what comes of it. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "plugin_watch.h"
#include "policy_folder.h"

enum { PATTERN, FIRST, SECOND };

struct world {
	struct folder f;
	struct config *config;
	struct plugin_watch *watch;
};

static int setup(void **state)
{
	static struct world w;
	char text[500];
	struct fault fault;

	folder_make(&w.f);
	folder_write(&w.f, "p.so", "");
	(void)snprintf(text, sizeof text,
		       "[divert d]\ntcp = 1\n[probe pattern]\nbytes = 0:00\n"
		       "[probe first]\nplugin = %s/p.so\n[probe second]\nplugin = %s/p.so\n",
		       w.f.path, w.f.path);
	w.config = conf_good(text);
	assert_int_equal(plugin_watch_new(&w.watch, w.config, &fault), 0);
	assert_non_null(w.watch);
	log_open("test", LOG_LEVEL_ERROR, false);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	plugin_watch_free(w->watch);
	config_free(w->config);
	folder_remove(&w->f);
	return 0;
}

/* As a sniffer does: in a process of its own. */
static void run(const struct world *w, unsigned place, uint8_t running)
{
	pid_t pid = fork();

	if (pid == 0) {
		plugin_watch_shared(w->watch)->running[place] = running;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_third_time(void **state)
{
	struct world *w = *state;
	const unsigned place =
		plugin_watch_place(CONFIG_MOST_WORKERS - 1, CONFIG_MOST_SNIFFERS - 1);

	for (unsigned i = 1; i <= PLUGIN_WATCH_MOST; i++) {
		assert_int_equal(plugin_watch_off_now(w->watch), 0);
		run(w, place, SECOND + 1);
		assert_string_equal(plugin_watch_culprit(w->watch, place), "second");
		assert_true(plugin_watch_died(w->watch, place));
		assert_false(plugin_watch_died(w->watch, place)); /* each end once */
		assert_int_equal(plugin_watch_ends(w->watch)[SECOND], i);
	}
	assert_int_equal(plugin_watch_off_now(w->watch), 1u << SECOND);
	assert_int_equal(*plugin_watch_off(w->watch), 1u << SECOND);
	run(w, place, SECOND + 1); /* one that was asked before it knew */
	assert_true(plugin_watch_died(w->watch, place));
	assert_false(plugin_watch_died(w->watch, place));
	assert_int_equal(plugin_watch_ends(w->watch)[SECOND], PLUGIN_WATCH_MOST);
	plugin_watch_born(w->watch, place);
	assert_null(plugin_watch_culprit(w->watch, place));
}

static void test_loading(void **state)
{
	struct world *w = *state;

	for (unsigned place = 0; place < 2; place++) /* all that begin at once end of it */
		run(w, place, PLUGINS_LOADING | (FIRST + 1));
	for (unsigned place = 0; place < 2; place++) {
		assert_true(plugin_watch_died(w->watch, place));
		assert_int_equal(plugin_watch_off_now(w->watch), 1u << FIRST);
		assert_int_equal(plugin_watch_ends(w->watch)[FIRST], 1);
	}
}

/* What a sniffer may write there that was taken over. */
static void test_nonsense(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 256; i++) {
		unsigned probe = (i & 0x7f) - 1;
		bool is_plugin = probe == FIRST || probe == SECOND;

		run(w, 7, (uint8_t)i);
		assert_int_equal(plugin_watch_culprit(w->watch, 7) != NULL, is_plugin);
		if (!is_plugin)
			assert_false(plugin_watch_died(w->watch, 7));
	}
	assert_int_equal(plugin_watch_off_now(w->watch), 0);
}

/* Nobody has a plugin: there is nothing to watch. */
static void test_none(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n[probe p]\nbytes = 0:00\n");
	struct plugin_watch *watch;
	struct fault fault;

	(void)state;
	assert_int_equal(plugin_watch_new(&watch, config, &fault), 0);
	assert_null(watch);
	assert_null(plugin_watch_shared(watch));
	assert_null(plugin_watch_off(watch));
	assert_null(plugin_watch_ends(watch));
	assert_null(plugin_watch_culprit(watch, 0));
	assert_false(plugin_watch_died(watch, 0));
	assert_int_equal(plugin_watch_off_now(watch), 0);
	plugin_watch_born(watch, 0);
	plugin_watch_free(watch);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_third_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loading, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nonsense, setup, teardown),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
