/* Values that name something else: backends and actions, diverts, recognisers. */
#include <errno.h>
#include <string.h>

#include "policy/config_object.h"
#include "policy/config_values.h"
#include "policy/nearest.h"
#include "policy/protocol.h"

static const char *const action_words[] = {
	[TARGET_REJECT] = "reject",
	[TARGET_DROP] = "drop",
	[TARGET_ORIGINAL] = "original",
};
enum {
	ACTIONS = sizeof action_words / sizeof *action_words,
};

int value_unknown(const struct value_in *in, const char *what, const char *nearest)
{
	if (!nearest)
		return value_fault(in, "there is no %s `%s`, nor any other", what, in->text);
	return value_fault(in, "there is no %s `%s` (did you mean `%s`?)", what, in->text, nearest);
}

/* Offers the names of all sections of a kind. */
static void offer_sections(struct nearest *n, const struct config *config, enum section_kind kind)
{
	for (size_t i = 0; i < config_object_count(config, kind); i++) {
		const char *name = config_object_name(config, kind, i);

		if (*name) /* "": it was a fault */
			nearest_offer(n, name);
	}
}

static int keep_target(const struct value_in *in, struct target target)
{
	struct target *field = value_field(in, in->key->offset);
	struct target *udp = value_field(in, in->key->also);

	*field = target;
	if (in->key->also)
		*udp = in->is_default ? (struct target){ TARGET_DROP, 0 } : target;
	return 0;
}

static int parse_target(const struct value_in *in)
{
	struct nearest n = { .word = in->text };
	int backend;

	for (int i = 0; i < ACTIONS; i++) {
		if (strcmp(action_words[i], in->text) == 0)
			return keep_target(in, (struct target){ (enum target_kind)i, 0 });
	}
	backend = config_object_find(in->config, SECTION_BACKEND, in->text);
	if (backend >= 0)
		return keep_target(in, (struct target){ TARGET_BACKEND, (uint16_t)backend });
	offer_sections(&n, in->config, SECTION_BACKEND);
	for (int i = 0; i < ACTIONS; i++)
		nearest_offer(&n, action_words[i]);
	return value_unknown(in, "backend", n.best);
}

/* Two defaults, one for each transport, are no value that one could write. */
static bool is_two_defaults(const struct value_out *out, const struct target *field)
{
	const struct target *udp = value_shown(out, out->key->also);
	const struct divert *d = out->object;

	return out->key->also && d->udp.count > 0 && field->kind != udp->kind;
}

static const char *show_target(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct target *field = value_shown(out, out->key->offset);

	(void)text;
	if (i || is_two_defaults(out, field))
		return NULL;
	if (field->kind != TARGET_BACKEND)
		return action_words[field->kind];
	return config_object_name(out->config, SECTION_BACKEND, field->backend);
}

/* One bit for each divert there is. */
static uint64_t all_diverts(const struct config *config)
{
	return config->divert_count < 64 ? (UINT64_C(1) << config->divert_count) - 1 : UINT64_MAX;
}

static int parse_divert(const struct value_in *in)
{
	uint64_t *field = value_field(in, in->key->offset);
	struct nearest n = { .word = in->text };
	int is_all = value_is_fallback(in);
	int divert;

	if (is_all < 0)
		return is_all;
	if (is_all) {
		*field = all_diverts(in->config);
		return 0;
	}
	divert = config_object_find(in->config, SECTION_DIVERT, in->text);
	if (divert >= CONFIG_MOST_DIVERTS)
		return 0; /* too many: that is a fault already */
	if (divert >= 0) {
		*field |= UINT64_C(1) << divert;
		return 0;
	}
	offer_sections(&n, in->config, SECTION_DIVERT);
	return value_unknown(in, "divert", n.best);
}

/* The position of the i-th bit that is set, or -1. */
static int nth_bit(const uint64_t *words, size_t count, size_t i)
{
	for (size_t bit = 0; bit < 64 * count; bit++) {
		if ((words[bit / 64] >> bit % 64 & 1) && i-- == 0)
			return (int)bit;
	}
	return -1;
}

static const char *show_diverts(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const uint64_t *field = value_shown(out, out->key->offset);
	int divert = nth_bit(field, 1, i);

	(void)text;
	if (*field == all_diverts(out->config))
		return i ? NULL : out->key->fallback;
	return divert < 0 ? NULL : config_object_name(out->config, SECTION_DIVERT, (size_t)divert);
}

static int parse_protocol(const struct value_in *in)
{
	struct proto_set *set = value_field(in, in->key->offset);
	struct nearest n = { .word = in->text };
	int is_any = value_is_fallback(in);
	int id;

	if (is_any)
		return is_any < 0 ? is_any : 0;
	id = protocol_find(in->config, in->text);
	if (id >= 0) {
		set->words[id / 64] |= UINT64_C(1) << id % 64;
		return 0;
	}
	for (unsigned i = 0; i < WIRE_IDS; i++)
		nearest_offer(&n, wire_proto_at(i)->name);
	offer_sections(&n, in->config, SECTION_PROBE);
	nearest_offer(&n, in->key->fallback);
	return value_unknown(in, "recogniser", n.best);
}

static const char *show_protocols(const struct value_out *out, size_t i,
				  char text[VALUE_TEXT_BYTES])
{
	const struct proto_set *set = value_shown(out, out->key->offset);
	int id = nth_bit(set->words, CONFIG_PROTO_WORDS, i);

	(void)text;
	if (proto_set_is_empty(set))
		return i ? NULL : out->key->fallback;
	return id < 0 ? NULL : protocol_name(out->config, (unsigned)id);
}

const struct value_type value_target = { .parse = parse_target, .print = show_target };
const struct value_type value_diverts = { .parse = parse_divert, .print = show_diverts };
const struct value_type value_protocols = { .parse = parse_protocol, .print = show_protocols };
