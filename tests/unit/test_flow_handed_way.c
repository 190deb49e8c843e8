/* Ways that are tried with one flow before others follow. */
#include <stdlib.h>
#include <unistd.h>

#include "flow/handed_way.h"
#include "unit.h"

static int begin(void **state)
{
	struct handed_share *s = NULL;
	int file = -1;
	int err = handed_share_new(&s, &file, 42);

	*state = s;
	return err ? err : close(file);
}

static int end(void **state)
{
	handed_share_unmap(*state);
	return 0;
}

static void test_the_first_way_before_all_others(void **state)
{
	struct handed_share *s = *state;

	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_UNKNOWN);
	assert_true(handed_way_try(s, 1));
	assert_false(handed_way_try(s, 1));
	assert_false(handed_way_try(s, 2));
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_TRIED);
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_TRIED);
	assert_int_equal(handed_way_own(s, 2), HANDED_WAY_UNKNOWN);
	handed_way_found(s, 1, true);
	assert_int_equal(handed_way_first(s, 1), HANDED_WAY_OPEN);
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_OPEN);
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_UNKNOWN);
	/* others at once, each with one flow */
	assert_true(handed_way_try(s, 2));
	assert_true(handed_way_try(s, 3));
	assert_false(handed_way_try(s, 3));
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_OPEN);
}

static void test_nothing_else_is_tried_after_the_first_was_closed(void **state)
{
	struct handed_share *s = *state;

	assert_true(handed_way_try(s, 1));
	handed_way_found(s, 1, false);
	assert_int_equal(handed_way_first(s, 1), HANDED_WAY_CLOSED);
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_CLOSED);
	assert_false(handed_way_try(s, 1));
	assert_false(handed_way_try(s, 2));
	handed_way_reopen(s);
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_UNKNOWN);
	assert_true(handed_way_try(s, 2));
}

static void test_a_closed_way_does_not_close_others(void **state)
{
	struct handed_share *s = *state;

	assert_true(handed_way_try(s, 1));
	handed_way_found(s, 1, true);
	assert_true(handed_way_try(s, 2));
	handed_way_found(s, 2, false);
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_OPEN);
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_CLOSED);
	assert_int_equal(handed_way_state(s, 3), HANDED_WAY_UNKNOWN);
	handed_way_reopen(s);
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_OPEN);
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_UNKNOWN);
}

static void test_a_trial_that_found_nothing_out(void **state)
{
	struct handed_share *s = *state;

	assert_true(handed_way_try(s, 1));
	handed_way_untry(s, 1);
	assert_int_equal(handed_way_first(s, 1), HANDED_WAY_UNKNOWN);
	assert_true(handed_way_try(s, 2));
	handed_way_found(s, 2, true);
	handed_way_untry(s, 2); /* is known by now */
	assert_int_equal(handed_way_state(s, 2), HANDED_WAY_OPEN);
	assert_true(handed_way_try(s, 1));
	handed_way_untry(s, 1);
	assert_int_equal(handed_way_state(s, 1), HANDED_WAY_UNKNOWN);
	assert_int_equal(handed_way_first(s, 1), HANDED_WAY_OPEN);
}

static unsigned way_to(const struct handed_share *s, const char *server, const char *divert)
{
	struct addr at;

	assert_int_equal(addr_parse(&at, server, true), 0);
	return handed_way_of(s, &at, divert);
}

static void test_which_way(void **state)
{
	struct handed_share *s = *state;
	unsigned way = way_to(s, "192.0.2.1:443", NULL);

	assert_in_range(way, 0, HANDED_SHARE_WAYS - 1);
	assert_int_equal(way, way_to(s, "192.0.2.1:443", NULL));
	assert_int_not_equal(way, way_to(s, "192.0.2.2:443", NULL));
	assert_int_not_equal(way, way_to(s, "192.0.2.1:444", NULL));
	assert_int_not_equal(way, way_to(s, "[2001:db8::1]:443", NULL));
	/* `original`: one for each divert and family, wherever it leads */
	way = way_to(s, "192.0.2.1:443", "web");
	assert_int_equal(way, way_to(s, "192.0.2.2:8443", "web"));
	assert_int_not_equal(way, way_to(s, "192.0.2.1:443", "mail"));
	assert_int_not_equal(way, way_to(s, "[2001:db8::1]:443", "web"));
}

/* A box may forward TCP and drop UDP. */
static void test_transports_are_apart(void **state)
{
	struct handed_share *s = *state;
	struct addr at;
	unsigned tcp;
	unsigned udp;

	assert_int_equal(addr_parse(&at, "192.0.2.1:443", true), 0);
	tcp = handed_way_of(s, &at, NULL);
	udp = handed_way_of_udp(s, &at, NULL);
	assert_int_not_equal(tcp, udp);
	assert_true(handed_way_try(s, udp));
	handed_way_found(s, udp, false);
	assert_int_equal(handed_way_first(s, udp), HANDED_WAY_CLOSED);
	assert_int_equal(handed_way_first(s, tcp), HANDED_WAY_UNKNOWN);
	assert_true(handed_way_try(s, tcp));
	handed_way_found(s, tcp, true);
	assert_int_equal(handed_way_state(s, udp), HANDED_WAY_CLOSED);
	assert_int_equal(handed_way_state(s, handed_way_of_udp(s, &at, "web")), HANDED_WAY_CLOSED);
	handed_way_reopen(s);
	assert_true(handed_way_try(s, udp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_first_way_before_all_others, begin, end),
		cmocka_unit_test_setup_teardown(
			test_nothing_else_is_tried_after_the_first_was_closed, begin, end),
		cmocka_unit_test_setup_teardown(test_a_closed_way_does_not_close_others, begin,
						end),
		cmocka_unit_test_setup_teardown(test_a_trial_that_found_nothing_out, begin, end),
		cmocka_unit_test_setup_teardown(test_which_way, begin, end),
		cmocka_unit_test_setup_teardown(test_transports_are_apart, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
