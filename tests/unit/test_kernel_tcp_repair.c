/* Where a real connection stands, read by TCP_REPAIR, in a network namespace of this test's own. */
#include <errno.h>

#include <linux/netlink.h>

#include "kernel/dial.h"
#include "kernel/tcp_repair.h"
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

/* Until its peer has acknowledged all that it sent. */
static void wait_acked(int fd)
{
	for (int i = 0; i < PAIR_WAIT_MS && dial_unsent(fd); i++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(dial_unsent(fd), 0);
}

static struct tcp_place place_of(int fd)
{
	struct tcp_place place;

	assert_int_equal(tcp_place_read(fd, &place), 0);
	tcp_repair_leave(fd);
	return place;
}

/* Both ends tell the same story, from opposite sides. */
static void agree(const struct pair *p)
{
	struct tcp_place c = place_of(p->client);
	struct tcp_place s = place_of(p->server);

	assert_int_equal(c.sent - c.unacked, s.acked);
	assert_int_equal(s.sent - s.unacked, c.acked);
	assert_int_equal(c.consumed + c.unread, s.sent);
	assert_int_equal(s.consumed + s.unread, c.sent);
}

static void test_terms(void **state)
{
	struct tcp_terms c;
	struct tcp_terms s;
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET, SMALL_BUFFER);
	assert_int_equal(tcp_terms_read(p.client, &c), 0);
	assert_int_equal(tcp_terms_read(p.server, &s), 0);
	assert_true(c.is_established && s.is_established);
	assert_true(c.has_sack && s.has_sack);
	assert_true(c.has_scale && s.has_scale);
	assert_true(c.has_timestamps && s.has_timestamps);
	assert_false(c.has_ecn || s.has_ecn);
	assert_int_equal(c.peer_scale, s.our_scale);
	assert_int_equal(s.peer_scale, c.our_scale);
	assert_int_not_equal(c.peer_scale, c.our_scale);
	/* the MTU of lo is 65536, of which a segment has what fits into the length of IPv4 */
	assert_in_range(c.most_taken, 60000, 65535);
	assert_in_range(c.most_sent, 536, c.most_taken);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	wait_readable(p.server);
	assert_int_equal(tcp_terms_read(p.client, &c), 0);
	assert_int_equal(tcp_terms_read(p.server, &s), 0);
	assert_false(c.is_established || s.is_established);
	pair_close(&p);
	assert_int_equal(tcp_terms_read(p.client, &c), -EBADF);
}

static void test_place(uint16_t family)
{
	struct tcp_place before;
	struct tcp_place after;
	struct pair p = pair_open(family, 0);

	agree(&p);
	before = place_of(p.server);
	assert_int_equal(before.unread, 0);
	assert_int_equal(before.unacked, 0);
	assert_int_equal(before.acked, before.consumed);
	assert_int_equal(before.window, pair_info(p.server).tcpi_snd_wnd);
	pair_say(p.client, "question", 8);
	wait_readable(p.server);
	wait_acked(p.client);
	after = place_of(p.server);
	assert_int_equal(after.unread, 8);
	assert_int_equal(after.consumed, before.consumed);
	assert_int_equal(after.acked, before.consumed + 8);
	agree(&p);
	pair_hears(p.server, "ques", 4);
	after = place_of(p.server);
	assert_int_equal(after.unread, 4);
	assert_int_equal(after.consumed, before.consumed + 4);
	pair_hears(p.server, "tion", 4);
	pair_say(p.server, "answer", 6);
	wait_acked(p.server);
	after = place_of(p.server);
	assert_int_equal(after.sent, before.sent + 6);
	assert_int_equal(after.unread, 0);
	assert_int_equal(after.consumed, before.consumed + 8);
	agree(&p);
	pair_hears(p.client, "answer", 6);
	pair_close(&p);
}

static void test_places(void **state)
{
	(void)need_netns(state);
	test_place(AF_INET);
	test_place(AF_INET6);
}

/* A peer that does not read: what it has no room for is not acknowledged, nor all of it sent. */
static void test_unacknowledged(void **state)
{
	static uint8_t much[MUCH];
	struct tcp_place c;
	struct tcp_place s;
	struct pair p;
	ssize_t given;

	(void)need_netns(state);
	p = pair_open(AF_INET, SMALL_BUFFER);
	given = send(p.client, much, sizeof much, MSG_DONTWAIT | MSG_NOSIGNAL);
	assert_true(given > 0);
	wait_readable(p.server);
	c = place_of(p.client);
	s = place_of(p.server);
	assert_in_range(c.unacked, 1, (size_t)given);
	assert_int_equal(c.unacked, dial_unsent(p.client));
	assert_int_equal(c.sent - (uint32_t)given, s.consumed);
	assert_in_range(s.unread, 1, (size_t)given - 1);
	assert_int_equal(c.unread, 0);
	pair_close(&p);
}

