/* Times of the week: what may be written, when it holds, when that changes next; summer time above all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/schedule.h"
#include "unit.h"

/* The rule of Europe/Berlin in 2026: on 29 March 2:00 is 3:00, on 25 October 3:00 is 2:00. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static void zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static struct schedule schedule_of(const char *text)
{
	struct schedule s = { 0 };
	const char *fault = "";

	if (schedule_add(&s, text, &fault))
		fail_msg("%s: %s", text, fault);
	return s;
}

/* "2026-03-29 01:30:00" of UTC. */
static time_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return timegm(&tm);
}

static bool is_open_at(const struct schedule *s, time_t t)
{
	struct tm local;

	assert_non_null(localtime_r(&t, &local));
	return schedule_is_open(s, &local);
}

static void test_text(void **state)
{
	static const char *const cases[][2] = {
		{ "08:00-18:00", "08:00-18:00" },
		{ "8:00-9:30", "08:00-09:30" },
		{ "mon-fri 08:00-18:00, sat 10:00-12:00", "mon-fri 08:00-18:00, sat 10:00-12:00" },
		{ "Mon wed FRI 00:00-24:00", "mon wed fri 00:00-24:00" },
		{ "mon-tue 12:00-13:00", "mon tue 12:00-13:00" },
		{ "fri-mon 22:00-02:00", "mon fri-sun 22:00-02:00" },
		{ "tue-mon 1:00-2:00", "01:00-02:00" },
		{ "mon-mon 01:00-02:00", "mon 01:00-02:00" },
		{ "mon tue thu fri sun 00:00-00:01", "mon tue thu fri sun 00:00-00:01" },
		{ "mon-fri 08:00-12:00 13:00-17:00", "mon-fri 08:00-12:00, mon-fri 13:00-17:00" },
		{ "\tsun 01:00-02:00 ,mon\t3:00-4:00", "sun 01:00-02:00, mon 03:00-04:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct schedule s = schedule_of(cases[i][0]);
		char text[SCHEDULE_TEXT_BYTES];
		char all[200] = "";

		for (size_t j = 0; j < s.count; j++) {
			strcat(all, j ? ", " : "");
			strcat(all, schedule_text(&s.at[j], text));
		}
		assert_string_equal(all, cases[i][1]);
		schedule_done(&s);
	}
}

static void test_faults(void **state)
{
	static const char *const cases[] = {
		"",
		",",
		"mon",
		"mon-fri",
		"sat, mon 1:00-2:00",
		"08:00",
		"08:00-",
		"-08:00",
		"08:00-18",
		"08:00-18:60",
		"08:00-24:01",
		"24:00-08:00",
		"08:00-08:00",
		"00:00-00:00",
		"8:0-9:00",
		"08:00-18:00,",
		",08:00-18:00",
		"monday 08:00-18:00",
		"mo 08:00-18:00",
		"mon- 08:00-18:00",
		"mon-fry 08:00-18:00",
		"mon-fri-sat 08:00-18:00",
		"08:00-18:00 mon",
		"mon 08:00 - 18:00",
		"mon 08:00\xe2\x80\x93-18:00",
		"099:00-18:00",
		"mon 0x:00-18:00",
		"1:00-2:00 x",
		"08:00-18:00;sat 10:00-12:00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct schedule s = schedule_of("tue 08:00-18:00");
		struct schedule none = { 0 };
		const char *fault = NULL;

		if (schedule_add(&s, cases[i], &fault) != -EINVAL)
			fail_msg("`%s` was taken", cases[i]);
		assert_non_null(fault);
		assert_int_equal(s.count, 1); /* as it was */
		assert_int_equal(s.at[0].days, 4);
		fault = NULL;
		assert_int_equal(schedule_add(&none, cases[i], &fault), -EINVAL);
		assert_non_null(fault);
		assert_null(none.at);
		schedule_done(&s);
	}
}

static void test_most(void **state)
{
	struct schedule s = { 0 };
	const char *fault;

	(void)state;
	for (int i = 0; i < SCHEDULE_MOST; i++)
		assert_int_equal(schedule_add(&s, "1:00-2:00", &fault), 0);
	assert_int_equal(schedule_add(&s, "1:00-2:00", &fault), -EINVAL);
	assert_non_null(strstr(fault, "256"));
	assert_int_equal(s.count, SCHEDULE_MOST);
	schedule_done(&s);
}

/* Mondays are the first of June 2026, and so on. */
static void test_is_open(void **state)
{
	static const struct {
		const char *text;
		const char *at;
		bool is_open;
	} cases[] = {
		{ "mon-fri 08:00-18:00", "2026-06-01 07:59:59", false },
		{ "mon-fri 08:00-18:00", "2026-06-01 08:00:00", true },
		{ "mon-fri 08:00-18:00", "2026-06-05 17:59:59", true },
		{ "mon-fri 08:00-18:00", "2026-06-05 18:00:00", false },
		{ "mon-fri 08:00-18:00", "2026-06-06 12:00:00", false },
		{ "mon-fri 08:00-18:00, sat 10:00-12:00", "2026-06-06 11:00:00", true },
		{ "mon-fri 08:00-18:00, sat 10:00-12:00", "2026-06-07 11:00:00", false },
		/* over midnight: into Saturday, but not out of Thursday */
		{ "fri 22:00-02:00", "2026-06-05 21:59:59", false },
		{ "fri 22:00-02:00", "2026-06-05 22:00:00", true },
		{ "fri 22:00-02:00", "2026-06-06 01:59:59", true },
		{ "fri 22:00-02:00", "2026-06-06 02:00:00", false },
		{ "fri 22:00-02:00", "2026-06-05 01:00:00", false },
		{ "fri 22:00-02:00", "2026-06-06 22:30:00", false },
		/* from Saturday into Sunday, from Sunday into Monday: the week is a ring */
		{ "sat 22:00-02:00", "2026-06-07 01:00:00", true },
		{ "sun 22:00-02:00", "2026-06-08 01:00:00", true },
		{ "sun 22:00-02:00", "2026-06-07 01:00:00", false },
		{ "22:00-02:00", "2026-06-03 00:30:00", true },
		{ "22:00-02:00", "2026-06-03 12:00:00", false },
		{ "sat 22:00-24:00", "2026-06-06 23:59:59", true },
		{ "sat 22:00-24:00", "2026-06-07 00:00:00", false },
		{ "sat 22:00-00:00", "2026-06-06 23:59:59", true },
		{ "sat 22:00-00:00", "2026-06-07 00:00:00", false },
		{ "tue 00:00-24:00", "2026-06-02 00:00:00", true },
		{ "tue 00:00-24:00", "2026-06-03 00:00:00", false },
		/* new year: Thursday into Friday */
		{ "thu 22:00-02:00", "2026-12-31 23:59:59", true },
		{ "thu 22:00-02:00", "2027-01-01 01:59:59", true },
		{ "thu 22:00-02:00", "2027-01-01 02:00:00", false },
		/* 29 February 2028 is a Tuesday */
		{ "mon 23:00-01:00", "2028-02-29 00:30:00", true },
		{ "tue 23:00-01:00", "2028-02-29 23:30:00", true },
		{ "tue 23:00-01:00", "2028-03-01 00:30:00", true },
		{ "wed 00:00-24:00", "2028-03-01 12:00:00", true },
	};

	(void)state;
	zone("UTC0");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct schedule s = schedule_of(cases[i].text);

		if (is_open_at(&s, utc(cases[i].at)) != cases[i].is_open)
			fail_msg("%s at %s", cases[i].text, cases[i].at);
		schedule_done(&s);
	}
}

