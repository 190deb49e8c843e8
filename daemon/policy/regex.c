/*
 * PCRE2 where nothing may be allocated. While it matches it wants one block of
 * memory, for its backtracking; when that is too small it takes a larger one,
 * copies, and gives the first back. So two blocks at a time, and a pool that
 * serves one from each of its ends is all the allocator there need be.
 */
#include "policy/regex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	POOL_BYTES = 2 * REGEX_HEAP_KIB * 1024 + 64, /* the old block and the new one */
	POOL_ALIGN = 16,
};

struct regex {
	char *text;
	pcre2_code *code;
	size_t code_size; /* one step may go through all of it */
	bool is_anchored; /* it can begin at the first byte only */
};

struct regex_room {
	pcre2_general_context *general;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	bool is_closed;   /* made: from now on only the pool serves */
	size_t low_size;  /* bytes taken at the beginning of the pool */
	size_t high_size; /* and at its end */
	_Alignas(POOL_ALIGN) uint8_t pool[POOL_BYTES];
};

static void *room_take(size_t size, void *arg)
{
	struct regex_room *room = arg;

	if (!room->is_closed)
		return malloc(size);
	if (size == 0 || size > POOL_BYTES)
		return NULL;
	size = (size + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	if (room->low_size + room->high_size + size > POOL_BYTES)
		return NULL;
	if (room->low_size == 0) {
		room->low_size = size;
		return room->pool;
	}
	if (room->high_size == 0) {
		room->high_size = size;
		return room->pool + POOL_BYTES - size;
	}
	return NULL;
}

static void room_give_back(void *block, void *arg)
{
	struct regex_room *room = arg;
	const uint8_t *at = block;

	if (at == room->pool)
		room->low_size = 0;
	else if (at > room->pool && at < room->pool + POOL_BYTES)
		room->high_size = 0;
	else
		free(block);
}

int regex_room_new(struct regex_room **out)
{
	struct regex_room *room = calloc(1, sizeof *room);

	if (!room)
		return -ENOMEM;
	room->general = pcre2_general_context_create(room_take, room_give_back, room);
	room->limits = pcre2_match_context_create(room->general);
	room->data = pcre2_match_data_create(1, room->general);
	if (!room->general || !room->limits || !room->data) {
		regex_room_free(room);
		return -ENOMEM;
	}
	(void)pcre2_set_depth_limit(room->limits, REGEX_DEPTH); /* these always return 0 */
	(void)pcre2_set_heap_limit(room->limits, REGEX_HEAP_KIB);
	room->is_closed = true;
	*out = room;
	return 0;
}

void regex_room_free(struct regex_room *room)
{
	if (!room)
		return;
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->limits);
	pcre2_general_context_free(room->general);
	free(room);
}

/* What is wrong with the slashes, or NULL. */
static const char *frame_fault(const char *text)
{
	size_t size = 1;

	while (text[size] && text[size] != '/')
		size += text[size] == '\\' && text[size + 1] ? 2 : 1;
	if (!text[size])
		return "has no `/` at its end: a regex stands between two of them; a comment "
		       "begins with a blank and `;`, write \\x20 for such a blank";
	if (size == 1)
		return "is empty: to fit anything, leave the key out";
	return text[size + 1] ? "goes on behind its second `/`: write \\/ for one within the "
				"pattern, and a comma or a blank behind it"
			      : NULL;
}

/*
 * In front of a pattern on bytes, as an alternative that never fits. Only where a
 * pattern looks behind itself, PCRE2 says of a text that is too short for its very first
 * item, such as the a of `.{3}`, that it may go on (pcre2_match.c, allowemptypartial).
 */
static const char never[] = "(?<=.)(*FAIL)|";

