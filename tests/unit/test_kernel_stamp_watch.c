/* Timestamps of a real connection, seen by a raw socket, and clocks that are set while it is in use. */
#include <errno.h>

#include <linux/netlink.h>

#include "kernel/stamp_watch.h"
#include "kernel/tcp_repair.h"
#include "kernel_pair.h"

enum {
	JUMP = 0x60000000,
	SOON_MS = 2000, /* what a clock may have gone on meanwhile */
};

static int enter(void **state)
{
	int err = enter_netns(state, NETLINK_ROUTE);

	if (!err && ((struct netlink *)*state)->socket)
		pair_lo_up();
	return err;
}

/* Where the connection is from which this socket reads. */
static uint32_t place_of(int fd)
{
	struct tcp_place place;

	assert_int_equal(tcp_place_read(fd, &place), 0);
	tcp_repair_leave(fd);
	return place.consumed;
}

/* Until a segment was seen. */
static void wait_seen(struct stamp_watch *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PAIR_WAIT_MS), 1);
	stamp_watch_read(w);
}

static uint32_t clock_of(int fd)
{
	uint32_t now = 0;

	assert_int_equal(tcp_stamp_read(fd, &now), 0);
	return now;
}

/* What the server's end says is what the client's end sees, and the other way. */
static void sees(uint16_t family)
{
	struct pair p = pair_open(family, 0);
	struct pair other = pair_open(family, 0);
	struct stamp_watch client;
	struct stamp_watch server;

	assert_int_equal(stamp_watch_open(&server, &p.at[1], &p.at[0], 0), 0);
	assert_int_equal(stamp_watch_open(&client, &p.at[0], &p.at[1], 0), 0);
	server.near = place_of(p.server);
	client.near = place_of(p.server); /* what the server's end acknowledges */
	client.is_by_ack = true;
	server.clock = clock_of(p.server);
	client.clock = clock_of(p.client);
	pair_say(other.client, "of no interest", 14);
	pair_hears(other.server, "of no interest", 14);
	stamp_watch_read(&server);
	stamp_watch_read(&client);
	assert_false(client.is_seen || server.is_seen);
	pair_say(p.client, "question", 8);
	wait_seen(&server);
	pair_hears(p.server, "question", 8);
	pair_say(p.server, "answer", 6);
	wait_seen(&client);
	pair_hears(p.client, "answer", 6);
	assert_true(client.is_seen && server.is_seen);
	/* a clock is read without its lowest bit */
	assert_in_range(clock_of(p.client) + 1 - server.seen.value, 0, SOON_MS);
	assert_in_range(clock_of(p.server) + 1 - client.seen.value, 0, SOON_MS);
	assert_int_equal(client.seen.echo, server.seen.value);
	stamp_watch_close(&client);
	stamp_watch_close(&server);
	stamp_watch_close(&server); /* twice is once */
	pair_close(&p);
	pair_close(&other);
}

static void test_sees(void **state)
{
	(void)need_netns(state);
	sees(AF_INET);
	sees(AF_INET6);
}

/* A clock jumps while the connection is in use: its peer takes it, and says so. */
static void jumps(uint16_t family)
{
	struct pair p = pair_open(family, 0);
	struct stamp_watch w;
	uint32_t since;

	assert_int_equal(stamp_watch_open(&w, &p.at[1], &p.at[0], 0), 0);
	w.near = place_of(p.server);
	for (int i = 0; i < 3; i++) {
		since = (clock_of(p.server) + JUMP) & ~1u;
		assert_int_equal(tcp_stamp_set(p.server, since), 0);
		assert_in_range(clock_of(p.server) - since, 0, SOON_MS);
		w.clock = clock_of(p.server);
		pair_say(p.server, "later", 5);
		pair_hears(p.client, "later", 5);
		pair_say(p.client, "I see", 5);
		pair_hears(p.server, "I see", 5);
		wait_seen(&w);
		assert_true(stamp_is_since(w.seen.echo, since));
		assert_in_range(w.seen.echo - since, 0, SOON_MS);
	}
	stamp_watch_close(&w);
	pair_close(&p);
}

static void test_jumps(void **state)
{
	(void)need_netns(state);
	jumps(AF_INET);
	jumps(AF_INET6);
}

