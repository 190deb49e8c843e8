/*
 * The clients of the control socket, served by a real loop: good requests, bad
 * ones, slow and vanished clients, and the queue of those who want flows.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "unit.h"

enum {
	TALK_MOST_MS = 15000,
	TALK_MOST_BYTES = 32 << 20,
	TALK_GREEDY = 12, /* more answers than there is room for */
	TALKERS = 24,
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
	char path[64];
	struct config config;
	struct talker talkers[TALKERS];
	struct talker *awaited;
	uint64_t asked[TALK_GREEDY]; /* numbers of the requests for flows, in order */
	size_t asked_count;
	int flows_result; /* what the source says to a request for flows */
	size_t flows_now; /* answered within the call: so many flows; SIZE_MAX: later */
	int nft_result;
};

static void source_facts(void *owner, struct ctl_facts *out)
{
	struct world *w = owner;

	out->config = &w->config;
	out->started_ms = clock_ms();
}

static void list_flows(struct world *w, uint64_t request, size_t count)
{
	struct flow_record r = { .name = "git.example.com" };

	for (size_t i = 0; i < count; i++) {
		r.id = i;
		ctl_flows_add(w->ctl, request, &r, 1);
	}
	ctl_flows_end(w->ctl, request);
}

static int source_flows(void *owner, uint64_t request)
{
	struct world *w = owner;

	assert_true(w->asked_count < TALK_GREEDY);
	w->asked[w->asked_count++] = request;
	if (w->flows_result == 0 && w->flows_now != SIZE_MAX)
		list_flows(w, request, w->flows_now);
	return w->flows_result;
}

static int source_nft(void *owner, bool closed, char **text, struct fault *fault)
{
	struct world *w = owner;

	if (w->nft_result < 0)
		return fault_set(fault, w->nft_result, "the table inet shunt cannot be read");
	*text = strdup(closed ? "table inet \"closed\"\n" : "table inet shunt {\n\t/\\\n}\n");
	return 0;
}

static const struct ctl_source source = { source_facts, source_flows, source_nft };

