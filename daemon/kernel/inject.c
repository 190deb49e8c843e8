/* Raw TCP segments (RFC 9293 3.1, RFC 791, RFC 8200). */
#include "kernel/inject.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/checksum.h"

enum {
	HOP_LIMIT = 64,
	HEAD_BYTES = sizeof(struct ip6_hdr) + sizeof(struct tcphdr) + STAMP_OPTION_BYTES,
};

/* A TCP header and its options. */
struct tcp_head {
	struct tcphdr tcp;
	uint8_t options[STAMP_OPTION_BYTES];
	size_t size; /* of both */
};

int inject_open(struct inject *in)
{
	int on = 1;
	int err;

	in->v4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	err = in->v4 < 0 ? -errno : 0;
	in->v6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (in->v6 >= 0 && setsockopt(in->v6, SOL_IPV6, IPV6_HDRINCL, &on, sizeof on) < 0) {
		(void)close(in->v6); /* of no use without */
		in->v6 = -1;
	}
	return in->v4 < 0 && in->v6 < 0 ? err : 0;
}

void inject_close(struct inject *in)
{
	if (in->v4 >= 0)
		(void)close(in->v4); /* nothing waits in it */
	if (in->v6 >= 0)
		(void)close(in->v6);
	in->v4 = -1;
	in->v6 = -1;
}

/* As all write them (RFC 7323 appendix A). */
static void put_stamp(struct tcp_head *h, const struct stamp *stamp)
{
	static const uint8_t start[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
					 TCPOLEN_TIMESTAMP };
	const uint32_t words[] = { htonl(stamp->value), htonl(stamp->echo) };

	memcpy(h->options, start, sizeof start);
	memcpy(h->options + sizeof start, words, sizeof words);
	h->size += sizeof h->options;
}

static struct tcp_head tcp_of(const struct inject_segment *s, struct span data)
{
	struct tcp_head h = { .size = sizeof h.tcp };
	uint32_t sum;

	if (s->has_stamp)
		put_stamp(&h, &s->stamp);
	sum = IPPROTO_TCP + (uint32_t)(h.size + data.size);
	h.tcp.th_sport = htons(s->from.port);
	h.tcp.th_dport = htons(s->to.port);
	h.tcp.th_seq = htonl(s->seq);
	h.tcp.th_ack = htonl(s->ack);
	h.tcp.th_off = (uint8_t)(h.size / 4) & 15;
	h.tcp.th_flags = s->is_syn ? TH_SYN : (uint8_t)(TH_ACK | (s->is_push ? TH_PUSH : 0));
	h.tcp.th_win = htons(s->window);
	sum = checksum_add(sum, s->from.bytes, addr_size(&s->from));
	sum = checksum_add(sum, s->to.bytes, addr_size(&s->to));
	sum = checksum_add(sum, &h, h.size);
	h.tcp.th_sum = checksum_end(checksum_add(sum, data.data, data.size));
	return h;
}

static size_t put_ip(uint8_t *head, const struct inject_segment *s, size_t size)
{
	struct iphdr v4 = { .version = 4,
			    .ihl = sizeof v4 / 4,
			    .tos = s->tos,
			    .frag_off = htons(IP_DF),
			    .ttl = HOP_LIMIT,
			    .protocol = IPPROTO_TCP };
	struct ip6_hdr v6 = { 0 };

	if (s->from.family == AF_INET) {
		v4.tot_len = htons((uint16_t)(sizeof v4 + size)); /* checked: it fits */
		memcpy(&v4.saddr, s->from.bytes, sizeof v4.saddr);
		memcpy(&v4.daddr, s->to.bytes, sizeof v4.daddr);
		v4.check = checksum_end(checksum_add(0, &v4, sizeof v4));
		memcpy(head, &v4, sizeof v4);
		return sizeof v4;
	}
	v6.ip6_flow = htonl((uint32_t)6 << 28 | (uint32_t)s->tos << 20);
	v6.ip6_plen = htons((uint16_t)size);
	v6.ip6_nxt = IPPROTO_TCP;
	v6.ip6_hlim = HOP_LIMIT;
	memcpy(&v6.ip6_src, s->from.bytes, sizeof v6.ip6_src);
	memcpy(&v6.ip6_dst, s->to.bytes, sizeof v6.ip6_dst);
	memcpy(head, &v6, sizeof v6);
	return sizeof v6;
}

static int send_marked(int fd, uint32_t mark, const struct addr *to, struct iovec *parts)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof mark)] = { 0 };
	struct sockaddr_storage name;
	struct addr host = *to;
	struct msghdr message = { .msg_name = &name, .msg_iov = parts, .msg_iovlen = 2 };
	struct cmsghdr *head;

	host.port = 0; /* to a raw socket of IPv6 it would be a protocol */
	message.msg_namelen = addr_to_sockaddr(&host, &name);
	message.msg_control = control;
	message.msg_controllen = sizeof control;
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SO_MARK;
	head->cmsg_len = CMSG_LEN(sizeof mark);
	memcpy(CMSG_DATA(head), &mark, sizeof mark);
	return sendmsg(fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int inject_packet(const struct inject *in, const struct addr *to, uint32_t mark, struct span packet)
{
	int fd = to->family == AF_INET ? in->v4 : in->v6;
	struct iovec parts[2] = { { .iov_base = (void *)(uintptr_t)packet.data,
				    .iov_len = packet.size } };

	return fd < 0 ? -EAFNOSUPPORT : send_marked(fd, mark, to, parts);
}

int inject_send(const struct inject *in, const struct inject_segment *s, struct span data)
{
	int fd = s->from.family == AF_INET ? in->v4 : in->v6;
	struct iovec parts[2] = { { 0 }, { 0 } };
	uint8_t head[HEAD_BYTES];
	struct tcp_head tcp;
	size_t size;

	if (s->from.family != s->to.family || !addr_size(&s->from) ||
	    (s->towards.family && s->towards.family != s->to.family))
		return -EINVAL;
	if (data.size > INJECT_MOST_BYTES)
		return -EMSGSIZE;
	if (fd < 0)
		return -EAFNOSUPPORT;
	tcp = tcp_of(s, data);
	size = put_ip(head, s, tcp.size + data.size);
	memcpy(head + size, &tcp, tcp.size);
	parts[0] = (struct iovec){ .iov_base = head, .iov_len = size + tcp.size };
	parts[1] = (struct iovec){ .iov_base = (void *)(uintptr_t)data.data, .iov_len = data.size };
	return send_marked(fd, s->mark, s->towards.family ? &s->towards : &s->to, parts);
}
