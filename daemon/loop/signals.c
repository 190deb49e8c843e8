/* signalfd(2) in a loop. */
#include "loop/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void ready(struct watch *w, uint32_t events)
{
	struct signals *s = container_of(w, struct signals, w);
	struct signalfd_siginfo info;

	(void)events;
	while (read(w->fd, &info, sizeof info) == sizeof info)
		s->caught(s, (int)info.ssi_signo);
}

int signals_start(struct signals *s, struct loop *loop, const int *numbers)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	for (; *numbers; numbers++)
		sigaddset(&set, *numbers);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	s->loop = loop;
	s->w.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->w.fd < 0)
		return -errno;
	s->w.events = EPOLLIN;
	s->w.ready = ready;
	err = loop_watch(loop, &s->w);
	if (err)
		(void)close(s->w.fd); /* was never watched */
	return err;
}

void signals_done(struct signals *s)
{
	if (!s->loop || s->w.fd < 0)
		return;
	loop_forget(s->loop, &s->w);
	(void)close(s->w.fd); /* no state of ours in it */
	s->w.fd = -1;
}

void signals_in_child(void)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)signal(ignored[i], SIG_IGN); /* cannot fail for these */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail */
}