/* As many as asked for, from the first; the last time as the first. None are there that did not come. */
static void test_peek(void **state)
{
	struct tcp_place place;
	uint8_t seen[16] = { 0 };
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET6, 0);
	pair_say(p.client, "abcdef", 6);
	wait_readable(p.server);
	assert_int_equal(tcp_place_read(p.server, &place), 0);
	assert_int_equal(place.unread, 6);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tcp_repair_peek(p.server, seen, 6), 0);
		assert_memory_equal(seen, "abcdef", 6);
		assert_int_equal(tcp_repair_peek(p.server, seen, 3), 0);
	}
	assert_int_equal(tcp_repair_peek(p.server, seen, 7), -EIO);
	assert_int_equal(tcp_repair_peek(p.client, seen, 1), -EPERM); /* it is in no repair mode */
	tcp_repair_leave(p.server);
	pair_hears(p.server, "abcdef", 6);
	pair_close(&p);
}

static void test_peek_of_nothing(void **state)
{
	struct tcp_place place;
	uint8_t seen;
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	assert_int_equal(tcp_place_read(p.server, &place), 0);
	assert_int_equal(tcp_repair_peek(p.server, &seen, 1), -EAGAIN);
	tcp_repair_leave(p.server);
	pair_close(&p);
}

/* The one way to leave says nothing to the peer, the other one thing. Both go on as before. */
static void test_leaving(void **state)
{
	struct tcp_place place;
	uint32_t heard;
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	heard = pair_info(p.client).tcpi_segs_in;
	assert_int_equal(tcp_place_read(p.server, &place), 0);
	tcp_repair_leave(p.server);
	assert_int_equal(pair_info(p.client).tcpi_segs_in, heard);
	tcp_repair_acknowledge(p.server);
	assert_int_equal(pair_info(p.client).tcpi_segs_in, heard + 1);
	agree(&p);
	pair_say(p.client, "still", 5);
	pair_hears(p.server, "still", 5);
	pair_say(p.server, "here", 4);
	pair_hears(p.client, "here", 4);
	pair_close(&p);
}

/* What was read from a socket and left again does not keep a service of this box from its port. */
static void test_the_port_stays_shared(void **state)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int on = 1;
	struct tcp_place place;
	struct pair p;
	int other;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	assert_int_equal(setsockopt(p.server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
	assert_int_equal(tcp_place_read(p.server, &place), 0);
	tcp_repair_leave(p.server);
	for (int i = 0; i < 2; i++) {
		other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		name.sin_port = htons(p.at[1].port);
		assert_int_equal(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
		assert_int_equal(bind(other, (struct sockaddr *)&name, sizeof name), 0);
		(void)close(other);
		tcp_repair_acknowledge(p.server);
	}
	pair_close(&p);
}

/* One end vanishes without a word, and the other hears nothing of it. */
static void test_a_silent_end(void **state)
{
	struct tcp_terms terms;
	struct tcp_place place;
	struct pair p;
	uint32_t heard;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	pair_say(p.client, "lost", 4);
	wait_readable(p.server);
	wait_acked(p.client);
	heard = pair_info(p.client).tcpi_segs_in;
	assert_int_equal(tcp_place_read(p.server, &place), 0);
	dial_end_silently(p.server);
	assert_int_equal(pair_info(p.client).tcpi_segs_in, heard);
	assert_int_equal(tcp_terms_read(p.client, &terms), 0);
	assert_true(terms.is_established);
	(void)close(p.client);
}

static void test_what_is_no_connection(void **state)
{
	struct tcp_place place = { .sent = 7 };
	struct tcp_terms terms = { .rtt_us = 7 };
	int udp;
	int fds[2];

	(void)need_netns(state);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_in_range(-tcp_place_read(udp, &place), 1, 4095);
	assert_in_range(-tcp_place_read(fds[0], &place), 1, 4095);
	assert_int_equal(tcp_place_read(-1, &place), -EBADF);
	assert_in_range(-tcp_terms_read(udp, &terms), 1, 4095);
	/* what could not be read is left as it was */
	assert_int_equal(place.sent, 7);
	assert_int_equal(terms.rtt_us, 7);
	(void)close(udp);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_unacknowledged),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_peek_of_nothing),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_the_port_stays_shared),
		cmocka_unit_test(test_a_silent_end),
		cmocka_unit_test(test_what_is_no_connection),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
