/* Plugins tried out, for `shuntd -t`. */
#include "plugin_check.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "kernel/sandbox.h"
#include "sniff/plugins.h"

enum {
	LOAD_S = 2, /* by then it must have been loaded */
	/* what the child says; no plugin shall say so by ending it */
	STATUS_GOOD = 40,
	STATUS_FAULT = 41,
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
	_exit(err ? STATUS_FAULT : STATUS_GOOD);
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
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_GOOD)
		return 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		say(p, "loading it does not end");
	else if (WIFSIGNALED(status) || WEXITSTATUS(status) != STATUS_FAULT)
		say(p, "loading it ends the process");
	return -EINVAL;
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
