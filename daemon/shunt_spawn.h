#ifndef SHUNT_SHUNT_SPAWN_H
#define SHUNT_SHUNT_SPAWN_H

#include "base/fault.h"
#include "policy/config.h"
#include "spawn/tool.h"

/*
 * shunt-spawn: runs the programs that probes name, outside the daemon's sandbox.
 * It reads the configuration of shuntd and runs nothing but what stands there.
 */

/* What it was started with. */
struct spawn_options {
	const char *config; /* path, borrowed from argv or static */
	enum { SPAWN_RUN, SPAWN_VERSION_SHOWN, SPAWN_HELP } task;
	bool to_syslog;
};

/* Read the command line. 0, or -EINVAL when it is wrong (said on stderr). */
int spawn_options_read(struct spawn_options *out, int argc, char **argv);
const char *spawn_options_usage(void);

/* The programs of a configuration. 0, *out for free() after the words went to runner_set(); or -errno with a
 * fault. */
int spawn_tools(struct tool_terms **out, size_t *count, const struct config *config,
		struct fault *fault);

/* Run until told to stop. 0, or -errno after an error that was logged. */
int spawn_run(const struct spawn_options *o);

#endif
