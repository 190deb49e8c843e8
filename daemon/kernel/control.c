/* Control messages (cmsg(3)) of what is sent. */
#include "kernel/control.h"

#include <string.h>
#include <sys/socket.h>

void control_put(struct msghdr *m, int level, int type, const void *data, size_t size)
{
	struct cmsghdr *at = (struct cmsghdr *)(void *)((char *)m->msg_control + m->msg_controllen);

	memset(at, 0, CMSG_SPACE(size));
	at->cmsg_level = level;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(at), data, size);
	m->msg_controllen += CMSG_SPACE(size);
}
