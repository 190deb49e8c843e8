/* Flows as records: the line at the end, and the list of those alive. */
#include "carry/flow_log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/tcp_dial.h"

static void copy_text(char *out, size_t room, const char *text)
{
	(void)snprintf(out, room, "%s",
		       *text ? text : "-"); /* cut where it does not fit: only a name in a log */
}

static const char *route_name(const struct tcp_session *s)
{
	if (!s->action)
		return "-"; /* no decision yet */
	if (s->route == ANSWER_ROUTE_SILENT)
		return "silent";
	if (s->route == ANSWER_ROUTE_UNKNOWN)
		return "unknown";
	return table_route(s->table->t, s->route)->name;
}

static const char *backend_name(const struct tcp_session *s)
{
	switch (s->action) {
	case ANSWER_REJECT:
		return "reject";
	case ANSWER_DROP:
		return "drop";
	case ANSWER_ORIGINAL:
		return "original";
	case ANSWER_BACKEND:
		return tcp_session_backend(s)->name;
	}
	return "-";
}

void flow_log_record(const struct tcp_session *s, struct flow_record *out)
{
	const char *proto = s->texts ? s->texts : "";
	const char *name = s->texts ? proto + strlen(proto) + 1 : "";
	const char *alpn = s->texts ? name + strlen(name) + 1 : "";

	memset(out, 0, sizeof *out);
	out->id = s->id;
	out->age_ms = loop_now_ms(s->gate->loop) - s->since_ms;
	out->in_bytes = s->client.moved;
	out->out_bytes = s->server.moved;
	out->client = s->from;
	out->to = s->to;
	out->server = tcp_dial_server(s);
	out->how = s->how;
	out->source = s->source;
	copy_text(out->divert, sizeof out->divert, tcp_session_divert(s)->name);
	copy_text(out->route, sizeof out->route, route_name(s));
	copy_text(out->backend, sizeof out->backend, backend_name(s));
	copy_text(out->proto, sizeof out->proto, proto);
	copy_text(out->name, sizeof out->name, name);
	copy_text(out->alpn, sizeof out->alpn, alpn);
}

void flow_log_end(struct tcp_session *s, enum flow_why why)
{
	struct counters *c = s->gate->counters;
	char line[RECORD_LINE_BYTES];
	struct flow_record record;

	c->whys[why]++;
	c->hows[s->how]++;
	c->in_bytes += s->client.moved;
	c->out_bytes += s->server.moved;
	if (!s->gate->table->t->log_flows)
		return;
	flow_log_record(s, &record);
	record.why = (uint8_t)why;
	log_flow(flow_record_line(&record, s->gate->table->t->log_json, line),
		 s->gate->table->t->log_json);
}

int64_t flow_log_list(struct gate *g, int file)
{
	struct flow_record record;
	int64_t count = 0;

	for (struct tcp_session *s = LIST_FIRST(&g->sessions); s; s = LIST_NEXT(s, entry)) {
		flow_log_record(s, &record);
		if (write(file, &record, sizeof record) != (ssize_t)sizeof record)
			return -EIO;
		count++;
	}
	return count;
}
