/*
 * The clients of the control socket: accepted, heard, answered, each within its
 * limits of number, size and time, and never waited for.
 */
#include "ctl/ctl_client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "ctl/ctl_json.h"

enum {
	CLIENT_PARK_MS = 1000,       /* between two tries to accept without descriptors */
	CLIENT_ANSWER_BYTES = 16384, /* first room of an answer */
	CLIENT_ERROR_BYTES = 512,
};

static void set_listening(struct ctl *ctl, bool on)
{
	uint32_t events = on ? EPOLLIN : 0;

	if (ctl->listener.events != events)
		(void)loop_change(ctl->loop, &ctl->listener, events); /* fd is watched: no error */
}

static void drop_answer(struct ctl_client *c)
{
	c->ctl->answer_bytes -= c->answer_room;
	free(c->answer);
	c->answer = NULL;
	c->answer_size = 0;
	c->answer_room = 0;
	c->sent = 0;
}

static void close_client(struct ctl_client *c)
{
	struct ctl *ctl = c->ctl;

	if (c->state == CTL_FREE)
		return;
	ctl_flows_forget(c);
	loop_forget(ctl->loop, &c->watch);
	timer_disarm(ctl->loop, &c->timer);
	(void)close(c->watch.fd); /* what was not sent is nobody's any more */
	c->watch.fd = -1;
	drop_answer(c);
	c->state = CTL_FREE;
	ctl->client_count--;
	if (ctl->parked.index == 0)
		set_listening(ctl, true);
}

void ctl_client_enter(struct ctl_client *c, enum ctl_state state, uint64_t most_ms)
{
	struct loop *loop = c->ctl->loop;
	uint32_t events = state == CTL_REQUEST ? EPOLLIN : state == CTL_ANSWER ? EPOLLOUT : 0;

	c->state = state;
	if (c->watch.events != events)
		(void)loop_change(loop, &c->watch, events); /* fd is watched: no error */
	timer_disarm(loop, &c->timer);
	/* without memory for the timer the client may stay: it is one of few */
	if (most_ms != 0)
		(void)timer_arm(loop, &c->timer, loop_now_ms(loop) + most_ms);
}

static int grow_answer(struct ctl_client *c, size_t needed)
{
	size_t room = c->answer_room != 0 ? c->answer_room : CLIENT_ANSWER_BYTES;
	char *grown;

	while (room < needed)
		room *= 2;
	if (room > CTL_MOST_ANSWER_BYTES)
		room = CTL_MOST_ANSWER_BYTES;
	if (c->ctl->answer_bytes - c->answer_room + room > CTL_MOST_WAITING_BYTES)
		return -EMSGSIZE;
	grown = realloc(c->answer, room);
	if (grown == NULL)
		return -ENOMEM;
	c->ctl->answer_bytes += room - c->answer_room;
	c->answer = grown;
	c->answer_room = room;
	return 0;
}

int ctl_client_add(struct ctl_client *c, const char *text, size_t size)
{
	int err;

	if (size > CTL_MOST_ANSWER_BYTES - c->answer_size)
		return -EMSGSIZE;
	if (size > c->answer_room - c->answer_size) {
		err = grow_answer(c, c->answer_size + size);
		if (err < 0)
			return err;
	}
	memcpy(c->answer + c->answer_size, text, size);
	c->answer_size += size;
	return 0;
}

/* Send what the socket takes now; the rest when it says so. */
static void send_more(struct ctl_client *c)
{
	ssize_t n;

	while (c->sent < c->answer_size) {
		n = send(c->watch.fd, c->answer + c->sent, c->answer_size - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			ctl_client_enter(c, CTL_ANSWER, CTL_SEND_MS);
			return;
		}
		if (n < 0)
			break;
		c->sent += (size_t)n;
	}
	close_client(c);
}

void ctl_client_send(struct ctl_client *c)
{
	ctl_client_enter(c, CTL_ANSWER, CTL_SEND_MS);
	ctl_flows_forget(c);
	send_more(c);
}

void ctl_client_fail(struct ctl_client *c, const char *format, ...)
{
	char text[CLIENT_ERROR_BYTES];
	struct ctl_json j = { .client = c };
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* a long one is cut */
	va_end(args);
	drop_answer(c);
	/* without room for the answer the client only sees the end */
	ctl_json_object(&j, NULL);
	ctl_json_text(&j, "error", text);
	ctl_json_object_end(&j);
	if (j.err != 0 || ctl_client_add(c, "\n", 1) < 0)
		drop_answer(c);
	ctl_client_send(c);
}

/* A whole request has come when there is a newline, or when the client sends no more. */
static void take_request(struct ctl_client *c, size_t got)
{
	const char *end = memchr(c->request, '\n', c->request_size);

	if (end != NULL && end + 1 != c->request + c->request_size)
		ctl_client_fail(c, "bad request: one line is taken per connection");
	else if (end != NULL || (got == 0 && c->request_size > 0))
		ctl_command_run(c);
	else if (got == 0)
		close_client(c); /* somebody looked whether we are alive */
	else if (c->request_size == sizeof(c->request))
		ctl_client_fail(c, "bad request: longer than %zu bytes", sizeof(c->request));
}

