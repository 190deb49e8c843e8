#ifndef SHUNT_UNIT_POLICY_FLOW_H
#define SHUNT_UNIT_POLICY_FLOW_H

#include <string.h>

#include "policy/route_index.h"
#include "policy_conf.h"
#include "wire/wire.h"

/* Flows in tests. */
#define HEAD          "[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n"
#define R(name, keys) "[route " name "]\n" keys "\nbackend = drop\n"
#define TLS           .protocol = WIRE_ID_tls
#define SSH           .protocol = WIRE_ID_ssh
#define HTTP          .protocol = WIRE_ID_http, .method = "GET"
#define UNKNOWN       .protocol = -1

/* A flow as a test writes it; NULL: not sent. */
struct flow {
	unsigned divert;
	int protocol;
	const char *name;
	const char *alpn; /* one name */
	const char *method;
	const char *path;
	const char *client;
	const char *to;
};

static inline struct route_query query_of(const struct flow *flow, uint8_t alpn[64])
{
	struct route_query query = {
		.divert = flow->divert,
		.protocol = flow->protocol,
		.name = flow->name ? span_text(flow->name) : span_of(NULL, 0),
		.method = flow->method ? span_text(flow->method) : span_of(NULL, 0),
		.path = flow->path ? span_text(flow->path) : span_of(NULL, 0),
	};

	if (flow->alpn) {
		alpn[0] = (uint8_t)strlen(flow->alpn);
		memcpy(alpn + 1, flow->alpn, alpn[0]);
		query.alpn = span_of(alpn, alpn[0] + 1u);
	}
	assert_int_equal(
		addr_parse(&query.client, flow->client ? flow->client : "192.0.2.7", false), 0);
	assert_int_equal(addr_parse(&query.to, flow->to ? flow->to : "203.0.113.10", false), 0);
	return query;
}

/* Of these routes the one of that name wins; "-": none does. */
static inline void winner_is(const char *routes, struct flow flow, const char *winner)
{
	char text[2000];
	uint8_t alpn[64];
	struct route_index *index;
	struct route_query query = query_of(&flow, alpn);
	struct config *config;
	int route;

	(void)snprintf(text, sizeof text, HEAD "%s", routes);
	config = conf_good(text);
	assert_int_equal(route_index_new(&index, config), 0);
	route = route_index_find(index, &query);
	assert_string_equal(route < 0 ? "-" : config->routes[route].name, winner);
	route_index_free(index);
	config_free(config);
}

#endif
