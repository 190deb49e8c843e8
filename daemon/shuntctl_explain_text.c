/* `shuntctl explain`: the page for people. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "shuntctl_explain.h"
#include "shuntctl_table.h"

enum {
	CELL_BYTES = 512,
};

static const struct table_column proto_columns[] = {
	{ "RECOGNISER", false, 0 },
	{ "SAYS", false, 0 },
	{ "AT BYTE", true, 0 },
	{ "REMARK", false, 0 },
};
static const struct table_column udp_proto_columns[] = {
	{ "RECOGNISER", false, 0 },
	{ "SAYS", false, 0 },
	{ "AT DATAGRAM", true, 0 },
	{ "REMARK", false, 0 },
};
static const struct table_column route_columns[] = {
	{ "ROUTE", false, 0 },
	{ "LINE", true, 1 },
	{ "PLACE", true, 0 },
	{ "BECAUSE", false, 0 },
};

#define COLUMNS(list) .columns = (list), .column_count = sizeof(list) / sizeof((list)[0])

/* Is it there, and not null? */
static bool has(const struct json_object *in, const char *name)
{
	struct json_object *found = NULL;

	return json_object_object_get_ex(in, name, &found) && found != NULL;
}

__attribute__((format(printf, 2, 3))) static void append(char text[static CELL_BYTES],
							 const char *format, ...)
{
	size_t size = strlen(text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text + size, CELL_BYTES - size, format, args); /* a long one is cut */
	va_end(args);
}

/* The strings of an array, "a, b". */
static void join(char text[static CELL_BYTES], const struct json_object *array)
{
	for (size_t i = 0; i < shuntctl_length(array); i++)
		append(text, "%s%s", i != 0 ? ", " : "",
		       json_object_get_string(json_object_array_get_idx(array, i)));
}

static void say(const char *what, const char *text)
{
	(void)printf("%-12s", what);
	shuntctl_print(text, false);
	(void)putchar('\n');
}

static void show_head(const struct json_object *page)
{
	char text[CELL_BYTES] = "";

	append(text, "%s, %s, ", shuntctl_text(page, "divert"), shuntctl_text(page, "transport"));
	if (has(page, "datagrams_seen"))
		append(text, "%" PRIu64 " datagram%s, ", shuntctl_number(page, "datagrams_seen"),
		       shuntctl_number(page, "datagrams_seen") == 1 ? "" : "s");
	append(text, "%" PRIu64 " bytes", shuntctl_number(page, "bytes_seen"));
	if (has(page, "from"))
		append(text, ", from %s", shuntctl_text(page, "from"));
	if (has(page, "to"))
		append(text, ", to %s", shuntctl_text(page, "to"));
	say("flow", text);
}

/* Since when a recogniser is sure, what it wants, and whether anybody cares. */
static void describe_proto(char text[static CELL_BYTES], const struct json_object *proto)
{
	const char *unit = has(proto, "sure_at_datagram") ? "datagram" : "byte";
	const char *sure_at = has(proto, "sure_at_datagram") ? "sure_at_datagram" : "sure_at_byte";
	const char *settled = has(proto, "at_datagram") ? "at_datagram" : "at_byte";

	if (has(proto, sure_at) &&
	    (!has(proto, settled) ||
	     shuntctl_number(proto, sure_at) < shuntctl_number(proto, settled)))
		append(text, "sure at %s %" PRIu64, unit, shuntctl_number(proto, sure_at));
	if (shuntctl_bool(proto, "is_sure"))
		append(text, ", but ");
	if (shuntctl_bool(proto, "is_program"))
		append(text,
		       has(proto, settled) ? "by --word" : "a program, not asked here: --word");
	else if (has(proto, "wants_bytes"))
		append(text, "wants %" PRIu64 " bytes", shuntctl_number(proto, "wants_bytes"));
	else if (has(proto, "wants_datagrams"))
		append(text, "wants another datagram");
	if (!shuntctl_bool(proto, "counts"))
		append(text, "%sno route of the divert needs it", text[0] != '\0' ? "; " : "");
}

/* Those whom the first byte told all, in one line, or as many as it takes: most of them, mostly. */
static void show_others(const struct json_object *protos, unsigned width)
{
	static const char head[] = "out by the first byte:";
	size_t used = 0;

	for (size_t i = 0; i < shuntctl_length(protos); i++) {
		const struct json_object *proto = json_object_array_get_idx(protos, i);
		const char *name = shuntctl_text(proto, "name");

		if (!shuntctl_bool(proto, "by_first_byte"))
			continue;
		if (used == 0)
			used = (size_t)printf("%s", head);
		if (width != 0 && used + 1 + strlen(name) > width)
			used = (size_t)printf("\n ") - 1;
		used += (size_t)printf(" %s", name);
	}
	if (used != 0)
		(void)putchar('\n');
}

/* Those who had more to look at than a first byte, one by one. Without a byte nobody had. */
static void show_protos(const struct json_object *page, unsigned width)
{
	const struct json_object *protos = shuntctl_array(page, "recognisers");
	bool is_udp = has(page, "datagrams_seen");
	struct table table = { COLUMNS(proto_columns) };
	size_t listed = 0;

	if (shuntctl_number(page, is_udp ? "datagrams_seen" : "bytes_seen") == 0)
		return;
	if (is_udp)
		table.columns = udp_proto_columns;
	for (size_t i = 0; i < shuntctl_length(protos); i++) {
		const struct json_object *proto = json_object_array_get_idx(protos, i);
		const char *settled = is_udp ? "at_datagram" : "at_byte";
		char at[SHUNTCTL_SHORT_BYTES] = "-", text[CELL_BYTES] = "";

		if (shuntctl_bool(proto, "by_first_byte"))
			continue;
		listed++;
		if (has(proto, settled))
			(void)snprintf(at, sizeof at, "%" PRIu64, shuntctl_number(proto, settled));
		describe_proto(text, proto);
		table_add(&table, shuntctl_text(proto, "name"));
		table_add(&table, shuntctl_text(proto, "verdict"));
		table_add(&table, at);
		table_add(&table, text[0] != '\0' ? text : "-");
	}
	(void)putchar('\n');
	if (listed != 0)
		table_print(&table, width);
	show_others(protos, width);
}

