#ifndef SHUNT_SHUNTCTL_EXPLAIN_H
#define SHUNT_SHUNTCTL_EXPLAIN_H

#include "base/span.h"
#include "shuntctl.h"

/*
 * `shuntctl explain`: what the daemon would do with a flow, from the code that
 * judges live ones, without a daemon and without root. One flow on a page for
 * people, or many of them as JSON lines.
 */
struct config;
struct judge;
struct explanation;
struct replay;

/* Its options. */
enum explain_given {
	GIVEN_CONFIG,
	GIVEN_BATCH,
	GIVEN_DIVERT,
	GIVEN_UDP,
	GIVEN_FROM,
	GIVEN_TO,
	GIVEN_HEX,
	GIVEN_FILE,
	GIVEN_WORD,
	GIVEN_OPTIONS
};

enum {
	EXPLAIN_PIECES_MOST = 64, /* more than there are datagrams that are held */
	EXPLAIN_WORDS_MOST = 32,  /* CONFIG_MOST_PROBES */
};

struct explain_options {
	const char *value[GIVEN_OPTIONS]; /* NULL: not given; "" for one that takes no value */
	const char *given;                /* the name of one that was given, or NULL */
	const char *pieces[EXPLAIN_PIECES_MOST]; /* each --hex or --file, in their order */
	size_t piece_count;                      /* also those for which there is no room */
	const char *words[EXPLAIN_WORDS_MOST];   /* each --word */
	size_t word_count;                       /* likewise */
};

void shuntctl_explain_option(struct explain_options *o, enum explain_given option,
			     const char *value);

/* Do it. Returns the status of the program; what is wrong has been said. */
int shuntctl_explain(const struct explain_options *o, bool json);

/*
 * The rest is inside of it.
 */

/* Index of the divert of that name; of the only one when name is NULL. -1: why[] says why not. */
int explain_divert(const struct config *config, const char *name,
		   char why[static SHUNTCTL_WHY_BYTES]);

/* Does it take that transport? Then true; else why[] says so. */
bool explain_takes(const struct config *config, int divert, bool is_udp,
		   char why[static SHUNTCTL_WHY_BYTES]);

/* Bytes off the wire as a string: what is not ASCII as the character of that number. */
struct json_object *explain_bytes(struct span bytes);

/* All that is known of a flow that was told in pieces of `given` bytes in all, for
 * json_object_put(); NULL without memory. In shuntctl_explain_json.c. */
struct json_object *explain_object(const struct replay *r, int route, size_t given);

enum {
	EXPLAIN_WHY_BYTES =
		512, /* names of two routes and of two hosts fit, and the words between */
};

/* Why that route, in a sentence; and what else is worth saying, an array of sentences. In
 * shuntctl_explain_why.c. */
const char *explain_why(const struct replay *r, const struct explanation *e, int route,
			char why[static EXPLAIN_WHY_BYTES]);
struct json_object *explain_notes(const struct replay *r, size_t given);

/* The same for people. In shuntctl_explain_text.c. */
void explain_show(const struct json_object *page, unsigned width);

/* JSON lines from standard input to standard output. open: that of the judge, set anew as time goes
 * by. Returns the status of the program. In shuntctl_batch.c. */
int explain_batch(const struct judge *judge, uint64_t *open);

#endif
