#ifndef SHUNT_SHUNTCTL_H
#define SHUNT_SHUNTCTL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * shuntctl is a thin client: it asks the daemon one question over the control
 * socket (the protocol is in shuntctl(8)) and shows the answer. It trusts the
 * answer no more than it must: what is missing is shown as "-", and nothing but
 * printable ASCII reaches the terminal. Only `explain` asks nobody.
 */
enum {
	SHUNTCTL_WHY_BYTES = 256,
};

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* Say "shuntctl: what: why" on standard error, and how to get help when it was EXIT_USAGE. Returns
 * the status. */
int shuntctl_fail(const char *what, const char *why, int status);

/* What was asked for is only there when it was written: the status of the program. */
int shuntctl_finish(void);

/* Columns of the terminal; 0: none, as wide as it likes. */
unsigned shuntctl_width(void);

/* One line of JSON. */
void shuntctl_print_json(struct json_object *object);

/*
 * Ask the daemon behind `path`. option: a member of the request that is true, or NULL. Returns the answer, for json_object_put(); or NULL and why[] says
 * why there is none, also when the daemon answered with an error.
 */
struct json_object *shuntctl_ask(const char *path, const char *command, const char *option,
				 char why[static SHUNTCTL_WHY_BYTES]);

/* Members of an answer. Missing or of another type: "-", 0, NULL (of length 0). */
const char *shuntctl_text(const struct json_object *in, const char *name);
uint64_t shuntctl_number(const struct json_object *in, const char *name);
bool shuntctl_bool(const struct json_object *in, const char *name);
struct json_object *shuntctl_object(const struct json_object *in, const char *name);
struct json_object *shuntctl_array(const struct json_object *in, const char *name);
size_t shuntctl_length(const struct json_object *array);

/* Show an answer as text. width: columns of the terminal, 0 when there is none. */
void shuntctl_show_status(const struct json_object *answer, unsigned width);
void shuntctl_show_flows(const struct json_object *answer, unsigned width);
void shuntctl_show_reload(const struct json_object *answer, unsigned width);

/* Was the reload done? Else its faults are said on stderr. */
bool shuntctl_judge_reload(const struct json_object *answer);

/* Write text with every character that is not printable ASCII (nor, with lines, a newline or a
 * tab) as '?'. */
void shuntctl_print(const char *text, bool lines);

enum {
	SHUNTCTL_SHORT_BYTES = 32,
};

/* 1532 ms as "1.5s", then "2m05s", "3h07m", "4d05h". 90211 bytes as "88.1k". Return text. */
const char *shuntctl_age(uint64_t ms, char text[static SHUNTCTL_SHORT_BYTES]);
const char *shuntctl_bytes(uint64_t bytes, char text[static SHUNTCTL_SHORT_BYTES]);

#endif
