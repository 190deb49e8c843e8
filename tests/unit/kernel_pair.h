#ifndef SHUNT_UNIT_KERNEL_PAIR_H
#define SHUNT_UNIT_KERNEL_PAIR_H

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/tcp.h>

#include "base/addr.h"
#include "own_netns.h"

/* A connection over lo, both ends of which are the test's. */
struct pair {
	struct addr at[2];
	int client;
	int server;
};

enum {
	PAIR_WAIT_MS = 5000, /* what was sent is here long before */
};

/* To be called in a namespace of the test's own. */
static inline void pair_lo_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	(void)close(fd);
}

static inline struct addr pair_loopback(uint16_t family)
{
	struct addr a = { .family = family };

	a.bytes[0] = family == AF_INET ? 127 : 0;
	a.bytes[family == AF_INET ? 3 : 15] = 1;
	return a;
}

static inline struct addr pair_name(int fd)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	return addr_from_sockaddr(&name);
}

/* receive_bytes: the server's receive buffer; 0: as it comes. Timeouts bound every call on both. */
static inline struct pair pair_open(uint16_t family, int receive_bytes)
{
	const struct timeval most = { .tv_sec = PAIR_WAIT_MS / 1000 };
	struct addr loopback = pair_loopback(family);
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(&loopback, &name);
	int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pair p = { .client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0) };

	if (receive_bytes)
		assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
					    sizeof receive_bytes),
				 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	p.at[1] = pair_name(listener);
	size = addr_to_sockaddr(&p.at[1], &name);
	assert_int_equal(connect(p.client, (struct sockaddr *)&name, size), 0);
	p.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(p.server >= 0);
	(void)close(listener);
	p.at[0] = pair_name(p.client);
	assert_int_equal(setsockopt(p.client, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most), 0);
	assert_int_equal(setsockopt(p.server, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most), 0);
	return p;
}

static inline void pair_close(struct pair *p)
{
	(void)close(p->client);
	(void)close(p->server);
}

static inline struct tcp_info pair_info(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info;
}

static inline void pair_say(int fd, const void *bytes, size_t size)
{
	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

/* Exactly these bytes come next. */
static inline void pair_hears(int fd, const void *bytes, size_t size)
{
	uint8_t got[16384];

	assert_in_range(size, 1, sizeof got);
	assert_int_equal(recv(fd, got, size, MSG_WAITALL), size);
	assert_memory_equal(got, bytes, size);
}

#endif