/* How a route that fits ranks. */
static void describe_fit(char text[static CELL_BYTES], const struct json_object *route)
{
	if (has(route, "name_item"))
		append(text, "name %s (%s)", shuntctl_text(route, "name_item"),
		       shuntctl_text(route, "name_match"));
	else
		append(text, "any name");
	append(text, ", %s",
	       shuntctl_bool(route, "names_protocol") ? "its protocol" : "any protocol");
	append(text, ", further keys: %" PRIu64, shuntctl_number(route, "further_keys"));
	if (has(route, "from_bits"))
		append(text, ", from /%" PRIu64, shuntctl_number(route, "from_bits"));
	if (has(route, "to_bits"))
		append(text, ", to /%" PRIu64, shuntctl_number(route, "to_bits"));
	if (has(route, "path_bytes"))
		append(text, ", path of %" PRIu64, shuntctl_number(route, "path_bytes"));
	if (has(route, "behind_by"))
		append(text, "; behind by: %s", shuntctl_text(route, "behind_by"));
}

static void show_routes(const struct json_object *page, unsigned width)
{
	const struct json_object *routes = shuntctl_array(page, "routes");
	struct table table = { COLUMNS(route_columns) };

	for (size_t i = 0; i < shuntctl_length(routes); i++) {
		const struct json_object *route = json_object_array_get_idx(routes, i);
		char place[SHUNTCTL_SHORT_BYTES] = "-", text[CELL_BYTES] = "";

		if (has(route, "place")) {
			(void)snprintf(place, sizeof place, "%" PRIu64,
				       shuntctl_number(route, "place"));
			describe_fit(text, route);
		} else {
			append(text, "does not match: ");
			join(text, shuntctl_array(route, "misfits"));
		}
		table_add(&table, shuntctl_text(route, "name"));
		table_add_number(&table, shuntctl_number(route, "line"));
		table_add(&table, place);
		table_add(&table, text);
	}
	if (shuntctl_length(routes) != 0) {
		(void)putchar('\n');
		table_print(&table, width);
	}
}

static void show_verdict(const struct json_object *page)
{
	char text[CELL_BYTES] = "", list[CELL_BYTES] = "", age[SHUNTCTL_SHORT_BYTES];

	(void)putchar('\n');
	(void)shuntctl_age(shuntctl_number(page, "wait_ms"), age);
	if (has(page, "decided_at"))
		append(text, "%s, decided at byte %" PRIu64, shuntctl_text(page, "verdict"),
		       shuntctl_number(page, "decided_at"));
	else if (has(page, "decided_at_datagram"))
		append(text, "%s, decided at datagram %" PRIu64, shuntctl_text(page, "verdict"),
		       shuntctl_number(page, "decided_at_datagram"));
	else if (has(page, "wants_datagrams"))
		append(text,
		       "more: another datagram is wanted; what follows happens without one, "
		       "after %s",
		       age);
	else if (shuntctl_number(page, "bytes_seen") == 0)
		append(text, "more: what follows happens when no byte comes within %s", age);
	else
		append(text,
		       "more: %" PRIu64
		       " bytes are wanted; what follows happens without them, after %s",
		       shuntctl_number(page, "wants_bytes"), age);
	say("verdict", text);
	say("protocol", shuntctl_text(page, "protocol"));
	say("server_name", shuntctl_text(page, "server_name"));
	join(list, shuntctl_array(page, "alpn"));
	say("alpn", list[0] != '\0' ? list : "-");
	if (has(page, "method")) {
		say("method", shuntctl_text(page, "method"));
		say("path", shuntctl_text(page, "path"));
	}
	if (has(page, "wireguard_key"))
		say("for the key", shuntctl_text(page, "wireguard_key"));
}

static void show_result(const struct json_object *page)
{
	char text[CELL_BYTES] = "";

	(void)putchar('\n');
	append(text, "%s", shuntctl_text(page, "route"));
	if (has(page, "clause"))
		append(text, " (clause %" PRIu64 ": %s)", shuntctl_number(page, "clause"),
		       shuntctl_text(page, "why"));
	else
		append(text, " (%s)", shuntctl_text(page, "why"));
	say("route", text);
	text[0] = '\0';
	append(text, "%s", shuntctl_text(page, has(page, "backend") ? "backend" : "action"));
	if (has(page, "backend")) {
		append(text, " (");
		join(text, shuntctl_array(page, "servers"));
		append(text, ")");
	}
	say("goes to", text);
	say("unknown", shuntctl_text(page, "unknown"));
	if (has(page, "silent"))
		say("silent", shuntctl_text(page, "silent"));
}

void explain_show(const struct json_object *page, unsigned width)
{
	const struct json_object *notes = shuntctl_array(page, "notes");

	show_head(page);
	for (size_t i = 0; i < shuntctl_length(notes); i++)
		say("note", json_object_get_string(json_object_array_get_idx(notes, i)));
	show_protos(page, width);
	show_verdict(page);
	show_routes(page, width);
	show_result(page);
}
