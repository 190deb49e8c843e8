/*
 * inih between two of our own: a reader in front that hands it only lines which
 * every build of it reads alike, and a handler behind that goes by our count of
 * lines and our own section, for inih cuts a section's name at 49 bytes.
 */
#include "policy/config_raw.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_lines.h"
#include "policy/config_values.h"
#include "policy/list.h"
#include "policy/nearest.h"

struct raw_reader {
	struct raw_config *raw;
	struct config_lines lines;
	bool in_section;  /* the last of raw->at takes the keys */
	bool is_skipping; /* a section that was a fault: its keys say nothing */
	int err;
};

static struct config_place here(const struct raw_reader *r)
{
	return (struct config_place){ r->lines.file, r->lines.line };
}

/* The kind of a section by its name, or SECTION_KINDS and a fault. */
static enum section_kind find_kind(struct raw_reader *r, const char *word)
{
	struct nearest n = { .word = word };
	unsigned kind;

	for (kind = 0; kind < SECTION_KINDS; kind++) {
		const char *name = section_type_at((enum section_kind)kind)->name;

		if (strcmp(name, word) == 0)
			return (enum section_kind)kind;
		nearest_offer(&n, name);
	}
	config_fault(r->lines.notes, here(r), "unknown section [%s] (did you mean [%s]?)", word,
		     n.best);
	return SECTION_KINDS;
}

static const char *name_fault(const struct section_type *type, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	if (!type->is_named)
		return *name ? "takes no name" : NULL;
	if (!*name)
		return "needs a name behind the word";
	if (strlen(name) >= CONFIG_NAME_BYTES)
		return "has a name longer than 63 bytes";
	if (name[strspn(name, letters)])
		return "has a name with other characters than letters, digits, `.`, `_` and `-`";
	for (size_t i = 0; type->reserved && type->reserved[i]; i++) {
		if (strcmp(type->reserved[i], name) == 0)
			return "has a name that is a reserved word: choose another";
	}
	return NULL;
}

/* An earlier section of that kind and name, or NULL. Each file may have a [shunt]. */
static const struct raw_section *find_section(const struct raw_reader *r, enum section_kind kind,
					      const char *name)
{
	for (size_t i = 0; i < r->raw->count; i++) {
		const struct raw_section *section = &r->raw->at[i];

		if (section->kind == kind && strcmp(section->name, name) == 0 &&
		    (kind != SECTION_SHUNT || section->file == r->lines.file))
			return section;
	}
	return NULL;
}

/* name: NULL for a section whose name was a fault; its keys are still looked at. */
static void add_section(struct raw_reader *r, enum section_kind kind, const char *name)
{
	struct raw_config *raw = r->raw;
	struct raw_section *at = list_room(raw->at, raw->count, sizeof *at);

	if (!at) {
		r->err = -ENOMEM;
		return;
	}
	raw->at = at;
	at += raw->count++;
	*at = (struct raw_section){
		.kind = kind,
		.is_faulty = !name,
		.file = r->lines.file,
		.line = r->lines.line,
		.index = raw->kinds[kind]++,
	};
	if (name)
		memcpy(at->name, name, strlen(name) + 1);
	r->in_section = true;
	r->is_skipping = false;
}

/* Is that name good and new? Says what is wrong with it. */
static bool is_good_name(struct raw_reader *r, enum section_kind kind, const char *name)
{
	const struct section_type *type = section_type_at(kind);
	const char *fault = name_fault(type, name);
	const char *blank = *name ? " " : "";
	const struct raw_section *earlier;

	if (fault) {
		config_fault(r->lines.notes, here(r), "[%s%s%s] %s", type->name, blank, name,
			     fault);
		return false;
	}
	earlier = find_section(r, kind, name);
	if (earlier && earlier->file == r->lines.file)
		config_fault(r->lines.notes, here(r),
			     "[%s%s%s] stands already in line %d: join them", type->name, blank,
			     name, earlier->line);
	else if (earlier)
		config_fault(r->lines.notes, here(r), "[%s%s%s] stands already in %s:%d: join them",
			     type->name, blank, name, earlier->file, earlier->line);
	return !earlier;
}

