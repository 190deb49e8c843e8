#ifndef SHUNT_POLICY_REGEX_H
#define SHUNT_POLICY_REGEX_H

#include "base/span.h"

/*
 * Regular expressions on host names, and on the first bytes of flows: PCRE2 with
 * 8-bit units. They are compiled when the configuration is read and matched where
 * no system call is allowed: all memory that matching may need is a regex_room,
 * made beforehand, and each match is bounded, whatever the pattern and the text.
 */
struct regex;
struct regex_room;

enum {
	/* What one match may cost. A step is some 10 ns, and a name has at most 253 bytes: the worst
	 * pattern there can be takes some milliseconds, a usual one a few hundred steps. But one step
	 * may also look at all of the text, or go through all of the compiled pattern, as in (?:\B){9000}:
	 * where that is more than REGEX_NEAR_BYTES there are fewer, in proportion. */
	REGEX_STEPS = 100000, /* in all; they are shared out among the places where it can begin */
	REGEX_STEPS_LEAST = 1000, /* but so many for each place, however long the name */
	REGEX_DEPTH = 1000,       /* nested decisions: four for each byte of the longest name */
	REGEX_HEAP_KIB = 256,     /* of memory for those */
	/* of first bytes, which a client can have looked at again and again: in all 5 ms */
	REGEX_STEPS_BYTES = 20000,
	REGEX_NEAR_BYTES = 256,
	REGEX_FAULT_BYTES = 200,
};

/*
 * Compile a pattern written as in the configuration: `/^a[0-9]+\./`. One on a name
 * fits a part of it, and letter case does not matter. One on bytes begins at the first
 * of them, letter case counts, and `.` is any byte. Returns 0; -EINVAL with *fault, a few words
 * behind "`TEXT` " with PCRE2's own message and the offset in the pattern; or -ENOMEM. For
 * regex_free(), which takes NULL.
 */
int regex_new(struct regex **out, const char *text, char fault[static REGEX_FAULT_BYTES]);
int regex_new_bytes(struct regex **out, const char *text, char fault[static REGEX_FAULT_BYTES]);
void regex_free(struct regex *regex);

/* The pattern as it was written, with its slashes. Borrowed. */
const char *regex_text(const struct regex *regex);

/* Room to match any pattern in, one at a time; used again and again. 0 or -ENOMEM. */
int regex_room_new(struct regex_room **out);
void regex_room_free(struct regex_room *room);

enum regex_verdict {
	REGEX_NO,
	REGEX_YES,
	REGEX_CUT,  /* given up at a limit: counts as no */
	REGEX_MORE, /* it depends on the bytes that may follow */
};

/* Does the pattern fit a part of the text? No allocation, no system call. */
enum regex_verdict regex_match(const struct regex *regex, struct regex_room *room,
			       struct span text);

/*
 * Does the pattern, one on bytes, fit what begins like this? REGEX_YES and REGEX_NO hold
 * whatever follows. With `is_whole` nothing follows, and it is never REGEX_MORE. Likewise.
 */
enum regex_verdict regex_begin(const struct regex *regex, struct regex_room *room, struct span text,
			       bool is_whole);

#endif