static void out_of_time(struct timer *t)
{
	(void)t;
	fail_msg("no answer came within %d ms", TALK_MOST_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char dir[] = "/tmp/shunt-test-ctl.XXXXXX", group[16];
	struct fault fault = { .err = 0 };

	if (w == NULL || mkdtemp(dir) == NULL || loop_new(&w->loop) < 0)
		return -1;
	(void)snprintf(w->path, sizeof(w->path), "%s/sock", dir);
	(void)snprintf(group, sizeof(group), "%u", getegid());
	w->config.shunt.control = w->path;
	w->config.shunt.control_group = group;
	w->flows_now = SIZE_MAX;
	w->deadline.fire = out_of_time;
	for (size_t i = 0; i < TALKERS; i++)
		w->talkers[i] = (struct talker){ .world = w, .watch = { .fd = -1 } };
	*state = w;
	return ctl_new(&w->ctl, w->loop, &w->config.shunt, &source, w, &fault);
}

static void hang_up(struct talker *t)
{
	if (t->watch.fd >= 0) {
		loop_forget(t->world->loop, &t->watch);
		assert_int_equal(close(t->watch.fd), 0);
	}
	free(t->got);
	*t = (struct talker){ .world = t->world, .watch = { .fd = -1 } };
}

static int teardown(void **state)
{
	struct world *w = *state;
	int err;

	for (size_t i = 0; i < TALKERS; i++)
		hang_up(&w->talkers[i]);
	ctl_free(w->ctl);
	timer_disarm(w->loop, &w->deadline);
	loop_free(w->loop);
	*strrchr(w->path, '/') = '\0';
	err = rmdir(w->path); /* fails when the socket was left behind */
	free(w);
	return err;
}

static void talker_ready(struct watch *watch, uint32_t events)
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
static struct talker *talk(struct world *w, size_t place, const char *text, size_t size)
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

static struct talker *say(struct world *w, size_t place, const char *line)
{
	return talk(w, place, line, strlen(line));
}

/* Run the loop until the server closed that connection; what it said is returned. */
static const char *hear(struct talker *t)
{
	struct world *w = t->world;

	w->awaited = t;
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	if (!t->is_over)
		assert_int_equal(loop_run(w->loop), 0);
	assert_true(t->is_over);
	return t->got != NULL ? t->got : "";
}

static void stop_loop(struct timer *t)
{
	struct world *w = container_of(t, struct world, soon);

	loop_stop(w->loop);
}

/* Let the server do what there is to do. */
static void settle(struct world *w)
{
	w->soon.fire = stop_loop;
	w->awaited = NULL;
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	assert_int_equal(timer_arm(w->loop, &w->soon, clock_ms() + 20), 0);
	assert_int_equal(loop_run(w->loop), 0);
}

static void expect(struct world *w, const char *request, const char *answer)
{
	assert_string_equal(hear(say(w, 0, request)), answer);
}

static void test_each_command_answers(void **state)
{
	struct world *w = *state;

	assert_memory_equal(hear(say(w, 0, "{\"command\":\"status\"}\n")), "{\"version\":\"", 12);
	expect(w, "{\"command\":\"nft\"}\n",
	       "{\"nft\":\"table inet shunt {\\n\\t/\\\\\\n}\\n\"}\n");
	expect(w, " { \"closed\" : true, \"command\":\"nft\" } \n",
	       "{\"nft\":\"table inet \\\"closed\\\"\\n\"}\n");
	expect(w, "{\"command\":\"nft\",\"closed\":false}\n",
	       "{\"nft\":\"table inet shunt {\\n\\t/\\\\\\n}\\n\"}\n");
	assert_memory_equal(hear(say(w, 0, "{\"command\":\"config\"}\n")), "{\"shunt\":", 9);
	w->flows_now = 0;
	expect(w, "{\"command\":\"flows\"}\n", "{\"flows\":[],\"left_out\":0}\n");
}

static void test_bad_requests_say_why(void **state)
{
	static const char *const table[][2] = {
		{ "\n", "bad request: " },
		{ "hello\n", "bad request: " },
		{ "{\"command\":\"status\"\n", "bad request: " },
		{ "{\"command\":\"status\"} x\n", "bad request: " },
		{ "{'command':'status'}\n", "bad request: " },
		{ "{\"command\":\"status\"}\n{\"command\":\"status\"}\n", "one line is taken" },
		{ "[\"status\"]\n", "an object with a string" },
		{ "{}\n", "an object with a string" },
		{ "{\"command\":7}\n", "an object with a string" },
		{ "{\"command\":null}\n", "an object with a string" },
		{ "{\"command\":\"statsu\"}\n", "unknown command statsu: the nearest is status" },
		{ "{\"command\":\"\"}\n", "unknown command : the nearest is" },
		{ "{\"command\":\"status\",\"x\":1}\n", "status takes no \\\"x\\\"" },
		{ "{\"command\":\"status\",\"closed\":true}\n", "status takes no \\\"closed\\\"" },
		{ "{\"command\":\"nft\",\"closed\":1}\n", "\\\"closed\\\" must be true or false" },
		{ "{\"command\":\"nft\",\"closed\":null}\n", "must be true or false" },
		{ "{\"command\":\"nft\",\"closed\":[[[[[[[1]]]]]]]}\n", "bad request: " },
		{ "{\"command\":\"\xff\xfe\"}\n", "bad request: " },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *answer = hear(say(w, 0, table[i][0]));

		assert_memory_equal(answer, "{\"error\":\"", 10);
		assert_non_null(strstr(answer, table[i][1]));
		assert_string_equal(answer + strlen(answer) - 3, "\"}\n");
	}
	/* a NUL is not a blank */
	assert_non_null(
		strstr(hear(talk(w, 0, "{\"command\":\"status\"}\0\n", 22)), "bad request"));
	assert_int_equal(w->asked_count, 0);
}

static void test_too_long_a_request(void **state)
{
	struct world *w = *state;
	char text[CTL_MOST_REQUEST_BYTES + 1];

	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 2] = '\n'; /* the longest that is taken, and blank */
	assert_non_null(strstr(hear(talk(w, 0, text, sizeof(text) - 1)), "bad request"));
	text[sizeof(text) - 2] = ' ';
	assert_non_null(strstr(hear(talk(w, 0, text, sizeof(text))), "longer than 4096 bytes"));
}

