/* Times of the week: read, shown, asked. All by the clock on the wall, whatever its zone makes of it. */
#include "policy/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/list.h"

enum {
	DAY_BYTES = 3,
	DAY_MINUTES = 24 * 60,
	WEEK_MINUTES = 7 * DAY_MINUTES,
	DAY_SECONDS = DAY_MINUTES * 60,
	EVERY_DAY = 0x7f,
};

static const char *const day_words[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

/* What one entry between commas has told so far. */
struct entry {
	uint8_t days;
	bool has_times;
};

static int find_day(const char *text)
{
	for (int day = 0; day < 7; day++) {
		if (strncasecmp(text, day_words[day], DAY_BYTES) == 0)
			return day;
	}
	return -1;
}

/* "mon" or "fri-mon". 0 or -EINVAL. */
static int parse_days(uint8_t *days, const char *text, size_t size)
{
	int first = size >= DAY_BYTES ? find_day(text) : -1;
	int last = first;

	if (size == 2 * DAY_BYTES + 1 && text[DAY_BYTES] == '-')
		last = find_day(text + DAY_BYTES + 1);
	else if (size != DAY_BYTES)
		last = -1;
	if (first < 0 || last < 0)
		return -EINVAL;
	for (int day = first; day != last; day = (day + 1) % 7)
		*days = (uint8_t)(*days | 1 << day);
	*days = (uint8_t)(*days | 1 << last);
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "8:00", "08:00" or "24:00" to minutes of the day, or -1. */
static int parse_clock(const char *text, size_t size)
{
	size_t hour_size = size == 4 ? 1 : 2;
	int hour = 0;
	int minute;

	if (size != hour_size + 3 || text[hour_size] != ':')
		return -1;
	for (size_t i = 0; i < size; i++) {
		if (i != hour_size && !is_digit(text[i]))
			return -1;
	}
	for (size_t i = 0; i < hour_size; i++)
		hour = 10 * hour + (text[i] - '0');
	minute = 10 * (text[hour_size + 1] - '0') + (text[hour_size + 2] - '0');
	if (minute > 59 || 60 * hour + minute > DAY_MINUTES)
		return -1;
	return 60 * hour + minute;
}

/* "08:00-18:00". Returns NULL or what is wrong. */
static const char *parse_times(struct schedule_span *span, const char *text, size_t size)
{
	const char *dash = memchr(text, '-', size);
	int begin = dash ? parse_clock(text, (size_t)(dash - text)) : -1;
	int end = dash ? parse_clock(dash + 1, (size_t)(text + size - dash - 1)) : -1;

	if (begin < 0 || end < 0)
		return "is not times such as `mon-fri 08:00-18:00, sat 10:00-12:00`";
	if (begin == DAY_MINUTES)
		return "begins at 24:00: write 00:00 of the next day";
	if (begin == end)
		return "begins where it ends: a whole day is 00:00-24:00";
	span->begin_minute = (uint16_t)begin;
	span->end_minute = (uint16_t)end;
	return NULL;
}

static int append(struct schedule *s, const struct schedule_span *span)
{
	struct schedule_span *at = list_room(s->at, s->count, sizeof *at);

	if (!at)
		return -ENOMEM;
	s->at = at;
	at[s->count++] = *span;
	return 0;
}

/* Days, or a time on the days so far. 0, -EINVAL with *fault, or -ENOMEM. */
static int take_word(struct schedule *s, struct entry *e, const char *text, size_t size,
		     const char **fault)
{
	struct schedule_span span = { .days = e->days ? e->days : EVERY_DAY };

	if (!is_digit(text[0])) {
		*fault = "has days behind times: put a comma between them";
		if (e->has_times)
			return -EINVAL;
		*fault = "is not times such as `mon-fri 08:00-18:00, sat 10:00-12:00`";
		return parse_days(&e->days, text, size);
	}
	*fault = parse_times(&span, text, size);
	if (*fault)
		return -EINVAL;
	*fault = "is too much: more than 256 times in one schedule";
	if (s->count >= SCHEDULE_MOST)
		return -EINVAL;
	e->has_times = true;
	return append(s, &span);
}

/* What stands between two commas. */
static int take_entry(struct schedule *s, const char *text, size_t size, const char **fault)
{
	struct entry e = { 0 };
	size_t at = 0;

	while (at < size) {
		size_t word = strcspn(text + at, " \t,");
		int err = word ? take_word(s, &e, text + at, word, fault) : 0;

		if (err)
			return err;
		at += word + 1;
	}
	if (e.has_times)
		return 0;
	*fault = e.days ? "has a day without times: a whole day is 00:00-24:00"
			: "has nothing in front of or behind a comma";
	return -EINVAL;
}

int schedule_add(struct schedule *s, const char *text, const char **fault)
{
	size_t before = s->count;
	const char *why = NULL;
	int err = 0;

	for (;;) {
		size_t size = strcspn(text, ",");

		err = take_entry(s, text, size, &why);
		if (err || !text[size])
			break;
		text += size + 1;
	}
	if (!err)
		return 0;
	s->count = before; /* there may be more room than that now, which does no harm */
	if (before == 0)
		schedule_done(s);
	if (err == -EINVAL)
		*fault = why;
	return err;
}

void schedule_done(struct schedule *s)
{
	free(s->at);
	*s = (struct schedule){ 0 };
}

/* Days in the order of the week as it is worked: three and more in a row with a dash. */
static void put_days(unsigned days, char text[static SCHEDULE_TEXT_BYTES])
{
	size_t used = 0;

	for (int i = 0; i < 7; i++) {
		int day = (i + 1) % 7;
		int row = 0;

		while (i + row < 7 && (days >> (i + row + 1) % 7 & 1))
			row++;
		if (row == 0)
			continue;
		if (row < 3)
			row = 1;
		used += (size_t)snprintf(text + used, SCHEDULE_TEXT_BYTES - used,
					 row > 1 ? "%s-%s " : "%s ", day_words[day],
					 day_words[(i + row) % 7]);
		i += row - 1;
	}
}

const char *schedule_text(const struct schedule_span *span, char text[static SCHEDULE_TEXT_BYTES])
{
	size_t used;

	text[0] = '\0';
	if (span->days != EVERY_DAY)
		put_days(span->days, text);
	used = strlen(text);
	(void)snprintf(text + used, SCHEDULE_TEXT_BYTES - used, "%02d:%02d-%02d:%02d",
		       span->begin_minute / 60, span->begin_minute % 60, span->end_minute / 60,
		       span->end_minute % 60);
	return text;
}

static bool is_on(const struct schedule_span *span, int day)
{
	return span->days >> day & 1;
}

static bool span_is_open(const struct schedule_span *span, int day, int minute)
{
	if (span->begin_minute < span->end_minute)
		return is_on(span, day) && minute >= span->begin_minute &&
		       minute < span->end_minute;
	return (is_on(span, day) && minute >= span->begin_minute) ||
	       (is_on(span, (day + 6) % 7) && minute < span->end_minute);
}

bool schedule_is_open(const struct schedule *s, const struct tm *local)
{
	for (size_t i = 0; i < s->count; i++) {
		if (span_is_open(&s->at[i], local->tm_wday, 60 * local->tm_hour + local->tm_min))
			return true;
	}
	return s->count == 0;
}

/* Minutes from one minute of the week to the next time when it is another one. */
static int minutes_until(int from, int to)
{
	int minutes = (to - from + 2 * WEEK_MINUTES) % WEEK_MINUTES;

	return minutes ? minutes : WEEK_MINUTES;
}

/* Minutes until the clock on the wall shows any begin or end, if nobody turns it. */
static int minutes_to_edge(const struct schedule *s, const struct tm *local)
{
	int now = DAY_MINUTES * local->tm_wday + 60 * local->tm_hour + local->tm_min;
	int least = DAY_MINUTES; /* so that no more than one turn of the clock lies between */

	for (size_t i = 0; i < s->count; i++) {
		const struct schedule_span *span = &s->at[i];
		int size = span->end_minute - span->begin_minute;

		if (size <= 0)
			size += DAY_MINUTES;
		for (int day = 0; day < 7; day++) {
			int begin = DAY_MINUTES * day + span->begin_minute;
			int to_begin = minutes_until(now, begin);
			int to_end = minutes_until(now, begin + size);

			if (!is_on(span, day))
				continue;
			least = to_begin < least ? to_begin : least;
			least = to_end < least ? to_end : least;
		}
	}
	return least;
}

static long offset_at(time_t t)
{
	struct tm local;

	return localtime_r(&t, &local) ? local.tm_gmtoff : 0;
}

/* The first moment behind `from` and not behind `to` when the offset is not that of `from`: `to`
 * itself when there is none. */
static time_t first_turn(time_t from, time_t to)
{
	long offset = offset_at(from);

	if (offset_at(to) == offset)
		return to;
	while (to - from > 1) {
		time_t middle = from + (to - from) / 2;

		if (offset_at(middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

time_t schedule_next(const struct schedule *s, time_t now)
{
	const time_t end = now + 9 * (time_t)DAY_SECONDS; /* a week, and a turn of the clock */
	struct tm local;
	bool is_open;

	if (s->count == 0 || !localtime_r(&now, &local))
		return -1;
	is_open = schedule_is_open(s, &local);
	while (now < end) {
		time_t edge = now - local.tm_sec + 60 * (time_t)minutes_to_edge(s, &local);

		now = first_turn(now, edge);
		if (!localtime_r(&now, &local))
			return -1;
		if (schedule_is_open(s, &local) != is_open)
			return now;
	}
	return -1;
}
