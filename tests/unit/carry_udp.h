#ifndef SHUNT_UNIT_CARRY_UDP_H
#define SHUNT_UNIT_CARRY_UDP_H

#include "carry/udp.h"
#include "carry/udp_hold.h"
#include "carry/udp_listen.h"
#include "carry_sniffers.h"

/* A listener of the house's divert, by which nothing comes: tests put datagrams in behind it. */
static inline struct udp_listener *listener(struct house *h)
{
	struct udp_listener *l;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	(void)close(fds[1]);
	l = udp_listener_new(&h->gate, h->gate.table, 0, fds[0]);
	assert_non_null(l);
	udp_listener_start(l);
	return l;
}

/* Client number i, IPv4. */
static inline struct addr client(unsigned i)
{
	struct addr a = { .family = AF_INET, .port = 40000 };

	a.bytes[0] = 192;
	a.bytes[1] = (uint8_t)(i >> 16);
	a.bytes[2] = (uint8_t)(i >> 8);
	a.bytes[3] = (uint8_t)i;
	return a;
}

static inline struct addr target(void)
{
	return (struct addr){ .family = AF_INET, .bytes = { 198, 51, 100, 1 }, .port = 9200 };
}

static inline struct udp_run datagram(const void *data, size_t size)
{
	return (struct udp_run){ .bytes = span_of(data, size) };
}

/* A datagram of that client's, of which there was none before. It may be ended already. */
static inline struct udp_flow *first(struct udp_listener *l, unsigned i, struct udp_run run)
{
	struct addr from = client(i);
	struct addr to = target();
	struct udp_flow *f = udp_flow_new(l, &from, &to);

	assert_non_null(f);
	udp_hold_take(f, &run);
	return f;
}

static inline struct udp_flow *known(struct house *h, unsigned i)
{
	struct addr from = client(i);
	struct addr to = target();

	return udp_flow_find(&h->gate, &from, &to);
}

#endif
