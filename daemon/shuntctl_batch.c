/* `shuntctl explain --batch`: JSON lines in, JSON lines out. */
#include "shuntctl_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/open_routes.h"
#include "shuntctl_explain.h"

/* Lines as they come. */
struct lines {
	char *data;      /* BATCH_LINE_BYTES and a byte more */
	size_t size;     /* read, not yet taken */
	bool is_over;    /* the line that begins here is too long: skip to its end */
	uint64_t number; /* of the line being looked at; the first is 1 */
};

static int write_out(struct batch_text *out)
{
	size_t done = 0;

	if (out->is_lost)
		return -ENOMEM;
	while (done < out->size) {
		ssize_t size = write(STDOUT_FILENO, out->data + done, out->size - done);

		if (size < 0 && errno != EINTR)
			return -errno;
		done += size > 0 ? (size_t)size : 0;
	}
	out->size = 0;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void one_line(struct batch *b, struct lines *in, const char *line, size_t size)
{
	while (size > 0 && is_blank(line[size - 1]))
		size--;
	if (size > 0)
		batch_line(b, line, size, in->number);
}

static void too_long(struct batch *b, struct lines *in)
{
	if (!in->is_over)
		batch_bad_line(b, (struct batch_id){ .number = in->number },
			       "the line has more than 1048576 bytes");
	in->is_over = true;
}

/* Answer all whole lines that are there; at the end the last one needs no newline. 0 or -errno. */
static int take_lines(struct batch *b, struct lines *in, bool is_end)
{
	char *line = in->data;
	char *end = in->data + in->size;
	int err = 0;

	while (err == 0 && line < end) {
		char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop == NULL && !is_end)
			break;
		if (stop == NULL)
			stop = end;
		if (!in->is_over)
			one_line(b, in, line, (size_t)(stop - line));
		in->is_over = false;
		in->number++;
		line = stop < end ? stop + 1 : end;
		if (b->out.size >= BATCH_OUT_BYTES || b->out.is_lost)
			err = write_out(&b->out);
	}
	in->size = (size_t)(end - line);
	if (in->size > 0 && line != in->data)
		memmove(in->data, line, in->size);
	if (in->size > BATCH_LINE_BYTES) {
		too_long(b, in);
		in->size = 0;
	}
	return err;
}

/* Routes open and close by the clock: also if it was put back. */
struct hours {
	uint64_t *open; /* borrowed */
	time_t set;     /* when they were set */
	time_t next;    /* when they change, or -1 */
};

static void set_open(struct hours *h, const struct config *config)
{
	time_t now = time(NULL);

	if (h->next < 0 || (now >= h->set && now < h->next))
		return;
	h->set = now;
	h->next = open_routes_at(h->open, config, now);
}

/* Whoever writes line by line and waits for each answer gets it: what is there is answered and
 * written before more is waited for. */
static int run(struct batch *b, struct lines *in, struct hours *hours)
{
	ssize_t size;
	int err;

	do {
		size = read(STDIN_FILENO, in->data + in->size, BATCH_LINE_BYTES + 1 - in->size);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return shuntctl_fail("standard input", strerror(errno), EXIT_FAILED);
		in->size += (size_t)size;
		set_open(hours, b->judge->config);
		err = take_lines(b, in, size == 0);
		if (err == 0)
			err = write_out(&b->out);
		if (err != 0)
			return shuntctl_fail("standard output", strerror(-err), EXIT_FAILED);
	} while (size != 0);
	return EXIT_DONE;
}

int explain_batch(const struct judge *judge, uint64_t *open)
{
	struct hours hours = { .open = open };
	struct batch *b = calloc(1, sizeof *b);
	struct lines in = { .data = malloc(BATCH_LINE_BYTES + 1), .number = 1 };
	char why[SHUNTCTL_WHY_BYTES];
	int status;

	if (b == NULL || in.data == NULL || batch_init(b, judge) != 0) {
		status = shuntctl_fail("explain", "out of memory", EXIT_FAILED);
		goto out;
	}
	status = run(b, &in, &hours);
	if (status == EXIT_DONE && b->bad != 0) {
		(void)snprintf(why, sizeof why, "%llu of %llu lines could not be judged",
			       (unsigned long long)b->bad, (unsigned long long)(in.number - 1));
		status = shuntctl_fail("--batch", why, EXIT_FAILED);
	}
out:
	if (b != NULL)
		batch_done(b);
	free(b);
	free(in.data);
	return status;
}
