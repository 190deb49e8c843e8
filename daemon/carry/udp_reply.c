/* Answers to clients, from the address and port that they sent to. */
#include "carry/udp_reply.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/udp.h"
#include "kernel/inject_udp.h"
#include "kernel/udp_socket.h"

enum {
	MOST_SAID = 16, /* by one carrier */
};

static struct udp_reply *find(const struct udp_table *t, const struct addr *at)
{
	struct udp_node *node = udp_table_first(t, udp_table_hash(t, at, NULL));

	for (; node; node = udp_table_next(node)) {
		struct udp_reply *r = container_of(node, struct udp_reply, node);

		if (addr_equal(&r->at, at))
			return r;
	}
	return NULL;
}

/* Said a few times: the socket goes with its last flow, and strangers begin as many as they like. */
static void note_raw(const struct udp_flow *f)
{
	char text[ADDR_TEXT_BYTES];

	if (f->gate->counters->udp_raw++ < MOST_SAID)
		log_info("carrier: a service of this box has %s for itself: answers from there "
			 "leave by a raw socket",
			 addr_text(&f->to, text));
}

static struct udp_reply *reply_new(struct udp_flow *f)
{
	struct udp_table *t = &f->gate->udp->replies;
	int fd = udp_socket_reply(&f->to, marks_of(&f->table->t->marks, MARK_REPLY));
	struct udp_reply *r = fd < 0 && fd != -EADDRINUSE ? NULL : calloc(1, sizeof *r);

	if (!r) {
		if (fd >= 0)
			(void)close(fd); /* never used */
		return NULL;
	}
	if (fd < 0)
		note_raw(f);
	r->fd = fd < 0 ? -1 : fd;
	r->at = f->to;
	udp_table_insert(t, &r->node, udp_table_hash(t, &r->at, NULL));
	return r;
}

struct udp_reply *udp_reply_of(struct udp_flow *f)
{
	if (f->reply)
		return f->reply;
	f->reply = find(&f->gate->udp->replies, &f->to);
	if (!f->reply)
		f->reply = reply_new(f);
	if (f->reply)
		f->reply->users++;
	return f->reply;
}

void udp_reply_drop(struct gate *g, struct udp_reply *r)
{
	if (!r || --r->users)
		return;
	udp_table_remove(&g->udp->replies, &r->node);
	if (r->fd >= 0)
		(void)close(r->fd); /* what it sent has left */
	free(r);
}

/* A raw socket of that family and protocol, which is opened when the first one needs it; -1. */
static int raw_of(struct udp_flow *f)
{
	int *fd = &f->gate->udp->raw[f->to.family == AF_INET6];

	if (*fd < 0)
		*fd = udp_socket_raw(f->to.family, IPPROTO_UDP,
				     marks_of(&f->table->t->marks, MARK_REPLY));
	return *fd;
}

static int send_one(const struct udp_flow *f, int fd, struct span datagram, uint8_t tos)
{
	const struct inject_datagram d = {
		.from = f->to, .to = f->from, .mark = f->mark, .tos = tos
	};

	/* were it tracked, it would begin an entry of its own */
	if (f->mark)
		return inject_datagram(&f->gate->handoff.inject, &d, datagram);
	return fd < 0 ? fd : udp_socket_raw_send(fd, &f->to, &f->from, tos, datagram);
}

static void send_raw(struct udp_flow *f, const struct udp_run *run)
{
	int fd = raw_of(f);
	struct span datagram;
	size_t at = 0;

	while (udp_run_next(run, &at, &datagram)) {
		if (send_one(f, fd, datagram, run->tos)) {
			f->gate->counters->udp_lost++;
			continue;
		}
		f->out_bytes += datagram.size;
		f->out_count++;
	}
}

void udp_reply_add(struct udp_flow *f, const struct udp_run *run, uint32_t mark)
{
	struct udp_reply *r = udp_reply_of(f);
	struct udp_send *send = f->gate->udp->send;

	if (!r) {
		f->gate->counters->udp_lost++;
		return;
	}
	if (r->fd < 0) {
		send_raw(f, run);
		return;
	}
	if (udp_send_add(send, run, f->is_single_back))
		return;
	udp_reply_send(f, mark);
	(void)udp_send_add(send, run, f->is_single_back); /* there is room now */
}

void udp_reply_send(struct udp_flow *f, uint32_t mark)
{
	struct udp_way way = { .fd = f->reply ? f->reply->fd : -1,
			       .family = f->to.family,
			       .to = &f->from,
			       .mark = mark,
			       .is_single = f->is_single_back };

	if (udp_send_is_empty(f->gate->udp->send))
		return;
	udp_send_all(f->gate->udp->send, &way);
	f->is_single_back = way.is_single;
	f->out_bytes += way.bytes;
	f->out_count += way.count;
	f->gate->counters->udp_lost += way.lost;
}
