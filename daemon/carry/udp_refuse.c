/* Refusals: ICMP port unreachable, from addresses that need not be ours. */
#include "carry/udp_refuse.h"

#include "base/icmp_refusal.h"
#include "carry/udp.h"
#include "carry/udp_hold.h"
#include "kernel/udp_socket.h"

enum {
	SECOND_MS = 1000,
	INTERNET_CONTROL = 0xc0, /* the precedence of errors (RFC 1812 4.3.2.5) */
};

static bool is_too_often(struct udp *u, uint64_t now_ms)
{
	if (now_ms >= u->refusals_ms + SECOND_MS) {
		u->refusals_ms = now_ms;
		u->refusals = 0;
	}
	return u->refusals++ >= UDP_REFUSE_MOST;
}

static int socket_of(struct udp_flow *f)
{
	bool v6 = f->to.family == AF_INET6;
	int *fd = &f->gate->udp->icmp[v6];

	if (*fd < 0)
		*fd = udp_socket_raw(f->to.family, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
				     marks_of(&f->table->t->marks, MARK_REPLY));
	return *fd;
}

/* The first datagram of what is held. */
static struct span first_of(const struct udp_held *held)
{
	struct span none = { NULL, 0 };

	if (!held)
		return none;
	return span_of(held->run + DATAGRAMS_HEAD_BYTES, (size_t)held->run[0] << 8 | held->run[1]);
}

void udp_refuse_held(struct udp_flow *f)
{
	struct counters *c = f->gate->counters;
	uint8_t message[ICMP_REFUSAL_MOST_BYTES];
	size_t size;
	int fd;

	if (is_too_often(f->gate->udp, loop_now_ms(f->gate->loop))) {
		c->udp_unrefused++;
		return;
	}
	fd = socket_of(f);
	size = icmp_refusal_make(&f->from, &f->to, first_of(f->held), message);
	if (fd < 0 ||
	    udp_socket_raw_message(fd, &f->to, &f->from, INTERNET_CONTROL, span_of(message, size)))
		c->udp_unrefused++;
	else
		c->udp_refused++;
}
