/* The messages between hands and eyes. */
#include "flow/question.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PAIR_BUFFER_BYTES =
		1
		<< 20, /* the kernel caps this at net.core.wmem_max: 3 largest questions by default */
};

static bool is_log_text(const char *text, size_t room, bool commas)
{
	for (size_t i = 0; i < room; i++) {
		char c = text[i];

		if (c == '\0')
			return true;
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		      c == ':' || c == '-' || (commas && c == ',')))
			return false;
	}
	return false;
}

bool answer_is_sane(const struct answer *a, size_t size)
{
	return size == sizeof *a && a->verdict >= ANSWER_MORE && a->verdict <= ANSWER_PONG &&
	       (a->verdict != ANSWER_DECIDED ||
		(a->action >= ANSWER_REJECT && a->action <= ANSWER_BACKEND)) &&
	       is_log_text(a->proto, sizeof a->proto, false) &&
	       is_log_text(a->name, sizeof a->name, false) &&
	       is_log_text(a->alpn, sizeof a->alpn, true);
}

bool question_is_sane(const struct question *q, size_t size)
{
	bool has_room = q->transport == QUESTION_TCP ? q->size <= QUESTION_MOST_BYTES
						     : q->size <= DATAGRAMS_ROOM;
	bool has_datagram = q->transport == QUESTION_TCP || q->size >= DATAGRAMS_HEAD_BYTES;

	return size >= sizeof *q && (q->kind == QUESTION_FLOW || q->kind == QUESTION_PING) &&
	       q->transport <= QUESTION_UDP && has_room && has_datagram &&
	       size == sizeof *q + q->size;
}

int question_pair(int fds[2])
{
	int size = PAIR_BUFFER_BYTES;
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
			(void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size,
					 sizeof size); /* as much as an ordinary process may have */
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		err = -errno;
		(void)close(fds[0]); /* unused so far */
		(void)close(fds[1]);
		return err;
	}
	return 0;
}
