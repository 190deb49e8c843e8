/* A configuration to come, in a carrier: staged, changed over, or given up. */
#include <errno.h>

#include "carry/tcp_listen.h"
#include "carry_sniffers.h"

/* What the gate said of configurations that were whole. */
static struct {
	unsigned count;
	uint64_t number;
	int err;
} told;

static void ready(struct gate *g, uint64_t number, int err)
{
	(void)g;
	told.count++;
	told.number = number;
	told.err = err;
}

static int setup_next(void **state)
{
	struct house *h;
	int err = setup(state);

	h = *state;
	told.count = 0;
	h->gate.next.ready = ready;
	return err;
}

/* A table whose one divert has this name and number of counters; its `unknown` drops. */
static int table_of(const char *name, uint16_t counter)
{
	struct table counts = { .divert_count = 1, .route_count = 2, .log_flows = 0 };
	struct table_divert divert = {
		.wait_ms = 60 * 1000,
		.sniff_bytes = 1024,
		.silent = { .action = ANSWER_REJECT },
		.unknown = { .action = ANSWER_DROP },
		.direct_route = TABLE_NONE,
		.direct_udp_route = TABLE_NONE,
		.counter = counter,
		.has_tcp = 1,
	};
	struct table *t;
	int fd;

	memcpy(divert.name, name, strlen(name) + 1);
	assert_int_equal(table_new(&t, &fd, &counts), 0);
	memcpy((uint8_t *)t + t->diverts_at, &divert, sizeof divert);
	assert_int_equal(table_seal(t, fd), 0);
	return fd;
}

/* Bring in a whole configuration with one sniffer; returns the sniffer's end. */
static int bring(struct house *h, uint64_t number, const char *name)
{
	struct question ping;
	int fds[2];

	assert_int_equal(next_table(&h->gate, number, table_of(name, 1)), 0);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_sniffer(&h->gate, number, 0, fds[0]), 0);
	assert_int_equal(recv(fds[1], &ping, sizeof ping, MSG_DONTWAIT), sizeof ping);
	assert_int_equal(ping.kind, QUESTION_PING);
	next_whole(&h->gate, number, 0);
	assert_int_equal(told.count, 0); /* it has not answered */
	return fds[1];
}

static void answer_ping(struct house *h, int fd)
{
	struct answer a = { .verdict = ANSWER_PONG };

	assert_int_equal(send(fd, &a, sizeof a, MSG_NOSIGNAL), sizeof a);
	turn(h);
}

static bool is_hung_up(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* An undecided session moves, is asked about anew, and only the new answer counts. */
static void test_an_undecided_session_moves(void **state)
{
	struct house *h = *state;
	struct answer a;
	int client;
	int fd;

	link_up(h, 0);
	(void)session(h, &client);
	a = reject(take_question(h, 0).flow, 0);
	assert_int_equal(h->counters.divert_active[0], 1);
	fd = bring(h, 2, "");
	answer_ping(h, fd);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.number, 2);
	assert_int_equal(told.err, 0);
	assert_int_equal(send(h->sniffers[0], &a, sizeof a, MSG_NOSIGNAL), sizeof a); /* too late */
	assert_true(next_switch(&h->gate, 2));
	assert_int_equal(h->counters.divert_active[0], 0);
	assert_int_equal(h->counters.divert_active[1], 1);
	assert_true(is_hung_up(h->sniffers[0]) || errno == ECONNRESET);
	(void)close(h->sniffers[0]);
	h->sniffers[0] = fd;
	a = reject(take_question(h, 0).flow, 1);
	turn(h);
	assert_int_equal(h->gate.session_count, 1);
	say(h, 0, &a);
	turn(h);
	assert_int_equal(h->gate.session_count, 0);
	assert_int_equal(h->counters.divert_active[1], 0);
	assert_int_equal(h->counters.sniffer_losses, 0);
	(void)close(client);
}

