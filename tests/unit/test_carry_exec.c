/* What the hands do with the words of programs. */
#include "carry_exec.h"

static void test_a_word(void **state)
{
	struct house *h = *state;
	struct asked_of r;
	struct question q;
	int client;

	q = first_question(h, &client);
	assert_int_equal(q.exec_yes | q.exec_no, 0);
	needs(h, &q, 2);
	r = request(h);
	assert_int_equal(r.q.version, SPAWN_VERSION);
	assert_int_equal(r.q.kind, SPAWN_PROBE);
	assert_int_equal(r.q.transport, QUESTION_TCP);
	assert_string_equal(r.q.name, "b");
	assert_int_equal(r.q.size, 5);
	assert_memory_equal(r.bytes, "hello", 5);
	assert_in_range(r.q.within_ms, 1, SPAWN_ANSWER_MS);
	assert_int_equal(request(h).q.version, 0);
	assert_int_equal(question(h).kind, 0); /* nothing is new */
	reply(h, r.q.id, SPAWN_YES);
	q = question(h);
	assert_int_equal(q.kind, QUESTION_FLOW);
	assert_false(q.is_final);
	assert_int_equal(q.exec_yes, 2);
	assert_int_equal(q.exec_no, 0);
	decided(h, &q);
	assert_int_equal(h->counters.probe_asked[11], 1);
	assert_int_equal(h->counters.probe_yes[11], 1);
	(void)close(client);
}

/* Each word brings a question, the failed ones as no; none is asked for twice. */
static void test_several_words(void **state)
{
	static const enum spawn_word words[PROBES] = { SPAWN_FAILED, SPAWN_NO, SPAWN_YES };
	struct house *h = *state;
	struct asked_of r[PROBES];
	struct question q;
	int client;

	q = first_question(h, &client);
	needs(h, &q, ALL);
	for (int i = 0; i < PROBES; i++)
		r[i] = request(h);
	for (int i = 0; i < PROBES; i++) {
		reply(h, r[i].q.id, words[i]);
		q = question(h);
		assert_int_equal(q.exec_no, i == 0 ? 1 : 3);
		assert_int_equal(q.exec_yes, i == 2 ? 4 : 0);
		if (i < PROBES - 1)
			needs(h, &q, ALL & ~(q.exec_yes | q.exec_no));
		assert_int_equal(request(h).q.version, 0);
	}
	decided(h, &q);
	assert_int_equal(h->counters.probe_failed[10], 1);
	assert_int_equal(h->counters.probe_no[11], 1);
	assert_int_equal(h->counters.probe_yes[12], 1);
	(void)close(client);
}

/* A sniffer that strangers took over names probes that are no programs, or not there: nobody is asked. */
static void test_no_programs(void **state)
{
	struct house *h = *state;
	struct question q;
	int client;

	q = first_question(h, &client);
	needs(h, &q, UINT32_MAX & ~(uint32_t)ALL);
	assert_int_equal(request(h).q.version, 0);
	assert_int_equal(question(h).kind, 0);
	assert_int_equal(h->counters.probe_asked[13], 0);
	(void)close(client);
}

static void test_nobody_there(void **state)
{
	struct house *h = *state;
	struct question q;
	int client;

	(void)session(h, &client);
	q = question(h);
	needs(h, &q, ALL);
	q = question(h);
	assert_int_equal(q.exec_no, ALL);
	decided(h, &q);
	assert_int_equal(h->counters.probe_failed[12], 1);
	(void)close(client);
}

static void lost(struct gate *g)
{
	container_of(g, struct house, gate)->heard[1]++;
}

/* It ends, or says what cannot be believed: all words on their way are no, and the keeper hears of it. */
static void test_it_is_lost(void **state)
{
	struct house *h = *state;
	struct question q;
	int client;

	h->gate.exec.lost = lost;
	for (unsigned i = 0; i < 2; i++) {
		q = first_question(h, &client);
		needs(h, &q, ALL);
		if (i == 0)
			(void)close(h->sniffers[1]);
		else
			assert_int_equal(write(h->sniffers[1], "nonsense", 8), 8);
		q = question(h);
		while ((q.exec_yes | q.exec_no) != ALL) {
			needs(h, &q, 0);
			q = question(h);
		}
		assert_int_equal(q.exec_no, ALL);
		assert_int_equal(h->heard[1], i + 1);
		assert_int_equal(h->gate.exec.w.fd, -1);
		tcp_session_end(LIST_FIRST(&h->gate.sessions), FLOW_WHY_closed);
		(void)close(client);
	}
}

