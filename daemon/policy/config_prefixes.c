/* Prefixes: lists of them, the files of them, and where a divert's packets go to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_files.h"
#include "policy/config_values.h"
#include "policy/list.h"

enum {
	PREFIXES_MOST =
		250000, /* of the files of one divert: more hold the keeper up for seconds */
};

#define NO_PREFIX                                                                                  \
	"is not an address or a prefix such as 192.0.2.0/24 or 2001:db8::/32 "                     \
	"without bits behind its length"

static int append(struct prefix_list *list, const struct prefix *prefix)
{
	struct prefix *at = list_room(list->at, list->count, sizeof *at);

	if (!at)
		return -ENOMEM;
	list->at = at;
	at[list->count++] = *prefix;
	return 0;
}

static int add_prefix(const struct value_in *in, const char *text, size_t offset)
{
	struct prefix prefix;

	if (prefix_parse(&prefix, text))
		return value_fault(in, "`%s` " NO_PREFIX, text);
	return append(value_field(in, offset), &prefix);
}

static int parse_prefixes(const struct value_in *in)
{
	int is_any = value_is_fallback(in);

	if (is_any)
		return is_any < 0 ? is_any : 0;
	if (in->text[0] != '!')
		return add_prefix(in, in->text, in->key->offset);
	if (!in->key->also)
		return value_fault(in, "`%s`: only a divert can exclude addresses", in->text);
	return add_prefix(in, in->text + 1, in->key->also);
}

/* Only a divert excludes, and only a divert has files of prefixes: then it is not `any`. */
static bool has_files(const struct value_out *out)
{
	return out->key->also && ((const struct divert *)out->object)->from_file.count > 0;
}

static const char *show_prefixes(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	static const struct prefix_list none;
	const struct prefix_list *list = value_shown(out, out->key->offset);
	const struct prefix_list *excluded =
		out->key->also ? value_shown(out, out->key->also) : &none;

	if (list->count + excluded->count == 0 && i == 0)
		return has_files(out) ? NULL : out->key->fallback;
	if (i < list->count)
		return prefix_text(&list->at[i], text);
	i -= list->count;
	if (i >= excluded->count)
		return NULL;
	text[0] = '!';
	(void)prefix_text(&excluded->at[i], text + 1);
	return text;
}

static void list_done(struct prefix_list *list)
{
	free(list->at);
	*list = (struct prefix_list){ 0 };
}

static void prefixes_done(void *object, const struct config_key *key)
{
	list_done((void *)((char *)object + key->offset));
	if (key->also)
		list_done((void *)((char *)object + key->also));
}

/* `@IFACE`: the addresses of one interface, followed as they change. */
static int parse_to_interface(const struct value_in *in)
{
	struct divert *d = in->object;
	const char *name = in->text + 1;
	const char *fault = value_interface_fault(name);

	if (strcmp(name, "lo") == 0)
		return value_fault(in, "`@lo`: loopback is never diverted");
	if (strchr(name, '*'))
		return value_fault(in, "`%s`: name one interface, without `*`", in->text);
	if (fault)
		return value_fault(in, "`%s` %s", in->text, fault);
	if (!text_list_has(&d->to_interface, name))
		return text_list_add(&d->to_interface, name);
	config_warn(in->notes, in->at, "to: `%s` is listed twice", in->text);
	return 0;
}

static int parse_to(const struct value_in *in)
{
	static const char *const words[] = { "local", "transit", "any" };
	static const enum to_kind kinds[] = { TO_LOCAL, TO_TRANSIT, TO_ANY };
	struct divert *d = in->object;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], in->text) != 0)
			continue;
		if (in->items > 1)
			return value_fault(in, "`%s` stands alone: remove it or the others",
					   in->text);
		d->to_kind = kinds[i];
		return 0;
	}
	d->to_kind = TO_PREFIXES;
	if (in->text[0] == '@')
		return parse_to_interface(in);
	return add_prefix(in, in->text, in->key->offset);
}

static const char *show_to(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct divert *d = out->object;

	switch (d->to_kind) {
	case TO_LOCAL:
		return i ? NULL : "local";
	case TO_TRANSIT:
		return i ? NULL : "transit";
	case TO_ANY:
		return i ? NULL : "any";
	case TO_PREFIXES:
		break;
	}
	if (i < d->to_interface.count) {
		(void)snprintf(text, VALUE_TEXT_BYTES, "@%s", d->to_interface.at[i]);
		return text;
	}
	i -= d->to_interface.count;
	return i < d->to.count ? prefix_text(&d->to.at[i], text) : NULL;
}

static void to_done(void *object, const struct config_key *key)
{
	struct divert *d = object;

	prefixes_done(object, key);
	text_list_done(&d->to_interface);
}

/* One line of a file: a prefix, or `!` and one. */
static int take_line(const struct value_in *in, struct config_place at, char *text)
{
	struct divert *d = in->object;
	char *end = text + strcspn(text, " \t");
	bool is_not = text[0] == '!';
	struct prefix prefix;

	if (end[strspn(end, " \t")] == '#') /* as many public lists have it */
		*end = '\0';
	if (prefix_parse(&prefix, text + is_not)) {
		config_fault(in->notes, at, "`%s` " NO_PREFIX, text);
		return 0;
	}
	if (d->from.count + d->from_not.count >= PREFIXES_MOST) {
		config_fault(in->notes, at, "more than %d prefixes in one divert", PREFIXES_MOST);
		return -EINVAL;
	}
	return append(is_not ? &d->from_not : &d->from, &prefix);
}

static int parse_prefix_file(const struct value_in *in)
{
	static const struct file_kind prefixes = { "prefix", take_line };

	return config_file_parse(in, &prefixes);
}

static void prefix_files_done(void *object, const struct config_key *key)
{
	struct divert *d = object;

	text_list_done((void *)((char *)object + key->offset));
	list_done(&d->from);
	list_done(&d->from_not);
}

const struct value_type value_prefixes = { parse_prefixes, show_prefixes, prefixes_done, false };
const struct value_type value_to = { parse_to, show_to, to_done, false };
const struct value_type value_prefix_files = { parse_prefix_file, config_file_show,
					       prefix_files_done, false };
