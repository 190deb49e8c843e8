/* What the hands believe of an answer, and the eyes of a question. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flow/question.h"
#include "unit.h"

static struct answer good_answer(void)
{
	return (struct answer){ .verdict = ANSWER_DECIDED,
				.action = ANSWER_BACKEND,
				.proto = "tls",
				.name = "a-b_c.example:1",
				.alpn = "h2,http_1.1" };
}

static void test_good_answers(void **state)
{
	struct answer a = good_answer();
	struct answer more = { .verdict = ANSWER_MORE };
	struct answer pong = { .verdict = ANSWER_PONG };

	(void)state;
	assert_true(answer_is_sane(&a, sizeof a));
	assert_true(answer_is_sane(&more, sizeof more));
	assert_true(answer_is_sane(&pong, sizeof pong));
}

static void test_bad_sizes(void **state)
{
	struct answer a = good_answer();

	(void)state;
	assert_false(answer_is_sane(&a, sizeof a - 1));
	assert_false(answer_is_sane(&a, sizeof a + 1));
	assert_false(answer_is_sane(&a, 0));
}

static void test_bad_enums(void **state)
{
	struct answer a = good_answer();

	(void)state;
	a.verdict = 0;
	assert_false(answer_is_sane(&a, sizeof a));
	a.verdict = ANSWER_TOLD + 1;
	assert_false(answer_is_sane(&a, sizeof a));
	a = good_answer();
	a.watch.ids = FLOW_ID_ENDS;
	assert_false(answer_is_sane(&a, sizeof a));
	a = good_answer();
	a.action = 0;
	assert_false(answer_is_sane(&a, sizeof a));
	a.action = ANSWER_BACKEND + 1;
	assert_false(answer_is_sane(&a, sizeof a));
}

/* A sniffer that was taken over must not write into our log. */
static void test_bad_texts(void **state)
{
	static const char bad[] = { ' ', '\n', '\\', '"', '=', 'A', '/', '\x1b', '\x80', ',' };
	struct answer a;

	(void)state;
	for (size_t i = 0; i < sizeof bad; i++) {
		a = good_answer();
		a.name[2] = bad[i];
		assert_false(answer_is_sane(&a, sizeof a));
		a = good_answer();
		a.proto[1] = bad[i];
		assert_false(answer_is_sane(&a, sizeof a));
		a = good_answer();
		a.alpn[1] = bad[i];
		assert_int_equal(answer_is_sane(&a, sizeof a), bad[i] == ',');
	}
	a = good_answer();
	memset(a.name, 'a', sizeof a.name); /* no end */
	assert_false(answer_is_sane(&a, sizeof a));
}

static void test_questions(void **state)
{
	struct question q = { .kind = QUESTION_FLOW, .size = 10 };

	(void)state;
	assert_true(question_is_sane(&q, sizeof q + 10));
	assert_false(question_is_sane(&q, sizeof q + 9));
	assert_false(question_is_sane(&q, sizeof q - 1));
	q.size = QUESTION_MOST_BYTES + 1;
	assert_false(question_is_sane(&q, sizeof q + q.size));
	q = (struct question){ .kind = QUESTION_LED + 1 };
	assert_false(question_is_sane(&q, sizeof q));
	q = (struct question){ .kind = QUESTION_PING };
	assert_true(question_is_sane(&q, sizeof q));
}

/* A run of datagrams is never longer than what is held of a flow, and holds one at least. */
static void test_questions_about_datagrams(void **state)
{
	struct question q = { .kind = QUESTION_FLOW, .transport = QUESTION_UDP };

	(void)state;
	for (uint32_t size = 0; size <= DATAGRAMS_ROOM + 1; size++) {
		q.size = size;
		assert_int_equal(question_is_sane(&q, sizeof q + size),
				 size >= 2 && size <= DATAGRAMS_ROOM);
		assert_false(question_is_sane(&q, sizeof q + size + 1));
	}
	q.size = 2;
	q.transport = QUESTION_UDP + 1;
	assert_false(question_is_sane(&q, sizeof q + 2));
}

/* What an identifier is, in an answer: of both kinds, never shorter than can be told apart by. */
static void test_identifiers(void **state)
{
	struct answer a = good_answer();

	(void)state;
	for (unsigned kind = 0; kind <= 255; kind++) {
		for (unsigned size = 0; size <= 255; size++) {
			a.id = (struct flow_id){ .kind = (uint8_t)kind, .size = (uint8_t)size };
			assert_int_equal(
				answer_is_sane(&a, sizeof a),
				size == 0 || (size >= 4 && size <= 20 &&
					      (kind == FLOW_ID_QUIC || kind == FLOW_ID_WIREGUARD)));
		}
	}
}

static void test_questions_about_identifiers(void **state)
{
	struct question q = {
		.kind = QUESTION_TOLD, .transport = QUESTION_UDP, .ids = FLOW_ID_QUIC, .whole = 20
	};

	(void)state;
	for (q.size = 0; q.size <= 64; q.size++)
		assert_int_equal(question_is_sane(&q, sizeof q + q.size), q.size <= q.whole);
	q.whole = 1200;
	for (q.size = 0; q.size <= 64; q.size++)
		assert_int_equal(question_is_sane(&q, sizeof q + q.size),
				 q.size <= FLOW_ID_HEAD_BYTES);
	q.kind = QUESTION_LED;
	for (q.size = 0; q.size <= 300; q.size++)
		assert_int_equal(question_is_sane(&q, sizeof q + q.size), q.size <= 253);
	q.size = 0;
	q.ids = FLOW_ID_NONE;
	assert_false(question_is_sane(&q, sizeof q));
	q.ids = FLOW_ID_ENDS;
	assert_false(question_is_sane(&q, sizeof q));
	q.ids = FLOW_ID_WIREGUARD;
	assert_true(question_is_sane(&q, sizeof q));
	q.transport = QUESTION_TCP;
	assert_false(question_is_sane(&q, sizeof q));
}

/* The largest question passes in one piece, and the carrier's end never blocks. */
static void test_pair_carries_the_largest_question(void **state)
{
	size_t size = sizeof(struct question) + QUESTION_MOST_BYTES;
	char *message = calloc(1, size);
	char nothing;
	int fds[2];

	(void)state;
	assert_non_null(message);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(send(fds[0], message, size, 0), size);
	assert_int_equal(recv(fds[1], message, size, 0), size);
	assert_int_equal(recv(fds[0], &nothing, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(fds[0]);
	(void)close(fds[1]);
	free(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_answers),
		cmocka_unit_test(test_bad_sizes),
		cmocka_unit_test(test_bad_enums),
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_questions_about_datagrams),
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_questions_about_identifiers),
		cmocka_unit_test(test_pair_carries_the_largest_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
