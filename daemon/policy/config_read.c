/* From a file to a configuration: take apart, fill in by the key table, check, or discard it all. */
#include "policy/config_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_check.h"
#include "policy/config_include.h"
#include "policy/config_lines.h"
#include "policy/config_object.h"
#include "policy/config_raw.h"
#include "policy/config_values.h"

static size_t count_items(const char *text, const struct config_key *key)
{
	size_t items = 0;
	size_t size;

	if (!(key->flags & KEY_LIST))
		return 1;
	for (; (size = value_next_item(&text, key)) > 0; text += size)
		items++;
	return items;
}

/* Hands a value to its type, a list item by item. 0 (faults are noted) or -ENOMEM. */
static int parse_value(struct value_in *in, const char *text)
{
	char item[LINES_CONFIG_BYTES + 1];
	size_t size;
	int err = 0;

	if (!(in->key->flags & KEY_LIST)) {
		in->text = text;
		return in->key->type->parse(in) == -ENOMEM ? -ENOMEM : 0;
	}
	in->text = item;
	for (; !err && (size = value_next_item(&text, in->key)) > 0; text += size) {
		memcpy(item, text, size);
		item[size] = '\0';
		if (in->key->type->parse(in) == -ENOMEM)
			err = -ENOMEM;
	}
	in->text = NULL; /* gone with this call */
	return err;
}

/* All values of one key in one section, or its default. */
static int fill_key(struct value_in *in, const struct raw_section *section)
{
	const struct config_key *key = in->key;
	struct config_place section_at = in->at;
	int first_line = 0;
	int err = 0;

	in->items = 0;
	in->is_default = false;
	for (size_t i = 0; i < section->count; i++)
		in->items += section->at[i].key == key ? count_items(section->at[i].text, key) : 0;
	for (size_t i = 0; !err && i < section->count; i++) {
		if (section->at[i].key != key)
			continue;
		in->at.line = section->at[i].line;
		if (first_line && !(key->flags & (KEY_LIST | KEY_SENTENCES)))
			config_fault(in->notes, in->at,
				     "`%s` stands already in line %d: remove one", key->name,
				     first_line);
		else if (count_items(section->at[i].text, key) == 0)
			config_fault(in->notes, in->at, "%s: an empty list", key->name);
		else if ((key->flags & (KEY_LIST | KEY_SENTENCES)) && in->items > key->most)
			config_fault(in->notes, in->at, "%s: more than %llu %s", key->name,
				     (unsigned long long)key->most,
				     key->flags & KEY_LIST ? "items" : "lines");
		else
			err = parse_value(in, section->at[i].text);
		if (!first_line)
			first_line = in->at.line;
	}
	in->at = section_at;
	if (err || first_line)
		return err;
	in->items = 1;
	in->is_default = true;
	if (key->fallback)
		return parse_value(in, key->fallback);
	if ((key->flags & KEY_REQUIRED) && !section->is_faulty)
		config_fault(in->notes, in->at, "[%s %s] has no `%s`, which it must have",
			     section_type_at(section->kind)->name, section->name, key->name);
	return 0;
}

static int fill_section(struct config *config, const struct raw_section *section,
			struct config_notes *notes)
{
	struct value_in in = {
		.config = config,
		.notes = notes,
		.at = { section->file, section->line },
		.object = config_object(config, section->kind, section->index),
	};
	int err = 0;

	for (size_t k = 0; !err && (in.key = config_keys_at(k)) != NULL; k++) {
		if (in.key->section == section->kind)
			err = fill_key(&in, section);
	}
	return err;
}

static void name_sections(struct config *config, const struct raw_config *raw)
{
	for (size_t i = 0; i < raw->count; i++) {
		const struct raw_section *section = &raw->at[i];
		size_t at = section->index;

		switch (section->kind) {
		case SECTION_DIVERT:
			memcpy(config->diverts[at].name, section->name, CONFIG_NAME_BYTES);
			config->diverts[at].file = section->file;
			config->diverts[at].line = section->line;
			break;
		case SECTION_ROUTE:
			memcpy(config->routes[at].name, section->name, CONFIG_NAME_BYTES);
			config->routes[at].file = section->file;
			config->routes[at].line = section->line;
			break;
		case SECTION_BACKEND:
			memcpy(config->backends[at].name, section->name, CONFIG_NAME_BYTES);
			config->backends[at].file = section->file;
			config->backends[at].line = section->line;
			break;
		case SECTION_PROBE:
			memcpy(config->probes[at].name, section->name, CONFIG_NAME_BYTES);
			config->probes[at].file = section->file;
			config->probes[at].line = section->line;
			break;
		case SECTION_SHUNT:
		case SECTION_KINDS:
			break;
		}
	}
}

/* Fills a configuration in. Every section's name is there before the first value is read. */
static int fill_config(struct config *config, const struct raw_config *raw,
		       struct config_notes *notes)
{
	const char *first = config->files.at[0];
	const struct raw_section no_shunt = { .kind = SECTION_SHUNT, .file = first };
	int err = 0;

	name_sections(config, raw);
	if (raw->kinds[SECTION_SHUNT] == 0)
		err = fill_section(config, &no_shunt, notes);
	for (size_t i = 0; !err && i < raw->count; i++) {
		/* that of an included file has only its `include`, which was done */
		if (raw->at[i].kind != SECTION_SHUNT || raw->at[i].file == first)
			err = fill_section(config, &raw->at[i], notes);
	}
	return err;
}

static int build_config(struct config **out, struct raw_config *raw, struct config_notes *notes)
{
	struct config *config = config_object_new(raw->kinds);
	const char *file = raw->files.at[0];
	int err;

	if (!config)
		return -ENOMEM;
	config->files = raw->files; /* the names in raw stay good as long as config does */
	raw->files = (struct text_list){ 0 };
	err = fill_config(config, raw, notes);
	err = err ? err : config_check(config, file, notes);
	if (!err && notes->faults)
		err = -EINVAL;
	if (err)
		goto out;
	config_warn_all(config, notes);
	err = config_warn_shadowed(config, notes);
	if (err)
		goto out;
	*out = config;
	return 0;
out:
	config_free(config);
	return err;
}

static int read_stream(struct config **out, FILE *in, const char *file, struct config_notes *notes)
{
	struct config_place whole = { file, 0 };
	struct raw_config raw = { 0 };
	int err;

	err = config_include_read(&raw, in, file, notes);
	if (!err)
		err = build_config(out, &raw, notes);
	raw_config_done(&raw);
	if (err == -ENOMEM)
		config_fault(notes, whole, "not enough memory to read it");
	else if (err && err != -EINVAL)
		config_fault(notes, whole, "cannot be read: %s", strerror(-err));
	config_notes_sort(notes, file);
	return err;
}

int config_read_stream(struct config **out, FILE *in, const char *file, struct config_notes *notes)
{
	*notes = (struct config_notes){ 0 };
	return read_stream(out, in, file, notes);
}

int config_read(struct config **out, const char *path, struct config_notes *notes)
{
	FILE *in;
	int err;

	*notes = (struct config_notes){ 0 };
	err = config_open(&in, path, notes, (struct config_place){ path, 0 });
	if (err)
		return err;
	err = read_stream(out, in, path, notes);
	(void)fclose(in); /* only read from */
	return err;
}
