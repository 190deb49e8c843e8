/* From the configuration to the programs that it names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "shunt_spawn.h"

static int fill(struct tool_terms *t, const struct probe *p, const struct sandbox_user *children,
		struct fault *fault)
{
	const char *command = p->exec;
	struct fault why = { 0 };
	int count, err;

	err = account_of_program(&t->user, p->exec_user, children, &why);
	if (err)
		return fault_set(fault, err, "[probe %s] %.160s", p->name, why.text);
	(void)snprintf(t->name, sizeof t->name, "%s", p->name); /* CONFIG_NAME_BYTES is no longer */
	t->is_lines = command_is_line(&command);
	count = command_split(command, t->argv);
	return count < 0 ? fault_set(fault, count, "[probe %s] out of memory", p->name) : 0;
}

int spawn_tools(struct tool_terms **out, size_t *count, const struct config *config,
		struct fault *fault)
{
	struct tool_terms *all = calloc(config->probe_count + 1, sizeof *all);
	struct sandbox_user children;
	size_t made = 0;
	int err;

	if (!all)
		return fault_set(fault, -ENOMEM, "out of memory");
	err = account_of_children(&children, config->shunt.user, fault);
	for (size_t i = 0; i < config->probe_count && !err; i++)
		if (probe_kind(&config->probes[i]) == PROBE_EXEC)
			err = fill(&all[made++], &config->probes[i], &children, fault);
	if (err) {
		for (size_t i = 0; i < made; i++)
			tool_terms_done(&all[i]);
		free(all);
		return err;
	}
	*out = all;
	*count = made;
	return 0;
}
