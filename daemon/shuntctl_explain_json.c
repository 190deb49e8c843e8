/* `shuntctl explain`: one flow as an object. The page for people shows nothing that is not in it. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/reader.h"
#include "policy/protocol.h"
#include "policy/route.h"
#include "shuntctl_explain.h"
#include "sniff/explain.h"

static void add(struct json_object *in, const char *name, struct json_object *value)
{
	(void)json_object_object_add(in, name, value);
}

static void add_text(struct json_object *in, const char *name, const char *text)
{
	add(in, name, text != NULL ? json_object_new_string(text) : NULL);
}

static void add_number(struct json_object *in, const char *name, uint64_t number)
{
	add(in, name, json_object_new_uint64(number));
}

/* null unless it is there. */
static void add_number_if(struct json_object *in, const char *name, bool is_there, uint64_t number)
{
	add(in, name, is_there ? json_object_new_uint64(number) : NULL);
}

struct json_object *explain_bytes(struct span bytes)
{
	struct json_object *string;
	char *text = malloc(2 * bytes.size + 1);
	size_t used = 0;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t c = bytes.data[i];

		if (c >= 0x80)
			text[used++] = (char)(0xc0 | c >> 6);
		text[used++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	string = json_object_new_string_len(text, (int)used);
	free(text);
	return string;
}

static struct json_object *alpn_array(const struct wire_hints *hints)
{
	struct json_object *array = json_object_new_array();
	struct reader r = reader_of(span_of(hints->alpn, hints->alpn_size));

	while (reader_left(&r) > 0)
		(void)json_object_array_add(array, explain_bytes(reader_take(&r, reader_u8(&r))));
	return array;
}

static bool is_program(const struct config *config, unsigned id)
{
	const struct probe *probe = protocol_probe(config, id);

	return probe && probe->exec;
}

static struct json_object *protos_array(const struct explanation *e, const struct replay *r)
{
	static const char *const verdicts[] = {
		[WIRE_NO] = "no",
		[WIRE_YES] = "yes",
		[WIRE_MORE] = "more",
	};
	const struct config *config = r->judge->config;
	struct json_object *array = json_object_new_array();

	for (unsigned id = 0; id < protocol_ids(config); id++) {
		const struct explain_proto *is = &e->protos[id];
		bool is_udp = replay_is_udp(r);
		struct json_object *proto;

		if (!(protocol_transports(config, id) & judge_transport(&r->q)))
			continue;
		proto = json_object_new_object();
		add_text(proto, "name", protocol_name(config, id));
		add_text(proto, "verdict", verdicts[is->verdict]);
		add_number_if(proto, is_udp ? "at_datagram" : "at_byte", is->verdict != WIRE_MORE,
			      is->settled_at);
		add_number_if(proto, is_udp ? "wants_datagrams" : "wants_bytes",
			      is->verdict == WIRE_MORE, is->wanted);
		add(proto, "is_sure", json_object_new_boolean(is->is_sure));
		add_number_if(proto, is_udp ? "sure_at_datagram" : "sure_at_byte", is->sure_at != 0,
			      is->sure_at);
		add(proto, "by_first_byte", json_object_new_boolean(is->by_first_byte));
		add(proto, "is_program", json_object_new_boolean(is_program(config, id)));
		add(proto, "counts", json_object_new_boolean(is->counts));
		(void)json_object_array_add(array, proto);
	}
	return array;
}

static const char *name_text(enum explain_name name)
{
	static const char *const texts[] = {
		[EXPLAIN_NAME_OTHER] = "other", [EXPLAIN_NAME_NOT] = "any",
		[EXPLAIN_NAME_REGEX] = "regex", [EXPLAIN_NAME_WILDCARD] = "wildcard",
		[EXPLAIN_NAME_EXACT] = "exact",
	};

	return texts[name];
}

static struct json_object *misfit_array(unsigned misfits)
{
	struct json_object *array = json_object_new_array();

	for (unsigned key = 0; key < EXPLAIN_KEYS; key++) {
		if (misfits >> key & 1)
			(void)json_object_array_add(array, json_object_new_string(explain_key_text(
								   (enum explain_key)key)));
	}
	return array;
}

static const char *target_text(const struct config *config, const struct target *target)
{
	static const char *const texts[] = {
		[TARGET_REJECT] = "reject",
		[TARGET_DROP] = "drop",
		[TARGET_ORIGINAL] = "original",
	};

	return target->kind == TARGET_BACKEND ? config->backends[target->backend].name
					      : texts[target->kind];
}

static struct json_object *routes_array(const struct explanation *e, const struct config *config)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < e->route_count; i++) {
		const struct explain_route *is = &e->routes[i];
		const struct route *route = &config->routes[is->route];
		struct json_object *object = json_object_new_object();
		bool fits = i < e->fits;

