/*
 * Listing flows. The carriers know them, so the answer comes later; one client
 * is served at a time, the others queue. A request has a number of its own:
 * whatever comes late, or for a client that went away, names a void number and
 * is dropped, so nobody has to be told.
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl_client.h"
#include "ctl/ctl_json.h"

enum {
	FLOWS_TAIL_BYTES = 64, /* kept free for the end of the list */
};

static struct ctl_client *first_in_queue(struct ctl *ctl)
{
	struct ctl_client *first = NULL;

	for (size_t i = 0; i < CTL_MOST_CLIENTS; i++) {
		struct ctl_client *c = &ctl->clients[i];

		if (c->state == CTL_QUEUED && (first == NULL || c->turn < first->turn))
			first = c;
	}
	return first;
}

/* The source may answer within the call, and so bring the next in the queue here: that is at most
 * CTL_MOST_CLIENTS deep. */
static void ask_next(struct ctl *ctl)
{
	struct ctl_client *c = first_in_queue(ctl);
	uint64_t turn;
	int err;

	if (ctl->asking != NULL || c == NULL)
		return;
	turn = c->turn;
	ctl->asking = c;
	ctl_client_enter(c, CTL_FLOWS, CTL_FLOWS_MS);
	err = ctl->source->flows(ctl->owner, turn);
	if (err < 0)
		ctl_fail(ctl, turn, strerror(-err));
}

void ctl_flows_start(struct ctl_client *c)
{
	c->turn = ++c->ctl->last_turn;
	/* those in front take CTL_FLOWS_MS each at most, so this ends without a deadline */
	ctl_client_enter(c, CTL_QUEUED, 0);
	ask_next(c->ctl);
}

void ctl_flows_forget(struct ctl_client *c)
{
	struct ctl *ctl = c->ctl;

	c->turn = 0;
	if (ctl->asking != c)
		return;
	ctl->asking = NULL;
	ask_next(ctl);
}

static struct ctl_client *find(const struct ctl *ctl, uint64_t request)
{
	struct ctl_client *c = ctl->asking;

	return c != NULL && c->turn == request ? c : NULL;
}

static void write_head(struct ctl_json *j)
{
	ctl_json_object(j, NULL);
	ctl_json_array(j, "flows");
}

/* 0, or as ctl_client_add(): then the answer is as it was. */
static int list(struct ctl_client *c, const struct flow_record *record)
{
	struct ctl_json j = { .client = c, .needs_comma = c->listed != 0 };
	size_t before = c->answer_size;

	if (c->listed == 0)
		write_head(&j);
	ctl_json_flow(&j, record);
	if (j.err == 0 && c->answer_size > CTL_MOST_ANSWER_BYTES - FLOWS_TAIL_BYTES)
		j.err = -EMSGSIZE;
	if (j.err != 0)
		c->answer_size = before;
	return j.err;
}

void ctl_flows_add(struct ctl *ctl, uint64_t request, const struct flow_record *records,
		   size_t count)
{
	struct ctl_client *c = find(ctl, request);

	for (size_t i = 0; c != NULL && i < count; i++) {
		if (c->left_out == 0 && c->listed < CTL_MOST_FLOWS && list(c, &records[i]) == 0)
			c->listed++;
		else
			c->left_out++;
	}
}

void ctl_flows_end(struct ctl *ctl, uint64_t request)
{
	struct ctl_client *c = find(ctl, request);
	struct ctl_json j = { .client = c };

	if (c == NULL)
		return;
	if (c->listed == 0)
		write_head(&j);
	ctl_json_array_end(&j);
	ctl_json_number(&j, "left_out", c->left_out);
	ctl_json_object_end(&j);
	ctl_json_send(&j);
}

void ctl_fail(struct ctl *ctl, uint64_t request, const char *text)
{
	struct ctl_client *c = find(ctl, request);

	if (c != NULL)
		ctl_client_fail(c, "%s", text);
}
