/* Messages with a descriptor over a UNIX socket. */
#include "kernel/fd_pass.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int fd_pass_send(int socket, const void *message, size_t size, int fd)
{
	struct iovec part = { .iov_base = (void *)(size_t)message, .iov_len = size };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { .room = { 0 } };
	ssize_t sent;

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof control;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	}
	do
		sent = sendmsg(socket, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* recvmsg(), until there is a message, the end, or an error other than that there was an end (once). */
static ssize_t receive(int socket, struct msghdr *m, int flags)
{
	bool was_reset = false;
	ssize_t got;

	for (;;) {
		got = recvmsg(socket, m, flags);
		if (got >= 0)
			return got;
		if (errno == ECONNRESET && !was_reset)
			was_reset = true;
		else if (errno != EINTR)
			return -errno;
	}
}

ssize_t fd_pass_hear(int socket, void *message, size_t size)
{
	struct iovec part = { .iov_base = message, .iov_len = size };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	return receive(socket, &m, MSG_DONTWAIT | MSG_TRUNC);
}

ssize_t fd_pass_receive(int socket, void *message, size_t size, int *fd)
{
	struct iovec part = { .iov_base = message, .iov_len = size };
	union control control = { .room = { 0 } };
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		/* CMSG_SPACE() would have room for two, of which the second is nobody's */
		.msg_controllen = CMSG_LEN(sizeof *fd)
	};
	ssize_t got;

	*fd = -1;
	got = receive(socket, &m, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return got;
	if (m.msg_controllen >= CMSG_LEN(sizeof *fd) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof *fd);
	return got;
}
