/* Which divert and which backend an entry of conntrack fits. */
#include "handed_adopt.h"

#include "flow/question.h"

static bool fits_to(const struct divert *d, const struct addr *to, bool is_local)
{
	switch (d->to_kind) {
	case TO_LOCAL:
		return is_local;
	case TO_TRANSIT:
		return !is_local;
	case TO_ANY:
		return true;
	case TO_PREFIXES:
		return prefix_list_holds(&d->to, to) || (is_local && d->to_interface.count);
	}
	return false;
}

static const char *divert_of(const struct config *config, const struct conntrack_entry *e,
			     bool is_local)
{
	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (port_list_has(e->transport == IPPROTO_UDP ? &d->udp : &d->tcp, e->to.port) &&
		    fits_to(d, &e->to, is_local) &&
		    (!d->from.count || prefix_list_holds(&d->from, &e->client)) &&
		    !prefix_list_holds(&d->from_not, &e->client))
			return d->name;
	}
	return "-";
}

static const char *backend_of(const struct config *config, const struct conntrack_entry *e)
{
	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		for (size_t k = 0; k < b->server_count; k++) {
			if (addr_equal(&b->servers[k], &e->server))
				return b->name;
		}
	}
	return addr_equal(&e->to, &e->server) ? "original" : "-";
}

static void put(char *out, const char *text)
{
	memcpy(out, text, strlen(text) + 1); /* a section's name, for which there is room */
}

void handed_adopt(const struct config *config, const struct conntrack_entry *e, bool is_local,
		  struct flow_record *out)
{
	memset(out, 0, sizeof *out);
	out->client = e->client;
	out->to = e->to;
	out->server = e->server;
	out->transport = e->transport == IPPROTO_UDP ? QUESTION_UDP : QUESTION_TCP;
	out->how = FLOW_HOW_handoff;
	out->source = FLOW_SOURCE_client; /* nothing else is handed over */
	put(out->divert, divert_of(config, e, is_local));
	put(out->backend, backend_of(config, e));
	put(out->route, "-");
	put(out->proto, "-");
	put(out->name, "-");
	put(out->alpn, "-");
}
