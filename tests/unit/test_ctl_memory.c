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
};

/* Send one request and serve it; returns what came back, until the next call. */
static const char *serve(struct world *w, const char *line, size_t fails_at, bool for_good)
{
	struct talker *t = say(w, 0, line);
	const char *got;

	/* what the client needs, before anything fails */
	t->got = calloc(1, TALK_MOST_BYTES);
	assert_non_null(t->got);
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	plan.has_failed = false;
	plan.for_good = for_good;
	plan.left = fails_at;
	got = hear(t);
	plan.left = 0;
	return got;
}

static void torture(struct world *w, const char *line, bool for_good)
{
	const char *got;
	size_t n = 0;

	do {
		got = serve(w, line, ++n, for_good);
		if (got[0] == '\0' || strncmp(got, "{\"error\":\"", 10) == 0)
			continue;
		/* a whole answer */
		assert_memory_equal(got, "{\"", 2);
		assert_string_equal(got + strlen(got) - 2, "}\n");
	} while (plan.has_failed && n < MOST_ALLOCATIONS);
	assert_true(n > 1 && n < MOST_ALLOCATIONS);
	/* nothing is left over from all that */
	assert_null(strstr(serve(w, line, 0, false), "\"error\""));
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
