/*
 * Every allocation on the way of a request fails once, and then from there on
 * all of them do: the keeper must live, and the client get a whole answer, an
 * error or the end.
 */
#include <dlfcn.h>

#include "ctl_talk.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_OWN_MALLOC 1 /* the sanitizer's allocator is not to be replaced */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_MALLOC 1
#endif
#endif

#ifdef HAS_OWN_MALLOC
static void test_nothing(void **state)
{
	(void)state;
	skip(); /* the other builds run it */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else

/* Allocations left before one fails; 0: none does. */
static struct {
	size_t left;
	bool for_good; /* those behind it fail as well */
	bool has_failed;
} plan;

static bool is_to_fail(void)
{
	if (plan.left == 0 || --plan.left > 0)
		return false;
	plan.has_failed = true;
	if (plan.for_good)
		plan.left = 1;
	return true;
}

/* Seen by the libraries too. */
#define FOR_ALL __attribute__((visibility("default")))

FOR_ALL void *malloc(size_t size)
{
	static void *(*real)(size_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "malloc");
	return is_to_fail() ? NULL : real(size);
}

FOR_ALL void *realloc(void *old, size_t size)
{
	static void *(*real)(void *, size_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "realloc");
	return is_to_fail() ? NULL : real(old, size);
}

FOR_ALL void *calloc(size_t count, size_t size)
{
	static void *(*real)(size_t, size_t);
	static bool is_looking;

	if (is_looking)
		return NULL; /* dlsym() can do without */
	if (real == NULL) {
		is_looking = true;
		*(void **)&real = dlsym(RTLD_NEXT, "calloc");
		is_looking = false;
	}
	return is_to_fail() ? NULL : real(count, size);
}

enum {
	MOST_ALLOCATIONS = 100000,
	MOST_HEARD = 1 << 20,
};

/* Send one request and serve it, without an allocation of our own; what came back is in got. */
static void serve(struct world *w, const char *line, size_t fails_at, bool for_good, char *got)
{
	struct talker *t = say(w, 0, line);
	ssize_t n, size = 0;

	loop_forget(w->loop, &t->watch); /* is read from here, when all is over */
	w->soon.fire = stop_loop;
	assert_int_equal(timer_arm(w->loop, &w->soon, clock_ms() + 1), 0);
	plan.has_failed = false;
	plan.for_good = for_good;
	plan.left = fails_at;
	assert_int_equal(loop_run(w->loop), 0);
	plan.left = 0;
	for (n = 1; n > 0; size += n > 0 ? n : 0)
		n = recv(t->watch.fd, got + size, (size_t)(MOST_HEARD - 1 - size), MSG_DONTWAIT);
	got[size] = '\0';
	hang_up(t);
}

static void torture(struct world *w, const char *line, bool for_good)
{
	static char got[MOST_HEARD];
	size_t n = 0;

	do {
		serve(w, line, ++n, for_good, got);
		if (got[0] == '\0' || strncmp(got, "{\"error\":\"", 10) == 0)
			continue;
		/* a whole answer */
		assert_memory_equal(got, "{\"", 2);
		assert_string_equal(got + strlen(got) - 2, "}\n");
	} while (plan.has_failed && n < MOST_ALLOCATIONS);
	assert_true(n > 1 && n < MOST_ALLOCATIONS);
	/* nothing is left over from all that */
	serve(w, line, 0, false, got);
	assert_null(strstr(got, "\"error\""));
}

static void test_requests(void **state)
{
	static const char *const lines[] = {
		"{\"command\":\"status\"}\n",
		"{\"command\":\"flows\"}\n",
		"{\"command\":\"config\"}\n",
		"{\"command\":\"config\",\"text\":true}\n",
		"{\"command\":\"nft\",\"closed\":true}\n",
	};
	struct world *w = *state;

	w->flows_now = 300; /* the answer grows on the way */
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		w->asked_count = 0;
		torture(w, lines[i], false);
		torture(w, lines[i], true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TALK_TEST(test_requests) };

	(void)alarm(100); /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