static void test_empty_is_always(void **state)
{
	struct schedule s = { 0 };

	(void)state;
	zone("UTC0");
	assert_true(is_open_at(&s, utc("2026-06-01 07:59:59")));
	assert_int_equal(schedule_next(&s, utc("2026-06-01 07:59:59")), -1);
}

/* All given in UTC: Berlin is one hour ahead, two in summer. */
static const struct {
	const char *text;
	const char *now;
	const char *next; /* NULL: never */
} switches[] = {
	{ "mon-fri 08:00-18:00", "2026-06-01 05:00:00", "2026-06-01 06:00:00" },
	{ "mon-fri 08:00-18:00", "2026-06-01 05:59:59", "2026-06-01 06:00:00" },
	{ "mon-fri 08:00-18:00", "2026-06-01 06:00:00", "2026-06-01 16:00:00" },
	{ "mon-fri 08:00-18:00", "2026-06-05 16:00:00", "2026-06-08 06:00:00" },
	{ "mon-fri 08:00-18:00, sat 10:00-12:00", "2026-06-05 16:00:01", "2026-06-06 08:00:00" },
	{ "00:00-24:00", "2026-06-05 16:00:00", NULL },
	{ "mon-sat 00:00-24:00, sun 00:00-24:00", "2026-06-05 16:00:00", NULL },
	{ "00:00-12:00 12:00-24:00", "2026-06-05 16:00:00", NULL },
	/* touching ones are one, also over midnight */
	{ "mon 20:00-24:00, tue 00:00-06:00", "2026-06-01 19:00:00", "2026-06-02 04:00:00" },
	{ "mon 20:00-02:00, tue 01:00-06:00", "2026-06-01 19:00:00", "2026-06-02 04:00:00" },
	/* once a week: open now, next, and a week later */
	{ "wed 12:00-12:01", "2026-06-03 10:00:30", "2026-06-03 10:01:00" },
	{ "wed 12:00-12:01", "2026-06-03 10:01:00", "2026-06-10 10:00:00" },
	/* a week with a change of the clock in it */
	{ "wed 12:00-12:01", "2026-03-25 11:01:00", "2026-04-01 10:00:00" },
	{ "wed 12:00-12:01", "2026-10-21 10:01:00", "2026-10-28 11:00:00" },
	/* spring, Sunday 29 March: 2:00 is 3:00. What begins between begins at 3:00 */
	{ "sun 02:30-04:00", "2026-03-28 12:00:00", "2026-03-29 01:00:00" },
	{ "sun 02:30-04:00", "2026-03-29 01:00:00", "2026-03-29 02:00:00" },
	{ "sun 01:00-02:30", "2026-03-29 00:00:00", "2026-03-29 01:00:00" },
	/* wholly within the hour that there is not: the Sunday behind */
	{ "sun 02:10-02:50", "2026-03-28 12:00:00", "2026-04-05 00:10:00" },
	{ "sat 22:00-03:00", "2026-03-28 21:00:00", "2026-03-29 01:00:00" },
	{ "sun 03:00-05:00", "2026-03-29 00:59:59", "2026-03-29 01:00:00" },
	/* autumn, Sunday 25 October: 3:00 is 2:00, and 2:00 to 3:00 comes twice */
	{ "sun 02:00-03:00", "2026-10-24 12:00:00", "2026-10-25 00:00:00" },
	{ "sun 02:00-03:00", "2026-10-25 00:00:00", "2026-10-25 02:00:00" },
	{ "sun 01:00-02:30", "2026-10-24 23:00:00", "2026-10-25 00:30:00" },
	{ "sun 01:00-02:30", "2026-10-25 00:30:00", "2026-10-25 01:00:00" },
	{ "sun 01:00-02:30", "2026-10-25 01:00:00", "2026-10-25 01:30:00" },
	{ "sun 01:00-02:30", "2026-10-25 01:30:00", "2026-11-01 00:00:00" },
	{ "sun 02:30-05:00", "2026-10-25 00:30:00", "2026-10-25 01:00:00" },
	{ "sun 02:30-05:00", "2026-10-25 01:00:00", "2026-10-25 01:30:00" },
	/* a night that is an hour longer */
	{ "sat 22:00-06:00", "2026-10-24 20:00:00", "2026-10-25 05:00:00" },
	/* new year, leap day */
	{ "thu 22:00-02:00", "2026-12-31 21:00:00", "2027-01-01 01:00:00" },
	{ "22:00-02:00", "2026-12-31 21:30:00", "2027-01-01 01:00:00" },
	{ "tue 23:00-01:00", "2028-02-29 22:00:00", "2028-03-01 00:00:00" },
	{ "tue 23:00-01:00", "2028-02-28 22:00:00", "2028-02-29 22:00:00" },
};

