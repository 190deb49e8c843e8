/* Names and the numbers of their counters, over any number of configurations. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/ledger.h"
#include "unit.h"

static uint64_t sum(void *arg, size_t offset)
{
	return counters_at(arg, offset);
}

struct world {
	struct ledger *ledger;
	struct counters counters;
	struct ledger_reader reader;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->reader = (struct ledger_reader){ sum, &w->counters };
	*state = w;
	return ledger_new(&w->ledger);
}

static int teardown(void **state)
{
	struct world *w = *state;

	ledger_free(w->ledger);
	ledger_free(NULL);
	free(w);
	return 0;
}

static int number(struct world *w, enum ledger_book book, const char *name, uint64_t next)
{
	return ledger_number(w->ledger, book, name, next - 1, next, &w->reader);
}

static void test_names_keep_their_numbers(void **state)
{
	struct world *w = *state;

	assert_int_equal(number(w, LEDGER_ROUTES, "a", 1), 0);
	assert_int_equal(number(w, LEDGER_ROUTES, "b", 1), 1);
	assert_int_equal(number(w, LEDGER_ROUTES, "b", 2), 1);
	assert_int_equal(number(w, LEDGER_ROUTES, "c", 2), 2);
	/* gone for a while, and back */
	assert_int_equal(number(w, LEDGER_ROUTES, "a", 9), 0);
	/* books are their own */
	assert_int_equal(number(w, LEDGER_DIVERTS, "b", 9), 0);
	assert_int_equal(number(w, LEDGER_SERVERS, "b", 9), 0);
	assert_int_equal(ledger_base(w->ledger, LEDGER_ROUTES, 0).total, 0);
	assert_int_equal(ledger_base(w->ledger, LEDGER_ROUTES, 4000).total, 0);
	/* without giving any */
	assert_int_equal(ledger_find(w->ledger, LEDGER_ROUTES, "c"), 2);
	assert_int_equal(ledger_find(w->ledger, LEDGER_DIVERTS, "c"), -ENOENT);
	assert_int_equal(number(w, LEDGER_DIVERTS, "c", 9), 1);
}

static void fill(struct world *w, enum ledger_book book, unsigned from, unsigned to, uint64_t next)
{
	char name[16];

	for (unsigned i = from; i < to; i++) {
		(void)snprintf(name, sizeof name, "n%u", i);
		assert_int_equal(number(w, book, name, next), i);
	}
}

static void test_numbers_out_of_use_are_given_again(void **state)
{
	struct world *w = *state;
	int n;

	fill(w, LEDGER_DIVERTS, 0, COUNTERS_DIVERTS, 1);
	assert_int_equal(number(w, LEDGER_DIVERTS, "new", 2), -ENOSPC); /* all are in force */
	fill(w, LEDGER_DIVERTS, 2, COUNTERS_DIVERTS, 2);
	assert_int_equal(number(w, LEDGER_DIVERTS, "new", 2), -ENOSPC); /* until 2 is in force */
	w->counters.divert_total[1] = 7;
	w->counters.divert_active[0] = 1; /* a flow still counts there */
	n = number(w, LEDGER_DIVERTS, "new", 3);
	assert_int_equal(n, 1);
	assert_int_equal(ledger_base(w->ledger, LEDGER_DIVERTS, 1).total, 7);
	assert_int_equal(number(w, LEDGER_DIVERTS, "newer", 3), -ENOSPC);
	w->counters.divert_active[0] = 0;
	assert_int_equal(number(w, LEDGER_DIVERTS, "newer", 3), 0);
	/* the name that had it is as good as new */
	assert_int_equal(number(w, LEDGER_DIVERTS, "n1", 3), -ENOSPC);
	assert_int_equal(number(w, LEDGER_DIVERTS, "new", 3), 1);
}

static void test_servers_have_two_totals(void **state)
{
	struct world *w = *state;

	fill(w, LEDGER_SERVERS, 0, COUNTERS_SERVERS, 1);
	w->counters.server_total[0] = 5;
	w->counters.server_failed[0] = 6;
	assert_int_equal(number(w, LEDGER_SERVERS, "new", 3), 0);
	assert_int_equal(ledger_base(w->ledger, LEDGER_SERVERS, 0).total, 5);
	assert_int_equal(ledger_base(w->ledger, LEDGER_SERVERS, 0).failed, 6);
}

static void test_probes_have_four(void **state)
{
	struct world *w = *state;

	fill(w, LEDGER_PROBES, 0, COUNTERS_PROBES, 1);
	w->counters.probe_asked[0] = 5;
	w->counters.probe_failed[0] = 6;
	w->counters.probe_yes[0] = 7;
	w->counters.probe_no[0] = 8;
	assert_int_equal(number(w, LEDGER_PROBES, "new", 3), 0);
	assert_int_equal(ledger_base(w->ledger, LEDGER_PROBES, 0).total, 5);
	assert_int_equal(ledger_base(w->ledger, LEDGER_PROBES, 0).failed, 6);
	assert_int_equal(ledger_base(w->ledger, LEDGER_PROBES, 0).yes, 7);
	assert_int_equal(ledger_base(w->ledger, LEDGER_PROBES, 0).no, 8);
}

/* 64 new diverts at every reload, for ever: nobody has another's number, and none runs out. */
static void test_ever_new_names(void **state)
{
	struct world *w = *state;
	uint64_t users[COUNTERS_DIVERTS] = { 0 };
	char name[32];

	for (uint64_t next = 1; next < 200; next++) {
		for (unsigned i = 0; i < COUNTERS_DIVERTS / 2; i++) {
			int n;

			(void)snprintf(name, sizeof name, "%u of %u", i, (unsigned)next);
			n = number(w, LEDGER_DIVERTS, name, next);
			assert_in_range(n, 0, COUNTERS_DIVERTS - 1);
			assert_true(users[n] == 0 || users[n] + 1 < next);
			users[n] = next;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_keep_their_numbers), TEST(test_numbers_out_of_use_are_given_again),
		TEST(test_servers_have_two_totals),  TEST(test_probes_have_four),
		TEST(test_ever_new_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
