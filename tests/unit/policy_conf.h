#ifndef SHUNT_UNIT_POLICY_CONF_H
#define SHUNT_UNIT_POLICY_CONF_H

#include <stdlib.h>

#include "policy/config_read.h"
#include "unit.h"

/* Configurations in tests: written where they are used, read without a file. */

/* Read a text; the notes are the caller's. Returns what config_read_stream() does. */
static inline int conf_try(struct config **out, const char *text, size_t size,
			   struct config_notes *notes)
{
	/* musl opens no empty memory; "r" does not write to it */
	FILE *in = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "re");
	int err;

	assert_non_null(in);
	*out = NULL;
	err = config_read_stream(out, in, "t.conf", notes);
	assert_int_equal(fclose(in), 0);
	assert_true((err == 0) == (*out != NULL));
	return err;
}

/* All notes as lines; for free(). */
static inline char *conf_notes_text(const struct config_notes *notes)
{
	size_t room = notes->count * 1024 + 1;
	char *all = calloc(1, room);
	char *end = all;

	assert_non_null(all);
	for (size_t i = 0; i < notes->count; i++) {
		config_note_text(&notes->at[i], end, room - (size_t)(end - all) - 1);
		end += strlen(end);
		*end++ = '\n';
	}
	return all;
}

/* The notes of a text must be exactly these lines, all of them; "t.conf:" stands in front of each. */
static inline void conf_expect(const char *text, size_t size, const char *expected)
{
	struct config_notes notes;
	struct config *config;
	char *said;

	(void)conf_try(&config, text, size, &notes); /* the notes tell */
	said = conf_notes_text(&notes);
	assert_string_equal(said, expected);
	free(said);
	config_free(config);
	config_notes_free(&notes);
}
#define conf_says(text, expected) conf_expect(text, strlen(text), expected)

/* A configuration that must be good; warnings are fine. For config_free(). */
static inline struct config *conf_good(const char *text)
{
	struct config_notes notes;
	struct config *config;

	if (conf_try(&config, text, strlen(text), &notes)) {
		char *said = conf_notes_text(&notes);

		fail_msg("%s", said);
	}
	config_notes_free(&notes);
	return config;
}

#endif