static void check_switches(void)
{
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		struct schedule s = schedule_of(switches[i].text);
		time_t next = schedule_next(&s, utc(switches[i].now));
		char text[40] = "never";
		struct tm tm;

		if (next >= 0)
			(void)strftime(text, sizeof text, "%F %T", gmtime_r(&next, &tm));
		if (strcmp(text, switches[i].next ? switches[i].next : "never") != 0)
			fail_msg("%s behind %s: %s, not %s", switches[i].text, switches[i].now,
				 text, switches[i].next);
		schedule_done(&s);
	}
}

static void test_next(void **state)
{
	(void)state;
	zone(BERLIN);
	check_switches();
}

static void test_next_of_zoneinfo(void **state)
{
	const time_t summer = utc("2026-06-01 12:00:00");
	struct tm local;

	(void)state;
	zone("Europe/Berlin");
	if (!localtime_r(&summer, &local) || local.tm_hour != 14)
		skip(); /* no tzdata here; its rule was tested above */
	check_switches();
}

static unsigned random_below(uint32_t *seed, unsigned most)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % most;
}

static struct schedule random_schedule(uint32_t *seed)
{
	struct schedule s = { 0 };
	unsigned count = 1 + random_below(seed, 3);
	const char *fault;

	while (s.count < count) {
		const struct schedule_span span = {
			.days = (uint8_t)(1 + random_below(seed, 127)),
			.begin_minute = (uint16_t)(random_below(seed, 300)),
			.end_minute = (uint16_t)(random_below(seed, 1441)),
		};
		char text[SCHEDULE_TEXT_BYTES];

		if (span.begin_minute != span.end_minute)
			assert_int_equal(schedule_add(&s, schedule_text(&span, text), &fault), 0);
	}
	return s;
}