/* Whoever guesses a number is not heard, unless the guess is good. */
static void test_far_away(void **state)
{
	static const uint32_t far[] = { STAMP_WATCH_NEAR + 100, 1u << 31,
					-(uint32_t)STAMP_WATCH_NEAR - 100 };
	struct stamp_watch w;
	struct pair p;
	uint32_t moved[2];
	uint32_t place;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	assert_int_equal(stamp_watch_open(&w, &p.at[1], &p.at[0], 0), 0);
	place = place_of(p.server);
	w.clock = clock_of(p.server);
	for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
		w.near = place + far[i];
		pair_say(p.client, "from afar", 9);
		pair_hears(p.server, "from afar", 9);
		wait_seen(&w);
		assert_false(w.is_seen);
	}
	w.near = place - STAMP_WATCH_NEAR + 100;
	pair_say(p.client, "near", 4);
	pair_hears(p.server, "near", 4);
	wait_seen(&w);
	assert_true(w.is_seen);
	assert_int_equal(tcp_moved_read(p.server, &moved[0], &moved[1]), 0);
	assert_int_equal(moved[0], 3 * 9 + 4);
	assert_in_range(moved[1], 0, 1);
	stamp_watch_close(&w);
	pair_close(&p);
}

/* Nor is who does not know what our clock has shown. */
static void test_strange_echo(void **state)
{
	static const uint32_t away[] = { STAMP_WATCH_LATE + SOON_MS, 1u << 31,
					 -(uint32_t)STAMP_WATCH_LATE - SOON_MS };
	struct stamp_watch w;
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	assert_int_equal(stamp_watch_open(&w, &p.at[1], &p.at[0], 0), 0);
	w.near = place_of(p.server);
	for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
		w.clock = clock_of(p.server) + away[i];
		pair_say(p.client, "a stranger", 10);
		pair_hears(p.server, "a stranger", 10);
		wait_seen(&w);
		assert_false(w.is_seen);
	}
	w.clock = clock_of(p.server) + STAMP_WATCH_LATE - SOON_MS;
	pair_say(p.client, "known", 5);
	pair_hears(p.server, "known", 5);
	wait_seen(&w);
	assert_true(w.is_seen);
	stamp_watch_close(&w);
	pair_close(&p);
}

/* A clock that goes backward is not believed: this is what jumps are for. */
static void test_backward(void **state)
{
	struct tcp_place before;
	struct tcp_place after;
	struct pair p;

	(void)need_netns(state);
	p = pair_open(AF_INET, 0);
	pair_say(p.server, "now", 3);
	pair_hears(p.client, "now", 3);
	assert_int_equal(tcp_place_read(p.client, &before), 0);
	tcp_repair_leave(p.client);
	assert_int_equal(tcp_stamp_set(p.server, clock_of(p.server) - 1000000), 0);
	pair_say(p.server, "then", 4);
	(void)poll(NULL, 0, 50);
	assert_int_equal(tcp_place_read(p.client, &after), 0);
	tcp_repair_leave(p.client);
	assert_int_equal(after.unread, 0);
	assert_int_equal(after.consumed, before.consumed);
	assert_int_equal(tcp_stamp_set(p.server, clock_of(p.server) + 1000000), 0);
	pair_hears(p.client, "then", 4); /* sent again */
	pair_close(&p);
}

static void test_addresses_of_others(void **state)
{
	static const struct addr far = { .family = AF_INET, .port = 5, .bytes = { 192, 0, 2, 1 } };
	static const struct addr here = { .family = AF_INET, .port = 4, .bytes = { 127, 0, 0, 9 } };
	static const struct addr host = { .family = AF_INET6,
					  .port = 4,
					  .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct addr here6 = pair_loopback(AF_INET6);
	struct stamp_watch w = { .fd = -7 };

	(void)need_netns(state);
	/* ours, as of a connection that was diverted: an address that is nowhere on this box */
	assert_int_equal(stamp_watch_open(&w, &far, &here, 0), 0);
	stamp_watch_close(&w);
	here6.port = 5;
	assert_int_equal(stamp_watch_open(&w, &host, &here6, 0), 0);
	stamp_watch_close(&w);
	w.fd = -7;
	assert_int_equal(stamp_watch_open(&w, &here, &far, 0), -ENETUNREACH);
	assert_int_equal(w.fd, -7); /* left as it was */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sees),     cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_far_away), cmocka_unit_test(test_strange_echo),
		cmocka_unit_test(test_backward), cmocka_unit_test(test_addresses_of_others),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
