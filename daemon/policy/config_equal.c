/* Two configurations compared, by the key table that they were read by. */
#include "policy/config_equal.h"

#include <string.h>

#include "policy/config_object.h"
#include "policy/config_values.h"

/* A value is what it is written as. */
static bool is_same_value(const struct value_out *a, const struct value_out *b)
{
	char text_a[VALUE_TEXT_BYTES];
	char text_b[VALUE_TEXT_BYTES];

	for (size_t i = 0;; i++) {
		const char *item_a = a->key->type->print(a, i, text_a);
		const char *item_b = b->key->type->print(b, i, text_b);

		if (!item_a || !item_b)
			return !item_a && !item_b;
		if (strcmp(item_a, item_b) != 0)
			return false;
	}
}

static bool is_same_text(const struct text_list *a, const struct text_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}

static bool is_same_prefixes(const struct prefix_list *a, const struct prefix_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!prefix_covers(&a->at[i], &b->at[i]) || a->at[i].bits != b->at[i].bits)
			return false;
	return true;
}

/* What came of files, which is not written with the values. */
static bool is_same_from_files(const void *a, const void *b, enum section_kind kind)
{
	const struct divert *da = a;
	const struct divert *db = b;
	const struct route *ra = a;
	const struct route *rb = b;
	const struct probe *pa = a;
	const struct probe *pb = b;

	switch (kind) {
	case SECTION_DIVERT:
		return is_same_prefixes(&da->from, &db->from) &&
		       is_same_prefixes(&da->from_not, &db->from_not);
	case SECTION_ROUTE:
		return is_same_text(&ra->server_name, &rb->server_name);
	case SECTION_PROBE:
		return memcmp(&pa->file_of_plugin, &pb->file_of_plugin,
			      sizeof pa->file_of_plugin) == 0;
	case SECTION_SHUNT:
	case SECTION_BACKEND:
	case SECTION_KINDS:
		break;
	}
	return true;
}

static bool is_same_section(const struct config *a, const struct config *b, enum section_kind kind,
			    size_t number)
{
	struct value_out out_a = { .config = a, .object = config_object_shown(a, kind, number) };
	struct value_out out_b = { .config = b, .object = config_object_shown(b, kind, number) };
	const char *name_a = config_object_name(a, kind, number);
	const char *name_b = config_object_name(b, kind, number);
	const struct config_key *key;

	if (name_a && name_b && strcmp(name_a, name_b) != 0)
		return false;
	for (size_t k = 0; (key = config_keys_at(k)) != NULL; k++) {
		out_a.key = key;
		out_b.key = key;
		if (key->section == kind && !is_same_value(&out_a, &out_b))
			return false;
	}
	return is_same_from_files(out_a.object, out_b.object, kind);
}

bool config_equal(const struct config *a, const struct config *b)
{
	for (unsigned kind = 0; kind < SECTION_KINDS; kind++) {
		size_t count = config_object_count(a, (enum section_kind)kind);

		if (count != config_object_count(b, (enum section_kind)kind))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!is_same_section(a, b, (enum section_kind)kind, i))
				return false;
	}
	return true;
}

bool config_equal_key(const struct config *a, const struct config *b, const char *key)
{
	struct value_out out_a = { .config = a,
				   .object = config_object_shown(a, SECTION_SHUNT, 0),
				   .key = config_keys_find(SECTION_SHUNT, key) };
	struct value_out out_b = { .config = b,
				   .object = config_object_shown(b, SECTION_SHUNT, 0),
				   .key = out_a.key };

	return out_a.key && is_same_value(&out_a, &out_b);
}
