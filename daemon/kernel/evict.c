/* A SYN out of nothing that ends a TIME_WAIT socket of our own (nf_tproxy does it in the kernel). */
#include "kernel/evict.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>
#include <unistd.h>

#include "base/checksum.h"

enum {
	LOOPBACK_INDEX = 1,
	MOST_BYTES = sizeof(struct ip6_hdr) + sizeof(struct tcphdr),
};

int evict_open(int *out)
{
	/* protocol 0: it only sends */
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	*out = fd;
	return 0;
}

static struct tcphdr syn(const struct addr *client, const struct addr *server)
{
	struct tcphdr tcp = { 0 };
	uint32_t sum = IPPROTO_TCP + sizeof tcp;

	tcp.th_sport = htons(server->port);
	tcp.th_dport = htons(client->port);
	tcp.th_off = sizeof tcp / 4;
	tcp.th_flags = TH_SYN;
	sum = checksum_add(sum, server->bytes, addr_size(server));
	sum = checksum_add(sum, client->bytes, addr_size(client));
	tcp.th_sum = checksum_end(checksum_add(sum, &tcp, sizeof tcp));
	return tcp;
}

static size_t put_v4(uint8_t *packet, const struct addr *client, const struct addr *server)
{
	struct tcphdr tcp = syn(client, server);
	struct iphdr ip = { .version = 4,
			    .ihl = sizeof ip / 4,
			    .tot_len = htons(sizeof ip + sizeof tcp),
			    .ttl = 1,
			    .protocol = IPPROTO_TCP };

	memcpy(&ip.saddr, server->bytes, sizeof ip.saddr);
	memcpy(&ip.daddr, client->bytes, sizeof ip.daddr);
	ip.check = checksum_end(checksum_add(0, &ip, sizeof ip));
	memcpy(packet, &ip, sizeof ip);
	memcpy(packet + sizeof ip, &tcp, sizeof tcp);
	return sizeof ip + sizeof tcp;
}

static size_t put_v6(uint8_t *packet, const struct addr *client, const struct addr *server)
{
	struct tcphdr tcp = syn(client, server);
	struct ip6_hdr ip = { 0 };

	ip.ip6_flow = htonl((uint32_t)6 << 28);
	ip.ip6_plen = htons(sizeof tcp);
	ip.ip6_nxt = IPPROTO_TCP;
	ip.ip6_hlim = 1;
	memcpy(&ip.ip6_src, server->bytes, sizeof ip.ip6_src);
	memcpy(&ip.ip6_dst, client->bytes, sizeof ip.ip6_dst);
	memcpy(packet, &ip, sizeof ip);
	memcpy(packet + sizeof ip, &tcp, sizeof tcp);
	return sizeof ip + sizeof tcp;
}

int evict_time_wait(int fd, const struct marks *marks, const struct addr *client,
		    const struct addr *server)
{
	uint8_t packet[MOST_BYTES];
	uint32_t mark = marks_of(marks, MARK_EVICT);
	bool is_v4 = client->family == AF_INET;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(is_v4 ? ETHERTYPE_IP : ETHERTYPE_IPV6),
				  .sll_ifindex = LOOPBACK_INDEX,
				  .sll_halen = ETH_ALEN };
	size_t size;

	if (client->family != server->family || !addr_size(client))
		return -EINVAL;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0)
		return -errno;
	size = is_v4 ? put_v4(packet, client, server) : put_v6(packet, client, server);
	if (sendto(fd, packet, size, 0, (const void *)&to, sizeof to) < 0)
		return -errno;
	return 0;
}
