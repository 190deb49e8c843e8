/* Plugins tried out, for `shuntd -t`. */
#include "plugin_check.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "kernel/sandbox.h"
#include "sniff/plugins.h"

enum {
	LOAD_S = 2, /* by then it must have been loaded */
};

static void say(const struct probe *p, const char *text)
{
	(void)fprintf(stderr, "%s:%d: [probe %s] plugin: %s\n", p->file, p->line, p->name, text);
}

_Noreturn static void try_it(const struct probe *p, const struct sandbox_user *user)
{
	const struct shunt_probe *probe;
	struct fault fault;
	int err = sandbox_drop(SANDBOX_SNIFFER, user, &fault);

	(void)alarm(LOAD_S);
	if (!err)
		err = plugins_open(&probe, p->plugin, &fault);
	if (err)
		say(p, fault.text);
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int check_one(const struct probe *p, const struct sandbox_user *user)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		try_it(p, user);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		say(p, strerror(errno));
		return -EINVAL;
	}
	if (WIFSIGNALED(status))
		say(p, WTERMSIG(status) == SIGALRM ? "loading it does not end"
						   : "loading it ends the process");
	return status ? -EINVAL : 0;
}

int plugin_check(const struct config *config)
{
	struct sandbox_user user;
	struct fault fault;
	int err = 0;

	if (!plugins_are_used(config))
		return 0;
	err = account_of_children(&user, config->shunt.user, &fault);
	if (err) {
		(void)fprintf(stderr, "shuntd: %s\n", fault.text);
		return err;
	}
	for (size_t i = 0; i < config->probe_count; i++)
		if (config->probes[i].plugin && check_one(&config->probes[i], &user))
			err = -EINVAL;
	return err;
}
