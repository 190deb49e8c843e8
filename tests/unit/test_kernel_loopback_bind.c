/* Sockets on one port of the loopback address, or none. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "kernel/loopback_bind.h"
#include "unit.h"

enum {
	COUNT = 3,
};

static const struct loopback_option shared[] = {
	{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT" },
	{ 0, 0, 0, NULL },
};

static int started[COUNT];
static int start_count;

static int start_but_the_last(int fd)
{
	started[start_count++] = fd;
	return start_count < COUNT ? 0 : -EADDRINUSE;
}

static struct loopback_want wanted(void)
{
	return (struct loopback_want){ .family = AF_INET,
				       .type = SOCK_STREAM,
				       .what = "a listener",
				       .options = shared,
				       .count = COUNT };
}

static void test_one_port(void **state)
{
	const struct loopback_want want = wanted();
	struct fault fault = { 0 };
	uint16_t port = 0;
	int fds[COUNT];

	(void)state;
	assert_int_equal(loopback_bind(&want, fds, &port, &fault), 0);
	assert_int_not_equal(port, 0);
	for (int i = 0; i < COUNT; i++) {
		struct sockaddr_storage name;
		socklen_t size = sizeof name;

		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&name, &size), 0);
		assert_int_equal(addr_from_sockaddr(&name).port, port);
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
		assert_int_equal(close(fds[i]), 0);
	}
}

/* Those that were opened before the one that failed are closed, and the port is not told. */
static void test_all_or_none(void **state)
{
	struct loopback_want want = wanted();
	struct fault fault = { 0 };
	uint16_t port = 7;
	int fds[COUNT];

	(void)state;
	want.start = start_but_the_last;
	assert_int_equal(loopback_bind(&want, fds, &port, &fault), -EADDRINUSE);
	assert_int_equal(start_count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(fcntl(started[i], F_GETFD), -1);
		assert_int_equal(errno, EBADF);
	}
	assert_int_equal(port, 7);
	assert_non_null(strstr(fault.text, "127.0.0.1"));
}

static void test_an_option_that_does_not_fit(void **state)
{
	static const struct loopback_option wrong[] = {
		{ SOL_SOCKET, -1, 1, "SO_NONSENSE" },
		{ 0, 0, 0, NULL },
	};
	struct loopback_want want = wanted();
	struct fault fault = { 0 };
	uint16_t port = 7;
	int fds[COUNT];

	(void)state;
	want.options = wrong;
	assert_int_equal(loopback_bind(&want, fds, &port, &fault), -ENOPROTOOPT);
	assert_string_equal(fault.text, "cannot set SO_NONSENSE on a listener");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_port),
		cmocka_unit_test(test_all_or_none),
		cmocka_unit_test(test_an_option_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
