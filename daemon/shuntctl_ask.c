/* One question to the daemon: a line of JSON out, a line of JSON back. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "shuntctl.h"

enum {
	ASK_SECONDS = 15,          /* without a byte from the daemon */
	ASK_MOST_BYTES = 64 << 20, /* of an answer; the daemon sends much less */
	ASK_FIRST_BYTES = 64 * 1024,
};

/* Returns -1, so that a failing function ends `return say(...)`. */
__attribute__((format(printf, 2, 3))) static int say(char why[static SHUNTCTL_WHY_BYTES],
						     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, SHUNTCTL_WHY_BYTES, format, args); /* a long one is cut */
	va_end(args);
	return -1;
}

static int say_errno(char why[static SHUNTCTL_WHY_BYTES], const char *path, int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		return say(why, "no daemon answers on %s: is shuntd running?", path);
	case EACCES:
	case EPERM:
		return say(why, "%s: permission denied: are you root or in its control_group?",
			   path);
	case EAGAIN:
	case ETIMEDOUT:
		return say(why, "%s: the daemon does not answer", path);
	default:
		return say(why, "%s: %s", path, strerror(err));
	}
}

static int open_socket(const char *path, char why[static SHUNTCTL_WHY_BYTES])
{
	const struct timeval wait = { .tv_sec = ASK_SECONDS };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(at.sun_path))
		return say(why, "the path of the socket is too long");
	memcpy(at.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return say_errno(why, path, errno);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	err = errno;
	(void)close(fd); /* nothing was written */
	return say_errno(why, path, err);
}

static int send_request(int fd, const char *command, const char *option)
{
	struct json_object *request = json_object_new_object();
	const char *text;
	ssize_t sent;

	(void)json_object_object_add(request, "command", json_object_new_string(command));
	if (option != NULL)
		(void)json_object_object_add(request, option, json_object_new_boolean(true));
	text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	/* far smaller than any socket buffer: it goes whole or not at all */
	sent = send(fd, text, strlen(text), MSG_NOSIGNAL);
	if (sent >= 0)
		sent = shutdown(fd, SHUT_WR); /* the end of the request */
	json_object_put(request);
	return sent < 0 ? -errno : 0;
}

struct buffer {
	char *data;
	size_t size;
	size_t room;
};

static int make_room(struct buffer *b)
{
	size_t room = b->room != 0 ? 2 * b->room : ASK_FIRST_BYTES;
	char *grown;

	if (b->size < b->room)
		return 0;
	if (room > ASK_MOST_BYTES)
		return -EMSGSIZE;
	grown = realloc(b->data, room);
	if (grown == NULL)
		return -ENOMEM;
	b->data = grown;
	b->room = room;
	return 0;
}

/* Everything until the daemon closes; a reset after the answer is as good an end. */
static int receive_all(int fd, struct buffer *b)
{
	ssize_t n;
	int err;

	for (;;) {
		err = make_room(b);
		if (err < 0)
			return err;
		n = recv(fd, b->data + b->size, b->room - b->size, 0);
		if (n > 0)
			b->size += (size_t)n;
		else if (n == 0 || (errno == ECONNRESET && b->size > 0))
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
}

static struct json_object *parse(const struct buffer *b)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *answer = NULL;

	if (tokener == NULL)
		return NULL;
	answer = json_tokener_parse_ex(tokener, b->data, (int)b->size);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !json_object_is_type(answer, json_type_object)) {
		json_object_put(answer);
		answer = NULL;
	}
	json_tokener_free(tokener);
	return answer;
}

struct json_object *shuntctl_ask(const char *path, const char *command, const char *option,
				 char why[static SHUNTCTL_WHY_BYTES])
{
	struct json_object *answer = NULL, *error;
	struct buffer buffer = { .data = NULL };
	int fd, err;

	fd = open_socket(path, why);
	if (fd < 0)
		return NULL;
	err = send_request(fd, command, option);
	/* a daemon that refuses us has said so and closed before it read the request */
	if (err == 0 || err == -EPIPE)
		err = receive_all(fd, &buffer);
	(void)close(fd); /* all was said */
	if (err < 0) {
		say_errno(why, path, -err);
		goto out;
	}
	answer = parse(&buffer);
	if (answer == NULL) {
		say(why,
		    buffer.size != 0 ? "%s: the answer is not what a shuntd says"
				     : "%s: the daemon closed without an answer",
		    path);
	} else if (json_object_object_get_ex(answer, "error", &error)) {
		say(why, "%s", shuntctl_text(answer, "error"));
		json_object_put(answer);
		answer = NULL;
	}
out:
	free(buffer.data);
	return answer;
}
