/* Pipes and their pool; messages with a descriptor. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/fd_pass.h"
#include "kernel/splice_pipe.h"
#include "unit.h"

static void test_pool_is_bounded(void **state)
{
	struct splice_pool pool = { .most = 2 };
	struct splice_pipe *a = splice_pool_take(&pool);
	struct splice_pipe *b = splice_pool_take(&pool);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_null(splice_pool_take(&pool));
	splice_pool_give(&pool, a);
	assert_ptr_equal(splice_pool_take(&pool), a);
	splice_pool_give(&pool, a);
	splice_pool_give(&pool, b);
	splice_pool_give(&pool, NULL);
	assert_int_equal(pool.open, 2);
	splice_pool_done(&pool);
	assert_int_equal(pool.open, 0);
}

static void test_moves_bytes(void **state)
{
	struct splice_pool pool = { .most = 1 };
	struct splice_pipe *pipe = splice_pool_take(&pool);
	char got[8] = "";
	int from[2];
	int to[2];

	(void)state;
	assert_non_null(pipe);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, from), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, to), 0);
	assert_int_equal(splice_fill(pipe, from[1], 100), -EAGAIN);
	assert_int_equal(write(from[0], "bytes", 5), 5);
	assert_int_equal(splice_fill(pipe, from[1], 100), 5);
	assert_int_equal(pipe->held, 5);
	assert_int_equal(splice_drain(pipe, to[0]), 5);
	assert_int_equal(pipe->held, 0);
	assert_int_equal(read(to[1], got, sizeof got), 5);
	assert_string_equal(got, "bytes");
	(void)close(from[0]);
	assert_int_equal(splice_fill(pipe, from[1], 100), 0); /* the end */
	splice_pool_give(&pool, pipe);
	splice_pool_done(&pool);
	(void)close(from[1]);
	(void)close(to[0]);
	(void)close(to[1]);
}

/* Bytes of one flow must never come out in another. */
static void test_a_full_pipe_is_not_lent_again(void **state)
{
	struct splice_pool pool = { .most = 1 };
	struct splice_pipe *pipe = splice_pool_take(&pool);
	int from[2];

	(void)state;
	assert_non_null(pipe);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, from), 0);
	assert_int_equal(write(from[0], "left", 4), 4);
	assert_int_equal(splice_fill(pipe, from[1], 100), 4);
	splice_pool_give(&pool, pipe);
	assert_int_equal(pool.open, 0);
	assert_null(pool.idle);
	(void)close(from[0]);
	(void)close(from[1]);
}

static void test_descriptor_passes(void **state)
{
	char got[4] = "";
	int pair[2];
	int sent[2];
	int fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(pipe(sent), 0);
	assert_int_equal(fd_pass_receive(pair[1], got, sizeof got, &fd), -EAGAIN);
	assert_int_equal(fd_pass_send(pair[0], "abc", 4, sent[1]), 0);
	assert_int_equal(fd_pass_send(pair[0], "def", 4, -1), 0);
	assert_int_equal(fd_pass_receive(pair[1], got, sizeof got, &fd), 4);
	assert_string_equal(got, "abc");
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(sent[0], got, 1), 1);
	(void)close(fd);
	assert_int_equal(fd_pass_receive(pair[1], got, sizeof got, &fd), 4);
	assert_int_equal(fd, -1);
	(void)close(pair[0]);
	assert_int_equal(fd_pass_receive(pair[1], got, sizeof got, &fd), 0);
	(void)close(pair[1]);
	(void)close(sent[0]);
	(void)close(sent[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_is_bounded),
		cmocka_unit_test(test_moves_bytes),
		cmocka_unit_test(test_a_full_pipe_is_not_lent_again),
		cmocka_unit_test(test_descriptor_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
