/* Datagrams made by ourselves (RFC 768, RFC 791, RFC 8200). */
#include "kernel/inject_udp.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <unistd.h>

#include "base/checksum.h"

enum {
	HOP_LIMIT = 64,
	HEAD_BYTES = sizeof(struct ip6_hdr) + sizeof(struct udphdr),
	RAW_BYTES = 2048, /* larger ones are cut on most links */
};

static struct udphdr udp_of(const struct inject_datagram *d, struct span data)
{
	struct udphdr udp = { 0 };
	uint32_t sum = IPPROTO_UDP + (uint32_t)(sizeof udp + data.size);

	udp.uh_sport = htons(d->from.port);
	udp.uh_dport = htons(d->to.port);
	udp.uh_ulen = htons((uint16_t)(sizeof udp + data.size));
	sum = checksum_add(sum, d->from.bytes, addr_size(&d->from));
	sum = checksum_add(sum, d->to.bytes, addr_size(&d->to));
	sum = checksum_add(sum, &udp, sizeof udp);
	udp.uh_sum = checksum_end(checksum_add(sum, data.data, data.size));
	if (!udp.uh_sum) /* which would say that there is none */
		udp.uh_sum = 0xffff;
	return udp;
}

static size_t put_ip(uint8_t *packet, const struct inject_datagram *d, size_t size)
{
	struct iphdr v4 = { .version = 4,
			    .ihl = sizeof v4 / 4,
			    .tos = d->tos,
			    .ttl = HOP_LIMIT,
			    .protocol = IPPROTO_UDP };
	struct ip6_hdr v6 = { 0 };

	if (d->from.family == AF_INET) {
		v4.tot_len = htons((uint16_t)(sizeof v4 + size));
		memcpy(&v4.saddr, d->from.bytes, sizeof v4.saddr);
		memcpy(&v4.daddr, d->to.bytes, sizeof v4.daddr);
		memcpy(packet, &v4, sizeof v4); /* the kernel adds what is missing */
		return sizeof v4;
	}
	v6.ip6_flow = htonl((uint32_t)6 << 28 | (uint32_t)d->tos << 20);
	v6.ip6_plen = htons((uint16_t)size);
	v6.ip6_nxt = IPPROTO_UDP;
	v6.ip6_hlim = HOP_LIMIT;
	memcpy(&v6.ip6_src, d->from.bytes, sizeof v6.ip6_src);
	memcpy(&v6.ip6_dst, d->to.bytes, sizeof v6.ip6_dst);
	memcpy(packet, &v6, sizeof v6);
	return sizeof v6;
}

static int send_raw(const struct inject *in, const struct inject_datagram *d, struct span data)
{
	const struct udphdr udp = udp_of(d, data);
	uint8_t packet[HEAD_BYTES + RAW_BYTES];
	size_t at = put_ip(packet, d, sizeof udp + data.size);

	memcpy(packet + at, &udp, sizeof udp);
	at += sizeof udp;
	if (data.size)
		memcpy(packet + at, data.data, data.size);
	return inject_packet(in, &d->to, d->mark, span_of(packet, at + data.size));
}

static int set_up(int fd, const struct inject_datagram *d)
{
	bool is_v4 = d->from.family == AF_INET;
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(&d->from, &name);
	int tos = d->tos;
	int yes = 1;

	if (setsockopt(fd, is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT,
		       &yes, sizeof yes) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &d->mark, sizeof d->mark) < 0 ||
	    setsockopt(fd, is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_TOS : IPV6_TCLASS, &tos,
		       sizeof tos) < 0 ||
	    bind(fd, (const void *)&name, size) < 0)
		return -errno;
	return 0;
}

static int send_by_socket(const struct inject_datagram *d, struct span data)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(&d->to, &name);
	int fd = socket(d->from.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = set_up(fd, d);
	if (!err && sendto(fd, data.data, data.size, 0, (const void *)&name, size) < 0)
		err = -errno;
	(void)close(fd); /* what it sent is on its way */
	return err;
}

int inject_datagram(const struct inject *in, const struct inject_datagram *d, struct span data)
{
	int err;

	if (d->from.family != d->to.family || !addr_size(&d->from))
		return -EINVAL;
	err = data.size > RAW_BYTES ? -EMSGSIZE : send_raw(in, d, data);
	return err == -EMSGSIZE || err == -EAFNOSUPPORT ? send_by_socket(d, data) : err;
}
