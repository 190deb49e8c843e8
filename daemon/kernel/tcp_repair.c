/* TCP_REPAIR and TCP_INFO: the state of a connection that somebody else goes on with. */
#include "kernel/tcp_repair.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>
#include <linux/tcp.h>

#include "base/stamp.h"

enum {
	OFF_SILENTLY = -1, /* TCP_REPAIR_OFF_NO_WP */
	OFF = 0,           /* with a window probe, which carries an acknowledgement */
	ON = 1,
	RECEIVE_QUEUE = 1,
	SEND_QUEUE = 2,
	TRIES = 8, /* of reading two values between which nothing came */
};

static int set(int fd, int name, int value)
{
	return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int get(int fd, int name, uint32_t *value)
{
	socklen_t size = sizeof *value;

	return getsockopt(fd, IPPROTO_TCP, name, value, &size) < 0 ? -errno : 0;
}

int tcp_repair_try(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 ? -errno : set(fd, TCP_REPAIR, ON);

	if (fd >= 0)
		(void)close(fd); /* never connected */
	return err;
}

int tcp_terms_read(int fd, struct tcp_terms *out)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	/* the kernel tells what is left beside the timestamps, in one direction only */
	if (info.tcpi_options & TCPI_OPT_TIMESTAMPS)
		info.tcpi_snd_mss += STAMP_OPTION_BYTES;
	*out = (struct tcp_terms){
		.is_established = info.tcpi_state == 1, /* TCP_ESTABLISHED of the kernel */
		.has_timestamps = info.tcpi_options & TCPI_OPT_TIMESTAMPS,
		.has_sack = info.tcpi_options & TCPI_OPT_SACK,
		.has_scale = info.tcpi_options & TCPI_OPT_WSCALE,
		.has_ecn = info.tcpi_options & TCPI_OPT_ECN,
		.peer_scale = info.tcpi_snd_wscale,
		.our_scale = info.tcpi_rcv_wscale,
		.most_sent = (uint16_t)info.tcpi_snd_mss,
		.most_taken = (uint16_t)info.tcpi_advmss,
		.rtt_us = info.tcpi_rtt,
	};
	return 0;
}

int tcp_moved_read(int fd, uint32_t *received, uint32_t *acked)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	*received = (uint32_t)info.tcpi_bytes_received;
	*acked = (uint32_t)info.tcpi_bytes_acked;
	return 0;
}

/* The end of what came, and how much of it is unread: two calls, so until they agree. */
static int read_received(int fd, uint32_t *end, uint32_t *unread)
{
	uint32_t again;
	int bytes;
	int err = set(fd, TCP_REPAIR_QUEUE, RECEIVE_QUEUE);

	for (int i = 0; !err && i < TRIES; i++) {
		err = get(fd, TCP_QUEUE_SEQ, end);
		if (!err && ioctl(fd, SIOCINQ, &bytes) < 0)
			err = -errno;
		if (!err)
			err = get(fd, TCP_QUEUE_SEQ, &again);
		if (err || again != *end)
			continue;
		*unread = (uint32_t)bytes;
		return 0;
	}
	return err ? err : -EAGAIN;
}

static int read_sent(int fd, struct tcp_place *out)
{
	struct tcp_repair_window window = { 0 };
	socklen_t size = sizeof window;
	int bytes;
	int err = set(fd, TCP_REPAIR_QUEUE, SEND_QUEUE);

	if (!err)
		err = get(fd, TCP_QUEUE_SEQ, &out->sent);
	if (!err && getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, &size) < 0)
		err = -errno;
	if (!err && ioctl(fd, SIOCOUTQ, &bytes) < 0)
		err = -errno;
	if (err)
		return err;
	out->unacked = (uint32_t)bytes;
	out->acked = window.rcv_wup;
	out->window = window.snd_wnd;
	out->open = window.rcv_wnd;
	return 0;
}

int tcp_place_read(int fd, struct tcp_place *out)
{
	struct tcp_place place = { 0 };
	uint32_t end = 0;
	int err = set(fd, TCP_REPAIR, ON);

	if (err)
		return err;
	err = read_sent(fd, &place);
	if (!err)
		err = read_received(fd, &end, &place.unread);
	if (err) {
		tcp_repair_leave(fd);
		return err;
	}
	place.consumed = end - place.unread;
	*out = place;
	return 0;
}

int tcp_repair_peek(int fd, uint8_t *to, size_t size)
{
	int err = set(fd, TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
	ssize_t got;

	if (err)
		return err;
	got = recv(fd, to, size, MSG_PEEK | MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EIO;
}

int tcp_stamp_read(int fd, uint32_t *now)
{
	return get(fd, TCP_TIMESTAMP, now);
}

static void leave(int fd, int how)
{
	int on = 1;

	(void)set(fd, TCP_REPAIR, how); /* fails only where entering did */
	/* leaving takes it away, and a service of this box may want that port number too */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

void tcp_repair_leave(int fd)
{
	leave(fd, OFF_SILENTLY);
}

int tcp_stamp_set(int fd, uint32_t now)
{
	/* no queue is chosen: what the socket sends meanwhile does leave */
	int err = set(fd, TCP_REPAIR, ON);

	if (err)
		return err;
	/* an odd one would have the kernel count microseconds (since 6.7) */
	err = set(fd, TCP_TIMESTAMP, (int)(now & ~1u));
	tcp_repair_leave(fd);
	return err;
}

void tcp_repair_acknowledge(int fd)
{
	if (set(fd, TCP_REPAIR, ON) == 0)
		leave(fd, OFF); /* without it the peer asks again by itself */
}
