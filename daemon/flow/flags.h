#ifndef SHUNT_FLOW_FLAGS_H
#define SHUNT_FLOW_FLAGS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Words of flags that one process sets and its children, forked later, read:
 * without a system call and without a lock, for each flag stands by itself.
 * Children cannot set them: they have only the mapping for reading, and nobody
 * can make another one for writing.
 */
struct flags {
	size_t words;
	volatile uint64_t *mine;        /* not there in a child */
	const volatile uint64_t *shown; /* for the children: at the same place in each of them */
};

/* So many words, no flag set. 0 and flags for flags_done(), or -errno: then *f is zeroed. */
int flags_init(struct flags *f, size_t words);

/* Zeroed ones are fine. The children keep their mapping. */
void flags_done(struct flags *f);

#endif