static void test_a_request_in_pieces(void **state)
{
	struct world *w = *state;
	struct talker *t = say(w, 0, "{\"command\":");

	settle(w);
	assert_int_equal(send(t->watch.fd, "\"nft\"", 5, 0), 5);
	settle(w);
	assert_false(t->is_over);
	assert_int_equal(send(t->watch.fd, "}", 1, 0), 1);
	assert_int_equal(shutdown(t->watch.fd, SHUT_WR), 0); /* as good as a newline */
	assert_memory_equal(hear(t), "{\"nft\":", 7);
}

static void test_a_source_that_fails(void **state)
{
	struct world *w = *state;

	w->nft_result = -EPERM;
	expect(w, "{\"command\":\"nft\"}\n",
	       "{\"error\":\"the table inet shunt cannot be read\"}\n");
	w->flows_result = -ENOTCONN;
	assert_non_null(strstr(hear(say(w, 0, "{\"command\":\"flows\"}\n")),
			       "{\"error\":\"Transport endpoint is not connected\"}"));
}

static void test_no_more_than_the_limit(void **state)
{
	struct world *w = *state;
	struct talker *late;

	for (size_t i = 0; i < CTL_MOST_CLIENTS; i++)
		(void)say(w, i, "{");
	settle(w);
	late = say(w, CTL_MOST_CLIENTS, "{\"command\":\"nft\"}\n");
	settle(w);
	assert_false(late->is_over); /* it waits in the listen queue */
	assert_int_equal(late->size, 0);
	hang_up(&w->talkers[3]);
	assert_memory_equal(hear(late), "{\"nft\":", 7);
}

static void test_looking_and_leaving(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 3 * CTL_MOST_CLIENTS; i++) {
		(void)say(w, 0, "");
		hang_up(&w->talkers[0]);
		if (i % 8 == 0)
			settle(w);
	}
	/* a request whose client did not wait for the answer */
	(void)say(w, 0, "{\"command\":\"status\"}\n");
	hang_up(&w->talkers[0]);
	assert_memory_equal(hear(say(w, 1, "{\"command\":\"nft\"}\n")), "{\"nft\":", 7);
}

static void test_flows_are_asked_for_one_at_a_time(void **state)
{
	struct world *w = *state;
	struct talker *a, *b, *c;

	a = say(w, 0, "{\"command\":\"flows\"}\n");
	settle(w);
	b = say(w, 1, "{\"command\":\"flows\"}\n");
	settle(w);
	c = say(w, 2, "{\"command\":\"flows\"}\n");
	settle(w);
	assert_int_equal(w->asked_count, 1);
	list_flows(w, w->asked[0] + 1, 1); /* a number that is not open: ignored */
	list_flows(w, w->asked[0], 1);
	assert_non_null(strstr(hear(a), "{\"flows\":[{\"id\":0,"));
	assert_non_null(strstr(a->got, "\"name\":\"git.example.com\""));
	assert_non_null(strstr(a->got, "],\"left_out\":0}\n"));
	assert_int_equal(w->asked_count, 2);
	assert_true(w->asked[1] != w->asked[0]);
	list_flows(w, w->asked[0], 1); /* late: void */
	settle(w);
	assert_false(b->is_over);

	/* the second goes away: the third is asked for, the answer to the second is void */
	hang_up(b);
	settle(w);
	assert_int_equal(w->asked_count, 3);
	list_flows(w, w->asked[1], 2);
	ctl_fail(w->ctl, w->asked[1], "never heard");
	settle(w);
	assert_false(c->is_over);
	ctl_fail(w->ctl, w->asked[2], "a carrier was lost");
	assert_string_equal(hear(c), "{\"error\":\"a carrier was lost\"}\n");
	ctl_flows_end(w->ctl, 0); /* no client has this number, ever */
}

static void test_who_leaves_the_queue_is_not_asked_for(void **state)
{
	struct world *w = *state;
	struct talker *a = say(w, 0, "{\"command\":\"flows\"}\n");

	settle(w);
	(void)say(w, 1, "{\"command\":\"flows\"}\n");
	settle(w);
	hang_up(&w->talkers[1]);
	settle(w);
	list_flows(w, w->asked[0], 0);
	assert_string_equal(hear(a), "{\"flows\":[],\"left_out\":0}\n");
	assert_int_equal(w->asked_count, 1);
}

