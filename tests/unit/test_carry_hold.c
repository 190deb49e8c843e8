/* When the hands ask again about a client that is undecided: the tests play client and sniffer. */
#include "carry_sniffers.h"

enum {
	MANY_BYTES = 40 * 1000,
};

static struct {
	struct question q;
	uint8_t bytes[QUESTION_MOST_BYTES];
} heard_message;

/* Bytes of the question that was asked, which is answered with `more`; 0: none was. */
static size_t asked(const struct house *h)
{
	struct answer more = { .verdict = ANSWER_MORE };
	ssize_t size = recv(h->sniffers[0], &heard_message, sizeof heard_message, MSG_DONTWAIT);

	if (size < 0)
		return 0;
	assert_int_equal(size, sizeof heard_message.q + heard_message.q.size);
	more.flow = heard_message.q.flow;
	more.wanted = heard_message.q.size + 1;
	say(h, 0, &more);
	return heard_message.q.size;
}

static void send_bytes(struct house *h, int client, size_t size)
{
	static const uint8_t bytes[MANY_BYTES];

	assert_int_equal(write(client, bytes, size), size);
	turn(h);
}

/* A client of that age that was asked about, once, with many bytes. */
static struct tcp_session *old_session(struct house *h, uint64_t age_ms, int *client)
{
	struct tcp_session *s;

	link_up(h, 0);
	s = session(h, client);
	assert_int_equal(asked(h), 5);
	turn(h);
	s->since_ms -= age_ms;
	send_bytes(h, *client, MANY_BYTES - 5);
	assert_int_equal(asked(h), MANY_BYTES);
	turn(h);
	assert_int_equal(asked(h), 0);
	return s;
}

static void test_each_byte_of_a_short_beginning(void **state)
{
	struct house *h = *state;
	int client;

	link_up(h, 0);
	session(h, &client)->since_ms -= 1000 * 1000;
	assert_int_equal(asked(h), 5);
	turn(h);
	for (size_t size = 6; size < 20; size++) {
		send_bytes(h, client, 1);
		assert_int_equal(asked(h), size);
		turn(h);
	}
	(void)close(client);
}

static void test_an_eighth_more_bytes(void **state)
{
	struct house *h = *state;
	int client;

	(void)old_session(h, 1000 * 1000, &client);
	send_bytes(h, client, 1);
	assert_int_equal(asked(h), 0);
	send_bytes(h, client, MANY_BYTES / 8 - 2);
	assert_int_equal(asked(h), 0);
	send_bytes(h, client, 1);
	assert_int_equal(asked(h), MANY_BYTES / 8 * 9);
	(void)close(client);
}

/* Without another byte: the timer asks. */
static void test_an_eighth_more_time(void **state)
{
	struct house *h = *state;
	uint64_t begin_ms = clock_ms();
	struct tcp_session *s;
	size_t size = 0;
	int client;

	s = old_session(h, 1000, &client);
	send_bytes(h, client, 1);
	assert_int_equal(asked(h), 0);
	while (!size && clock_ms() < begin_ms + 5000) {
		turn(h);
		size = asked(h);
	}
	assert_int_equal(size, MANY_BYTES + 1);
	assert_true(clock_ms() >= begin_ms + 1000 / 8);
	assert_int_equal(s->wait_ends_ms, 0);
	assert_true(s->deadline_ms > clock_ms() + 50 * 1000); /* `wait` again */
	(void)close(client);
}

/* What no answer waits for is not put off. */
static void test_the_client_ends(void **state)
{
	struct house *h = *state;
	int client;

	(void)old_session(h, 1000 * 1000, &client);
	send_bytes(h, client, 1);
	assert_int_equal(asked(h), 0);
	(void)shutdown(client, SHUT_WR);
	turn(h);
	assert_int_equal(asked(h), MANY_BYTES + 1);
	assert_true(heard_message.q.is_final);
	(void)close(client);
}

static void test_wait_is_over(void **state)
{
	struct house *h = *state;
	struct tcp_session *s;
	int client;

	s = old_session(h, 1000 * 1000, &client);
	tcp_session_deadline(s, 2 * TURN_MS);
	send_bytes(h, client, 1);
	assert_int_equal(asked(h), 0);
	turn(h);
	turn(h);
	assert_int_equal(asked(h), MANY_BYTES + 1);
	assert_true(heard_message.q.is_final);
	(void)close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_byte_of_a_short_beginning),
		TEST(test_an_eighth_more_bytes),
		TEST(test_an_eighth_more_time),
		TEST(test_the_client_ends),
		TEST(test_wait_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