static void receive(struct ctl_client *c)
{
	ssize_t n;

	n = recv(c->watch.fd, c->request + c->request_size, sizeof(c->request) - c->request_size,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		close_client(c);
		return;
	}
	c->request_size += (size_t)n;
	take_request(c, (size_t)n);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct ctl_client *c = container_of(w, struct ctl_client, watch);

	/* both directions are shut: a client that only ended its request raises EPOLLRDHUP */
	if (events & (EPOLLERR | EPOLLHUP) && c->state != CTL_REQUEST)
		close_client(c);
	else if (c->state == CTL_REQUEST)
		receive(c);
	else if (c->state == CTL_ANSWER)
		send_more(c);
}

static void client_late(struct timer *t)
{
	struct ctl_client *c = container_of(t, struct ctl_client, timer);

	if (c->state == CTL_REQUEST)
		ctl_client_fail(c, "no request within %d s", CTL_REQUEST_MS / 1000);
	else if (c->state == CTL_FLOWS)
		ctl_client_fail(c, "the carriers did not list their flows within %d s",
				CTL_FLOWS_MS / 1000);
	else if (c->state == CTL_RELOAD)
		ctl_client_fail(c, "the reload takes longer than %d s: status tells how it ended",
				CTL_RELOAD_MS / 1000);
	else
		close_client(c);
}

static void open_client(struct ctl *ctl, int fd)
{
	struct ctl_client *c = ctl->clients;

	while (c->state != CTL_FREE)
		c++; /* there is one: nobody is accepted when all are taken */
	*c = (struct ctl_client){
		.ctl = ctl,
		.watch = { .fd = fd, .events = EPOLLIN, .ready = client_ready },
		.timer = { .fire = client_late },
	};
	if (loop_watch(ctl->loop, &c->watch) < 0) {
		c->watch.fd = -1;
		(void)close(fd); /* nothing was written */
		return;
	}
	ctl->client_count++;
	ctl_client_enter(c, CTL_REQUEST, CTL_REQUEST_MS);
}

static void unpark(struct timer *t)
{
	struct ctl *ctl = container_of(t, struct ctl, parked);

	set_listening(ctl, ctl->client_count < CTL_MOST_CLIENTS);
}

/* Out of descriptors or memory: the connection stays in the queue, and would wake us for ever. */
static void park(struct ctl *ctl, int err)
{
	log_warn("control: cannot take a client: %s", strerror(err));
	if (timer_arm(ctl->loop, &ctl->parked, loop_now_ms(ctl->loop) + CLIENT_PARK_MS) == 0)
		set_listening(ctl, false);
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct ctl *ctl = container_of(w, struct ctl, listener);
	int fd;

	(void)events; /* there is only one */
	while (ctl->client_count < CTL_MOST_CLIENTS) {
		fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			open_client(ctl, fd);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			park(ctl, errno);
		return;
	}
	set_listening(ctl, false);
}

int ctl_new(struct ctl **out, struct loop *loop, const struct config_shunt *config,
	    const struct ctl_source *source, void *owner, struct fault *fault)
{
	struct ctl *ctl;
	int err;

	ctl = calloc(1, sizeof(*ctl));
	if (ctl == NULL)
		return fault_set(fault, -ENOMEM, "control: no memory");
	ctl->loop = loop;
	ctl->source = source;
	ctl->owner = owner;
	ctl->parked.fire = unpark;
	err = ctl_socket_open(&ctl->socket, config->control, config->control_group, fault);
	if (err < 0)
		goto out;
	ctl->listener = (struct watch){
		.fd = ctl->socket.on.fd,
		.events = EPOLLIN,
		.ready = listener_ready,
	};
	err = loop_watch(loop, &ctl->listener);
	if (err < 0) {
		fault_set(fault, err, "control %s: cannot be waited for: %s", config->control,
			  strerror(-err));
		ctl_socket_close(&ctl->socket);
		goto out;
	}
	*out = ctl;
	return 0;
out:
	free(ctl);
	return err;
}

void ctl_free(struct ctl *ctl)
{
	if (ctl == NULL)
		return;
	/* whose flows are asked for goes last, or the next in the queue would be asked for */
	for (size_t i = 0; i < CTL_MOST_CLIENTS; i++)
		if (&ctl->clients[i] != ctl->asking)
			close_client(&ctl->clients[i]);
	if (ctl->asking != NULL)
		close_client(ctl->asking);
	timer_disarm(ctl->loop, &ctl->parked);
	loop_forget(ctl->loop, &ctl->listener);
	ctl_socket_close(&ctl->socket);
	free(ctl);
}
