/* Single values: numbers, times, switches, words, paths. */
#include "policy/config_values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "policy/nearest.h"

enum {
	OUR_MAJOR = 1, /* of config_version: what this reader knows */
	OUR_MINOR = 0,
	ACCOUNT_MOST = 32, /* letters of a user's name (useradd(8)) */
};

/* The end of the list item that begins at text. A regex takes along what sticks to its end: that
 * is a fault, and its type says so. */
static size_t item_size(const char *text, bool has_regex)
{
	size_t size = 1;

	if (!has_regex || text[0] != '/')
		return strcspn(text, ", \t");
	while (text[size] && text[size] != '/')
		size += text[size] == '\\' && text[size + 1] ? 2 : 1;
	return size + strcspn(text + size, ", \t");
}

size_t value_next_item(const char **text, const struct config_key *key)
{
	*text += strspn(*text, ", \t");
	return **text ? item_size(*text, key->type->has_regex) : 0;
}

int value_fault(const struct value_in *in, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args); /* a cut text is good enough */
	va_end(args);
	config_fault(in->notes, in->at, "%s: %s", in->key->name, text);
	return -EINVAL;
}

void *value_field(const struct value_in *in, size_t offset)
{
	return (char *)in->object + offset;
}

const void *value_shown(const struct value_out *out, size_t offset)
{
	return (const char *)out->object + offset;
}

