/* Listeners for datagrams: opened in the test's own box; skipped without root. */

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "kernel/udp_listen.h"
#include "unit.h"

enum {
	COUNT = 3,
	MARK = 0x53000000,
};

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

static void open_some(int family, int *fds, uint16_t *port)
{
	const struct udp_listen want = { .family = family, .mark = MARK, .count = COUNT };
	struct fault fault = { 0 };

	if (geteuid() != 0)
		skip();
	assert_int_equal(udp_listen_open(&want, fds, port, &fault), 0);
	assert_true(*port > 0);
}

static void close_some(const int *fds)
{
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(close(fds[i]), 0);
}

static void test_they_share_a_port_of_loopback(void **state)
{
	int fds[COUNT];
	uint16_t port;

	(void)state;
	open_some(AF_INET, fds, &port);
	for (int i = 0; i < COUNT; i++) {
		struct sockaddr_in name;
		socklen_t size = sizeof name;

		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&name, &size), 0);
		assert_int_equal(ntohs(name.sin_port), port);
		assert_int_equal(ntohl(name.sin_addr.s_addr), INADDR_LOOPBACK);
		assert_int_equal(option(fds[i], SOL_IP, IP_TRANSPARENT), 1);
		assert_int_equal(option(fds[i], SOL_IP, IP_RECVORIGDSTADDR), 1);
		assert_int_equal(option(fds[i], SOL_IP, IP_RECVTOS), 1);
		assert_int_equal(option(fds[i], SOL_SOCKET, SO_MARK), MARK);
		assert_true(option(fds[i], SOL_SOCKET, SO_RCVBUF) >= UDP_LISTEN_ROOM_BYTES);
	}
	close_some(fds);
}

static void test_ipv6(void **state)
{
	int fds[COUNT];
	uint16_t port;

	(void)state;
	open_some(AF_INET6, fds, &port);
	for (int i = 0; i < COUNT; i++) {
		struct sockaddr_in6 name;
		socklen_t size = sizeof name;

		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&name, &size), 0);
		assert_int_equal(ntohs(name.sin6_port), port);
		assert_memory_equal(&name.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback);
		assert_int_equal(option(fds[i], SOL_IPV6, IPV6_TRANSPARENT), 1);
		assert_int_equal(option(fds[i], SOL_IPV6, IPV6_RECVORIGDSTADDR), 1);
		assert_int_equal(option(fds[i], SOL_IPV6, IPV6_RECVTCLASS), 1);
	}
	close_some(fds);
}

/* All datagrams of one sender come to the same of them. */
static void test_a_sender_comes_to_one(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fds[COUNT];
	int holders = 0;
	uint16_t port;
	char byte;
	int from;

	(void)state;
	open_some(AF_INET, fds, &port);
	to.sin_port = htons(port);
	from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(from >= 0);
	for (int i = 0; i < COUNT * 4; i++)
		assert_int_equal(sendto(from, "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
	for (int i = 0; i < COUNT; i++) {
		int got = 0;

		while (recv(fds[i], &byte, 1, 0) == 1)
			got++;
		assert_int_equal(errno, EAGAIN);
		assert_true(got == 0 || got == COUNT * 4);
		holders += got > 0;
	}
	assert_int_equal(holders, 1);
	assert_int_equal(close(from), 0);
	close_some(fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_share_a_port_of_loopback),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_a_sender_comes_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
