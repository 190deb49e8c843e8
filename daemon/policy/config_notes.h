#ifndef SHUNT_POLICY_CONFIG_NOTES_H
#define SHUNT_POLICY_CONFIG_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/list.h"

enum {
	CONFIG_MOST_NOTES = 1000, /* kept of one reading; further faults are only counted */
};

/* One thing to say about a configuration file. */
struct config_note {
	char *file;
	int line; /* 0: the file as a whole */
	bool is_warning;
	char *text;
};

/* All of them: faults before warnings, each by line. */
struct config_notes {
	struct config_note *at;
	size_t count;           /* at most CONFIG_MOST_NOTES */
	size_t faults;          /* how many of all are faults, kept or not */
	struct text_list files; /* all that were asked for, also in vain; globs too */
};

/* NULL is fine. Empties *notes. */
void config_notes_free(struct config_notes *notes);

/* Write "file:line: text" or "file:line: warning: text", cut to size bytes with its NUL; a note
 * about the file as a whole has no line. */
void config_note_text(const struct config_note *note, char *text, size_t size);

/* Where in a file something stands. `file` is borrowed. */
struct config_place {
	const char *file;
	int line; /* 0: the file as a whole */
};

/* Add a fault or a warning. Without memory the text is lost, but a fault is counted all the same. */
void config_fault(struct config_notes *notes, struct config_place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void config_warn(struct config_notes *notes, struct config_place at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Note that this file decides what is read. Without memory it is forgotten. */
void config_notes_file(struct config_notes *notes, const char *path);

/* Faults before warnings, the file `first` before others, then by line; equals stay in order. */
void config_notes_sort(struct config_notes *notes, const char *first);

#endif
