/* Flows as records: the line at the end, and the list of those alive. */
#include "carry/flow_log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/tcp_dial.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"

static void copy_text(char *out, size_t room, const char *text)
{
	(void)snprintf(out, room, "%s",
		       *text ? text : "-"); /* cut where it does not fit: only a name in a log */
}

/* What was decided of a flow, whatever its transport. */
struct fate {
	const struct gate_table *table;
	const char *texts;
	uint16_t divert, route, backend;
	uint8_t action;
};

static const char *route_name(const struct fate *f)
{
	if (!f->action)
		return "-"; /* no decision yet */
	if (f->route == ANSWER_ROUTE_SILENT)
		return "silent";
	if (f->route == ANSWER_ROUTE_UNKNOWN)
		return "unknown";
	return table_route(f->table->t, f->route)->name;
}

static const char *backend_name(const struct fate *f)
{
	switch (f->action) {
	case ANSWER_REJECT:
		return "reject";
	case ANSWER_DROP:
		return "drop";
	case ANSWER_ORIGINAL:
		return "original";
	case ANSWER_BACKEND:
		return table_backend(f->table->t, f->backend)->name;
	}
	return "-";
}

static void put_texts(const struct fate *f, struct flow_record *out)
{
	const char *proto = f->texts ? f->texts : "";
	const char *name = f->texts ? proto + strlen(proto) + 1 : "";
	const char *alpn = f->texts ? name + strlen(name) + 1 : "";

	copy_text(out->divert, sizeof out->divert, table_divert(f->table->t, f->divert)->name);
	copy_text(out->route, sizeof out->route, route_name(f));
	copy_text(out->backend, sizeof out->backend, backend_name(f));
	copy_text(out->proto, sizeof out->proto, proto);
	copy_text(out->name, sizeof out->name, name);
	copy_text(out->alpn, sizeof out->alpn, alpn);
}

void flow_log_record(const struct tcp_session *s, struct flow_record *out)
{
	const struct fate fate = { s->table, s->texts, s->divert, s->route, s->backend, s->action };

	memset(out, 0, sizeof *out);
	out->id = s->id;
	out->age_ms = loop_now_ms(s->gate->loop) - s->since_ms;
	out->in_bytes = s->client.moved;
	out->out_bytes = s->server.moved;
	out->client = s->from;
	out->to = s->to;
	out->server = tcp_dial_server(s);
	out->transport = QUESTION_TCP;
	out->how = s->how;
	out->source = s->source;
	put_texts(&fate, out);
}

void flow_log_udp_record(const struct udp_flow *f, struct flow_record *out)
{
	const struct fate fate = { f->table, f->texts, f->divert, f->route, f->backend, f->action };

	memset(out, 0, sizeof *out);
	out->id = f->id;
	out->age_ms = loop_now_ms(f->gate->loop) - f->since_ms;
	out->in_bytes = f->in_bytes;
	out->out_bytes = f->out_bytes;
	out->client = f->from;
	out->to = f->to;
	out->server = udp_dial_server(f);
	out->transport = QUESTION_UDP;
	out->how = f->how;
	out->source = f->source;
	put_texts(&fate, out);
}

static void count_end(struct gate *g, const struct flow_record *record, enum flow_why why)
{
	struct counters *c = g->counters;

	c->whys[why]++;
	c->hows[record->how]++;
	c->in_bytes += record->in_bytes;
	c->out_bytes += record->out_bytes;
}

/* The line of an ended flow, if the table wants it. */
static void write_line(struct gate *g, struct flow_record *record, enum flow_why why)
{
	char line[RECORD_LINE_BYTES];

	if (!g->table->t->log_flows)
		return;
	record->why = (uint8_t)why;
	log_flow(flow_record_line(record, g->table->t->log_json, line), g->table->t->log_json);
}

void flow_log_end(struct tcp_session *s, enum flow_why why)
{
	struct flow_record record;

	flow_log_record(s, &record);
	count_end(s->gate, &record, why);
	write_line(s->gate, &record, why);
}

/* Whoever can forge a datagram's sender could fill a disk with lines. */
static bool may_write(struct udp *u, uint64_t now_ms)
{
	uint64_t more = (now_ms - u->lines_ms) * UDP_LINES_PER_S / 1000;

	if (more > 0) {
		u->lines_ms = now_ms;
		u->lines = more >= UDP_MOST_LINES - u->lines ? UDP_MOST_LINES
							     : u->lines + (unsigned)more;
	}
	if (!u->lines)
		return false;
	u->lines--;
	return true;
}

void flow_log_udp_end(struct udp_flow *f, enum flow_why why)
{
	struct gate *g = f->gate;
	struct flow_record record;

	flow_log_udp_record(f, &record);
	count_end(g, &record, why);
	if (!f->has_server && !may_write(g->udp, loop_now_ms(g->loop)))
		g->counters->udp_unlogged++;
	else
		write_line(g, &record, why);
}

static int64_t put(int file, const struct flow_record *record)
{
	return write(file, record, sizeof *record) == (ssize_t)sizeof *record ? 1 : -EIO;
}

/* How many of that list, or -errno. */
static int64_t list_flows(const struct udp_list *list, int file)
{
	struct flow_record record;
	struct udp_flow *f;
	int64_t count = 0;

	TAILQ_FOREACH (f, list, line) {
		flow_log_udp_record(f, &record);
		if (put(file, &record) < 0)
			return -EIO;
		count++;
	}
	return count;
}

/* All of UDP's. How many, or -errno. */
static int64_t list_udp(const struct udp *u, int file)
{
	enum { LISTS = 5 };
	const struct udp_list *const lists[LISTS] = { &u->resting, &u->asked, &u->kept, &u->brief,
						      &u->relayed };
	int64_t count = 0;

	for (int i = 0; i < LISTS; i++) {
		int64_t more = list_flows(lists[i], file);

		if (more < 0)
			return more;
		count += more;
	}
	return count;
}

int64_t flow_log_list(struct gate *g, int file)
{
	struct flow_record record;
	int64_t count = 0;
	int64_t more = g->udp ? list_udp(g->udp, file) : 0;

	for (struct tcp_session *s = LIST_FIRST(&g->sessions); s; s = LIST_NEXT(s, entry)) {
		flow_log_record(s, &record);
		if (put(file, &record) < 0)
			return -EIO;
		count++;
	}
	return more < 0 ? more : count + more;
}