		add_text(object, "name", route->name);
		add_text(object, "file", route->file);
		add_number(object, "line", (uint64_t)route->line);
		add_text(object, "backend", target_text(config, &route->target));
		add_number_if(object, "place", fits, i + 1);
		add(object, "misfits", misfit_array(is->misfits));
		add_text(object, "name_match", name_text(is->name));
		add_text(object, "name_item", is->item);
		if (fits) {
			add(object, "names_protocol",
			    json_object_new_boolean(is->rank.is_protocol_named));
			add_number(object, "further_keys", (uint64_t)is->rank.further_keys);
			add_number_if(object, "from_bits", is->rank.from_bits >= 0,
				      (uint64_t)is->rank.from_bits);
			add_number_if(object, "to_bits", is->rank.to_bits >= 0,
				      (uint64_t)is->rank.to_bits);
			add_number_if(object, "path_bytes", is->rank.path_bytes >= 0,
				      (uint64_t)is->rank.path_bytes);
			add_text(object, "behind_by", explain_clause_text(is->behind));
		}
		(void)json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *servers_array(const struct config *config, const struct target *target)
{
	struct json_object *array = json_object_new_array();
	char text[ADDR_TEXT_BYTES];

	for (size_t i = 0;
	     target->kind == TARGET_BACKEND && i < config->backends[target->backend].server_count;
	     i++)
		(void)json_object_array_add(
			array, json_object_new_string(addr_text(
				       &config->backends[target->backend].servers[i], text)));
	return array;
}

static void add_addr(struct json_object *in, const char *name, const struct addr *addr)
{
	char text[ADDR_TEXT_BYTES];

	if (addr->family == 0)
		add(in, name, NULL);
	else
		add_text(in, name,
			 addr->port != 0 ? addr_text(addr, text) : addr_text_host(addr, text));
}

/* The key of a route of the divert for which a WireGuard handshake was made. */
static void add_wireguard_key(struct json_object *page, const struct replay *r)
{
	const struct config *config = r->judge->config;
	const struct wireguard_key *key = NULL;
	char text[BASE64_SIZE(WIREGUARD_KEY_BYTES) + 1];

	for (size_t i = 0; !key && r->is.named >= 0 && i < config->route_count; i++) {
		if (config->routes[i].diverts >> r->q.divert & 1)
			key = route_wireguard_key(&config->routes[i], r->is.hints.mac1);
	}
	if (key)
		base64_encode(text, span_of(key->public_key, WIREGUARD_KEY_BYTES));
	add_text(page, "wireguard_key", key ? text : NULL);
}

/* What is known of it by its bytes. */
static void add_hints(struct json_object *page, const struct replay *r, const struct judgement *is)
{
	bool is_known = is->named >= 0;

	add_text(page, "protocol",
		 is_known ? protocol_name(r->judge->config, (unsigned)is->named) : NULL);
	add(page, "server_name",
	    is_known && is->hints.name_size
		    ? json_object_new_string_len(is->hints.name, is->hints.name_size)
		    : NULL);
	add(page, "alpn", is_known ? alpn_array(&is->hints) : json_object_new_array());
	add(page, "method",
	    is_known && is->hints.method.size ? explain_bytes(is->hints.method) : NULL);
	add(page, "path", is_known && is->hints.method.size ? explain_bytes(is->hints.path) : NULL);
}

static void add_flow(struct json_object *page, const struct replay *r, const struct explanation *e,
		     size_t given)
{
	add_text(page, "divert", r->judge->config->diverts[r->q.divert].name);
	add_text(page, "transport", replay_is_udp(r) ? "udp" : "tcp");
	add_addr(page, "from", &r->q.client);
	add_addr(page, "to", &r->q.to);
	add_number(page, "bytes", given);
	add_number(page, "bytes_seen", r->bytes);
	if (replay_is_udp(r)) {
		add_number(page, "datagrams", r->pieces);
		add_number(page, "datagrams_seen", r->ends);
	}
	add_text(page, "verdict", replay_verdict_text(r));
	add_hints(page, r, &r->is);
	add_wireguard_key(page, r);
	add_number_if(page, replay_is_udp(r) ? "decided_at_datagram" : "decided_at",
		      r->decided != 0, e->decided_at);
	if (replay_is_udp(r))
		add_number_if(page, "wants_datagrams", r->decided == 0, r->ends + 1);
	else
		add_number_if(page, "wants_bytes", r->decided == 0, r->wanted);
}

static void add_result(struct json_object *page, const struct replay *r,
		       const struct explanation *e, int route)
{
	const struct config *config = r->judge->config;
	enum explain_clause clause = e->fits > 1 ? e->routes[1].behind : EXPLAIN_ALONE;
	char why[EXPLAIN_WHY_BYTES];

	add_text(page, "route", replay_route_text(r, route));
	add_text(page, "action", replay_action_text(r, route));
	add_text(page, "backend", replay_backend_text(r, route));
	add(page, "servers", servers_array(config, replay_target(r, route)));
	add_number_if(page, "clause", clause != EXPLAIN_ALONE, explain_clause_number(clause));
	add_text(page, "why", explain_why(r, e, route, why));
	add_text(page, "unknown", target_text(config, replay_target(r, REPLAY_UNKNOWN)));
	add_text(page, "silent",
		 replay_is_udp(r) ? NULL : target_text(config, replay_target(r, REPLAY_SILENT)));
	add_number(page, "wait_ms", config->diverts[r->q.divert].wait_ms);
}

struct json_object *explain_object(const struct replay *r, int route, size_t given)
{
	struct explanation e;
	struct json_object *page;

	if (explain_flow(&e, r) != 0)
		return NULL;
	page = json_object_new_object();
	add_flow(page, r, &e, given);
	add_result(page, r, &e, route);
	add(page, "notes", explain_notes(r, given));
	add(page, "recognisers", protos_array(&e, r));
	add(page, "routes", routes_array(&e, r->judge->config));
	explain_done(&e);
	return page;
}
