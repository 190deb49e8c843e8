#ifndef SHUNT_UNIT_CARRY_EXEC_H
#define SHUNT_UNIT_CARRY_EXEC_H

#include <errno.h>

#include "carry_udp.h"

/* A carrier whose table names programs: the tests play client, sniffer and shunt-spawn. */
enum {
	PROBES = 3, /* each a program, and behind them one that is none */
	ALL = (1 << PROBES) - 1,
};

/* Of a request: all that the tests look at. */
struct asked_of {
	struct spawn_request q;
	uint8_t bytes[SPAWN_MOST_BYTES];
};

static inline int table_with_probes(void)
{
	struct table counts = {
		.divert_count = 1, .route_count = 2, .probe_count = PROBES + 1, .exec_count = PROBES
	};
	struct table_route routes[2] = { { .counter = 0 }, { .counter = 1 } };
	struct table_probe probes[PROBES + 1] = {
		{ "a", 10, 1 }, { "b", 11, 1 }, { "c", 12, 1 }, { "d", 13, 0 }
	};
	struct table *t;
	int fd;

	assert_int_equal(table_new(&t, &fd, &counts), 0);
	memcpy((uint8_t *)t + t->diverts_at, &house_divert, sizeof house_divert);
	memcpy((uint8_t *)t + t->routes_at, routes, sizeof routes);
	memcpy((uint8_t *)t + t->probes_at, probes, sizeof probes);
	assert_int_equal(table_seal(t, fd), 0);
	return fd;
}

/* The house with programs and a sniffer; h->sniffers[1] is shunt-spawn's end. */
static inline int setup_exec(void **state)
{
	struct house *h;

	assert_int_equal(setup(state), 0);
	h = *state;
	assert_int_equal(next_table(&h->gate, 2, table_with_probes()), 0);
	assert_true(next_switch(&h->gate, 2));
	link_up(h, 0);
	return 0;
}

static inline void spawner(struct house *h)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(exec_link_up(&h->gate, fds[0]), 0);
	h->sniffers[1] = fds[1];
}

/* What the sniffer is asked now; kind 0: nothing. */
static inline struct question question(struct house *h)
{
	static uint8_t message[sizeof(struct question) + QUESTION_MOST_BYTES];
	struct question q = { 0 };

	turn(h);
	if (recv(h->sniffers[0], message, sizeof message, MSG_DONTWAIT) > 0)
		memcpy(&q, message, sizeof q);
	return q;
}

/* A client that has sent its first bytes, beside shunt-spawn; what the sniffer is asked of it. */
static inline struct question first_question(struct house *h, int *client)
{
	spawner(h);
	(void)session(h, client);
	return question(h);
}

/* It needs the words of these. */
static inline void needs(struct house *h, const struct question *q, uint32_t probes)
{
	const struct answer a = {
		.flow = q->flow, .verdict = ANSWER_MORE, .wanted = q->size + 1, .exec_ask = probes
	};

	say(h, 0, &a);
	turn(h);
}

/* What shunt-spawn is asked now; version 0: nothing. */
static inline struct asked_of request(const struct house *h)
{
	struct asked_of r = { 0 };
	ssize_t size = recv(h->sniffers[1], &r, sizeof r, MSG_DONTWAIT);

	if (size > 0)
		assert_int_equal(size, sizeof r.q + r.q.size);
	return r;
}

static inline void reply(struct house *h, uint64_t id, enum spawn_word word)
{
	const struct spawn_reply r = {
		.version = SPAWN_VERSION, .kind = SPAWN_PROBE, .word = (uint8_t)word, .id = id
	};

	assert_int_equal(send(h->sniffers[1], &r, sizeof r, MSG_NOSIGNAL), sizeof r);
}

static inline void decided(struct house *h, const struct question *q)
{
	struct answer a = reject(q->flow, 1);

	say(h, 0, &a);
	turn(h);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	assert_int_equal(h->counters.route_total[1], 1);
}

#define EXEC_TEST(name) cmocka_unit_test_setup_teardown(name, setup_exec, teardown)

#endif
