/* A rush of connections: a carrier gathers work while it lasts. Here each ends at once, for it is
 * accepted on loopback, where no divert leads. */
#include <netinet/in.h>
#include <sched.h>

#include "carry/tcp_listen.h"
#include "carry_house.h"

enum {
	AT_ONCE = 64,      /* connections between two turns: the backlog, and what one turn takes */
	MOST_TURNS = 250,  /* 5 s: on a busy box a rush is seen later */
	RUSH_FLOWS = 128,  /* as carry/tcp_listen.c has them */
	BETWEEN_MS = 190,  /* for so many: neither a rush nor the end of one */
	TOO_LONG_MS = 257, /* the end of one */
};

/* A listener on loopback, for this house. */
static struct sockaddr_in open_listener(struct house *h)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct tcp_listener *l;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(fd, AT_ONCE), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	l = tcp_listener_new(&h->gate, h->gate.table, 0, fd);
	assert_non_null(l);
	tcp_listener_start(l);
	return name;
}

/* So many clients come, and are seen. */
static void come(struct house *h, const struct sockaddr_in *to, unsigned count)
{
	int fds[AT_ONCE];

	for (unsigned i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
		assert_int_equal(connect(fds[i], (const struct sockaddr *)to, sizeof *to), 0);
	}
	turn(h);
	for (unsigned i = 0; i < count; i++)
		(void)close(fds[i]);
}

/* The last of RUSH_FLOWS connections comes so long after the first. */
static void come_within(struct house *h, const struct sockaddr_in *to, uint64_t in_ms)
{
	h->gate.rush.count = RUSH_FLOWS - 1;
	h->gate.rush.since_ms = clock_ms() - in_ms;
	come(h, to, 1);
	assert_int_equal(h->gate.rush.count, 0);
}

static void test_on_and_off(void **state)
{
	struct house *h = *state;
	struct sockaddr_in to = open_listener(h);

	come(h, &to, 1);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	for (int i = 0; i < MOST_TURNS && sched_getscheduler(0) == SCHED_OTHER; i++)
		come(h, &to, AT_ONCE);
	assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
	assert_true(h->gate.rush.is_on);
	assert_true(h->counters.flows_total >= RUSH_FLOWS);
	come_within(h, &to, TOO_LONG_MS);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	assert_false(h->gate.rush.is_on);
}

/* A pace between the two changes nothing, so that none stands at the edge and goes to and fro. */
static void test_between(void **state)
{
	struct house *h = *state;
	struct sockaddr_in to = open_listener(h);

	come_within(h, &to, BETWEEN_MS);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	come_within(h, &to, 0);
	assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
	come_within(h, &to, BETWEEN_MS);
	assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
	come_within(h, &to, TOO_LONG_MS);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

/* Fewer than make a rush are not counted as one, however fast. */
static void test_few(void **state)
{
	struct house *h = *state;
	struct sockaddr_in to = open_listener(h);

	come(h, &to, 1);
	h->gate.rush.count = 0;
	h->gate.rush.since_ms = clock_ms();
	come(h, &to, AT_ONCE);
	assert_int_equal(h->gate.rush.count, AT_ONCE);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_on_and_off),
		TEST(test_between),
		TEST(test_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
