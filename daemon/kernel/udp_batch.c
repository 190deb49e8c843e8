/* Reading datagrams, many at once. */
#include "kernel/udp_batch.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>

enum {
	/* not 64 KiB exactly: short datagrams would all lie in the same lines of a cache */
	PLACE_BYTES = 65536 + 21 * 64,
	CONTROL_BYTES = CMSG_SPACE(sizeof(struct sockaddr_in6)) +
			CMSG_SPACE(sizeof(struct in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int)),
};

struct udp_batch {
	struct mmsghdr messages[UDP_BATCH_MOST];
	struct iovec places[UDP_BATCH_MOST];
	struct sockaddr_storage names[UDP_BATCH_MOST];
	_Alignas(struct cmsghdr) char controls[UDP_BATCH_MOST][CONTROL_BYTES];
	uint8_t *bytes;
	unsigned used; /* of the messages, by the last call */
};

static void prepare(struct udp_batch *b, unsigned index)
{
	b->messages[index].msg_hdr = (struct msghdr){
		.msg_name = &b->names[index],
		.msg_namelen = sizeof b->names[index],
		.msg_iov = &b->places[index],
		.msg_iovlen = 1,
		.msg_control = b->controls[index],
		.msg_controllen = sizeof b->controls[index],
	};
}

struct udp_batch *udp_batch_new(void)
{
	struct udp_batch *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->bytes = malloc((size_t)UDP_BATCH_MOST * PLACE_BYTES);
	if (!b->bytes) {
		free(b);
		return NULL;
	}
	for (unsigned i = 0; i < UDP_BATCH_MOST; i++) {
		b->places[i] =
			(struct iovec){ b->bytes + (size_t)i * PLACE_BYTES, UDP_BATCH_MOST_BYTES };
		prepare(b, i);
	}
	return b;
}

void udp_batch_free(struct udp_batch *b)
{
	if (b)
		free(b->bytes);
	free(b);
}

int udp_batch_receive(struct udp_batch *b, int fd)
{
	int count;

	for (unsigned i = 0; i < b->used; i++)
		prepare(b, i);
	b->used = 0;
	count = recvmmsg(fd, b->messages, UDP_BATCH_MOST, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	b->used = (unsigned)count;
	return count;
}

static struct addr address_in(const struct cmsghdr *c, size_t size)
{
	struct sockaddr_storage name = { 0 };

	memcpy(&name, CMSG_DATA(c), size);
	return addr_from_sockaddr(&name);
}

/* Of struct in_pktinfo or struct in6_pktinfo, by where it begins. */
static uint32_t link_in(const struct cmsghdr *c, size_t at)
{
	uint32_t link;

	memcpy(&link, (const uint8_t *)CMSG_DATA(c) + at, sizeof link);
	return link;
}

static int number_in(const struct cmsghdr *c)
{
	int value = 0;

	memcpy(&value, CMSG_DATA(c), sizeof value);
	return value;
}

static void take_control(const struct cmsghdr *c, struct udp_run *run)
{
	if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_ORIGDSTADDR)
		run->to = address_in(c, sizeof(struct sockaddr_in));
	else if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_ORIGDSTADDR)
		run->to = address_in(c, sizeof(struct sockaddr_in6));
	else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO)
		run->link = link_in(c, offsetof(struct in_pktinfo, ipi_ifindex));
	else if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_PKTINFO)
		run->link = link_in(c, offsetof(struct in6_pktinfo, ipi6_ifindex));
	else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_TOS)
		run->tos = *(const uint8_t *)CMSG_DATA(c);
	else if (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_TCLASS)
		run->tos = (uint8_t)number_in(c);
	else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
		run->segment = (uint16_t)number_in(c);
}

struct udp_run udp_batch_run(const struct udp_batch *b, unsigned index)
{
	/* the C library takes a header that it only reads for one that it may write */
	struct msghdr *m = (struct msghdr *)(uintptr_t)&b->messages[index].msg_hdr;
	struct udp_run run = { .bytes = span_of(b->places[index].iov_base,
						b->messages[index].msg_len) };

	if (m->msg_namelen)
		run.from = addr_from_sockaddr(&b->names[index]);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		take_control(c, &run);
	if (run.segment >= run.bytes.size)
		run.segment = 0;
	return run;
}

bool udp_run_next(const struct udp_run *run, size_t *at, struct span *datagram)
{
	size_t left = run->bytes.size - *at;
	size_t size = run->segment && run->segment < left ? run->segment : left;

	if (*at && *at >= run->bytes.size)
		return false;
	*datagram = span_of(run->bytes.data + *at, size);
	*at += size ? size : 1;
	return true;
}