/* A session that waits for a sniffer, for there is none, is asked about by the new one. */
static void test_a_session_in_line_moves(void **state)
{
	struct house *h = *state;
	int client;
	int fd;

	(void)session(h, &client);
	fd = bring(h, 2, "");
	assert_true(next_switch(&h->gate, 2)); /* an answer to the ping is not waited for */
	h->sniffers[0] = fd;
	(void)take_question(h, 0);
	pong(h, 0);
	assert_int_equal(h->gate.asker.links[0].expected, 1);
	(void)close(client);
}

static void test_a_divert_that_is_gone(void **state)
{
	struct house *h = *state;
	int client;
	int fd;

	link_up(h, 0);
	(void)session(h, &client);
	(void)take_question(h, 0);
	fd = bring(h, 2, "other");
	answer_ping(h, fd);
	assert_true(next_switch(&h->gate, 2));
	/* decided by its own table: the new one's `unknown` would keep it silent */
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	(void)close(fd);
	(void)close(client);
}

/* Whatever a staged sniffer does but to answer its ping: it cannot be, and nothing has changed. */
static void test_a_sniffer_that_fails(void **state)
{
	struct house *h = *state;
	struct answer bad = reject(1, 0);
	int fd;

	fd = bring(h, 2, "");
	(void)close(fd);
	turn(h);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.err, -EPIPE);
	assert_false(next_switch(&h->gate, 2));
	told.count = 0;
	fd = bring(h, 3, "");
	assert_int_equal(send(fd, &bad, sizeof bad, MSG_NOSIGNAL), sizeof bad);
	turn(h);
	assert_int_equal(told.err, -EPIPE);
	assert_int_equal(told.number, 3);
	assert_true(is_hung_up(fd));
	(void)close(fd);
	told.count = 0;
	fd = bring(h, 4, "");
	answer_ping(h, fd);
	assert_int_equal(told.err, 0);
	answer_ping(h, fd); /* nobody asked */
	assert_int_equal(told.err, -EPIPE);
	(void)close(fd);
	assert_int_equal(h->gate.table->t->drain_ms, 0);
}

/* Who was told that all is ready may have said `change over` before it hears that a sniffer is gone: that
 * must not be the carrier's end, with all its flows. */
static void test_a_sniffer_lost_at_the_last_moment(void **state)
{
	struct house *h = *state;
	int client;
	int fd;

	(void)session(h, &client);
	fd = bring(h, 2, "");
	answer_ping(h, fd);
	assert_int_equal(told.err, 0);
	(void)close(fd);
	turn(h);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.number, 2);
	assert_int_equal(told.err, -EPIPE);
	assert_true(next_switch(&h->gate, 2));
	assert_int_equal(h->gate.session_count, 1);
	link_up(h, 0); /* the next life of it */
	(void)take_question(h, 0);
	(void)close(client);
	/* or it gives up what it was told of, as ever */
	told.count = 0;
	fd = bring(h, 3, "");
	answer_ping(h, fd);
	(void)close(fd);
	turn(h);
	next_forget(&h->gate);
	assert_false(next_switch(&h->gate, 3));
}

/* A carrier that has just begun takes its configuration up though a sniffer of it ended at once. */
static void test_a_sniffer_lost_at_birth(void **state)
{
	struct house *h = *state;
	int fds[2];
	int ends[2];

	gate_table_drop(h->gate.table);
	h->gate.table = NULL;
	assert_int_equal(next_table(&h->gate, 2, table_of("", 1)), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(question_pair(fds), 0);
		assert_int_equal(next_sniffer(&h->gate, 2, i, fds[0]), 0);
		ends[i] = fds[1];
		if (i == 0) {
			(void)close(ends[0]);
			turn(h);
		}
	}
	assert_int_equal(told.count, 0);
	assert_true(next_switch(&h->gate, 2));
	assert_int_equal(h->gate.asker.links[0].w.fd, -1);
	assert_true(h->gate.asker.links[1].w.fd >= 0);
	h->sniffers[1] = ends[1];
}