static void test_a_long_answer_to_a_slow_client(void **state)
{
	struct world *w = *state;
	struct json_object *answer, *flows, *left_out;
	struct talker *t;

	w->flows_now = CTL_MOST_FLOWS + 17;
	t = say(w, 0, "{\"command\":\"flows\"}\n");
	assert_int_equal(loop_change(w->loop, &t->watch, 0), 0);
	settle(w); /* the socket is full, the server does other things */
	assert_memory_equal(hear(say(w, 1, "{\"command\":\"nft\"}\n")), "{\"nft\":", 7);
	assert_false(t->is_over);
	assert_int_equal(loop_change(w->loop, &t->watch, EPOLLIN), 0);
	answer = json_tokener_parse(hear(t));
	assert_non_null(answer);
	assert_true(json_object_object_get_ex(answer, "flows", &flows));
	assert_int_equal(json_object_array_length(flows), CTL_MOST_FLOWS);
	assert_true(json_object_object_get_ex(answer, "left_out", &left_out));
	assert_int_equal(json_object_get_int64(left_out), 17);
	json_object_put(answer);
}

/* Who does not take what was answered may fill all the room there is, but no more. */
static void test_answers_that_nobody_takes(void **state)
{
	struct world *w = *state;
	bool refused = false;
	struct talker *t;

	w->flows_now = CTL_MOST_FLOWS;
	for (size_t i = 0; i < TALK_GREEDY; i++) {
		t = say(w, i, "{\"command\":\"flows\"}\n");
		assert_int_equal(loop_change(w->loop, &t->watch, 0), 0);
		settle(w);
	}
	for (size_t i = 0; i < TALK_GREEDY; i++) {
		t = &w->talkers[i];
		if (!t->is_over) /* a refusal came and went: hanging up is always heard */
			assert_int_equal(loop_change(w->loop, &t->watch, EPOLLIN), 0);
		refused = refused || strstr(hear(t), "\"left_out\":0}") == NULL;
	}
	assert_true(refused);
	assert_int_equal(w->asked_count, TALK_GREEDY);
	hang_up(&w->talkers[0]); /* all of it is free again */
	assert_non_null(strstr(hear(say(w, 0, "{\"command\":\"nft\"}\n")), "{\"nft\":"));
}

static void test_deadlines(void **state)
{
	struct world *w = *state;
	struct talker *asks, *silent, *slow;
	uint64_t start = clock_ms();

	silent = say(w, 0, "");
	slow = say(w, 1, "{\"command\":\"sta");
	asks = say(w, 2, "{\"command\":\"flows\"}\n");
	assert_string_equal(hear(asks),
			    "{\"error\":\"the carriers did not list their flows within 3 s\"}\n");
	assert_in_range(clock_ms() - start, CTL_FLOWS_MS - 100, CTL_FLOWS_MS + 1500);
	assert_string_equal(hear(silent), "{\"error\":\"no request within 5 s\"}\n");
	assert_string_equal(hear(slow), "{\"error\":\"no request within 5 s\"}\n");
	assert_in_range(clock_ms() - start, CTL_REQUEST_MS - 100, CTL_REQUEST_MS + 1500);
}

static void test_freed_in_every_state(void **state)
{
	struct world *w = *state;

	(void)say(w, 0, "{");
	for (size_t i = 1; i < 4; i++) {
		(void)say(w, i, "{\"command\":\"flows\"}\n");
		settle(w);
	}
	assert_int_equal(w->asked_count, 1);
	ctl_free(w->ctl);
	w->ctl = NULL;
	assert_int_equal(w->asked_count, 1); /* nobody is asked any more */
	ctl_free(NULL);
	settle(w);
	assert_true(w->talkers[0].is_over && w->talkers[1].is_over && w->talkers[3].is_over);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_command_answers),
		TEST(test_bad_requests_say_why),
		TEST(test_too_long_a_request),
		TEST(test_a_request_in_pieces),
		TEST(test_a_source_that_fails),
		TEST(test_no_more_than_the_limit),
		TEST(test_looking_and_leaving),
		TEST(test_flows_are_asked_for_one_at_a_time),
		TEST(test_who_leaves_the_queue_is_not_asked_for),
		TEST(test_a_long_answer_to_a_slow_client),
		TEST(test_answers_that_nobody_takes),
		TEST(test_deadlines),
		TEST(test_freed_in_every_state),
	};

	(void)alarm(60); /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
