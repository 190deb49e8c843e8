/* What is known of a connection's bytes: said and not acknowledged, come and not read. */
#include <linux/netlink.h>

#include "kernel/dial.h"
#include "kernel_pair.h"

enum {
	SMALL_BUFFER = 4096,
	MUCH = 1 << 20,
};

static int enter(void **state)
{
	int err = enter_netns(state, NETLINK_ROUTE);

	if (!err && ((struct netlink *)*state)->socket)
		pair_lo_up();
	return err;
}

static void wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PAIR_WAIT_MS), 1);
}

static void test_unread(void **state)
{
	struct pair p;
	char byte;

	(void)need_netns(state);
	p = pair_open(AF_INET6, 0);
	assert_int_equal(dial_unread(p.server), 0);
	pair_say(p.client, "abc", 3);
	wait_readable(p.server);
	assert_int_equal(dial_unread(p.server), 3);
	assert_int_equal(recv(p.server, &byte, 1, MSG_PEEK), 1);
	assert_int_equal(dial_unread(p.server), 3);
	pair_hears(p.server, "a", 1);
	assert_int_equal(dial_unread(p.server), 2);
	pair_hears(p.server, "bc", 2);
	/* the end is no byte */
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	wait_readable(p.server);
	assert_int_equal(dial_unread(p.server), 0);
	pair_close(&p);
}

/* An urgent byte that stays in the stream, as it does on our sockets, hides nothing behind it. */
static void test_unread_with_urgent(void **state)
{
	struct pair p;
	int on = 1;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	assert_int_equal(setsockopt(p.server, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on), 0);
	pair_say(p.client, "ab", 2);
	assert_int_equal(send(p.client, "!", 1, MSG_OOB), 1);
	pair_say(p.client, "cd", 2);
	for (int i = 0; i < PAIR_WAIT_MS && dial_unread(p.server) < 5; i++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(dial_unread(p.server), 5);
	pair_close(&p);
}

static void test_unsent(void **state)
{
	static uint8_t much[MUCH];
	struct pair p;
	ssize_t given;

	(void)need_netns(state);
	p = pair_open(AF_INET, SMALL_BUFFER);
	assert_int_equal(dial_unsent(p.client), 0);
	given = send(p.client, much, sizeof much, MSG_DONTWAIT | MSG_NOSIGNAL);
	assert_true(given > 0);
	wait_readable(p.server);
	assert_in_range(dial_unsent(p.client), 1, (size_t)given);
	/* once all was read all is acknowledged */
	for (size_t left = (size_t)given; left; left -= (size_t)given) {
		given = recv(p.server, much, sizeof much, 0);
		assert_true(given > 0);
	}
	for (int i = 0; i < PAIR_WAIT_MS && dial_unsent(p.client); i++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(dial_unsent(p.client), 0);
	pair_close(&p);
}

static void test_what_is_no_socket(void **state)
{
	(void)state;
	assert_int_equal(dial_unread(-1), 0);
	assert_int_equal(dial_unsent(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_unread_with_urgent),
		cmocka_unit_test(test_unsent),
		cmocka_unit_test(test_what_is_no_socket),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
