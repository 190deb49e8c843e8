#ifndef SHUNT_UNIT_CTL_TALK_H
#define SHUNT_UNIT_CTL_TALK_H

/*
 * A control socket and its clients in one loop: a test says what each client
 * sends, and hears what comes back. For the tests of ctl/ that need both ends.
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl_world.h"

static inline void out_of_time(struct timer *t)
{
	(void)t;
	fail_msg("no answer came within %d ms", TALK_MOST_MS);
}

static inline int talk_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char dir[] = "/tmp/shunt-test-ctl.XXXXXX", group[16];
	struct config_shunt shunt = { .control_group = group };
	struct fault fault = { .err = 0 };

	if (w == NULL || mkdtemp(dir) == NULL || loop_new(&w->loop) < 0)
		return -1;
	(void)snprintf(w->path, sizeof(w->path), "%s/sock", dir);
	(void)snprintf(group, sizeof(group), "%u", getegid());
	w->config = conf_good(talk_config);
	w->counters = calloc(2, sizeof(*w->counters));
	if (w->counters == NULL)
		return -1;
	w->carriers[0] = (struct ctl_carrier){ 4001, 1, { 4002 }, 0, 3, &w->counters[0] };
	w->carriers[1] = (struct ctl_carrier){ 0, 2, { 5002, 5003 }, 7, 0, &w->counters[1] };
	w->flows_now = SIZE_MAX;
	w->sample = (struct flow_record){ .name = "git.example.com" };
	w->deadline.fire = out_of_time;
	for (size_t i = 0; i < TALKERS; i++)
		w->talkers[i] = (struct talker){ .world = w, .watch = { .fd = -1 } };
	*state = w;
	shunt.control = w->path;
	return ctl_new(&w->ctl, w->loop, &shunt, &talk_source, w, &fault);
}

static inline void hang_up(struct talker *t)
{
	if (t->watch.fd >= 0) {
		loop_forget(t->world->loop, &t->watch);
		assert_int_equal(close(t->watch.fd), 0);
	}
	free(t->got);
	*t = (struct talker){ .world = t->world, .watch = { .fd = -1 } };
}

static inline int talk_teardown(void **state)
{
	struct world *w = *state;
	int err;

	for (size_t i = 0; i < TALKERS; i++)
		hang_up(&w->talkers[i]);
	ctl_free(w->ctl);
	timer_disarm(w->loop, &w->deadline);
	loop_free(w->loop);
	*strrchr(w->path, '/') = '\0';
	config_free(w->config);
	free(w->counters);
	err = rmdir(w->path); /* fails when the socket was left behind */
	free(w);
	return err;
}

static inline void talker_ready(struct watch *watch, uint32_t events)
{
	struct talker *t = container_of(watch, struct talker, watch);
	ssize_t n;

	(void)events;
	if (t->got == NULL)
		t->got = calloc(1, TALK_MOST_BYTES);
	assert_non_null(t->got);
	n = recv(watch->fd, t->got + t->size, TALK_MOST_BYTES - 1 - t->size, MSG_DONTWAIT);
	if (n > 0) {
		t->size += (size_t)n;
		return;
	}
	if (n < 0 && errno == EAGAIN)
		return;
	t->is_over = true;
	loop_forget(t->world->loop, watch);
	if (t->world->awaited == t)
		loop_stop(t->world->loop);
}

/* Connect, and send that much of a request. */
static inline struct talker *talk(struct world *w, size_t place, const char *text, size_t size)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct talker *t = &w->talkers[place];

	hang_up(t);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", w->path);
	t->watch = (struct watch){
		.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
		.events = EPOLLIN,
		.ready = talker_ready,
	};
	assert_true(t->watch.fd >= 0);
	assert_int_equal(connect(t->watch.fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(send(t->watch.fd, text, size, MSG_NOSIGNAL), size);
	assert_int_equal(loop_watch(w->loop, &t->watch), 0);
	return t;
}

static inline struct talker *say(struct world *w, size_t place, const char *line)
{
	return talk(w, place, line, strlen(line));
}

/* Run the loop until the server closed that connection; what it said is returned. */
static inline const char *hear(struct talker *t)
{
	struct world *w = t->world;

	w->awaited = t;
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	if (!t->is_over)
		assert_int_equal(loop_run(w->loop), 0);
	assert_true(t->is_over);
	return t->got != NULL ? t->got : "";
}

#define TALK_TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

#endif
