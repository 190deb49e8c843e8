/* Messages with a descriptor over a UNIX socket, and what is left of one whose sender has gone. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/fd_pass.h"
#include "unit.h"

/* The ends of a connection at which the other end said `1` and `22`, which came with a descriptor, and has
 * something to read itself. */
static void begin(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fd_pass_send(fds[1], "1", 1, -1), 0);
	assert_int_equal(fd_pass_send(fds[1], "22", 2, STDERR_FILENO), 0);
	assert_int_equal(fd_pass_send(fds[0], "3", 1, -1), 0);
}

static void test_last_words(void **state)
{
	char text[4];
	int fds[2];
	int fd;

	(void)state;
	begin(fds);
	(void)close(fds[1]);
	assert_int_equal(fd_pass_receive(fds[0], text, sizeof text, &fd), 1);
	assert_int_equal(text[0], '1');
	assert_int_equal(fd, -1);
	assert_int_equal(fd_pass_receive(fds[0], text, sizeof text, &fd), 2);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
	assert_int_equal(fd_pass_receive(fds[0], text, sizeof text, &fd), 0);
	assert_int_equal(fd, -1);
	(void)close(fds[0]);
}

static void test_heard(void **state)
{
	char text[1];
	int fds[2];

	(void)state;
	begin(fds);
	assert_int_equal(fd_pass_hear(fds[1], text, sizeof text), 1);
	assert_int_equal(fd_pass_hear(fds[1], text, sizeof text), -EAGAIN);
	assert_int_equal(fd_pass_send(fds[0], "3", 1, -1), 0);
	(void)close(fds[1]);
	assert_int_equal(fd_pass_hear(fds[0], text, sizeof text), 1);
	assert_int_equal(text[0], '1');
	assert_int_equal(fd_pass_hear(fds[0], text, sizeof text), 2); /* its size, not what fits */
	assert_int_equal(fd_pass_hear(fds[0], text, sizeof text), 0);
	(void)close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
