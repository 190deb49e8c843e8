/* What a client may ask for: a table of commands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_client.h"
#include "ctl/ctl_json.h"
#include "ctl/ctl_request.h"
#include "policy/config_dump.h"
#include "policy/nearest.h"

struct command {
	const char *name;
	const char *option; /* the one that it takes, or NULL */
	bool needs_right;   /* changes something: only for root and the control group */
	void (*run)(struct ctl_client *c, bool option);
};

static void run_status(struct ctl_client *c, bool option)
{
	struct ctl_json j = { .client = c };
	struct ctl_facts facts = { .config = NULL };
	struct ctl *ctl = c->ctl;

	(void)option; /* takes none */
	ctl->source->facts(ctl->owner, &facts);
	ctl_json_status(&j, &facts, ctl->client_count);
	ctl_json_send(&j);
}

static void run_flows(struct ctl_client *c, bool option)
{
	(void)option; /* takes none */
	ctl_flows_start(c);
}

static void run_reload(struct ctl_client *c, bool option)
{
	(void)option; /* takes none */
	ctl_reload_start(c);
}

/* {"name":"text"} */
static void send_text(struct ctl_client *c, const char *name, const char *text)
{
	struct ctl_json j = { .client = c };

	ctl_json_object(&j, NULL);
	ctl_json_text(&j, name, text);
	ctl_json_object_end(&j);
	ctl_json_send(&j);
}

static void run_nft(struct ctl_client *c, bool is_closed)
{
	struct fault fault = { .err = 0 };
	struct ctl *ctl = c->ctl;
	char *text = NULL;
	int err;

	err = ctl->source->nft(ctl->owner, is_closed, &text, &fault);
	if (err < 0)
		ctl_client_fail(c, "%s", fault.text[0] != '\0' ? fault.text : strerror(-err));
	else
		send_text(c, "nft", text);
	free(text);
}

static void send_config_text(struct ctl_client *c, const struct config *config)
{
	char *text = NULL;
	size_t size;

	if (config_dump(&text, &size, config) < 0)
		ctl_client_fail(c, "no memory for the answer");
	else
		send_text(c, "config", text);
	free(text);
}

static void run_config(struct ctl_client *c, bool is_text)
{
	struct ctl_json j = { .client = c };
	struct ctl_facts facts = { .config = NULL };
	struct ctl *ctl = c->ctl;

	ctl->source->facts(ctl->owner, &facts);
	if (is_text) {
		send_config_text(c, facts.config);
		return;
	}
	ctl_json_config(&j, facts.config);
	ctl_json_send(&j);
}

static const struct command command_table[] = {
	{ "status", NULL, false, run_status },   { "flows", NULL, false, run_flows },
	{ "reload", NULL, true, run_reload },    { "nft", "closed", false, run_nft },
	{ "config", "text", false, run_config },
};
enum {
	COMMANDS = sizeof(command_table) / sizeof(command_table[0]),
};

static const struct command *find(const char *name, const char **nearest)
{
	struct nearest near = { .word = name };

	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
		nearest_offer(&near, command_table[i].name);
	}
	*nearest = near.best;
	return NULL;
}

/* The first option of the request that the command does not take, or NULL. */
static const char *stray_option(const struct command *command, const struct request *request)
{
	for (size_t i = 0; i < request->option_count; i++)
		if (command->option == NULL ||
		    strcmp(request->options[i].name, command->option) != 0)
			return request->options[i].name;
	return NULL;
}

void ctl_command_run(struct ctl_client *c)
{
	const char *why = NULL, *stray, *nearest = NULL;
	const struct command *command;
	struct request request;

	if (request_read(&request, c->request, c->request_size, &why) < 0) {
		ctl_client_fail(c, "bad request: %s", why);
		return;
	}
	command = find(request.command, &nearest);
	if (command == NULL) {
		ctl_client_fail(c, "unknown command %s: the nearest is %s", request.command,
				nearest);
		return;
	}
	stray = stray_option(command, &request);
	if (stray != NULL)
		ctl_client_fail(c, "bad request: %s takes no \"%s\"", command->name, stray);
	else if (command->needs_right &&
		 !ctl_socket_peer_may_change(c->watch.fd, c->ctl->socket.group))
		ctl_client_fail(c, "%s: only root and the members of control_group may do that",
				command->name);
	else
		command->run(c, request.option_count != 0 && request.options[0].value);
}