static const char *print_ms(uint64_t ms, char text[VALUE_TEXT_BYTES])
{
	static const struct {
		uint64_t ms;
		const char *unit;
	} units[] = { { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	(void)snprintf(text, VALUE_TEXT_BYTES, "%llu%s", (unsigned long long)(ms / units[i].ms),
		       ms ? units[i].unit : "");
	return text;
}

static const char *print_size(uint64_t bytes, char text[VALUE_TEXT_BYTES])
{
	static const struct {
		uint64_t bytes;
		const char *unit;
	} units[] = { { 1024 * 1024, "m" }, { 1024, "k" }, { 1, "" } };
	size_t i = bytes ? 0 : 2;

	while (bytes % units[i].bytes)
		i++;
	(void)snprintf(text, VALUE_TEXT_BYTES, "%llu%s",
		       (unsigned long long)(bytes / units[i].bytes), units[i].unit);
	return text;
}

static const char *print_number(uint64_t number, char text[VALUE_TEXT_BYTES])
{
	(void)snprintf(text, VALUE_TEXT_BYTES, "%llu", (unsigned long long)number);
	return text;
}

/* The three kinds of numbers differ in how they are written. */
struct number_kind {
	int (*parse)(uint64_t *out, const char *text, uint64_t least, uint64_t most);
	const char *(*print)(uint64_t number, char text[VALUE_TEXT_BYTES]);
	const char *what;
};

static const struct number_kind kind_number = { number_parse, print_number, "a number" };
static const struct number_kind kind_ms = { number_parse_ms, print_ms,
					    "a time such as 500ms, 3s, 5m or 1h" };
static const struct number_kind kind_size = { number_parse_size, print_size,
					      "a size such as 4096, 16k or 1m" };

static int parse_limited(const struct value_in *in, const struct number_kind *kind)
{
	const struct config_key *key = in->key;
	uint32_t *field = value_field(in, key->offset);
	char least[VALUE_TEXT_BYTES];
	char most[VALUE_TEXT_BYTES];
	uint64_t number = 0;
	int err = 0;

	if (!key->words || strcmp(in->text, key->words[0]) != 0)
		err = kind->parse(&number, in->text, key->least, key->most);
	if (err == -ERANGE)
		return value_fault(in, "`%s` is not within %s and %s", in->text,
				   kind->print(key->least, least), kind->print(key->most, most));
	if (err)
		return value_fault(in, "`%s` is not %s%s%s", in->text, kind->what,
				   key->words ? " or " : "", key->words ? key->words[0] : "");
	*field = (uint32_t)number;
	return 0;
}

static const char *print_limited(const struct value_out *out, const struct number_kind *kind,
				 char text[VALUE_TEXT_BYTES])
{
	const uint32_t *field = value_shown(out, out->key->offset);

	if (*field == 0 && out->key->words)
		return out->key->words[0];
	return kind->print(*field, text);
}

static int parse_number(const struct value_in *in)
{
	return parse_limited(in, &kind_number);
}

static const char *show_number(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	return i ? NULL : print_limited(out, &kind_number, text);
}

/* rt_tables(5): default, main and local are the system's own. */
static int parse_table(const struct value_in *in)
{
	const uint32_t *field = value_field(in, in->key->offset);
	int err = parse_number(in);

	if (!err && *field >= 253 && *field <= 255)
		return value_fault(in, "%s is one of the system's own, 253 to 255: choose another",
				   in->text);
	return err;
}

static int parse_ms(const struct value_in *in)
{
	return parse_limited(in, &kind_ms);
}

static const char *show_ms(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	return i ? NULL : print_limited(out, &kind_ms, text);
}

static int parse_size(const struct value_in *in)
{
	return parse_limited(in, &kind_size);
}

static const char *show_size(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	return i ? NULL : print_limited(out, &kind_size, text);
}

/* The index of the value among the key's words, or -EINVAL with a fault. */
static int find_word(const struct value_in *in)
{
	struct nearest n = { .word = in->text };
	char all[100] = "";

	for (int i = 0; in->key->words[i]; i++) {
		if (strcmp(in->key->words[i], in->text) == 0)
			return i;
		nearest_offer(&n, in->key->words[i]);
		(void)snprintf(all + strlen(all), sizeof all - strlen(all), " %s",
			       in->key->words[i]);
	}
	if (!n.best || n.distance >= strlen(n.best)) /* nothing in common */
		return value_fault(in, "`%s` is none of:%s", in->text, all);
	return value_fault(in, "`%s` is none of:%s (did you mean `%s`?)", in->text, all, n.best);
}

static int parse_switch(const struct value_in *in)
{
	bool *field = value_field(in, in->key->offset);
	int word = find_word(in);

	if (word < 0)
		return word;
	*field = word != 0;
	return 0;
}

static const char *show_switch(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const bool *field = value_shown(out, out->key->offset);

	(void)text;
	return i ? NULL : out->key->words[*field ? 1 : 0];
}

static int parse_choice(const struct value_in *in)
{
	int word = find_word(in);
	unsigned number = (unsigned)word;

	if (word < 0)
		return word;
	memcpy(value_field(in, in->key->offset), &number, sizeof number); /* an enum of any kind */
	return 0;
}

static const char *show_choice(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	unsigned number;

	(void)text;
	memcpy(&number, value_shown(out, out->key->offset), sizeof number);
	return i ? NULL : out->key->words[number];
}

static int store_text(const struct value_in *in)
{
	char **field = value_field(in, in->key->offset);
	char *text = strdup(in->text);

	if (!text)
		return -ENOMEM;
	free(*field);
	*field = text;
	return 0;
}

static const char *show_text(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	char *const *field = value_shown(out, out->key->offset);

	(void)text;
	return i ? NULL : *field;
}

static void text_done(void *object, const struct config_key *key)
{
	char **field = (void *)((char *)object + key->offset);

	free(*field);
	*field = NULL;
}

static int parse_account(const struct value_in *in)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t size = strlen(in->text);

	if (size > ACCOUNT_MOST || strspn(in->text, letters) != size || in->text[0] == '-')
		return value_fault(in, "`%s` cannot be the name of an account", in->text);
	return store_text(in);
}

static int parse_path(const struct value_in *in)
{
	if (in->text[0] != '/')
		return value_fault(in, "`%s` must be an absolute path", in->text);
	if (strlen(in->text) > in->key->most)
		return value_fault(in, "path longer than %llu bytes: choose a shorter one",
				   (unsigned long long)in->key->most);
	return store_text(in);
}

static int parse_mark(const struct value_in *in)
{
	struct marks *field = value_field(in, in->key->offset);

	if (marks_parse(field, in->text))
		return value_fault(
			in,
			"`%s` is not BASE/MASK with five or more mask bits side by side "
			"and the lowest four of them clear in BASE, such as 0x50000000/0xff000000",
			in->text);
	return 0;
}

static const char *show_mark(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct marks *field = value_shown(out, out->key->offset);

	(void)snprintf(text, VALUE_TEXT_BYTES, "0x%08x/0x%08x", field->base, field->mask);
	return i ? NULL : text;
}

static int parse_version(const struct value_in *in)
{
	uint32_t *field = value_field(in, in->key->offset);
	const char *dot = strchr(in->text, '.');
	char major_text[8] = "";
	uint64_t major = 0;
	uint64_t minor = 0;
	size_t size = dot ? (size_t)(dot - in->text) : strlen(in->text);

	if (size < sizeof major_text)
		memcpy(major_text, in->text, size);
	if (number_parse(&major, major_text, 1, 65535) ||
	    (dot && number_parse(&minor, dot + 1, 0, 65535)))
		return value_fault(in, "`%s` is not a version such as 1 or 1.0", in->text);
	if (major > OUR_MAJOR)
		return value_fault(in,
				   "%s is newer than %d.%d, the newest this program reads: "
				   "install a newer shunt",
				   in->text, OUR_MAJOR, OUR_MINOR);
	if (minor > OUR_MINOR)
		config_warn(in->notes, in->at,
			    "config_version: %s is newer than %d.%d: newer keys are not known here",
			    in->text, OUR_MAJOR, OUR_MINOR);
	*field = (uint32_t)(major << 16 | minor);
	return 0;
}

static const char *show_version(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const uint32_t *field = value_shown(out, out->key->offset);

	(void)snprintf(text, VALUE_TEXT_BYTES, "%u.%u", *field >> 16, *field & 0xffff);
	return i || !*field ? NULL : text;
}

static int parse_when(const struct value_in *in)
{
	const char *fault = NULL;
	int err = schedule_add(value_field(in, in->key->offset), in->text, &fault);

	return err == -EINVAL ? value_fault(in, "`%s` %s", in->text, fault) : err;
}

static const char *show_when(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct schedule *field = value_shown(out, out->key->offset);

	_Static_assert((int)VALUE_TEXT_BYTES >= (int)SCHEDULE_TEXT_BYTES, "a span is shown there");
	return i < field->count ? schedule_text(&field->at[i], text) : NULL;
}

static void when_done(void *object, const struct config_key *key)
{
	schedule_done((void *)((char *)object + key->offset));
}

const struct value_type value_number = { .parse = parse_number, .print = show_number };
const struct value_type value_table = { .parse = parse_table, .print = show_number };
const struct value_type value_ms = { .parse = parse_ms, .print = show_ms };
const struct value_type value_size = { .parse = parse_size, .print = show_size };
const struct value_type value_switch = { .parse = parse_switch, .print = show_switch };
const struct value_type value_choice = { .parse = parse_choice, .print = show_choice };
const struct value_type value_account = { parse_account, show_text, text_done, false };
const struct value_type value_path = { parse_path, show_text, text_done, false };
const struct value_type value_mark = { .parse = parse_mark, .print = show_mark };
const struct value_type value_version = { .parse = parse_version, .print = show_version };
const struct value_type value_when = { parse_when, show_when, when_done, false };
