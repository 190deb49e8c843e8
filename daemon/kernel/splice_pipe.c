/* splice(2) pipes and the pool of them. */
#include "kernel/splice_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void shut(struct splice_pool *pool, struct splice_pipe *pipe)
{
	(void)close(pipe->in); /* what it still held was lost with its flow */
	(void)close(pipe->out);
	free(pipe);
	pool->open--;
}

static struct splice_pipe *make(struct splice_pool *pool)
{
	struct splice_pipe *pipe;
	int fds[2];

	if (pool->open >= pool->most)
		return NULL;
	pipe = calloc(1, sizeof *pipe);
	if (!pipe || pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0) {
		free(pipe);
		return NULL;
	}
	pipe->out = fds[0];
	pipe->in = fds[1];
	/* beyond fs.pipe-user-pages-soft it stays small: slower, not wrong */
	(void)fcntl(pipe->in, F_SETPIPE_SZ, SPLICE_PIPE_BYTES);
	pool->open++;
	return pipe;
}

struct splice_pipe *splice_pool_take(struct splice_pool *pool)
{
	struct splice_pipe *pipe = pool->idle;

	if (!pipe)
		return make(pool);
	pool->idle = pipe->next;
	pipe->next = NULL;
	return pipe;
}

void splice_pool_give(struct splice_pool *pool, struct splice_pipe *pipe)
{
	if (!pipe)
		return;
	if (pipe->held) {
		shut(pool, pipe);
		return;
	}
	pipe->next = pool->idle;
	pool->idle = pipe;
}

void splice_pool_done(struct splice_pool *pool)
{
	struct splice_pipe *next;

	for (struct splice_pipe *pipe = pool->idle; pipe; pipe = next) {
		next = pipe->next;
		shut(pool, pipe);
	}
	pool->idle = NULL;
}

static ssize_t move(int from, int to, size_t most)
{
	ssize_t moved;

	do
		moved = splice(from, NULL, to, NULL, most, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	while (moved < 0 && errno == EINTR);
	return moved < 0 ? -errno : moved;
}

ssize_t splice_fill(struct splice_pipe *pipe, int from, size_t most)
{
	ssize_t moved = move(from, pipe->in, most);

	if (moved > 0)
		pipe->held += (size_t)moved;
	return moved;
}

ssize_t splice_drain(struct splice_pipe *pipe, int to)
{
	ssize_t moved = move(pipe->out, to, pipe->held);

	if (moved > 0)
		pipe->held -= (size_t)moved;
	return moved;
}
