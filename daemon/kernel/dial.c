/* Sockets towards servers, from the client's own address and port. */
#include "kernel/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/sockios.h>

enum {
	KEEPALIVE_IDLE_S = 300,
	KEEPALIVE_EVERY_S = 60,
	REPAIR_OFF_WITHOUT_PROBE = -1, /* TCP_REPAIR_OFF_NO_WP: 0 would send a window probe */
	REPAIR_SEND_QUEUE = 2,
	DSCP_BITS = 0xfc,
};

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int bind_to(int fd, const struct addr *from)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(from, &name);

	return bind(fd, (struct sockaddr *)&name, size) < 0 ? -errno : 0;
}

/* In repair mode a bind is never refused and the initial sequence number can be chosen. */
static int bind_in_repair(int fd, const struct dial *d)
{
	int err = set(fd, SOL_TCP, TCP_REPAIR, 1);

	if (!err && d->isn)
		err = set(fd, SOL_TCP, TCP_REPAIR_QUEUE, REPAIR_SEND_QUEUE);
	if (!err && d->isn)
		err = set(fd, SOL_TCP, TCP_QUEUE_SEQ, (int)d->isn);
	if (!err)
		err = bind_to(fd, &d->from);
	if (!err)
		err = set(fd, SOL_TCP, TCP_REPAIR, REPAIR_OFF_WITHOUT_PROBE);
	if (!err) /* leaving repair takes it away; a service of this box may want that port number too */
		err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return err;
}

static int bind_address_only(int fd, const struct addr *from)
{
	(void)set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1); /* without it ports are only scarcer */
	return bind_to(fd, from);
}

static int set_up(int fd, const struct dial *d)
{
	bool v4 = d->family == AF_INET;
	int err = set(fd, SOL_SOCKET, SO_MARK, (int)d->mark);

	if (!err) /* an urgent byte may be met before any event tells of it: it must not be skipped */
		err = set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	if (!err && d->from.family)
		err = set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1);
	/* left as they are the connection cannot be handed over, which shows later */
	if (!err && d->window_clamp)
		(void)set(fd, SOL_TCP, TCP_WINDOW_CLAMP, (int)d->window_clamp);
	if (!err && d->most_segment)
		(void)set(fd, SOL_TCP, TCP_MAXSEG, d->most_segment);
	if (!err && d->has_data)
		err = set(fd, SOL_TCP, TCP_QUICKACK, 0); /* saves a packet of every handshake */
	if (!err && (d->tos & DSCP_BITS))
		err = set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TOS : IPV6_TCLASS,
			  d->tos & DSCP_BITS);
	if (!err && d->from.family)
		err = d->from.port ? bind_in_repair(fd, d) : bind_address_only(fd, &d->from);
	return err;
}

int dial_open(const struct dial *d)
{
	int fd = socket(d->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = set_up(fd, d);
	if (err) {
		(void)close(fd); /* never connected */
		return err;
	}
	return fd;
}

int dial_connect(int fd, const struct addr *server)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(server, &name);

	if (connect(fd, (struct sockaddr *)&name, size) == 0 || errno == EINPROGRESS)
		return 0;
	return -errno;
}

void dial_mark(int fd, uint32_t mark)
{
	(void)set(fd, SOL_SOCKET, SO_MARK, (int)mark); /* was allowed before */
}

/* In repair mode a connect only looks whether that pair is free, and takes it. */
bool dial_is_known(const struct addr *own, const struct addr *peer)
{
	int fd = socket(own->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool v4 = own->family == AF_INET;
	int err = fd < 0 ? -errno : 0;

	if (!err)
		err = set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1);
	if (!err)
		err = set(fd, SOL_TCP, TCP_REPAIR, 1);
	if (!err)
		err = bind_to(fd, own);
	if (!err)
		err = dial_connect(fd, peer);
	if (fd >= 0)
		(void)close(fd); /* in repair mode: without a packet */
	return err != 0;
}

int dial_result(int fd)
{
	int err = 0;
	socklen_t size = sizeof err;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0)
		return -errno;
	return -err;
}

void dial_no_delay(int fd)
{
	(void)set(fd, SOL_TCP, TCP_NODELAY, 1); /* slower without, not wrong */
}

uint32_t dial_unsent(int fd)
{
	int bytes = 0;

	(void)ioctl(fd, SIOCOUTQ, &bytes); /* 0 then: nothing is known to wait */
	return (uint32_t)bytes;
}

uint32_t dial_unread(int fd)
{
	int bytes = 0;

	(void)ioctl(fd, SIOCINQ, &bytes); /* 0 then: nothing is known to wait */
	return (uint32_t)bytes;
}

void dial_keep_alive(int fd)
{
	/* a socket that cannot have it still works */
	(void)set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	(void)set(fd, SOL_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	(void)set(fd, SOL_TCP, TCP_KEEPINTVL, KEEPALIVE_EVERY_S);
}

void dial_end_silently(int fd)
{
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };

	/* where repair is refused the socket ends aloud: better than staying */
	if (set(fd, SOL_TCP, TCP_REPAIR, 1) == 0)
		(void)connect(fd, (struct sockaddr *)&none, sizeof none);
	(void)close(fd); /* nothing more to lose */
}

void dial_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now,
			 sizeof now); /* else a FIN: still an end */
	(void)close(fd);
}
