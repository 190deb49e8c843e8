#ifndef SHUNT_UNIT_KERNEL_UDP_H
#define SHUNT_UNIT_KERNEL_UDP_H

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <linux/netlink.h>

#include "base/addr.h"
#include "own_netns.h"

/* Datagrams over the loopback device of a namespace of the test's own. */
enum {
	TEST_MARK = 0x52000000,
};

static inline void set_lo(int mtu)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	if (mtu) {
		r.ifr_mtu = mtu;
		assert_int_equal(ioctl(fd, SIOCSIFMTU, &r), 0);
	} else {
		r.ifr_flags = IFF_UP | IFF_RUNNING;
		assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
	}
	(void)close(fd);
}

static inline int setup(void **state)
{
	int err = enter_netns(state, NETLINK_ROUTE);
	struct netlink *nl = *state;

	if (!err && nl->socket)
		set_lo(0);
	return err;
}

static inline struct addr endpoint(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

/* A socket of somebody who knows nothing of us. */
static inline int stranger(const struct addr *at, bool may_share)
{
	int fd = socket(at->family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int room = 64 << 20;
	int on = may_share;
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(at, &name);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	return fd;
}

/* The next datagram's size, and its sender; -1: there is none. */
static inline ssize_t receive(int fd, uint8_t *room, size_t size, struct addr *from)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof name;
	ssize_t got = recvfrom(fd, room, size, MSG_DONTWAIT, (struct sockaddr *)&name, &length);

	if (from)
		*from = addr_from_sockaddr(&name);
	return got;
}

static inline void send_to(int fd, const struct addr *to, struct span data)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(to, &name);

	assert_int_equal(sendto(fd, data.data, data.size, 0, (struct sockaddr *)&name, size),
			 data.size);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, leave_netns)

#endif
