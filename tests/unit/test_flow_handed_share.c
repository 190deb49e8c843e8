/* What the keeper and all carriers know together of flows that were handed over. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/handed_share.h"
#include "unit.h"

enum {
	MANY = 10000,
	WRITERS = 4,
	ROUNDS = 20000,
};

struct both {
	struct handed_share *share;
	int file;
	struct addr client;
	struct addr server;
};

static void begin(struct both *b)
{
	assert_int_equal(handed_share_new(&b->share, &b->file, 42), 0);
	assert_int_equal(addr_parse(&b->client, "192.0.2.7:40000", true), 0);
	assert_int_equal(addr_parse(&b->server, "[2001:db8::1]:443", true), 0);
}

static void end(struct both *b)
{
	handed_share_unmap(b->share);
	assert_int_equal(close(b->file), 0);
}

static void test_held_until_released_as_often(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	assert_false(handed_share_may_hold(b.share, &b.client, &b.server));
	handed_share_hold(b.share, &b.client, &b.server);
	handed_share_hold(b.share, &b.client, &b.server);
	handed_share_release(b.share, &b.client, &b.server);
	assert_true(handed_share_may_hold(b.share, &b.client, &b.server));
	handed_share_release(b.share, &b.client, &b.server);
	assert_false(handed_share_may_hold(b.share, &b.client, &b.server));
	handed_share_release(b.share, &b.client, &b.server); /* once too often */
	assert_false(handed_share_may_hold(b.share, &b.client, &b.server));
	end(&b);
}

static void test_a_full_slot_stays_full(void **state)
{
	struct both b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 2 * HANDED_SHARE_MANY; i++)
		handed_share_hold(b.share, &b.client, &b.server);
	for (int i = 0; i < 2 * HANDED_SHARE_MANY; i++)
		handed_share_release(b.share, &b.client, &b.server);
	assert_true(handed_share_may_hold(b.share, &b.client, &b.server));
	end(&b);
}

/* Every part of both ends counts, and few others share their places. */
static void test_others_are_seldom_held(void **state)
{
	unsigned hits = 0;
	struct both b;

	(void)state;
	begin(&b);
	for (int i = 0; i < MANY; i++) {
		b.client.port = (uint16_t)(10000 + i);
		handed_share_hold(b.share, &b.client, &b.server);
	}
	for (int i = 0; i < MANY; i++) {
		b.client.port = (uint16_t)(10000 + i);
		assert_true(handed_share_may_hold(b.share, &b.client, &b.server));
		b.server.bytes[15] = 2;
		hits += handed_share_may_hold(b.share, &b.client, &b.server);
		b.server.bytes[15] = 1;
		b.server.port = 444;
		hits += handed_share_may_hold(b.share, &b.client, &b.server);
		b.server.port = 443;
		b.client.bytes[3] = 8;
		hits += handed_share_may_hold(b.share, &b.client, &b.server);
		b.client.bytes[3] = 7;
	}
	/* 10,000 fill 1 % of the places */
	assert_in_range(hits, 3 * MANY / 200, 3 * MANY / 50);
	end(&b);
}

static void test_all_who_map_it_see_the_same(void **state)
{
	struct handed_share *other = NULL;
	struct both b;

	(void)state;
	begin(&b);
	assert_int_equal(handed_share_map(&other, b.file), 0);
	handed_share_hold(other, &b.client, &b.server);
	assert_true(handed_share_may_hold(b.share, &b.client, &b.server));
	handed_share_release(b.share, &b.client, &b.server);
	assert_false(handed_share_may_hold(other, &b.client, &b.server));
	handed_share_unmap(other);
	handed_share_unmap(NULL);
	end(&b);
}

/* As carriers do, each on a CPU: nothing is lost. */
static void test_many_writers_at_once(void **state)
{
	struct both b;
	int status;

	(void)state;
	begin(&b);
	for (int i = 0; i < WRITERS; i++) {
		pid_t pid = fork();
		struct handed_share *own = NULL;

		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		if (handed_share_map(&own, b.file))
			_exit(1);
		for (int n = 0; n < ROUNDS; n++) {
			handed_share_hold(own, &b.client, &b.server);
			if (!handed_share_may_hold(own, &b.client, &b.server))
				_exit(1);
			handed_share_release(own, &b.client, &b.server);
		}
		_exit(0);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_false(handed_share_may_hold(b.share, &b.client, &b.server));
	end(&b);
}

static void test_a_file_that_is_too_short(void **state)
{
	struct handed_share *share = NULL;
	int file = memfd_create("short", MFD_CLOEXEC);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(ftruncate(file, 100), 0);
	assert_int_equal(handed_share_map(&share, file), -EINVAL);
	assert_null(share);
	assert_int_equal(handed_share_map(&share, -1), -EBADF);
	assert_int_equal(close(file), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held_until_released_as_often),
		cmocka_unit_test(test_a_full_slot_stays_full),
		cmocka_unit_test(test_others_are_seldom_held),
		cmocka_unit_test(test_all_who_map_it_see_the_same),
		cmocka_unit_test(test_many_writers_at_once),
		cmocka_unit_test(test_a_file_that_is_too_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
