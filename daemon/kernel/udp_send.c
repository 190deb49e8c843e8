/* Sending datagrams, many at once. */
#include "kernel/udp_send.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>

#include "kernel/control.h"

enum {
	MOST_PARTS = 256,
	MOST_SEGMENTS = 64,        /* of one message: what the first kernels with UDP GSO take */
	MOST_GATHERED = 63 * 1024, /* bytes of them: with headers they are one packet */
	CONTROL_BYTES = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t)) +
			CMSG_SPACE(sizeof(uint32_t)),
};

/* One message: a datagram or several. */
struct piece {
	size_t bytes;
	unsigned first_part;
	unsigned parts;
	unsigned segments;
	uint16_t segment; /* the size of each but the last */
	uint8_t tos;
	bool is_full; /* its last one is shorter: there can be no further */
};

struct udp_send {
	struct piece pieces[UDP_SEND_MOST];
	struct iovec parts[MOST_PARTS];
	struct mmsghdr messages[UDP_SEND_MOST];
	_Alignas(struct cmsghdr) char controls[UDP_SEND_MOST][CONTROL_BYTES];
	struct sockaddr_storage name;
	socklen_t name_size;
	unsigned count; /* pieces */
	unsigned part_count;
};

struct udp_send *udp_send_new(void)
{
	return calloc(1, sizeof(struct udp_send));
}

void udp_send_free(struct udp_send *s)
{
	free(s);
}

static unsigned segments_of(const struct udp_run *run)
{
	size_t size = run->bytes.size;

	return run->segment ? (unsigned)((size + run->segment - 1) / run->segment) : 1;
}

/* Is it of the same kind as what comes before it, so that they can go as one? */
static bool can_join(const struct piece *p, const struct udp_run *run)
{
	size_t size = run->segment ? run->segment : run->bytes.size;

	return !p->is_full && p->tos == run->tos && size > 0 &&
	       (size == p->segment || (size < p->segment && !run->segment)) &&
	       p->segments + segments_of(run) <= MOST_SEGMENTS &&
	       p->bytes + run->bytes.size <= MOST_GATHERED;
}

bool udp_send_add(struct udp_send *s, const struct udp_run *run, bool is_single)
{
	struct piece *p = s->count ? &s->pieces[s->count - 1] : NULL;
	bool joins = p && !is_single && can_join(p, run);
	size_t segment = run->segment ? run->segment : run->bytes.size;

	if (s->part_count == MOST_PARTS || (!joins && s->count == UDP_SEND_MOST))
		return false;
	if (!joins) {
		p = &s->pieces[s->count++];
		*p = (struct piece){ .first_part = s->part_count,
				     .segment = (uint16_t)segment,
				     .tos = run->tos };
	}
	s->parts[s->part_count++] =
		(struct iovec){ (void *)(uintptr_t)run->bytes.data, run->bytes.size };
	p->parts++;
	p->bytes += run->bytes.size;
	p->segments += segments_of(run);
	p->is_full = !p->segment || p->bytes % p->segment != 0;
	return true;
}

bool udp_send_is_empty(const struct udp_send *s)
{
	return s->count == 0;
}

static void put_controls(struct msghdr *m, char *room, const struct piece *p,
			 const struct udp_way *way)
{
	bool v4 = way->family == AF_INET;
	int tos = p->tos;

	m->msg_control = room;
	m->msg_controllen = 0;
	if (p->tos)
		control_put(m, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos);
	if (p->segments > 1)
		control_put(m, SOL_UDP, UDP_SEGMENT, &p->segment, sizeof p->segment);
	if (way->mark)
		control_put(m, SOL_SOCKET, SO_MARK, &way->mark, sizeof way->mark);
	if (!m->msg_controllen)
		m->msg_control = NULL;
}

static void put_message(struct udp_send *s, unsigned index, const struct udp_way *way)
{
	struct msghdr *m = &s->messages[index].msg_hdr;
	const struct piece *p = &s->pieces[index];

	*m = (struct msghdr){ .msg_iov = &s->parts[p->first_part], .msg_iovlen = p->parts };
	if (s->name_size) {
		m->msg_name = &s->name;
		m->msg_namelen = s->name_size;
	}
	put_controls(m, s->controls[index], p, way);
}

static void note_sent(struct udp_way *way, size_t bytes, unsigned count)
{
	way->bytes += bytes;
	way->count += count;
}

/* An error of a datagram sent before, which is told once, instead of sending this one. */
static bool is_of_before(int err)
{
	return err == -ECONNREFUSED || err == -EHOSTUNREACH || err == -ENETUNREACH ||
	       err == -EPROTO || err == -EOPNOTSUPP || err == -ENOPROTOOPT;
}

/* Send one message; what waited at the socket is taken note of, and it is sent then. 0 or -errno. */
static int send_one(struct udp_way *way, struct msghdr *m)
{
	int err = sendmsg(way->fd, m, MSG_DONTWAIT) < 0 ? -errno : 0;

	if (!is_of_before(err))
		return err;
	way->err = err;
	return sendmsg(way->fd, m, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* The datagrams of a piece by themselves. */
static void send_apart(struct udp_send *s, unsigned index, struct udp_way *way)
{
	struct piece p = s->pieces[index];
	struct msghdr *m = &s->messages[index].msg_hdr;
	struct piece alone = { .tos = p.tos, .segments = 1 };
	struct iovec one;

	put_controls(m, s->controls[index], &alone, way);
	m->msg_iov = &one;
	m->msg_iovlen = 1;
	for (unsigned i = p.first_part; i < p.first_part + p.parts; i++) {
		size_t at = 0;

		while (at < s->parts[i].iov_len) {
			one.iov_base = (char *)s->parts[i].iov_base + at;
			one.iov_len = s->parts[i].iov_len - at;
			if (one.iov_len > p.segment)
				one.iov_len = p.segment;
			at += one.iov_len;
			if (send_one(way, m))
				way->lost++;
			else
				note_sent(way, one.iov_len, 1);
		}
	}
}

/* The kernel did not take this message at once. */
static void send_slowly(struct udp_send *s, unsigned index, struct udp_way *way)
{
	const struct piece *p = &s->pieces[index];
	int err = send_one(way, &s->messages[index].msg_hdr);

	if (!err) {
		note_sent(way, p->bytes, p->segments);
		return;
	}
	if (p->segments > 1 && (err == -EINVAL || err == -EIO || err == -EMSGSIZE)) {
		way->is_single = true;
		send_apart(s, index, way);
		return;
	}
	way->lost += p->segments;
}

void udp_send_all(struct udp_send *s, struct udp_way *way)
{
	unsigned done = 0;
	int count;

	s->name_size = way->to ? addr_to_sockaddr(way->to, &s->name) : 0;
	for (unsigned i = 0; i < s->count; i++)
		put_message(s, i, way);
	while (done < s->count) {
		count = sendmmsg(way->fd, s->messages + done, s->count - done, MSG_DONTWAIT);
		for (int i = 0; i < count; i++)
			note_sent(way, s->pieces[done + (unsigned)i].bytes,
				  s->pieces[done + (unsigned)i].segments);
		if (count > 0)
			done += (unsigned)count;
		if (done == s->count)
			break;
		if (count < 0 && is_of_before(-errno))
			way->err = -errno;
		send_slowly(s, done++, way);
	}
	s->count = 0;
	s->part_count = 0;
}