/* What belongs to another configuration is not used, and what is given up is closed. */
static void test_only_the_one_to_come(void **state)
{
	struct house *h = *state;
	int fds[2];
	int fd = bring(h, 2, "");

	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_sniffer(&h->gate, 3, 1, fds[0]), -EINVAL);
	assert_true(is_hung_up(fds[1]));
	(void)close(fds[1]);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_sniffer(&h->gate, 2, 0, fds[0]), -EINVAL); /* there is one */
	(void)close(fds[1]);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_sniffer(&h->gate, 2, ASKER_MOST_LINKS, fds[0]), -EINVAL);
	(void)close(fds[1]);
	assert_int_equal(next_sniffer(&h->gate, 2, 1, -1), -EMFILE);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_listener(&h->gate, 2, 1, fds[0]), -EINVAL); /* it has one divert */
	(void)close(fds[1]);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_listener(&h->gate, 2, 0, fds[0]), 0);
	assert_false(next_switch(&h->gate, 3));
	next_forget(&h->gate);
	assert_true(is_hung_up(fd));
	assert_true(is_hung_up(fds[1]));
	(void)close(fds[1]);
	(void)close(fd);
	assert_false(next_switch(&h->gate, 2));
	next_whole(&h->gate, 2, 0);
	assert_int_equal(told.count, 0);
	/* a failure that the owner has seen */
	assert_int_equal(next_table(&h->gate, 5, table_of("", 1)), 0);
	next_whole(&h->gate, 5, -EMFILE);
	assert_int_equal(told.err, -EMFILE);
	assert_int_equal(next_table(&h->gate, 6, -1), -EMFILE);
}

/* Listeners follow their divert, or leave with it after a while. */
static void test_listeners(void **state)
{
	struct house *h = *state;
	struct tcp_listener *l;
	int fds[2];

	assert_int_equal(next_table(&h->gate, 2, table_of("", 1)), 0);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_listener(&h->gate, 2, 0, fds[0]), 0);
	assert_true(LIST_EMPTY(&h->gate.listeners));
	assert_true(next_switch(&h->gate, 2));
	l = LIST_FIRST(&h->gate.listeners);
	assert_ptr_equal(l->table, h->gate.table);
	assert_int_equal(next_table(&h->gate, 3, table_of("", 1)), 0);
	assert_true(next_switch(&h->gate, 3));
	assert_ptr_equal(l, LIST_FIRST(&h->gate.listeners));
	assert_ptr_equal(l->table, h->gate.table);
	assert_int_equal(l->leave_ms, 0);
	assert_int_equal(next_table(&h->gate, 4, table_of("other", 1)), 0);
	assert_true(next_switch(&h->gate, 4));
	assert_ptr_not_equal(l->table, h->gate.table);
	assert_true(l->leave_ms > clock_ms());
	assert_int_equal(h->gate.leave.at_ms, l->leave_ms);
	l->leave_ms = clock_ms() - 1; /* as if it was over */
	h->gate.leave.fire(&h->gate.leave);
	assert_true(LIST_EMPTY(&h->gate.listeners));
	assert_true(is_hung_up(fds[1]));
	(void)close(fds[1]);
	/* the tables of before are gone with their last user */
	assert_ptr_equal(LIST_FIRST(&h->gate.tables), h->gate.table);
	assert_null(LIST_NEXT(h->gate.table, entry));
}

#define NEXT_TEST(name) cmocka_unit_test_setup_teardown(name, setup_next, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEXT_TEST(test_an_undecided_session_moves),
		NEXT_TEST(test_a_session_in_line_moves),
		NEXT_TEST(test_a_divert_that_is_gone),
		NEXT_TEST(test_a_sniffer_that_fails),
		NEXT_TEST(test_a_sniffer_lost_at_the_last_moment),
		NEXT_TEST(test_a_sniffer_lost_at_birth),
		NEXT_TEST(test_only_the_one_to_come),
		NEXT_TEST(test_listeners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
