#ifndef SHUNT_WIRE_REQUEST_LINE_H
#define SHUNT_WIRE_REQUEST_LINE_H

#include "wire/fields.h"

/*
 * The line with which a request begins in HTTP/1 and in those who took it over from
 * there: method, target, version, a blank between them. Only the version tells them
 * apart, so at most one of them can be certain of a line.
 *
 * Any token is a method that begins with a letter, as all do that anybody uses, unless
 * it is SSH's greeting. Lines may end in LF alone, and two empty lines may come first.
 */
enum {
	REQUEST_LINE_MOST = 8192,    /* with its end (RFC 9112 3: 8000 at least) */
	REQUEST_LINE_LEAD_BYTES = 4, /* of the empty lines */
	REQUEST_LINE_MOST_BYTES = REQUEST_LINE_LEAD_BYTES + REQUEST_LINE_MOST,
};

struct request_form {
	void (*read_target)(struct fields *f, struct span method); /* up to the blank */
	void (*read_version)(struct fields *f);                    /* up to the line's end */
};

struct request_line {
	struct span method, target; /* parts of the input, borrowed; target is not empty */
};

/* Read it, with its end. The line is set when it is all there and of that form: then the verdict
 * is YES. */
void request_line_read(struct fields *f, const struct request_form *form,
		       struct request_line *line);

/* scheme ":" and whatever follows of a target (RFC 3986 3). */
void request_line_read_absolute(struct fields *f);

#endif
