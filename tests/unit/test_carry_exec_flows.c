/* Programs and the ways of flows: their end, their number, another table, datagrams. */
#include "carry/tcp_hold.h"
#include "carry_exec.h"

/* A client that has said all: programs still have their word, and then the last question comes. */
static void test_the_end_of_the_stream(void **state)
{
	struct house *h = *state;
	struct question q;
	struct asked_of r;
	int client;

	q = first_question(h, &client);
	needs(h, &q, 0);
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	q = question(h);
	assert_int_equal(q.kind, QUESTION_FLOW);
	assert_false(q.is_final);
	needs(h, &q, 1);
	r = request(h);
	assert_int_equal(question(h).kind, 0);
	reply(h, r.q.id, SPAWN_NO);
	q = question(h);
	assert_false(q.is_final);
	assert_int_equal(q.exec_no, 1);
	needs(h, &q, 0);
	q = question(h);
	assert_true(q.is_final);
	assert_int_equal(q.exec_no, 1);
	decided(h, &q);
	(void)close(client);
}

/* More is no when there will be no more: of a client that has said all nothing is waited for. */
static void test_more_at_the_end_of_the_stream(void **state)
{
	struct house *h = *state;
	struct question q;
	struct asked_of r;
	int client;

	q = first_question(h, &client);
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	needs(h, &q, 0);
	q = question(h);
	assert_int_equal(q.kind, QUESTION_FLOW);
	needs(h, &q, 3);
	r = request(h);
	reply(h, r.q.id, SPAWN_MORE);
	q = question(h);
	assert_int_equal(q.kind, QUESTION_FLOW);
	assert_int_equal(q.exec_no, 1);
	assert_int_equal(h->counters.probe_no[10], 1);
	needs(h, &q, 2);
	reply(h, request(h).q.id, SPAWN_YES);
	q = question(h);
	assert_int_equal(q.exec_yes, 2);
	decided(h, &q);
	(void)close(client);
}

/* A question that was on its way when `wait` ended: nobody is asked any more, the next one is the last. */
static void test_the_end_of_wait(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);
	struct tcp_session *s;
	struct udp_flow *f;
	struct question q;
	int client;

	spawner(h);
	s = session(h, &client);
	q = question(h);
	tcp_hold_late(s);
	needs(h, &q, 1);
	assert_int_equal(request(h).q.version, 0);
	q = question(h);
	assert_true(q.is_final);
	decided(h, &q);
	(void)close(client);
	f = first(l, 1, datagram("datagram", 8));
	q = question(h);
	udp_hold_late(f);
	needs(h, &q, 1);
	assert_int_equal(request(h).q.version, 0);
	assert_true(question(h).is_final);
	udp_flow_end(f, FLOW_WHY_closed);
	assert_int_equal(h->counters.probe_asked[10], 0);
}

static void again(struct asked *a)
{
	(void)a;
	fail();
}

/* No more than so many at a time: the others have a no at once, and places become free. */
static void test_too_many(void **state)
{
	static const struct asked_kind kind = { .again = again };
	static struct asked many[EXEC_MOST_ASKED / PROBES + 2];
	struct house *h = *state;
	struct exec *e = &h->gate.exec;
	const struct addr nobody = { 0 };
	const struct exec_about about = { .client = &nobody, .to = &nobody, .ends_ms = UINT64_MAX };
	const size_t count = sizeof many / sizeof *many;
	unsigned sent = 0;

	spawner(h);
	for (size_t i = 0; i < count; i++) {
		many[i] = (struct asked){ .kind = &kind };
		exec_ask(&h->gate, &many[i], ALL, &about);
		assert_int_equal(exec_has_news(&many[i].exec), i >= EXEC_MOST_ASKED / PROBES);
		while (request(h).q.version)
			sent++;
	}
	assert_int_equal(sent, EXEC_MOST_ASKED);
	assert_int_equal(h->counters.probe_asked[10], count);
	assert_int_equal(h->counters.probe_failed[10] + h->counters.probe_failed[11] +
				 h->counters.probe_failed[12],
			 count * PROBES - EXEC_MOST_ASKED);
	exec_forget(&h->gate, &many[0]);
	exec_forget(&h->gate, &many[count - 1]);
	exec_ask(&h->gate, &many[count - 1], ALL, &about);
	assert_false(exec_has_news(&many[count - 1].exec));
	for (size_t i = 0; i < count; i++)
		exec_forget(&h->gate, &many[i]);
	assert_true(TAILQ_EMPTY(&e->asked));
}

/* A new table: the words of the one before mean nothing there. */
static void test_another_table(void **state)
{
	struct house *h = *state;
	struct question q;
	int fds[2];
	int client;

	q = first_question(h, &client);
	needs(h, &q, 1);
	reply(h, request(h).q.id, SPAWN_YES);
	q = question(h);
	assert_int_equal(q.exec_yes, 1);
	needs(h, &q, 2);
	assert_int_equal(next_table(&h->gate, 3, table_with_probes()), 0);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(next_sniffer(&h->gate, 3, 0, fds[0]), 0);
	assert_true(next_switch(&h->gate, 3));
	(void)close(h->sniffers[0]);
	h->sniffers[0] = fds[1];
	assert_int_equal(question(h).kind, QUESTION_PING);
	q = question(h);
	assert_int_equal(q.kind, QUESTION_FLOW);
	assert_int_equal(q.exec_yes | q.exec_no, 0);
	assert_true(TAILQ_EMPTY(&h->gate.exec.asked));
	(void)close(client);
}

/* The first datagram alone is asked about, and `more` is no. */
static void test_datagrams(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);
	struct udp_flow *f;
	struct question q;
	struct asked_of r;

	spawner(h);
	f = first(l, 1, datagram("datagram", 8));
	q = question(h);
	needs(h, &q, 1);
	r = request(h);
	assert_int_equal(r.q.transport, QUESTION_UDP);
	assert_int_equal(r.q.size, 8);
	assert_memory_equal(r.bytes, "datagram", 8);
	assert_int_equal(r.q.to.port, 9200);
	udp_hold_take(f, &(struct udp_run){ .bytes = span_of((const uint8_t *)"next", 4) });
	q = question(h);
	needs(h, &q, 3);
	r = request(h);
	assert_string_equal(r.q.name, "b");
	assert_memory_equal(r.bytes, "datagram", 8);
	reply(h, r.q.id, SPAWN_MORE);
	q = question(h);
	assert_int_equal(q.exec_no, 2);
	assert_ptr_equal(known(h, 1), f);
	udp_flow_end(f, FLOW_WHY_closed);
	assert_true(TAILQ_EMPTY(&h->gate.exec.asked));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXEC_TEST(test_the_end_of_the_stream),
		EXEC_TEST(test_more_at_the_end_of_the_stream),
		EXEC_TEST(test_the_end_of_wait),
		EXEC_TEST(test_too_many),
		EXEC_TEST(test_another_table),
		EXEC_TEST(test_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
