/* shunt-spawn: what was asked for on the command line. */
#include "shunt_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/standard_fds.h"

const char *spawn_options_usage(void)
{
	return "usage: shunt-spawn [-s] [-c FILE]  run in the foreground\n"
	       "       shunt-spawn -V | -h         version | this text\n";
}

int spawn_options_read(struct spawn_options *out, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "syslog", no_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct spawn_options o = { .config = SHUNT_SYSCONFDIR "/shunt/shunt.conf" };
	int c;

	while ((c = getopt_long(argc, argv, "c:sVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config = optarg;
			break;
		case 's':
			o.to_syslog = true;
			break;
		case 'V':
			o.task = SPAWN_VERSION_SHOWN;
			break;
		case 'h':
			o.task = SPAWN_HELP;
			break;
		default:
			(void)fputs(spawn_options_usage(), stderr);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "shunt-spawn: %s: not an option\n%s", argv[optind],
			      spawn_options_usage());
		return -EINVAL;
	}
	*out = o;
	return 0;
}

int main(int argc, char **argv)
{
	struct spawn_options o = { 0 };

	if (standard_fds_open()) {
		(void)fputs("shunt-spawn: cannot open /dev/null\n", stderr);
		return EXIT_FAILURE;
	}
	if (spawn_options_read(&o, argc, argv))
		return 2;
	switch (o.task) {
	case SPAWN_RUN:
		return spawn_run(&o) ? EXIT_FAILURE : EXIT_SUCCESS;
	case SPAWN_VERSION_SHOWN:
		(void)printf("shunt %s\n", SHUNT_VERSION);
		return EXIT_SUCCESS;
	case SPAWN_HELP:
		(void)fputs(spawn_options_usage(), stdout);
		return EXIT_SUCCESS;
	}
	return 2;
}
