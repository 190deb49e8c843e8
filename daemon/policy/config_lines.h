#ifndef SHUNT_POLICY_CONFIG_LINES_H
#define SHUNT_POLICY_CONFIG_LINES_H

#include <stdio.h>

#include "policy/config_notes.h"

/*
 * Lines of a file that an operator wrote: of the configuration, or of a file of
 * names. Comments are taken off: `;` or `#` as the first character of a line,
 * `;` after a blank. So are a byte order mark, a CR before the newline, and
 * blanks at the end, but not those at the beginning. A line that is too long,
 * or holds a NUL or another control character, is a fault and comes as "".
 */
enum {
	LINES_CONFIG_BYTES = 196, /* inih holds 200 with CR, LF and NUL, and cuts what is longer */
	LINES_NAME_BYTES = 300,   /* a name of 253 bytes, blanks and a short comment */
	LINES_CONFIG_MOST = 4 * 1024 * 1024, /* bytes of a configuration file */
	LINES_FILE_MOST = 16 * 1024 * 1024,  /* bytes of a file that it names */
};

struct config_lines {
	FILE *in;         /* borrowed */
	const char *file; /* for the notes, borrowed */
	struct config_notes *notes;
	size_t most_line;   /* at most LINES_NAME_BYTES */
	size_t most_bytes;  /* of the whole file */
	const char *remedy; /* for a line that is too long */
	/* the reader's own */
	size_t bytes;
	int line; /* number of the line in `text` */
	int err;  /* -errno: it could not be read */
	char text[LINES_NAME_BYTES + 1];
};

/* Fetch the next line into `text`. False at the end, after an error, or beyond most_bytes. */
bool config_lines_next(struct config_lines *l);

/*
 * Open a file that decides what the daemon does: a regular file that belongs to
 * root or to us and that not everybody may write. Returns 0 and a stream for
 * fclose(); or -errno and one fault at that place.
 */
int config_open(FILE **out, const char *path, struct config_notes *notes, struct config_place at);

struct stat;

/* The same of a file that is not opened: 0, or -errno and one fault. */
int config_check_file(const struct stat *st, const char *path, struct config_notes *notes,
		      struct config_place at);

#endif
