/* The answer to `config`: the effective configuration as JSON, or as the text of a file. */
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/ctl_json.h"
#include "policy/config_dump.h"

/* Where the next value goes; the last section and list are remembered, as a list may be long. */
struct maker {
	struct json_maker json;
	struct json_object *root;
	struct json_object *section;
	const char *kind; /* of the section, borrowed */
	const char *name; /* of the section, borrowed */
	struct json_object *list;
	const char *key; /* of the list, borrowed */
};

static struct json_object *member(struct json_object *in, const char *name)
{
	struct json_object *found = NULL;

	(void)json_object_object_get_ex(in, name, &found); /* NULL when it is not there */
	return found;
}

static void enter_section(struct maker *m, const struct config_value *value)
{
	struct json_object *kind;

	if (m->kind == value->section && m->name == value->name && m->section != NULL)
		return;
	kind = member(m->root, value->section);
	m->section = value->name != NULL ? json_make_object(&m->json, kind, value->name) : kind;
	m->kind = value->section;
	m->name = value->name;
	m->list = NULL;
	m->key = NULL;
}

static int add_value(const struct config_value *value, void *arg)
{
	struct maker *m = arg;

	enter_section(m, value);
	if (!value->is_list) {
		json_make_text(&m->json, m->section, value->key, value->text);
	} else {
		if (m->key != value->key)
			m->list = json_make_array(&m->json, m->section, value->key);
		m->key = value->key;
		json_make_text(&m->json, m->list, NULL, value->text);
	}
	return m->json.is_broken; /* then the rest is of no use */
}

struct json_object *ctl_json_config(const struct config *config)
{
	struct maker m = { .root = json_object_new_object() };

	(void)json_make_object(&m.json, m.root, "shunt");
	(void)json_make_object(&m.json, m.root, "divert");
	(void)json_make_object(&m.json, m.root, "route");
	(void)json_make_object(&m.json, m.root, "backend");
	(void)config_each_value(config, add_value, &m); /* the maker knows whether it broke */
	return json_made(&m.json, m.root);
}

struct json_object *ctl_json_config_text(const struct config *config)
{
	struct json_object *answer;
	char *text = NULL;
	size_t size;

	if (config_dump(&text, &size, config) < 0)
		return NULL;
	answer = ctl_json_text("config", text);
	free(text);
	return answer;
}
