/* ICMP errors for servers whose flows were handed over. */
#include "carry/mend.h"

#include <sys/epoll.h>

#include "base/icmp_error.h"
#include "carry/udp_ids.h"
#include "kernel/conntrack.h"
#include "kernel/nflog.h"

/* One that reaches the server unmended as well, or is about no flow of ours, is left alone. */
static void mend(struct gate *g, const struct icmp_error *e)
{
	const struct marks *marks = &g->table->t->marks;
	struct conntrack_entry entry = { .mark = 0 };
	uint8_t packet[ICMP_ERROR_MOST_BYTES];
	size_t size;

	if (conntrack_get(&g->handoff.ct, IPPROTO_TCP, &e->to, &e->from, &entry) ||
	    !entry.answer_shift ||
	    (entry.mark & marks_handed_mask(marks)) != marks_of(marks, MARK_HANDED))
		return;
	size = icmp_error_make(e, &entry.server, e->seq - entry.answer_shift, packet);
	/* lost, it is as if the network had lost it: the next segment that is too big brings another */
	if (inject_packet(&g->handoff.inject, &entry.server,
			  marks_of(marks, MARK_INJECT) | (entry.mark & ~marks->mask),
			  span_of(packet, size)) == 0)
		g->counters->mended++;
}

static int take(const struct nlmsghdr *message, void *arg)
{
	struct gate *g = arg;
	struct icmp_error e;
	struct span packet;

	if (!g->table || !nflog_packet(message, &packet))
		return 0;
	if (icmp_error_parse(packet, &e))
		mend(g, &e);
	else
		udp_ids_shown(g, packet);
	return 0;
}

static void errors_ready(struct watch *w, uint32_t events)
{
	struct handoff *h = container_of(w, struct handoff, errors);
	struct gate *g = container_of(h, struct gate, handoff);

	(void)events;
	/* another carrier may have been quicker; what did not fit is lost, as in the network */
	(void)netlink_events(&h->errors_from, take, g);
}

int mend_start(struct gate *g, const struct netlink *shown)
{
	struct handoff *h = &g->handoff;
	int err;

	h->errors = (struct watch){ .fd = -1, .events = EPOLLIN, .ready = errors_ready };
	h->errors_from = *shown;
	if (!h->is_there)
		mend_stop(g);
	/* what the keeper did not find on this box cannot be done */
	h->is_there = h->errors_from.socket;
	if (!h->errors_from.socket)
		return 0;
	h->errors.fd = netlink_fd(shown);
	err = loop_watch(g->loop, &h->errors);
	if (err)
		h->errors.fd = -1;
	return err;
}

void mend_stop(struct gate *g)
{
	struct handoff *h = &g->handoff;

	if (!h->errors_from.socket)
		return;
	if (h->errors.fd >= 0)
		loop_forget(g->loop, &h->errors);
	h->errors.fd = -1;
	netlink_close(&h->errors_from);
}
