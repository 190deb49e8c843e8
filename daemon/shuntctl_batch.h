#ifndef SHUNT_SHUNTCTL_BATCH_H
#define SHUNT_SHUNTCTL_BATCH_H

#include "shuntctl.h"
#include "sniff/replay.h"

/* One line of `shuntctl explain --batch` to one line of the answer. */
enum {
	BATCH_LINE_BYTES =
		1 << 20,        /* of a line: 64 KiB byte by byte as "16","03",... are 320 KiB */
	BATCH_NESTED_MOST = 32, /* arrays and objects in each other */
	BATCH_OUT_BYTES = 64 * 1024, /* of answers: then they are written */
};

/* Text that grows. After a lack of memory nothing more is added. */
struct batch_text {
	char *data;
	size_t size;
	size_t room;
	bool is_lost;
};

/* What all lines share. */
struct batch {
	const struct judge *judge; /* borrowed */
	struct json_tokener *tokener;
	struct batch_text out; /* answers that were not written yet */
	uint64_t bad;          /* lines that were answered with an error */
	uint8_t piece[QUESTION_MOST_BYTES];
	struct replay_room room;
};

/* 0, or -ENOMEM; batch_done() is due in any case. */
int batch_init(struct batch *b, const struct judge *judge);
void batch_done(struct batch *b);

/* Answer a line, which is not empty. */
void batch_line(struct batch *b, const char *line, size_t size, uint64_t number);

/* The id of a flow. */
struct batch_id {
	struct span
		text; /* as it came, part of the line; empty: there is none, and in its place is */
	uint64_t number; /* that of the line */
};

/* Answer {"id":...,"error":"..."}. */
void batch_bad_line(struct batch *b, struct batch_id id, const char *why);

/*
 * Is the line one good JSON object? Then *value is that of its first member of
 * that name as it stands there, part of the line; empty when there is none. That
 * strings are UTF-8 is not looked at. In shuntctl_batch_json.c.
 */
bool batch_is_object(struct span line, const char *name, struct span *value);

#endif
