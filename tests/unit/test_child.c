/* The lives in one place: when the next begins, and what the place has proven. */
#include "child.h"
#include "unit.h"

enum {
	START = 1000000,
	PID = 77,
};

/* One life of that length; it answers after half of it, or never. */
static uint64_t live(struct child *c, uint64_t now, uint64_t length, bool answers)
{
	child_born(c, PID, now);
	assert_int_equal(c->pid, PID);
	if (answers)
		child_heard(c, now + length / 2, now + length / 2);
	child_ended(c, now + length);
	assert_int_equal(c->pid, 0);
	return now + length;
}

static void test_a_long_life_is_followed_at_once(void **state)
{
	struct child c = { 0 };
	uint64_t end = live(&c, START, CHILD_YOUNG_MS, true);

	(void)state;
	assert_int_equal(c.due_ms, end);
}

/* However many there are: no faster, no slower. */
static void test_short_lives_that_answer(void **state)
{
	struct child c = { 0 };
	uint64_t now = START;

	(void)state;
	for (int i = 0; i < 100; i++) {
		now = live(&c, now, 2, true);
		assert_int_equal(c.due_ms, now + CHILD_PAUSE_MS);
		assert_int_equal(c.proven_ms, now - 1);
		now = c.due_ms;
	}
}

static void test_stillbirths_are_spaced_out(void **state)
{
	static const uint64_t pauses[] = { 250, 500, 1000, 2000, 4000, 4000, 4000 };
	struct child c = { 0 };
	uint64_t now = live(&c, START, 5000, true);
	uint64_t proven = c.proven_ms;

	(void)state;
	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		now = live(&c, now, 1, false);
		assert_int_equal(c.due_ms, now + pauses[i]);
		assert_int_equal(c.proven_ms, proven);
		now = c.due_ms;
	}
	c.stillborn = UINT32_MAX; /* after years */
	now = live(&c, now, 1, true);
	assert_int_equal(c.stillborn, 0);
	assert_int_equal(c.due_ms, now + CHILD_PAUSE_MS);
}

/* It did not even begin: no process, no memory. */
static void test_births_that_fail(void **state)
{
	struct child c = { 0 };
	uint64_t now = live(&c, START, 5000, true);

	(void)state;
	child_ended(&c, now);
	assert_int_equal(c.due_ms, now + CHILD_FIRST_PAUSE_MS);
	child_ended(&c, now);
	assert_int_equal(c.due_ms, now + 2 * CHILD_FIRST_PAUSE_MS);
	assert_int_equal(c.stillborn, 2);
}

/* A death and a birth prove nothing, and take nothing away. */
static void test_what_the_place_has_proven(void **state)
{
	struct child c = { 0 };

	(void)state;
	child_born(&c, PID, START);
	assert_int_equal(c.proven_ms, 0);
	child_heard(&c, START + 10, START + 20);
	assert_int_equal(c.proven_ms, START + 10);
	child_ended(&c, START + 30);
	child_born(&c, PID + 1, START + 40);
	assert_int_equal(c.proven_ms, START + 10);
	assert_int_equal(c.heard_ms, START + 40);
}

/* The last words of the life before, read after the next one's birth. */
static void test_words_of_the_dead(void **state)
{
	struct child c = { 0 };

	(void)state;
	child_born(&c, PID, START);
	child_heard(&c, START + 10, START + 10);
	child_ended(&c, START + 30);
	child_born(&c, PID + 1, START + 40);
	child_heard(&c, START + 25, START + 50);
	assert_int_equal(c.proven_ms, START + 25);
	assert_int_equal(c.heard_ms, START + 40);
	assert_false(c.has_answered);
	child_ended(&c, START + 60);
	assert_int_equal(c.stillborn, 1);
}

static void test_times_that_cannot_be(void **state)
{
	struct child c = { 0 };

	(void)state;
	child_born(&c, PID, START);
	child_heard(&c, UINT64_MAX, START + 5);
	assert_int_equal(c.proven_ms, START + 5);
	child_heard(&c, 0, START + 9);
	assert_int_equal(c.proven_ms, START + 5);
	assert_int_equal(c.heard_ms, START + 5);
}

static void test_hung(void **state)
{
	struct child c = { 0 };

	(void)state;
	child_born(&c, PID, START);
	assert_false(child_is_hung(&c, START + CHILD_HANG_MS - 1));
	assert_true(child_is_hung(&c, START + CHILD_HANG_MS));
	child_heard(&c, START + 100, START + CHILD_HANG_MS);
	assert_false(child_is_hung(&c, START + CHILD_HANG_MS));
	child_ended(&c, START + CHILD_HANG_MS);
	assert_false(child_is_hung(&c, START + 10 * CHILD_HANG_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_long_life_is_followed_at_once),
		cmocka_unit_test(test_short_lives_that_answer),
		cmocka_unit_test(test_stillbirths_are_spaced_out),
		cmocka_unit_test(test_births_that_fail),
		cmocka_unit_test(test_what_the_place_has_proven),
		cmocka_unit_test(test_words_of_the_dead),
		cmocka_unit_test(test_times_that_cannot_be),
		cmocka_unit_test(test_hung),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
