#ifndef SHUNT_OPTIONS_H
#define SHUNT_OPTIONS_H

#include <stdbool.h>

/* What the command line of shuntd asks for. */
struct options {
	const char *config; /* path, borrowed from argv or static */
	enum { OPTIONS_RUN, OPTIONS_CHECK, OPTIONS_PURGE, OPTIONS_VERSION, OPTIONS_HELP } task;
	bool to_syslog;
};

/* Read the command line. 0, or -EINVAL when it is wrong (said on stderr). */
int options_read(struct options *out, int argc, char **argv);

/* The usage text. */
const char *options_usage(void);

#endif