/* "divert web", without its brackets: cut it into its words and begin that section. */
static void begin_section(struct raw_reader *r, char *kind_word)
{
	char *name = kind_word + strcspn(kind_word, " \t");
	enum section_kind kind;
	bool is_good;

	if (*name)
		*name++ = '\0';
	name += strspn(name, " \t");
	if (r->lines.notes->faults > CONFIG_MOST_NOTES)
		return; /* nothing more could be said */
	kind = find_kind(r, kind_word);
	if (kind == SECTION_KINDS)
		return;
	is_good = is_good_name(r, kind, name);
	if (is_good && kind != SECTION_SHUNT && r->raw->kinds[kind] >= section_type_at(kind)->most)
		config_fault(r->lines.notes, here(r), "more than %zu [%s] sections",
			     section_type_at(kind)->most, kind_word);
	else
		add_section(r, kind, is_good ? name : NULL);
}

/* A line that begins with '['. */
static void see_section(struct raw_reader *r, const char *line)
{
	char words[LINES_CONFIG_BYTES + 1];
	const char *end = strchr(line, ']');
	size_t size;

	r->in_section = false;
	r->is_skipping = true; /* until it is known to be good */
	if (!end) {
		config_fault(r->lines.notes, here(r), "no `]` at the end of the section `%s`",
			     line);
		return;
	}
	if (end[1]) {
		config_fault(r->lines.notes, here(r), "`%s` behind the `]`: begin a new line",
			     end + 1 + strspn(end + 1, " \t"));
		return;
	}
	line += 1 + strspn(line + 1, " \t");
	size = line < end ? (size_t)(end - line) : 0;
	while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
		size--;
	memcpy(words, line, size);
	words[size] = '\0';
	begin_section(r, words);
}

/* May inih see this line? It would take each of these for something else. */
static bool is_plain_assignment(struct raw_reader *r, const char *line)
{
	size_t size = strcspn(line, "=:");
	const char *value = line + size + 1;

	if (line[0] == ' ' || line[0] == '\t')
		config_fault(r->lines.notes, here(r),
			     "indented line: begin it in the first column");
	else if (line[size] != '=')
		config_fault(r->lines.notes, here(r),
			     "`%s` is neither `[section]` nor `key = value`", line);
	else if (size == 0)
		config_fault(r->lines.notes, here(r), "no key in front of `=`");
	else if (value[strspn(value, " \t")] == '\0')
		config_fault(r->lines.notes, here(r), "`%.*s` has no value: give one or remove it",
			     (int)(size - (line[size - 1] == ' ')), line);
	else
		return true;
	return false;
}

/* inih's fgets(): one line of ours each time, so that both count alike. */
static char *next_line(char *out, int size, void *arg)
{
	struct raw_reader *r = arg;
	const char *line = r->lines.text;

	if (size < 4 || r->err)
		return NULL;
	if (r->lines.most_line > (size_t)size - 3)
		r->lines.most_line = (size_t)size - 3; /* an inih that was built with less */
	if (!config_lines_next(&r->lines))
		return NULL;
	if (line[0] == '[') {
		see_section(r, line);
		line = "[s]"; /* ours alone counts; this ends inih's idea of a value to go on */
	} else if (*line && !is_plain_assignment(r, line)) {
		line = "";
	}
	memcpy(out, line, strlen(line));
	memcpy(out + strlen(line), "\n", 2);
	return out;
}

/* Offers the keys of this kind of section, or of all the others. */
static void offer_keys(struct nearest *n, enum section_kind kind, bool is_own)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_keys_at(i)) != NULL; i++) {
		if ((key->section == kind) == is_own)
			nearest_offer(n, key->name);
	}
}