/* The next change by looking at every minute; -1 when there is none for nine days. */
static time_t slow_next(const struct schedule *s, time_t now)
{
	bool is_open = is_open_at(s, now);
	time_t t = now - now % 60 + 60;

	for (int i = 0; i < 9 * 24 * 60; i++, t += 60) {
		if (is_open_at(s, t) != is_open)
			return t;
	}
	return -1;
}

/* The quick way finds what looking at every minute finds, around every change of the clock. */
static void test_next_by_minutes(void **state)
{
	/* Lord Howe turns its clock by half an hour; Chatham stands at 12:45 */
	static const char *const zones[] = { "UTC0", BERLIN, "LHST-10:30LHDT-11,M10.1.0,M4.1.0",
					     "CHAST-12:45CHADT,M9.5.0/2:45,M4.1.0/3:45" };
	static const char *const days[] = { "2026-03-28 12:34:56", "2026-10-24 23:17:00",
					    "2026-04-04 10:00:00", "2026-10-03 15:00:01",
					    "2026-09-26 11:00:00", "2026-12-31 20:00:00",
					    "2028-02-28 22:22:22" };
	uint32_t seed = 1443;

	(void)state;
	for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
		zone(zones[z]);
		for (size_t d = 0; d < 12 * sizeof days / sizeof *days; d++) {
			time_t now = utc(days[d % (sizeof days / sizeof *days)]) +
				     (time_t)random_below(&seed, 40000);
			struct schedule s = random_schedule(&seed);
			time_t expected = slow_next(&s, now);

			if (schedule_next(&s, now) != expected)
				fail_msg("%s at %lld: %lld, not %lld", zones[z], (long long)now,
					 (long long)schedule_next(&s, now), (long long)expected);
			schedule_done(&s);
		}
	}
}

/* A zone may be ahead by seconds: a switch lies where the clock shows a whole minute. */
static void test_next_with_seconds(void **state)
{
	struct schedule s = schedule_of("08:00-18:00");

	(void)state;
	zone("XXX-01:00:20");
	assert_int_equal(schedule_next(&s, utc("2026-06-01 06:00:00")), utc("2026-06-01 06:59:40"));
	schedule_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_is_open),
		cmocka_unit_test(test_empty_is_always),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_next_of_zoneinfo),
		cmocka_unit_test(test_next_by_minutes),
		cmocka_unit_test(test_next_with_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
