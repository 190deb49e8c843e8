#ifndef SHUNT_UNIT_CARRY_HOUSE_H
#define SHUNT_UNIT_CARRY_HOUSE_H

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "carry/tcp_session.h"
#include "unit.h"

/* A carrier's gate with one divert, and clients. */
enum {
	TURN_MS = 20, /* what is on its way arrives within */
};

struct house {
	struct gate gate;
	struct counters counters;
	struct timer stop;
	int sniffers[2];   /* the ends that the tests play */
	unsigned heard[2]; /* how often it was told that they answered */
};

static inline void stop_fires(struct timer *t)
{
	loop_stop(container_of(t, struct house, stop)->gate.loop);
}

static inline void heard(struct gate *g, unsigned index)
{
	container_of(g, struct house, gate)->heard[index]++;
}

static inline void turn(struct house *h)
{
	assert_int_equal(timer_arm(h->gate.loop, &h->stop, clock_ms() + TURN_MS), 0);
	assert_int_equal(loop_run(h->gate.loop), 0);
}

/* Whatever is not decided, or not allowed, is rejected as unknown. */
static const struct table_divert house_divert = {
	.wait_ms = 60 * 1000,
	.sniff_bytes = QUESTION_MOST_BYTES,
	.silent = { .action = ANSWER_REJECT },
	.unknown = { .action = ANSWER_REJECT },
	.unknown_udp = { .action = ANSWER_REJECT },
	.direct_route = TABLE_NONE,
	.direct_udp_route = TABLE_NONE,
	.has_tcp = 1,
	.has_udp = 1,
};

/* One divert and two routes. */
static inline int make_table(void)
{
	struct table counts = { .divert_count = 1, .route_count = 2 };
	struct table_route routes[2] = { { .counter = 0 }, { .counter = 1 } };
	struct table *t;
	int fd;

	assert_int_equal(table_new(&t, &fd, &counts), 0);
	memcpy((uint8_t *)t + t->diverts_at, &house_divert, sizeof house_divert);
	memcpy((uint8_t *)t + t->routes_at, routes, sizeof routes);
	assert_int_equal(table_seal(t, fd), 0);
	return fd;
}

static inline int setup(void **state)
{
	struct house *h = calloc(1, sizeof *h);

	assert_non_null(h);
	h->stop.fire = stop_fires;
	h->sniffers[0] = -1;
	h->sniffers[1] = -1;
	assert_int_equal(loop_new(&h->gate.loop), 0);
	assert_int_equal(gate_init(&h->gate, h->gate.loop, &h->counters, 0), 0);
	assert_int_equal(next_table(&h->gate, 1, make_table()), 0);
	assert_true(next_switch(&h->gate, 1));
	h->gate.heard = heard;
	*state = h;
	return 0;
}

static inline int teardown(void **state)
{
	struct house *h = *state;
	struct loop *loop = h->gate.loop;

	gate_done(&h->gate);
	turn(h); /* ended sessions are freed after a turn */
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		if (h->sniffers[i] >= 0)
			(void)close(h->sniffers[i]);
	}
	free(h);
	return 0;
}

/* A client that said something; its end is in *client. */
static inline struct tcp_session *session(struct house *h, int *client)
{
	struct addr nobody = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*client = fds[1];
	assert_int_equal(write(fds[1], "hello", 5), 5);
	assert_int_equal(tcp_session_open(&h->gate, h->gate.table, 0, fds[0], &nobody), 0);
	return LIST_FIRST(&h->gate.sessions);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
