#ifndef SHUNT_UNIT_CTL_TALK_H
#define SHUNT_UNIT_CTL_TALK_H

/*
 * A control socket and its clients in one loop: a test says what each client
 * sends, and hears what comes back. For the tests of ctl/ that need both ends.
 */
/* length: one harness, of functions as short as any */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "policy_conf.h"
#include "unit.h"

enum {
	TALK_MOST_MS = 15000,
	TALK_MOST_BYTES = 32 << 20,
	TALK_GREEDY = 12, /* more answers than there is room for */
	TALKERS = 24,
	TALK_TURNS = 12, /* of the loop, more than any exchange needs */
};

/* A client, watched by the same loop as the server. */
struct talker {
	struct world *world;
	struct watch watch;
	char *got;
	size_t size;
	bool is_over; /* the server closed */
};

struct world {
	struct loop *loop;
	struct ctl *ctl;
	struct timer deadline;
	struct timer soon;
	int turns_left;
	char path[64];
	struct config *config;
	struct counters *counters; /* of both carriers, one after the other */
	struct counters *handed;   /* of flows that the kernel carries; NULL: none */
	struct ctl_carrier carriers[2];
	struct talker talkers[TALKERS];
	struct talker *awaited;
	uint64_t asked[TALK_GREEDY]; /* numbers of the requests for flows, in order */
	size_t asked_count;
	int flows_result;          /* what the source says to a request for flows */
	uint64_t reloads;          /* asked for */
	struct ctl_reload reload;  /* what is told of them */
	size_t flows_now;          /* answered within the call: so many flows; SIZE_MAX: later */
	struct flow_record sample; /* what is listed, but for the id */
	const char *nft_text;      /* NULL: there is one */
	int nft_result;
};

static const char talk_config[] = "[divert web]\n"
				  "tcp = 443, 8443-8449\n"
				  "[divert leaving]\n"
				  "tcp = 853\n"
				  "to = transit\n"
				  "fail = closed\n"
				  "[route git]\n"
				  "protocol = tls\n"
				  "server_name = git.example.com, *.git.example.com\n"
				  "backend = git\n"
				  "[route rest]\n"
				  "backend = rest\n"
				  "[backend rest]\n"
				  "server = 192.0.2.1:443, [2001:db8::1]:443\n"
				  "[backend git]\n"
				  "server = 192.0.2.2:443\n"
				  "source = router\n";

static inline void talk_source_facts(void *owner, struct ctl_facts *out)
{
	static const struct ctl_limit limit = { "descriptors", 1024, 77 };
	struct world *w = owner;

	out->config = w->config;
	out->config_file = "/etc/shunt/shunt.conf";
	out->loaded_ms = clock_ms() - 60000;
	out->reload = w->reload;
	out->started_ms = clock_ms() - 3 * 3600000;
	out->carriers = w->carriers;
	out->carrier_count = 2;
	out->handed = w->handed;
	out->limits = &limit;
	out->limit_count = 1;
	out->diverts_listening = 1;
	out->is_alive_v4 = true;
	out->nft_repairs = 5;
	out->handoff = "available";
}

static inline void list_flows(struct world *w, uint64_t request, size_t count)
{
	struct flow_record r = w->sample;

	for (size_t i = 0; i < count; i++) {
		r.id = i;
		ctl_flows_add(w->ctl, request, &r, 1);
	}
	ctl_flows_end(w->ctl, request);
}

static inline int talk_source_flows(void *owner, uint64_t request)
{
	struct world *w = owner;

	if (w->asked_count < TALK_GREEDY)
		w->asked[w->asked_count] = request;
	w->asked_count++;
	if (w->flows_result == 0 && w->flows_now != SIZE_MAX)
		list_flows(w, request, w->flows_now);
	return w->flows_result;
}

static inline int talk_source_nft(void *owner, bool closed, char **text, struct fault *fault)
{
	struct world *w = owner;

	if (w->nft_result < 0)
		return fault_set(fault, w->nft_result, "the table inet shunt cannot be read");
	if (w->nft_text != NULL)
		*text = strdup(w->nft_text);
	else
		*text = strdup(closed ? "table inet \"closed\"\n"
				      : "table inet shunt {\n\t/\\\n}\n");
	return *text != NULL ? 0 : fault_set(fault, -ENOMEM, "no memory");
}

static inline uint64_t talk_source_reload(void *owner)
{
	struct world *w = owner;

	return ++w->reloads;
}

static const struct ctl_source talk_source = { .facts = talk_source_facts,
					       .flows = talk_source_flows,
					       .reload = talk_source_reload,
					       .nft = talk_source_nft };

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

static inline void count_turn(struct timer *t)
{
	struct world *w = container_of(t, struct world, soon);

	if (w->turns_left-- > 0)
		assert_int_equal(timer_arm(w->loop, t, clock_ms() + 1), 0);
	else
		loop_stop(w->loop);
}

/* Let the server do what there is to do. All of it is ready at once, so some turns are enough,
 * however slow the machine: no time is waited for. */
static inline void settle(struct world *w)
{
	w->turns_left = TALK_TURNS;
	w->soon.fire = count_turn;
	w->awaited = NULL;
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	assert_int_equal(timer_arm(w->loop, &w->soon, clock_ms() + 1), 0);
	assert_int_equal(loop_run(w->loop), 0);
}

#define TALK_TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

#endif
