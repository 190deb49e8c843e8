/* Those who ask. */
#include "spawn/guests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "kernel/fd_pass.h"

enum {
	READ_MOST = 32, /* requests at once: others have their turn, too */
};

struct guest {
	LIST_ENTRY(guest) entry; /* in guests.all */
	struct guests *all;
	struct watch w;
};

static void listen_again(struct guests *g);

/* Not of each: whoever asks nonsense may do so often. */
static void complain(struct guests *g, const char *what)
{
	uint64_t now_ms = clock_ms();

	if (g->complained_ms && now_ms < g->complained_ms + GUESTS_COMPLAIN_MS)
		return;
	g->complained_ms = now_ms;
	log_warn("%s", what);
}

static void guest_leave(struct guest *guest)
{
	struct guests *g = guest->all;

	runner_forget(g->runner, guest);
	loop_forget(g->runner->loop, &guest->w);
	(void)close(guest->w.fd); /* its keeper sees the end and comes again */
	LIST_REMOVE(guest, entry);
	g->count--;
	free(guest);
	listen_again(g);
}

/* One that does not listen finds that its question was not answered. */
static void answered(struct runner *r, void *asker, uint64_t id, enum spawn_word word)
{
	const struct guest *guest = asker;
	const struct spawn_reply reply = {
		.version = SPAWN_VERSION, .kind = SPAWN_PROBE, .word = (uint8_t)word, .id = id
	};

	(void)r;
	(void)send(guest->w.fd, &reply, sizeof reply, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void guest_ready(struct watch *w, uint32_t events)
{
	struct guest *guest = container_of(w, struct guest, w);
	uint8_t room[sizeof(struct spawn_request) + SPAWN_MOST_BYTES + 1];
	struct spawn_request q;
	ssize_t size;
	int fd;

	(void)events;
	for (unsigned i = 0; i < READ_MOST; i++) {
		size = fd_pass_receive(w->fd, room, sizeof room, &fd);
		if (fd >= 0)
			(void)close(fd); /* no request of today brings one */
		if (size == -EAGAIN)
			return;
		if (size <= 0) {
			guest_leave(guest);
			return;
		}
		if ((size_t)size >= sizeof q)
			memcpy(&q, room, sizeof q);
		if ((size_t)size < sizeof q || !spawn_request_is_sane(&q, (size_t)size)) {
			complain(guest->all,
				 "a request cannot be understood: hung up; are shuntd and "
				 "shunt-spawn of one version?");
			guest_leave(guest);
			return;
		}
		runner_ask(guest->all->runner, guest, &q, span_of(room + sizeof q, q.size));
	}
}

static bool may_ask(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static int guest_new(struct guests *g, int fd)
{
	struct guest *guest = calloc(1, sizeof *guest);
	int err;

	if (!guest)
		return -ENOMEM;
	guest->all = g;
	guest->w = (struct watch){ .fd = fd, .events = EPOLLIN, .ready = guest_ready };
	err = loop_watch(g->runner->loop, &guest->w);
	if (err) {
		free(guest);
		return err;
	}
	LIST_INSERT_HEAD(&g->all, guest, entry);
	g->count++;
	return 0;
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct guests *g = container_of(w, struct guests, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return; /* gone again; or no descriptor: the next ones wait */
	if (!may_ask(fd)) {
		complain(g, "somebody who is not root wanted to ask: hung up");
		(void)close(fd); /* nothing was said */
	} else if (guest_new(g, fd)) {
		(void)close(fd); /* it comes again */
	}
	if (g->count >= GUESTS_MOST) {
		loop_forget(g->runner->loop, w);
		w->fd = -1;
	}
}

static int start_listening(struct guests *g)
{
	int err;

	g->listener = (struct watch){ .fd = g->on.fd, .events = EPOLLIN, .ready = listener_ready };
	err = loop_watch(g->runner->loop, &g->listener);
	if (err)
		g->listener.fd = -1;
	return err;
}

/* After one has left. */
static void listen_again(struct guests *g)
{
	if (g->listener.fd < 0 && g->on.fd >= 0)
		(void)start_listening(g); /* or when the next one leaves */
}

static void stop_listening(struct guests *g)
{
	if (g->listener.fd >= 0)
		loop_forget(g->runner->loop, &g->listener);
	g->listener.fd = -1;
	unix_listen_close(&g->on);
}

/* A service manager may have removed the folder, and with it the file; or somebody has cleaned up. */
static void look(struct timer *t)
{
	struct guests *g = container_of(t, struct guests, look);
	struct fault fault = { 0 };

	if (g->on.fd < 0 || !unix_listen_is_there(&g->on)) {
		stop_listening(g);
		if (unix_listen_open(&g->on, &g->terms, &fault) || start_listening(g))
			complain(g, fault.text);
		else
			log_info("%s was gone: made anew", g->path);
	}
	(void)timer_arm(g->runner->loop, t,
			loop_now_ms(g->runner->loop) +
				GUESTS_LOOK_MS); /* has a place in the heap */
}

int guests_open(struct guests *g, struct runner *runner, const char *path, struct fault *fault)
{
	int err;

	LIST_INIT(&g->all);
	g->runner = runner;
	g->on.fd = g->listener.fd = -1;
	g->look.fire = look;
	runner->answered = answered;
	(void)snprintf(g->path, sizeof g->path, "%s", path); /* one that is cut is refused below */
	g->terms = (struct unix_listen_terms){
		.key = "socket",
		.program = "shunt-spawn",
		.path = strlen(path) < sizeof g->path ? g->path : path,
		.type = SOCK_SEQPACKET,
		.backlog = GUESTS_MOST, /* all carriers come at once */
		.mode = 0600,
		.group = (gid_t)-1,
	};
	err = unix_listen_open(&g->on, &g->terms, fault);
	if (err)
		return err;
	err = start_listening(g);
	if (!err)
		err = timer_arm(runner->loop, &g->look, clock_ms() + GUESTS_LOOK_MS);
	return err ? fault_set(fault, err, "cannot watch its socket: %s", strerror(-err)) : 0;
}

void guests_close(struct guests *g)
{
	struct guest *guest, *next;

	if (!g->runner)
		return;
	timer_disarm(g->runner->loop, &g->look);
	stop_listening(g);
	for (guest = LIST_FIRST(&g->all); guest; guest = next) {
		next = LIST_NEXT(guest, entry);
		guest_leave(guest);
	}
}
