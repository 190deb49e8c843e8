/* Messages with a descriptor over a UNIX socket. */
#include "kernel/fd_pass.h"

#include <errno.h>
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
	do
		got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (m.msg_controllen >= CMSG_LEN(sizeof *fd) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof *fd);
	return got;
}
