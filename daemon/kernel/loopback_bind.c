/* Sockets on one port of the loopback address. */
#include "kernel/loopback_bind.h"

#include <errno.h>
#include <unistd.h>

#include "base/fault.h"

static int set_options(int fd, const struct loopback_want *want, struct fault *fault)
{
	for (const struct loopback_option *o = want->options; o->what; o++) {
		if (setsockopt(fd, o->level, o->name, &o->value, sizeof o->value) < 0)
			return fault_set(fault, -errno, "cannot set %s on %s%s", o->what,
					 want->what,
					 errno == EPERM ? ": CAP_NET_ADMIN is needed" : "");
	}
	return 0;
}

/* *port 0: any, and it is told. */
static int bind_one(int fd, const struct loopback_want *want, uint16_t *port, struct fault *fault)
{
	const bool is_v4 = want->family == AF_INET;
	struct addr a = { .family = (uint16_t)want->family, .port = *port };
	struct sockaddr_storage name;
	socklen_t size;
	int err = 0;

	a.bytes[is_v4 ? 0 : 15] = is_v4 ? 127 : 1;
	if (is_v4)
		a.bytes[3] = 1;
	size = addr_to_sockaddr(&a, &name);
	if (bind(fd, (struct sockaddr *)&name, size) < 0)
		err = -errno;
	else if (want->start)
		err = want->start(fd);
	if (!err && getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		err = -errno;
	if (err)
		return fault_set(fault, err, "cannot listen on %s%s: is the loopback interface up?",
				 is_v4 ? "127.0.0.1" : "::1",
				 want->type == SOCK_DGRAM ? " for UDP" : "");
	*port = addr_from_sockaddr(&name).port;
	return 0;
}

static int open_one(const struct loopback_want *want, uint16_t *port, struct fault *fault)
{
	int fd = socket(want->family, want->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return fault_set(fault, -errno, "cannot open %s: %s%s", want->what, strerror(errno),
				 errno == EMFILE ? ": raise LimitNOFILE or lower workers" : "");
	err = set_options(fd, want, fault);
	if (!err)
		err = bind_one(fd, want, port, fault);
	if (!err)
		return fd;
	(void)close(fd); /* nothing was received by it */
	return err;
}

int loopback_bind(const struct loopback_want *want, int *fds, uint16_t *port, struct fault *fault)
{
	uint16_t shared = 0;

	for (unsigned i = 0; i < want->count; i++) {
		fds[i] = open_one(want, &shared, fault);
		if (fds[i] >= 0)
			continue;
		for (unsigned k = 0; k < i; k++)
			(void)close(fds[k]); /* nothing was received by it */
		return fds[i] == -EADDRNOTAVAIL ? -EAFNOSUPPORT : fds[i];
	}
	*port = shared;
	return 0;
}