/* Silence is a no after a while; a word that comes later is nobody's. */
static void test_silence(void **state)
{
	struct house *h = *state;
	struct exec_place *p;
	struct question q;
	struct asked_of r;
	int client;

	q = first_question(h, &client);
	needs(h, &q, 1);
	r = request(h);
	p = TAILQ_FIRST(&h->gate.exec.asked);
	assert_in_range(p->ends_ms - loop_now_ms(h->gate.loop), SPAWN_ANSWER_MS - 500,
			SPAWN_ANSWER_MS);
	p->ends_ms = clock_ms();
	assert_int_equal(timer_arm(h->gate.loop, &h->gate.exec.late, p->ends_ms), 0);
	q = question(h);
	assert_int_equal(q.exec_no, 1);
	reply(h, r.q.id, SPAWN_YES);
	needs(h, &q, 0);
	assert_int_equal(question(h).kind, 0);
	assert_true(TAILQ_EMPTY(&h->gate.exec.asked));
	(void)close(client);
}

/* The flow is gone, and another has its place. */
static void test_a_word_for_one_that_is_gone(void **state)
{
	struct house *h = *state;
	struct asked_of first_one, second;
	struct question q;
	int client;

	q = first_question(h, &client);
	needs(h, &q, 1);
	first_one = request(h);
	tcp_session_end(LIST_FIRST(&h->gate.sessions), FLOW_WHY_closed);
	(void)close(client);
	(void)session(h, &client);
	q = question(h);
	needs(h, &q, 1);
	second = request(h);
	assert_int_equal((uint32_t)first_one.q.id, (uint32_t)second.q.id);
	reply(h, first_one.q.id, SPAWN_YES);
	reply(h, UINT32_MAX, SPAWN_YES);
	assert_int_equal(question(h).kind, 0);
	reply(h, second.q.id, SPAWN_NO);
	assert_int_equal(question(h).exec_no, 1);
	(void)close(client);
}

/* More is asked again with more bytes, but not for ever. */
static void test_more(void **state)
{
	struct house *h = *state;
	struct question q;
	struct asked_of r;
	int client;

	q = first_question(h, &client);
	for (uint32_t i = 0; i <= EXEC_MOST_ROUNDS; i++) {
		needs(h, &q, 1);
		r = request(h);
		assert_int_equal(r.q.size, 5 + i);
		reply(h, r.q.id, SPAWN_MORE);
		if (i == EXEC_MOST_ROUNDS)
			break;
		assert_int_equal(question(h).kind, 0); /* it is as before */
		assert_int_equal(write(client, "x", 1), 1);
		q = question(h);
		assert_int_equal(q.size, 6 + i);
		assert_int_equal(q.exec_no, 0);
	}
	q = question(h);
	assert_int_equal(q.exec_no, 1);
	decided(h, &q);
	(void)close(client);
}

/* It says more of bytes that are not all any more: it is asked again at once. */
static void test_more_of_old_bytes(void **state)
{
	struct house *h = *state;
	struct question q;
	struct asked_of r;
	int client;

	q = first_question(h, &client);
	needs(h, &q, 1);
	r = request(h);
	assert_int_equal(write(client, "x", 1), 1);
	q = question(h);
	assert_int_equal(q.size, 6);
	needs(h, &q, 1);
	assert_int_equal(request(h).q.version, 0); /* it is asked already */
	reply(h, r.q.id, SPAWN_MORE);
	q = question(h);
	assert_int_equal(q.size, 6);
	needs(h, &q, 1);
	r = request(h);
	assert_int_equal(r.q.size, 6);
	assert_int_equal(question(h).kind, 0);
	reply(h, r.q.id, SPAWN_YES);
	q = question(h);
	assert_int_equal(q.exec_yes, 1);
	decided(h, &q);
	(void)close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXEC_TEST(test_a_word),
		EXEC_TEST(test_several_words),
		EXEC_TEST(test_no_programs),
		EXEC_TEST(test_nobody_there),
		EXEC_TEST(test_it_is_lost),
		EXEC_TEST(test_silence),
		EXEC_TEST(test_a_word_for_one_that_is_gone),
		EXEC_TEST(test_more),
		EXEC_TEST(test_more_of_old_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