/* Compiles what stands between the slashes, with that in front of it. */
static int compile(struct regex *regex, const char *front, uint32_t options,
		   char fault[static REGEX_FAULT_BYTES])
{
	char *pattern = NULL;
	uint32_t all = 0;
	PCRE2_SIZE offset;
	int error;

	if (asprintf(&pattern, "%s%.*s", front, (int)strlen(regex->text) - 2, regex->text + 1) < 0)
		return -ENOMEM;
	regex->code = pcre2_compile((const uint8_t *)pattern, PCRE2_ZERO_TERMINATED,
				    options | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF |
					    PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
				    &error, &offset, NULL);
	free(pattern);
	if (!regex->code && error == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	if (!regex->code) {
		uint8_t message[120];

		if (pcre2_get_error_message(error, message, sizeof message) < 0)
			message[0] = '\0'; /* cut: cannot be, the longest has 100 bytes */
		(void)snprintf(fault, REGEX_FAULT_BYTES, "is no regex: %s at offset %zu",
			       (const char *)message, (size_t)offset - strlen(front));
		return -EINVAL;
	}
	(void)pcre2_pattern_info(regex->code, PCRE2_INFO_ALLOPTIONS, &all); /* cannot fail, */
	(void)pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &regex->code_size); /* likewise */
	regex->is_anchored = all & PCRE2_ANCHORED;
	return 0;
}

static int make(struct regex **out, const char *text, const char *front, uint32_t options,
		char fault[static REGEX_FAULT_BYTES])
{
	const char *frame = frame_fault(text);
	struct regex *regex;
	int err = -ENOMEM;

	if (frame) {
		(void)snprintf(fault, REGEX_FAULT_BYTES, "%s", frame);
		return -EINVAL;
	}
	regex = calloc(1, sizeof *regex);
	if (!regex)
		return -ENOMEM;
	regex->text = strdup(text);
	if (regex->text)
		err = compile(regex, front, options, fault);
	if (err) {
		regex_free(regex);
		return err;
	}
	*out = regex;
	return 0;
}

int regex_new(struct regex **out, const char *text, char fault[static REGEX_FAULT_BYTES])
{
	return make(out, text, "", PCRE2_CASELESS, fault);
}

int regex_new_bytes(struct regex **out, const char *text, char fault[static REGEX_FAULT_BYTES])
{
	return make(out, text, never, PCRE2_ANCHORED | PCRE2_DOTALL, fault);
}

void regex_free(struct regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	free(regex->text);
	free(regex);
}

const char *regex_text(const struct regex *regex)
{
	return regex->text;
}

/* So many steps, but fewer in proportion where each may look at more than REGEX_NEAR_BYTES. */
static uint32_t in_proportion(size_t steps, size_t bytes)
{
	return (uint32_t)(bytes <= REGEX_NEAR_BYTES ? steps : steps * REGEX_NEAR_BYTES / bytes);
}

/* PCRE2 counts its steps anew at each place where a match could begin. */
static uint32_t steps_for(const struct regex *regex, size_t size)
{
	size_t steps = regex->is_anchored ? REGEX_STEPS : REGEX_STEPS / (size + 1);

	return in_proportion(steps < REGEX_STEPS_LEAST ? REGEX_STEPS_LEAST : steps,
			     regex->code_size);
}

static enum regex_verdict match(const struct regex *regex, struct regex_room *room,
				struct span text, uint32_t steps, uint32_t options)
{
	static const uint8_t nothing[1] = "";
	const uint8_t *at = text.size ? text.data : nothing;
	int rc;

	(void)pcre2_set_match_limit(room->limits, steps); /* always 0 */
	/* no more than one pair of offsets is kept, and none is looked at: 0 is a match, too */
	rc = pcre2_match(regex->code, at, text.size, 0, PCRE2_NO_JIT | options, room->data,
			 room->limits);
	if (rc >= 0)
		return REGEX_YES;
	if (rc == PCRE2_ERROR_PARTIAL)
		return REGEX_MORE;
	return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_CUT;
}

enum regex_verdict regex_match(const struct regex *regex, struct regex_room *room, struct span text)
{
	return match(regex, room, text, steps_for(regex, text.size), 0);
}

static uint32_t steps_of_bytes(const struct regex *regex, size_t size)
{
	return in_proportion(REGEX_STEPS_BYTES, size > regex->code_size ? size : regex->code_size);
}

enum regex_verdict regex_begin(const struct regex *regex, struct regex_room *room, struct span text,
			       bool is_whole)
{
	/* PCRE2 knows no partial match of no byte */
	if (text.size == 0 && !is_whole)
		return REGEX_MORE;
	/* hard: what touches the end of the text depends on what follows (pcre2partial(3)) */
	return match(regex, room, text, steps_of_bytes(regex, text.size),
		     is_whole ? 0 : PCRE2_PARTIAL_HARD);
}
