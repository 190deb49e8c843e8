/* How soon one repair may follow the other. */

#include "firewall_pace.h"
#include "unit.h"

enum {
	START = 1000000,
};

/* Repairs at once, as many as may be; the time of the last. */
static uint64_t exhaust(struct firewall_pace *p)
{
	uint64_t now = START;
	unsigned i;

	for (i = 0; i < FIREWALL_PACE_ROUNDS; i++, now += 200) {
		assert_int_equal(firewall_pace_next(p, now), now);
		firewall_pace_note(p, now);
	}
	return now - 200;
}

static void test_spaced_out_ever_further(void **state)
{
	static const uint64_t pauses[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	struct firewall_pace p = { 0 };
	uint64_t now = exhaust(&p);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		assert_int_equal(firewall_pace_next(&p, now + 100), now + pauses[i]);
		now += pauses[i];
		firewall_pace_note(&p, now);
	}
	/* wanted later than it must wait: then later */
	assert_int_equal(firewall_pace_next(&p, now + 40000), now + 40000);
}

static void test_now_and_then_is_at_once(void **state)
{
	struct firewall_pace p = { 0 };
	uint64_t now = START;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++, now += 2600) {
		assert_int_equal(firewall_pace_next(&p, now), now);
		firewall_pace_note(&p, now);
	}
}

static void test_quiet_forgets(void **state)
{
	struct firewall_pace p = { 0 };
	uint64_t now = exhaust(&p);

	(void)state;
	now += 1000 + FIREWALL_PACE_WINDOW_MS + 1;
	firewall_pace_note(&p, now);
	assert_int_equal(p.pause_ms, 0);
	assert_int_equal(firewall_pace_next(&p, now + 100), now + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spaced_out_ever_further),
		cmocka_unit_test(test_now_and_then_is_at_once),
		cmocka_unit_test(test_quiet_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
