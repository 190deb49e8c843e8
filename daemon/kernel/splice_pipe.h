#ifndef SHUNT_KERNEL_SPLICE_PIPE_H
#define SHUNT_KERNEL_SPLICE_PIPE_H

#include <stddef.h>
#include <sys/types.h>

enum {
	SPLICE_PIPE_BYTES = 1 << 20, /* fs.pipe-max-size as it comes; a smaller one works too */
};

/* A pipe that carries one direction of a flow through the kernel, for as long as it is busy. */
struct splice_pipe {
	struct splice_pipe *next; /* in the pool */
	int in;                   /* write end */
	int out;                  /* read end */
	size_t held;              /* bytes in it */
};

/* The pipes of one carrier that no flow holds just now. */
struct splice_pool {
	struct splice_pipe *idle;
	unsigned open; /* idle and lent */
	unsigned most; /* never more than that are opened */
};

/* A pipe, empty; NULL when all are lent or none can be made. */
struct splice_pipe *splice_pool_take(struct splice_pool *pool);

/* Give a pipe back. One that is not empty is closed. NULL is fine. */
void splice_pool_give(struct splice_pool *pool, struct splice_pipe *pipe);

/* Close the idle pipes. */
void splice_pool_done(struct splice_pool *pool);

/* Move bytes from a socket into the pipe, or out of it; as much as goes without waiting, at most
 * `most`. Bytes moved, 0 at the end of the stream, or -errno (-EAGAIN: none now). */
ssize_t splice_fill(struct splice_pipe *pipe, int from, size_t most);
ssize_t splice_drain(struct splice_pipe *pipe, int to);

#endif
