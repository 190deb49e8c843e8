/* The effective configuration, written by the key table that it was read by. */
#include "policy/config_dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_lines.h"
#include "policy/config_object.h"
#include "policy/config_values.h"

enum {
	WIDTH = 100, /* a list goes on in a new line beyond */
};

struct each_call {
	int (*each)(const struct config_value *value, void *arg);
	void *arg;
};

static int each_of_key(const struct value_out *out, size_t number, const struct each_call *call)
{
	char text[VALUE_TEXT_BYTES];
	struct config_value value = {
		.section = section_type_at(out->key->section)->name,
		.name = config_object_name(out->config, out->key->section, number),
		.key = out->key->name,
		.is_list = out->key->flags & (KEY_LIST | KEY_SENTENCES),
		.is_sentence = out->key->flags & KEY_SENTENCES,
	};
	int rc = 0;

	for (size_t i = 0; !rc && (value.text = out->key->type->print(out, i, text)) != NULL; i++)
		rc = call->each(&value, call->arg);
	return rc;
}

static int each_of_section(const struct config *config, enum section_kind kind, size_t number,
			   const struct each_call *call)
{
	struct value_out out = {
		.config = config,
		.object = config_object_shown(config, kind, number),
	};
	int rc = 0;

	for (size_t k = 0; !rc && (out.key = config_keys_at(k)) != NULL; k++) {
		if (out.key->section == kind)
			rc = each_of_key(&out, number, call);
	}
	return rc;
}

int config_each_value(const struct config *config,
		      int (*each)(const struct config_value *value, void *arg), void *arg)
{
	const struct each_call call = { each, arg };
	int rc = 0;

	for (unsigned kind = 0; kind < SECTION_KINDS; kind++) {
		size_t count = config_object_count(config, (enum section_kind)kind);

		for (size_t i = 0; !rc && i < count; i++)
			rc = each_of_section(config, (enum section_kind)kind, i, &call);
	}
	return rc;
}

/* The text so far, and where its last line stands. */
struct dump {
	char *text;
	size_t size;
	size_t room;
	size_t line_at;   /* where the last line begins */
	const char *key;  /* of the last line; borrowed from the table */
	const char *name; /* of its section; borrowed from the configuration */
};

static int append(struct dump *d, const char *text, size_t size)
{
	if (d->size + size + 1 > d->room) {
		size_t room = 2 * (d->size + size + 1);
		char *more = realloc(d->text, room);

		if (!more)
			return -ENOMEM;
		d->text = more;
		d->room = room;
	}
	memcpy(d->text + d->size, text, size);
	d->size += size;
	d->text[d->size] = '\0';
	return 0;
}

static int append_text(struct dump *d, const char *text)
{
	return append(d, text, strlen(text));
}

/* Begins a section when the value is not of the last one. */
static int dump_section(struct dump *d, const struct config_value *value)
{
	char line[CONFIG_NAME_BYTES + 32];

	if (d->key && d->name == value->name)
		return 0;
	d->key = NULL;
	d->name = value->name;
	(void)snprintf(line, sizeof line, "%s[%s%s%s]\n", d->size ? "\n\n" : "", value->section,
		       value->name ? " " : "", value->name ? value->name : "");
	return append_text(d, line);
}

/* Does the item fit behind the others of its list? */
static bool fits_line(const struct dump *d, const struct config_value *value)
{
	return value->is_list && !value->is_sentence && d->key == value->key &&
	       d->size - d->line_at + 2 + strlen(value->text) <= WIDTH;
}

static int dump_value(const struct config_value *value, void *arg)
{
	struct dump *d = arg;
	const char *equals = " = ";
	int err = dump_section(d, value);

	if (err)
		return err;
	if (fits_line(d, value)) {
		err = append_text(d, ", ");
		return err ? err : append_text(d, value->text);
	}
	/* a line that was read can be written: if need be as tightly as it was */
	if (strlen(value->key) + strlen(equals) + strlen(value->text) > LINES_CONFIG_BYTES)
		equals = "=";
	err = d->key ? append_text(d, "\n") : 0;
	d->line_at = d->size;
	d->key = value->key;
	err = err ? err : append_text(d, value->key);
	err = err ? err : append_text(d, equals);
	return err ? err : append_text(d, value->text);
}

int config_dump(char **text, size_t *size, const struct config *config)
{
	struct dump d = { 0 };
	int err = config_each_value(config, dump_value, &d);

	err = err ? err : append_text(&d, "\n");
	if (err) {
		free(d.text);
		return err;
	}
	*text = d.text;
	*size = d.size;
	return 0;
}
