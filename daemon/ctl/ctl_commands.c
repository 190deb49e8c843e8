/* What a client may ask for: a table of commands, and the strict reading of a request. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_client.h"
#include "ctl/ctl_json.h"
#include "policy/nearest.h"

enum {
	COMMAND_DEPTH = 3, /* of the JSON of a request */
};

struct command {
	const char *name;
	const char *option; /* the one boolean member it takes beside "command", or NULL */
	bool needs_right;   /* changes something: only for root and the control group */
	void (*run)(struct ctl_client *c, bool option);
};

static void run_status(struct ctl_client *c, bool option)
{
	struct ctl_facts facts = { .config = NULL };
	struct ctl *ctl = c->ctl;

	(void)option; /* takes none */
	ctl->source->facts(ctl->owner, &facts);
	ctl_json_send(c, ctl_json_status(&facts, ctl->client_count));
}

static void run_flows(struct ctl_client *c, bool option)
{
	(void)option; /* takes none */
	ctl_flows_start(c);
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
		ctl_json_send(c, ctl_json_text("nft", text));
	free(text);
}

static void run_config(struct ctl_client *c, bool is_text)
{
	struct ctl_facts facts = { .config = NULL };
	struct ctl *ctl = c->ctl;

	ctl->source->facts(ctl->owner, &facts);
	ctl_json_send(c,
		      is_text ? ctl_json_config_text(facts.config) : ctl_json_config(facts.config));
}

static const struct command command_table[] = {
	{ "status", NULL, false, run_status },
	{ "flows", NULL, false, run_flows },
	{ "nft", "closed", false, run_nft },
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

/* 0; or -EINVAL, and it was said. */
static int read_member(struct ctl_client *c, const struct command *command, const char *name,
		       struct json_object *value, bool *option)
{
	if (strcmp(name, "command") == 0)
		return 0;
	if (command->option == NULL || strcmp(name, command->option) != 0) {
		ctl_client_fail(c, "bad request: %s takes no \"%.32s\"", command->name, name);
		return -EINVAL;
	}
	if (!json_object_is_type(value, json_type_boolean)) {
		ctl_client_fail(c, "bad request: \"%s\" must be true or false", name);
		return -EINVAL;
	}
	*option = json_object_get_boolean(value);
	return 0;
}

/* Every member must be one that the command knows: 0; or -EINVAL, and it was said. */
static int read_members(struct ctl_client *c, struct json_object *request,
			const struct command *command, bool *option)
{
	struct json_object_iterator at = json_object_iter_begin(request);
	struct json_object_iterator end = json_object_iter_end(request);
	int err = 0;

	while (err == 0 && !json_object_iter_equal(&at, &end)) {
		err = read_member(c, command, json_object_iter_peek_name(&at),
				  json_object_iter_peek_value(&at), option);
		json_object_iter_next(&at);
	}
	return err;
}

static void run(struct ctl_client *c, struct json_object *request)
{
	struct json_object *name = NULL;
	const struct command *command;
	const char *nearest = NULL;
	bool option = false;

	if (!json_object_is_type(request, json_type_object) ||
	    !json_object_object_get_ex(request, "command", &name) ||
	    !json_object_is_type(name, json_type_string)) {
		ctl_client_fail(c, "bad request: an object with a string \"command\" is expected");
		return;
	}
	command = find(json_object_get_string(name), &nearest);
	if (command == NULL)
		ctl_client_fail(c, "unknown command %.32s: the nearest is %s",
				json_object_get_string(name), nearest);
	else if (command->needs_right &&
		 !ctl_socket_peer_may_change(c->watch.fd, c->ctl->socket.group))
		ctl_client_fail(c, "%s: only root and the members of control_group may do that",
				command->name);
	else if (read_members(c, request, command, &option) == 0)
		command->run(c, option);
}

void ctl_command_run(struct ctl_client *c)
{
	struct json_object *request = NULL;
	struct json_tokener *tokener;

	tokener = json_tokener_new_ex(COMMAND_DEPTH);
	if (tokener == NULL) {
		ctl_client_fail(c, "no memory for the request");
		return;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	request = json_tokener_parse_ex(tokener, c->request, (int)c->request_size);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		ctl_client_fail(c, "bad request: %s",
				json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (memchr(c->request, '\0', c->request_size) != NULL) /* ends a text for json-c */
		ctl_client_fail(c, "bad request: a NUL byte");
	else
		run(c, request);
	json_tokener_free(tokener);
	json_object_put(request);
}
