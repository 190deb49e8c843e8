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

bool answer_is_text(const char *text, size_t room, bool commas)
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

static bool is_id(const struct flow_id *id)
{
	return id->size == 0 ||
	       (id->size >= FLOW_ID_LEAST_BYTES && id->size <= FLOW_ID_MOST_BYTES &&
		(id->kind == FLOW_ID_QUIC || id->kind == FLOW_ID_WIREGUARD));
}

bool answer_is_sane(const struct answer *a, size_t size)
{
	return size == sizeof *a && a->verdict >= ANSWER_MORE && a->verdict <= ANSWER_TOLD &&
	       (a->verdict != ANSWER_DECIDED ||
		(a->action >= ANSWER_REJECT && a->action <= ANSWER_BACKEND)) &&
	       (a->verdict == ANSWER_MORE || !a->exec_ask) && is_id(&a->id) &&
	       a->watch.ids <= FLOW_ID_WIREGUARD &&
	       answer_is_text(a->proto, sizeof a->proto, false) &&
	       answer_is_text(a->name, sizeof a->name, false) &&
	       answer_is_text(a->alpn, sizeof a->alpn, true);
}

/* Is there no more behind the header than its kind and transport allow, and no less? */
static bool has_size(const struct question *q)
{
	switch ((enum question_kind)q->kind) {
	case QUESTION_PING:
		return q->size == 0;
	case QUESTION_FLOW:
		return q->transport == QUESTION_TCP
			       ? q->size <= QUESTION_MOST_BYTES
			       : q->size >= DATAGRAMS_HEAD_BYTES && q->size <= DATAGRAMS_ROOM;
	case QUESTION_TOLD:
		return q->size <= FLOW_ID_HEAD_BYTES && q->size <= q->whole;
	case QUESTION_LED:
		return q->size < RECORD_NAME_BYTES;
	}
	return false;
}

static bool has_ids(const struct question *q)
{
	bool is_about_ids = q->kind == QUESTION_TOLD || q->kind == QUESTION_LED;

	return !is_about_ids || (q->transport == QUESTION_UDP &&
				 (q->ids == FLOW_ID_QUIC || q->ids == FLOW_ID_WIREGUARD));
}

bool question_is_sane(const struct question *q, size_t size)
{
	return size >= sizeof *q && q->transport <= QUESTION_UDP && has_size(q) && has_ids(q) &&
	       !(q->exec_yes & q->exec_no) && size == sizeof *q + q->size;
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
