/* shuntd: what was asked for on the command line. The daemon proper is the keeper. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "firewall.h"
#include "flow/known_file.h"
#include "keeper.h"
#include "kernel/standard_fds.h"
#include "options.h"
#include "plugin_check.h"
#include "policy/config_values.h"

enum {
	LARGE_BYTES = 131072, /* as glibc has it at first */
};

/* Every fault as `file:line: message`, then the warnings. 0 when there was no fault. files: what was
 * read, for text_list_done(); NULL is fine. */
static int load(struct config **config, const char *path, struct text_list *files)
{
	struct config_notes notes;
	char text[1024];
	int err = config_read(config, path, &notes);

	for (int warnings = 0; warnings < 2; warnings++) {
		for (size_t i = 0; i < notes.count; i++) {
			const struct config_note *n = &notes.at[i];

			if (n->is_warning != (warnings == 1))
				continue;
			config_note_text(n, text, sizeof text);
			(void)fprintf(stderr, "%s\n", text);
		}
	}
	if (notes.faults > notes.count)
		(void)fprintf(stderr, "%s: %zu faults in all, the first ones are shown\n", path,
			      notes.faults);
	if (files) {
		*files = notes.files;
		notes.files = (struct text_list){ 0 };
	}
	config_notes_free(&notes);
	return err;
}

static int check(const char *path)
{
	struct config *config;
	int err = load(&config, path, NULL);

	if (err)
		return EXIT_FAILURE;
	err = plugin_check(config);
	config_free(config);
	if (err)
		return EXIT_FAILURE;
	(void)printf("%s: good\n", path);
	return EXIT_SUCCESS;
}

/* Also without a configuration that can be read: the tables' names are fixed, mark and table have defaults. */
static int purge(const char *path)
{
	struct marks marks = { .base = CONFIG_MARK_BASE, .mask = CONFIG_MARK_MASK };
	uint32_t table = CONFIG_TABLE;
	struct config *config;
	char known[KNOWN_PATH_BYTES] = "";
	struct fault fault;

	if (load(&config, path, NULL) == 0) {
		marks = config->shunt.mark;
		table = config->shunt.table;
		known_path(known, config->shunt.control);
		config_free(config);
	} else {
		(void)fprintf(
			stderr,
			"shuntd: purge: without that file: mark 0x%08x/0x%08x, table %u are taken\n",
			marks.base, marks.mask, table);
	}
	if (firewall_purge(&marks, table, &fault)) {
		(void)fprintf(stderr, "shuntd: purge: %s\n", fault.text);
		return EXIT_FAILURE;
	}
	/* not before: a daemon that runs goes on with it */
	if (known[0])
		known_file_remove(known);
	return EXIT_SUCCESS;
}

static int version(void)
{
	char *facilities = firewall_facilities();

	(void)printf("shunt %s\nlibraries: libnftnl, libmnl, inih, pcre2, mbedTLS\n%s",
		     SHUNT_VERSION, facilities ? facilities : "");
	free(facilities);
	return EXIT_SUCCESS;
}

static int run(const struct options *o)
{
	struct keeper_start start = { .path = o->config };
	int err;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &start.read_at); /* cannot fail for this one */
	err = load(&start.config, o->config, &start.files);
	if (!err) {
		log_open("shuntd", start.config->shunt.log, o->to_syslog);
		err = keeper_run(&start);
	}
	text_list_done(&start.files);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What a reload with long lists took goes back to the system when it is freed. glibc would keep it after
 * the first time, for its threshold grows. */
static void give_back_memory(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); /* stays as it was, then */
#endif
}

int main(int argc, char **argv)
{
	struct options o = { 0 };

	give_back_memory();
	if (standard_fds_open()) {
		(void)fputs("shuntd: cannot open /dev/null\n", stderr);
		return EXIT_FAILURE;
	}
	if (options_read(&o, argc, argv))
		return 2;
	switch (o.task) {
	case OPTIONS_RUN:
		return run(&o);
	case OPTIONS_CHECK:
		return check(o.config);
	case OPTIONS_PURGE:
		return purge(o.config);
	case OPTIONS_VERSION:
		return version();
	case OPTIONS_HELP:
		(void)fputs(options_usage(), stdout);
		return EXIT_SUCCESS;
	}
	return 2;
}
