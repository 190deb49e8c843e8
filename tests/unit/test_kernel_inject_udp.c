/* Datagrams from addresses that are not ours, and ports that are taken, as real sockets see them. */
#include <errno.h>

#include <linux/netlink.h>

#include "kernel/inject_udp.h"
#include "kernel/udp_bound.h"
#include "kernel_pair.h"

enum {
	MARK = 0x54000200,
	TOS = 0xb8,
	MOST_BYTES = 65507,
};

static int enter(void **state)
{
	int err = enter_netns(state, NETLINK_ROUTE);

	if (!err && ((struct netlink *)*state)->socket)
		pair_lo_up();
	return err;
}

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

/* A socket at that address which shows marks and the like. */
static int receiver(const struct addr *where, bool is_shared)
{
	const struct timeval most = { .tv_sec = PAIR_WAIT_MS / 1000 };
	bool is_v4 = where->family == AF_INET;
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(where, &name);
	int fd = socket(where->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int share = is_shared;
	int on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof on), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &share, sizeof share), 0);
	assert_int_equal(setsockopt(fd, is_v4 ? SOL_IP : SOL_IPV6,
				    is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &on, sizeof on),
			 0);
	assert_int_equal(setsockopt(fd, is_v4 ? SOL_IP : SOL_IPV6,
				    is_v4 ? IP_RECVTOS : IPV6_RECVTCLASS, &on, sizeof on),
			 0);
	assert_int_equal(bind(fd, (const void *)&name, size), 0);
	return fd;
}

/* The next datagram is this one, from there, with our mark and that traffic class. */
static void comes(int fd, const struct addr *from, struct span data)
{
	static uint8_t got[MOST_BYTES + 1];
	_Alignas(struct cmsghdr) char control[256] = { 0 };
	struct sockaddr_storage name;
	struct iovec part = { .iov_base = got, .iov_len = sizeof got };
	struct msghdr m = { .msg_name = &name,
			    .msg_namelen = sizeof name,
			    .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	unsigned met = 0;
	struct addr sender;

	assert_int_equal(recvmsg(fd, &m, 0), data.size);
	if (data.size)
		assert_memory_equal(got, data.data, data.size);
	sender = addr_from_sockaddr(&name);
	assert_true(addr_equal(&sender, from));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		uint32_t mark = 0;

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK) {
			memcpy(&mark, CMSG_DATA(c), sizeof mark);
			assert_int_equal(mark, MARK);
		} else {
			assert_int_equal(*CMSG_DATA(c), TOS);
		}
		met++;
	}
	assert_int_equal(met, 2);
}

static void arrive(const struct addr *from, const struct addr *to)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 147, 1200, 1472, 2048, 2049, 9000, 65000 };
	static uint8_t data[MOST_BYTES];
	const struct inject_datagram d = { *from, *to, MARK, TOS };
	struct inject in;
	int fd = receiver(to, false);

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(inject_open(&in), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(inject_datagram(&in, &d, span_of(data, sizes[i])), 0);
		comes(fd, from, span_of(data, sizes[i]));
	}
	inject_close(&in);
	(void)close(fd);
}

static void test_they_arrive(void **state)
{
	const struct addr from4 = at("198.51.100.7:40000");
	const struct addr from6 = at("[2001:db8::7]:40000");
	struct addr to;

	(void)need_netns(state);
	to = at("127.0.0.1:443");
	arrive(&from4, &to);
	to = at("[::1]:443");
	arrive(&from6, &to);
}

static void test_they_are_refused(void **state)
{
	const struct inject_datagram d = { at("198.51.100.7:40000"), at("[::1]:443"), MARK, 0 };
	struct inject in;

	(void)need_netns(state);
	assert_int_equal(inject_open(&in), 0);
	assert_int_equal(inject_datagram(&in, &d, span_of(NULL, 0)), -EINVAL);
	inject_close(&in);
}

static void test_a_port_is_taken(void **state)
{
	const struct addr all[] = { at("198.51.100.7:40000"), at("[2001:db8::7]:40000") };

	(void)need_netns(state);
	for (int i = 0; i < 4; i++) {
		struct addr other = all[i / 2];
		int fd;

		other.port++;
		assert_false(udp_is_bound(&all[i / 2]));
		fd = receiver(&all[i / 2], i % 2);
		assert_true(udp_is_bound(&all[i / 2]));
		assert_false(udp_is_bound(&other));
		(void)close(fd);
		assert_false(udp_is_bound(&all[i / 2]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_arrive),
		cmocka_unit_test(test_they_are_refused),
		cmocka_unit_test(test_a_port_is_taken),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