/* The first kind of section that has such a key. */
static const char *section_of_key(const char *name)
{
	const struct config_key *key;
	size_t i = 0;

	do
		key = config_keys_at(i++);
	while (strcmp(key->name, name) != 0);
	return section_type_at(key->section)->name;
}

static void unknown_key(struct raw_reader *r, const struct raw_section *section, const char *name)
{
	const char *own = section_type_at(section->kind)->name;
	struct nearest n = { .word = name };
	const char *best;

	if (r->lines.notes->faults >= CONFIG_MOST_NOTES) {
		r->lines.notes->faults++; /* it is only counted: no search for what nobody reads */
		return;
	}
	offer_keys(&n, section->kind, true);
	best = n.best;
	offer_keys(&n, section->kind, false);
	if (n.best && strcmp(n.best, name) == 0)
		config_fault(r->lines.notes, here(r),
			     "unknown key `%s` in [%s]: it belongs in [%s]", name, own,
			     section_of_key(name));
	else if (n.best != best)
		config_fault(r->lines.notes, here(r),
			     "unknown key `%s` in [%s] (did you mean `%s`, which belongs in [%s]?)",
			     name, own, n.best, section_of_key(n.best));
	else
		config_fault(r->lines.notes, here(r),
			     "unknown key `%s` in [%s] (did you mean `%s`?)", name, own, n.best);
}

static void add_value(struct raw_reader *r, struct raw_section *section,
		      const struct config_key *key, const char *text)
{
	struct raw_value *at = list_room(section->at, section->count, sizeof *at);
	char *copy = strdup(text);

	if (at)
		section->at = at;
	if (!at || !copy) {
		free(copy);
		r->err = -ENOMEM;
		return;
	}
	at[section->count++] = (struct raw_value){ key, r->lines.line, copy };
}

/* inih's handler. Its section is not looked at. Returns 1, for it: go on. */
static int take_value(void *arg, const char *section_cut, const char *name, const char *text)
{
	struct raw_reader *r = arg;
	struct raw_section *section;
	const struct config_key *key;

	(void)section_cut;
	if (r->err || r->is_skipping || !name || !text)
		return 1;
	if (!r->in_section) {
		config_fault(r->lines.notes, here(r), "`%s` stands in front of any section", name);
		return 1;
	}
	section = &r->raw->at[r->raw->count - 1];
	key = config_keys_find(section->kind, name);
	if (key)
		add_value(r, section, key, text);
	else
		unknown_key(r, section, name);
	return 1;
}

int raw_config_read(struct raw_config *raw, FILE *in, const char *file, struct config_notes *notes)
{
	struct raw_reader r = {
		.raw = raw,
		.lines = {
			.in = in,
			.notes = notes,
			.most_line = LINES_CONFIG_BYTES,
			.most_bytes = LINES_CONFIG_MOST,
			.remedy = "repeat the key to lengthen its list",
		},
	};
	size_t faults = notes->faults;
	int rc;

	if (text_list_add(&raw->files, file))
		return -ENOMEM;
	r.lines.file = raw->files.at[raw->files.count - 1];
	rc = ini_parse_stream(next_line, &r, take_value, &r);
	raw->bytes += r.lines.bytes;
	if (r.err || r.lines.err)
		return r.err ? r.err : r.lines.err;
	if (rc == -2)
		return -ENOMEM; /* an inih that keeps its line on the heap */
	if (rc && notes->faults == faults)
		config_fault(notes, (struct config_place){ r.lines.file, rc },
			     "cannot be understood");
	return 0;
}

void raw_config_done(struct raw_config *raw)
{
	for (size_t i = 0; i < raw->count; i++) {
		for (size_t j = 0; j < raw->at[i].count; j++)
			free(raw->at[i].at[j].text);
		free(raw->at[i].at);
	}
	free(raw->at);
	text_list_done(&raw->files);
	*raw = (struct raw_config){ 0 };
}
