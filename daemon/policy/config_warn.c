/* What a configuration may say but can hardly mean, beside its routes. */
#include <string.h>

#include "policy/config_check.h"
#include "policy/route_cover.h"
#include "wire/wire.h"

static bool ports_overlap(const struct port_list *a, const struct port_list *b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (a->at[i].first <= b->at[j].last && b->at[j].first <= a->at[i].last)
				return true;
		}
	}
	return false;
}

/* Can a name fit both patterns? Each may end in '*'. */
static bool patterns_meet(const char *a, const char *b)
{
	size_t a_size = strcspn(a, "*");
	size_t b_size = strcspn(b, "*");
	size_t size = a_size < b_size ? a_size : b_size;

	if (strncmp(a, b, size) != 0)
		return false;
	return (a_size <= b_size || b[b_size] == '*') && (b_size <= a_size || a[a_size] == '*');
}

static bool interfaces_overlap(const struct text_list *a, const struct text_list *b)
{
	if (a->count == 0 || b->count == 0)
		return true;
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (patterns_meet(a->at[i], b->at[j]))
				return true;
		}
	}
	return false;
}

/* Both are sorted, and hold no prefix inside another: one walk will do. */
static bool prefixes_overlap(const struct prefix_list *a, const struct prefix_list *b)
{
	size_t i = 0;
	size_t j = 0;

	while (i < a->count && j < b->count) {
		const struct prefix *x = &a->at[i];
		const struct prefix *y = &b->at[j];

		if (prefix_covers(x, y) || prefix_covers(y, x))
			return true;
		if (prefix_compare(x, y) < 0)
			i++;
		else
			j++;
	}
	return false;
}

static bool have_common_text(const struct text_list *a, const struct text_list *b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (strcmp(a->at[i], b->at[j]) == 0)
				return true;
		}
	}
	return false;
}

/* Does it take nothing but addresses of this box? */
static bool is_to_own(const struct divert *d)
{
	return d->to_kind == TO_LOCAL || (d->to_kind == TO_PREFIXES && d->to.count == 0);
}

/* Prefixes may be of this box or not, and of this or that interface: only the network knows. */
static bool to_overlaps(const struct divert *a, const struct divert *b)
{
	if (a->to_kind == TO_PREFIXES && b->to_kind == TO_PREFIXES)
		return (a->to.count > 0 && b->to_interface.count > 0) ||
		       (b->to.count > 0 && a->to_interface.count > 0) ||
		       prefixes_overlap(&a->to, &b->to) ||
		       have_common_text(&a->to_interface, &b->to_interface);
	return !(a->to_kind == TO_TRANSIT && is_to_own(b)) &&
	       !(b->to_kind == TO_TRANSIT && is_to_own(a));
}

/* Does every prefix of the one list lie in one of the other? Lists are as above. */
static bool prefixes_hold(const struct prefix_list *outer, const struct prefix_list *inner)
{
	size_t i = 0;

	for (size_t j = 0; j < inner->count; j++) {
		while (i < outer->count && !prefix_covers(&outer->at[i], &inner->at[j]) &&
		       prefix_compare(&outer->at[i], &inner->at[j]) < 0)
			i++;
		if (i == outer->count || !prefix_covers(&outer->at[i], &inner->at[j]))
			return false;
	}
	return true;
}

/* Are all clients of the one excluded from the other? */
static bool is_excluded(const struct divert *one, const struct divert *other)
{
	return one->from.count > 0 && prefixes_hold(&other->from_not, &one->from);
}

static bool from_overlaps(const struct divert *a, const struct divert *b)
{
	if (is_excluded(a, b) || is_excluded(b, a))
		return false;
	return a->from.count == 0 || b->from.count == 0 || prefixes_overlap(&a->from, &b->from);
}

static bool diverts_overlap(const struct divert *a, const struct divert *b)
{
	return (ports_overlap(&a->tcp, &b->tcp) || ports_overlap(&a->udp, &b->udp)) &&
	       interfaces_overlap(&a->interface, &b->interface) && to_overlaps(a, b) &&
	       from_overlaps(a, b);
}

static void warn_overlaps(const struct config *config, struct config_notes *notes)
{
	for (size_t i = 1; i < config->divert_count; i++) {
		const struct divert *later = &config->diverts[i];

		for (size_t j = 0; j < i; j++) {
			if (diverts_overlap(&config->diverts[j], later))
				config_warn(notes,
					    (struct config_place){ later->file, later->line },
					    "[divert %s] overlaps [divert %s], which comes first "
					    "and takes what both want",
					    later->name, config->diverts[j].name);
		}
	}
}

static bool is_target(const struct target *t, size_t backend)
{
	return t->kind == TARGET_BACKEND && t->backend == backend;
}

static bool is_used(const struct config *config, size_t backend)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (is_target(&config->routes[i].target, backend))
			return true;
	}
	for (size_t i = 0; i < config->divert_count; i++) {
		if (is_target(&config->diverts[i].silent, backend) ||
		    is_target(&config->diverts[i].unknown, backend))
			return true;
	}
	return false;
}

/* Does any route name that protocol? */
static bool is_named(const struct config *config, unsigned id)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (proto_set_has(&config->routes[i].protocols, id))
			return true;
	}
	return false;
}

/* Keys about streams, in a divert that takes none. */
static void warn_datagrams_only(const struct divert *d, struct config_notes *notes)
{
	struct config_place at = { d->file, d->line };

	if (d->silent.kind != TARGET_REJECT)
		config_warn(notes, at,
			    "[divert %s] silent: of no effect without `tcp`, as a udp flow begins "
			    "with a datagram",
			    d->name);
	if (d->sniff_bytes != CONFIG_SNIFF_BYTES)
		config_warn(notes, at,
			    "[divert %s] sniff_bytes: of no effect without `tcp`: of a udp flow 16 "
			    "datagrams of 24 KiB in all are looked at",
			    d->name);
}

/* Datagrams that no route can want, where the file does not say that this is meant. */
static void warn_dropped(const struct config *config, size_t number, struct config_notes *notes)
{
	const struct divert *d = &config->diverts[number];

	if (d->udp.count == 0 || d->unknown.kind == d->unknown_udp.kind)
		return;
	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *r = &config->routes[i];

		if ((r->diverts >> number & 1) && route_reaches_transport(r, WIRE_UDP))
			return;
	}
	config_warn(notes, (struct config_place){ d->file, d->line },
		    "[divert %s] udp: no route takes anything of it: all of it is dropped (if so, "
		    "write `unknown = drop`)",
		    d->name);
}

void config_warn_all(const struct config *config, struct config_notes *notes)
{
	warn_overlaps(config, notes);
	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (d->tcp.count == 0)
			warn_datagrams_only(d, notes);
		warn_dropped(config, i, notes);
	}
	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		if (!is_used(config, i))
			config_warn(notes, (struct config_place){ b->file, b->line },
				    "[backend %s] is not used", b->name);
	}
	for (size_t i = 0; i < config->probe_count; i++) {
		const struct probe *p = &config->probes[i];

		if (!is_named(config, WIRE_IDS + (unsigned)i))
			config_warn(notes, (struct config_place){ p->file, p->line },
				    "[probe %s] is not used: no route names it in `protocol`",
				    p->name);
	}
}
