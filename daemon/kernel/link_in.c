/*
 * The interface of an accepted connection. The kernel notes it for each, and
 * tells it as an option of a packet that was received, also of a stream: RFC
 * 2292 4.1, and the same for IPv4. Asking is switched on for just the question, for
 * it costs something with every segment.
 */
#include "kernel/link_in.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CONTROL_BYTES = 256, /* of all that may have been asked for */
};

#ifndef IPV6_2292PKTOPTIONS
#define IPV6_2292PKTOPTIONS 6 /* <linux/in6.h> */
#endif

/* Where it is asked for, where it is told, and as what. */
struct form {
	int level;
	int wish;
	int question;
	int type;
};

static uint32_t index_of(const struct cmsghdr *head, const struct form *form)
{
	struct in6_pktinfo v6;
	struct in_pktinfo v4;

	if (head->cmsg_level != form->level || head->cmsg_type != form->type)
		return 0;
	if (form->level == SOL_IP && head->cmsg_len >= CMSG_LEN(sizeof v4)) {
		memcpy(&v4, CMSG_DATA(head), sizeof v4);
		return v4.ipi_ifindex > 0 ? (uint32_t)v4.ipi_ifindex : 0;
	}
	if (form->level == SOL_IPV6 && head->cmsg_len >= CMSG_LEN(sizeof v6)) {
		memcpy(&v6, CMSG_DATA(head), sizeof v6);
		return v6.ipi6_ifindex;
	}
	return 0;
}

static uint32_t ask(int fd, const struct form *form)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES] = { 0 };
	socklen_t size = sizeof control;
	struct msghdr told = { .msg_control = control };
	struct cmsghdr *head;
	uint32_t index = 0;

	if (getsockopt(fd, form->level, form->question, control, &size) < 0)
		return 0;
	told.msg_controllen = size;
	for (head = CMSG_FIRSTHDR(&told); head && !index; head = CMSG_NXTHDR(&told, head))
		index = index_of(head, form);
	return index;
}

uint32_t link_in(int fd, uint16_t family)
{
	static const struct form v4 = { SOL_IP, IP_PKTINFO, IP_PKTOPTIONS, IP_PKTINFO };
	static const struct form v6 = { SOL_IPV6, IPV6_RECVPKTINFO, IPV6_2292PKTOPTIONS,
					IPV6_PKTINFO };
	const struct form *form = family == AF_INET ? &v4 : &v6;
	uint32_t index;
	int on = 1;

	if (setsockopt(fd, form->level, form->wish, &on, sizeof on) < 0)
		return 0;
	index = ask(fd, form);
	on = 0;
	(void)setsockopt(fd, form->level, form->wish, &on,
			 sizeof on); /* as it could be switched on */
	return index;
}
