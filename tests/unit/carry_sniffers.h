#ifndef SHUNT_UNIT_CARRY_SNIFFERS_H
#define SHUNT_UNIT_CARRY_SNIFFERS_H

#include "carry_house.h"

/* A new sniffer number `index`, in the place of the one before; it has answered nothing yet. */
static inline void newborn(struct house *h, unsigned index)
{
	struct question q;
	int fds[2];

	if (h->sniffers[index] >= 0)
		(void)close(h->sniffers[index]);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(asker_link_up(&h->gate, index, fds[0]), 0);
	h->sniffers[index] = fds[1];
	/* before anything else it is pinged */
	assert_int_equal(recv(fds[1], &q, sizeof q, MSG_DONTWAIT | MSG_TRUNC), sizeof q);
	assert_int_equal(q.kind, QUESTION_PING);
}

static inline void pong(struct house *h, unsigned index)
{
	struct answer a = { .verdict = ANSWER_PONG };

	assert_int_equal(send(h->sniffers[index], &a, sizeof a, MSG_NOSIGNAL), sizeof a);
	turn(h);
}

static inline void die(struct house *h, unsigned index)
{
	(void)close(h->sniffers[index]);
	h->sniffers[index] = -1;
	turn(h);
}

/* A new one that has answered its ping. */
static inline void link_up(struct house *h, unsigned index)
{
	newborn(h, index);
	pong(h, index);
}

static inline struct question take_question(const struct house *h, unsigned index)
{
	uint8_t message[sizeof(struct question) + 5];
	struct question q;

	assert_int_equal(recv(h->sniffers[index], message, sizeof message, MSG_DONTWAIT),
			 sizeof message);
	memcpy(&q, message, sizeof q);
	assert_int_equal(q.size, 5);
	return q;
}

static inline void say(const struct house *h, unsigned index, const struct answer *a)
{
	assert_int_equal(send(h->sniffers[index], a, sizeof *a, MSG_NOSIGNAL), sizeof *a);
}

static inline struct answer reject(uint64_t flow, uint16_t route)
{
	return (struct answer){
		.flow = flow, .verdict = ANSWER_DECIDED, .action = ANSWER_REJECT, .route = route
	};
}

static inline bool is_believed(const struct house *h)
{
	return h->counters.whys[FLOW_WHY_rejected] == 1;
}

/* Another sniffer takes its place, is asked again, and believed. */
static inline void recovers(struct house *h, unsigned index)
{
	struct answer a;

	link_up(h, index);
	a = reject(take_question(h, index).flow, 1);
	say(h, index, &a);
	turn(h);
	assert_true(is_believed(h));
	assert_int_equal(h->counters.route_total[1], 1);
	assert_int_equal(h->gate.session_count, 0);
}

#endif
