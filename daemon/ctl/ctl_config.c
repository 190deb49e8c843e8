/* The answer to `config`: the effective configuration as JSON. */
#include <string.h>

#include "ctl/ctl_json.h"
#include "policy/config_dump.h"

/* The values come section by section, and the sections kind by kind, in this order. */
static const char *const kinds[] = { "shunt", "divert", "route", "backend" };
enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

/* What is open: the object of a kind, in it that of a section, in it the list of a key. */
struct writer {
	struct ctl_json *json;
	size_t kind;
	bool is_in_section;
	const char *name; /* of the section, borrowed; NULL: the kind has but one */
	const char *list; /* the key, borrowed; NULL: none is open */
};

static void leave_list(struct writer *w)
{
	if (w->list != NULL)
		ctl_json_array_end(w->json);
	w->list = NULL;
}

static void leave_section(struct writer *w)
{
	leave_list(w);
	if (w->is_in_section && w->name != NULL)
		ctl_json_object_end(w->json);
	w->is_in_section = false;
}

/* Kinds in between have no section: they are empty objects. */
static void enter_kind(struct writer *w, const char *kind)
{
	while (w->kind + 1 < KINDS && strcmp(kinds[w->kind], kind) != 0) {
		leave_section(w);
		ctl_json_object_end(w->json);
		ctl_json_object(w->json, kinds[++w->kind]);
	}
}

static void enter_section(struct writer *w, const char *name)
{
	if (w->is_in_section && w->name == name)
		return;
	leave_section(w);
	w->is_in_section = true;
	w->name = name;
	if (name != NULL)
		ctl_json_object(w->json, name);
}

static int write_value(const struct config_value *value, void *arg)
{
	struct writer *w = arg;

	enter_kind(w, value->section);
	enter_section(w, value->name);
	if (w->list != NULL && w->list != value->key)
		leave_list(w);
	if (value->is_list && w->list == NULL) {
		ctl_json_array(w->json, value->key);
		w->list = value->key;
	}
	ctl_json_text(w->json, value->is_list ? NULL : value->key, value->text);
	return w->json->err; /* then the rest is of no use */
}

void ctl_json_config(struct ctl_json *j, const struct config *config)
{
	struct writer w = { .json = j };

	ctl_json_object(j, NULL);
	ctl_json_object(j, kinds[0]);
	(void)config_each_value(config, write_value, &w); /* j knows of the first failure */
	enter_kind(&w, kinds[KINDS - 1]);
	leave_section(&w);
	ctl_json_object_end(j);
	ctl_json_object_end(j);
}
