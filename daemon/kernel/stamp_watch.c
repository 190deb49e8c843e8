/* Raw sockets that see the TCP headers of one pair of addresses. */
#include "kernel/stamp_watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>

#include "base/reader.h"

enum {
	SEEN_BYTES = 120, /* the longest headers of IPv4 and TCP */
	MOST_READ = 64,   /* at once */
	REST_BYTES =
		7, /* of TCP's header behind its length: flags, window, checksum, urgent pointer */
};

static int set(int fd, int level, int name, const void *value, socklen_t size)
{
	return setsockopt(fd, level, name, value, size) < 0 ? -errno : 0;
}

/* Only segments between these two ports, and of them only the head. IPv6 is seen without its header. */
static int filter(const struct stamp_watch *w, uint16_t from, uint16_t to)
{
	struct sock_filter v4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)from << 16 | to, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SEEN_BYTES),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter v6[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)from << 16 | to, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SEEN_BYTES),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = (unsigned short)(w->is_v4 ? sizeof v4 / sizeof *v4 : sizeof v6 / sizeof *v6),
		.filter = w->is_v4 ? v4 : v6,
	};

	return set(w->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int take_pair(const struct stamp_watch *w, const struct addr *own, const struct addr *peer)
{
	struct addr host = *own;
	struct sockaddr_storage name;
	socklen_t size;

	host.port = 0;
	size = addr_to_sockaddr(&host, &name);
	if (bind(w->fd, (struct sockaddr *)&name, size) < 0)
		return -errno;
	host = *peer;
	host.port = 0;
	size = addr_to_sockaddr(&host, &name);
	return connect(w->fd, (struct sockaddr *)&name, size) < 0 ? -errno : 0;
}

static bool is_near(uint32_t a, uint32_t b, uint32_t most)
{
	return a - b + most <= 2 * most;
}

static void read_head(struct stamp_watch *w, const uint8_t *head, size_t size)
{
	struct reader r = reader_of(span_of(head, size));
	struct stamp stamp;
	uint8_t length;
	uint32_t seq;
	uint32_t ack;

	if (w->is_v4)
		(void)reader_take(&r, (size_t)(head[0] & 15) * 4);
	(void)reader_be32(&r); /* ports */
	seq = reader_be32(&r);
	ack = reader_be32(&r);
	length = reader_u8(&r) >> 4;
	(void)reader_take(&r, REST_BYTES);
	if (r.short_read || length < sizeof(struct tcphdr) / 4 ||
	    !is_near(w->is_by_ack ? ack : seq, w->near, STAMP_WATCH_NEAR))
		return;
	if (!stamp_find(reader_take(&r, (size_t)length * 4 - sizeof(struct tcphdr)), &stamp) ||
	    !is_near(stamp.echo, w->clock, STAMP_WATCH_LATE))
		return;
	if (!w->is_seen || stamp_is_since(stamp.value, w->seen.value))
		w->seen.value = stamp.value;
	if (!w->is_seen || stamp_is_since(stamp.echo, w->seen.echo))
		w->seen.echo = stamp.echo;
	w->is_seen = true;
}

/* What came before the socket knew its pair may be others'. */
static void forget(const struct stamp_watch *w)
{
	uint8_t head[1];

	while (recv(w->fd, head, sizeof head, MSG_DONTWAIT) >= 0)
		;
}

int stamp_watch_open(struct stamp_watch *w, const struct addr *own, const struct addr *peer,
		     uint32_t mark)
{
	struct stamp_watch new = { .is_v4 = own->family == AF_INET };
	int on = 1;
	int err;

	new.fd = socket(own->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	if (new.fd < 0)
		return -errno;
	err = filter(&new, peer->port, own->port);
	if (!err)
		err = set(new.fd, new.is_v4 ? SOL_IP : SOL_IPV6,
			  new.is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &on, sizeof on);
	if (!err)
		err = set(new.fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
	if (!err)
		err = take_pair(&new, own, peer);
	if (err) {
		(void)close(new.fd); /* of no use */
		return err;
	}
	forget(&new);
	*w = new;
	return 0;
}

void stamp_watch_read(struct stamp_watch *w)
{
	uint8_t head[SEEN_BYTES];

	for (int i = 0; i < MOST_READ; i++) {
		ssize_t size = recv(w->fd, head, sizeof head, MSG_DONTWAIT);

		if (size > 0)
			read_head(w, head, (size_t)size);
		else if (size < 0)
			return;
	}
}

void stamp_watch_close(struct stamp_watch *w)
{
	if (w->fd >= 0)
		(void)close(w->fd); /* only read */
	w->fd = -1;
}
