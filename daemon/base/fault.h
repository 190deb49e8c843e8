#ifndef SHUNT_BASE_FAULT_H
#define SHUNT_BASE_FAULT_H

enum {
	FAULT_TEXT_BYTES = 200,
};

/*
 * What went wrong, carried up to the edge, which alone prints it. `text` says
 * what, which object and, where there is one, the remedy: one line, no stop.
 */
struct fault {
	int err; /* -errno, 0 when there is none */
	char text[FAULT_TEXT_BYTES];
};

/* Fill *f (NULL is fine) and return err, so a failing function ends `return fault_set(...)`. */
int fault_set(struct fault *f, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
