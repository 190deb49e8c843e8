/* The command line of shuntd. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

const char *options_usage(void)
{
	return "usage: shuntd [-s] [-c FILE]     run in the foreground\n"
	       "       shuntd -t [-c FILE]       check the configuration\n"
	       "       shuntd --purge [-c FILE]  take everything of ours out of the kernel\n"
	       "       shuntd -V | -h            version and kernel facilities | this text\n";
}

int options_read(struct options *out, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "syslog", no_argument, NULL, 's' },
		{ "purge", no_argument, NULL, 'P' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .config = SHUNT_SYSCONFDIR "/shunt/shunt.conf" };
	int c;

	while ((c = getopt_long(argc, argv, "c:tsVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config = optarg;
			break;
		case 't':
			o.task = OPTIONS_CHECK;
			break;
		case 's':
			o.to_syslog = true;
			break;
		case 'P':
			o.task = OPTIONS_PURGE;
			break;
		case 'V':
			o.task = OPTIONS_VERSION;
			break;
		case 'h':
			o.task = OPTIONS_HELP;
			break;
		default:
			(void)fputs(options_usage(), stderr);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "shuntd: %s: not an option\n%s", argv[optind],
			      options_usage());
		return -EINVAL;
	}
	*out = o;
	return 0;
}
