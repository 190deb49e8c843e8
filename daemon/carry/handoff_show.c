/* Showing conntrack where both ends of a flow are. */
#include "carry/handoff_show.h"

#include <errno.h>

/* As many units of its window as hold that many bytes. */
static uint16_t units(const struct handoff_end *end)
{
	uint64_t count = ((uint64_t)end->window + (1u << end->scale) - 1) >> end->scale;

	return count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
}

static struct inject_segment segment_of(const struct marks *marks, const struct handoff_end *end)
{
	return (struct inject_segment){
		.mark = marks_of(marks, MARK_HANDED),
		.seq = end->next,
		.ack = end->heard,
		.window = units(end),
	};
}

/* Rules have to drop it behind conntrack, which the kernel tells: what is sent was not dropped. */
static int show(const struct inject *in, const struct inject_segment *segment)
{
	int err = inject_send(in, segment, span_of(NULL, 0));

	return err == -EPERM ? 0 : err ? err : -ENOENT;
}

int handoff_show(const struct inject *in, const struct marks *marks,
		 const struct handoff_shown *flow)
{
	struct inject_segment client = segment_of(marks, &flow->client_end);
	struct inject_segment server = segment_of(marks, &flow->server_end);
	int err;

	client.from = flow->client;
	client.to = flow->to;
	client.towards = flow->server; /* there is a way there */
	server.from = flow->server;
	server.to = flow->client;
	client.has_stamp = flow->has_stamps;
	server.has_stamp = flow->has_stamps;
	err = show(in, &client);
	if (!err)
		err = show(in, &server);
	if (!err)
		err = show(in, &client);
	return err;
}
