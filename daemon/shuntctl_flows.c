/* `shuntctl flows`: the live flows, one a line. */
#include <stdio.h>

#include "shuntctl.h"
#include "shuntctl_table.h"

static const struct table_column flow_columns[] = {
	{ "ID", true, 9 },       { "DIVERT", false, 8 }, { "TRANSPORT", false, 6 },
	{ "CLIENT", false, 0 },  { "TO", false, 3 },     { "PROTO", false, 0 },
	{ "NAME", false, 0 },    { "ALPN", false, 10 },  { "ROUTE", false, 5 },
	{ "BACKEND", false, 0 }, { "SERVER", false, 4 }, { "SOURCE", false, 7 },
	{ "HOW", false, 6 },     { "AGE", true, 0 },     { "IN", true, 2 },
	{ "OUT", true, 1 },
};

void shuntctl_show_flows(const struct json_object *answer, unsigned width)
{
	static const char *const names[] = { "divert",  "transport", "client", "to",
					     "proto",   "name",      "alpn",   "route",
					     "backend", "server",    "source", "how" };
	const struct json_object *flows = shuntctl_array(answer, "flows");
	struct table table = {
		.columns = flow_columns,
		.column_count = sizeof(flow_columns) / sizeof(flow_columns[0]),
	};
	char text[SHUNTCTL_SHORT_BYTES];

	for (size_t i = 0; i < shuntctl_length(flows); i++) {
		const struct json_object *flow = json_object_array_get_idx(flows, i);

		table_add_number(&table, shuntctl_number(flow, "id"));
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			table_add(&table, shuntctl_text(flow, names[k]));
		table_add(&table, shuntctl_age(shuntctl_number(flow, "age_ms"), text));
		table_add(&table, shuntctl_bytes(shuntctl_number(flow, "in"), text));
		table_add(&table, shuntctl_bytes(shuntctl_number(flow, "out"), text));
	}
	table_print(&table, width);
}
