/* Values of [probe]: patterns; and what no single key of it shows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_check.h"
#include "policy/config_values.h"
#include "policy/probe.h"

static int parse_bytes(const struct value_in *in)
{
	struct probe *probe = in->object;
	const char *fault;

	if (!probe->all) {
		probe->all = calloc(1, sizeof *probe->all);
		if (!probe->all)
			return -ENOMEM;
	}
	if (text_list_has(&probe->items, in->text)) {
		config_warn(in->notes, in->at, "bytes: `%s` is listed twice", in->text);
		return 0;
	}
	fault = probe_bytes_add(probe->all, in->text);
	if (fault)
		return value_fault(in, "`%s` %s", in->text, fault);
	return text_list_add(&probe->items, in->text);
}

static void bytes_done(void *object, const struct config_key *key)
{
	struct probe *probe = object;

	value_texts_done(object, key);
	free(probe->all);
	probe->all = NULL;
}

static int parse_regex(const struct value_in *in)
{
	struct regex **field = value_field(in, in->key->offset);
	char fault[REGEX_FAULT_BYTES];
	int err;

	if (in->text[0] != '/')
		return value_fault(in, "`%s` does not begin with `/`: a regex stands between two",
				   in->text);
	err = regex_new_bytes(field, in->text, fault);
	return err == -EINVAL ? value_fault(in, "`%s` %s", in->text, fault) : err;
}

static const char *show_regex(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	struct regex *const *field = value_shown(out, out->key->offset);

	(void)text;
	return i || !*field ? NULL : regex_text(*field);
}

static void regex_done(void *object, const struct config_key *key)
{
	struct regex **field = value_field(&(struct value_in){ .object = object }, key->offset);

	regex_free(*field);
	*field = NULL;
}

const struct value_type value_bytes = { parse_bytes, value_show_texts, bytes_done, false };
const struct value_type value_bytes_regex = { parse_regex, show_regex, regex_done, true };

/* What keeps a name from being shown as the protocol of a flow, or NULL. */
static const char *name_fault(const char *name)
{
	if (strlen(name) >= PROBE_NAME_BYTES)
		return "is longer than 15 bytes";
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
		return "has upper-case letters: a protocol has none";
	if (wire_proto_find(name) >= 0)
		return "is that of a built-in recogniser: choose another";
	return NULL;
}

static void check_probe(const struct probe *p, struct config_notes *notes)
{
	struct config_place at = { p->file, p->line };
	const char *fault = name_fault(p->name);
	int kinds;

	if (fault)
		config_fault(notes, at, "[probe %s] its name %s", p->name, fault);
	if (notes->faults)
		return; /* a key that was a fault is not there */
	kinds = (p->all || p->regex) + (p->exec != NULL) + (p->plugin != NULL);
	if (kinds == 0)
		config_fault(
			notes, at,
			"[probe %s] says nothing: give it `bytes`, `regex`, `exec` or `plugin`",
			p->name);
	else if (kinds > 1)
		config_fault(notes, at,
			     "[probe %s] is of two kinds: `exec` and `plugin` each stand alone",
			     p->name);
	else if (p->all && !p->regex && !probe_bytes_tell(p->all))
		config_fault(notes, at,
			     "[probe %s] bytes: nothing but `?` fits any flow: a route without "
			     "`protocol` does, too",
			     p->name);
}

/* What strangers send must not be given to a program that can do more than they, nor to one that could
 * lay hands on our processes. Whether there is such a user is not asked here: it is another day's. */
static void check_user(const struct config *config, const struct probe *p,
		       struct config_notes *notes)
{
	struct config_place at = { p->file, p->line };

	if (!p->exec || !p->exec_user)
		return;
	if (strcmp(p->exec_user, "root") == 0)
		config_fault(notes, at,
			     "[probe %s] exec_user: no program is run as root: name another user",
			     p->name);
	else if (config->shunt.user && strcmp(p->exec_user, config->shunt.user) == 0)
		config_fault(notes, at,
			     "[probe %s] exec_user: %s is `user`, whom the daemon's own processes "
			     "are: name another",
			     p->name, p->exec_user);
}

/* Highest priority first, then the order in the file; those that go before the built-in ones ahead. */
static bool is_asked_earlier(const struct probe *a, const struct probe *b)
{
	if (a->is_before != b->is_before)
		return a->is_before;
	return a->priority > b->priority;
}

static void put_in_order(struct config *config)
{
	config->probes_before = 0;
	for (size_t i = 0; i < config->probe_count; i++) {
		size_t to = i;

		for (; to > 0 && is_asked_earlier(&config->probes[i],
						  &config->probes[config->probe_order[to - 1]]);
		     to--)
			config->probe_order[to] = config->probe_order[to - 1];
		config->probe_order[to] = (uint8_t)i;
		config->probes_before += config->probes[i].is_before;
	}
}

void config_check_probes(struct config *config, struct config_notes *notes)
{
	for (size_t i = 0; i < config->probe_count; i++) {
		check_probe(&config->probes[i], notes);
		check_user(config, &config->probes[i], notes);
	}
	if (notes->faults == 0) /* there may be too many */
		put_in_order(config);
}
