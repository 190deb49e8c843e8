#ifndef SHUNT_POLICY_SCHEDULE_H
#define SHUNT_POLICY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A stretch of time that comes back each week, by the clock on the wall. */
struct schedule_span {
	uint8_t days; /* on which it begins: bit 0 is Sunday, as tm_wday */
	uint16_t begin_minute;
	uint16_t end_minute; /* at most 1440; not above begin_minute: on the day behind */
};

/* When something holds: in any of these. */
struct schedule {
	struct schedule_span *at;
	size_t count;
};

enum {
	SCHEDULE_TEXT_BYTES = 64, /* a span as text */
	SCHEDULE_MOST = 256,      /* spans of one schedule */
};

/*
 * Append what a text lists: `mon-fri 08:00-18:00, sat 10:00-12:00`. Between
 * commas stand days, or none for every day, and then times. A time whose end
 * is not behind its begin goes on into the next day; 24:00 is an end. Returns 0;
 * -EINVAL with *fault, a few words behind "`TEXT` ", the list as it was; or
 * -ENOMEM.
 */
int schedule_add(struct schedule *s, const char *text, const char **fault);

/* Frees the list. */
void schedule_done(struct schedule *s);

/* A span as one would write it. Returns text. */
const char *schedule_text(const struct schedule_span *span, char text[static SCHEDULE_TEXT_BYTES]);

/* Does it hold at this local time? An empty schedule always holds. */
bool schedule_is_open(const struct schedule *s, const struct tm *local);

/*
 * The next moment behind `now` at which schedule_is_open() changes, by the time
 * zone of the process: where the clock is put forward or back is a moment like
 * any other. Returns -1 when it never does.
 */
time_t schedule_next(const struct schedule *s, time_t now);

#endif
