/* Telling both ends of a handed-over flow that it was ended. */
#include "keeper_handed_cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "firewall_flows.h"
#include "keeper.h"

enum {
	ANSWER_S = 2, /* for an answer */
	AT_ONCE = 64, /* told to the rules at once */
	BOTH_WAYS = 2,
};

int keeper_cuts_open(struct keeper_cuts *cuts)
{
	int err = inject_open(&cuts->inject);

	if (err)
		return err;
	cuts->at = calloc(KEEPER_CUTS, sizeof *cuts->at);
	if (!cuts->at)
		inject_close(&cuts->inject);
	return cuts->at ? 0 : -ENOMEM;
}

void keeper_cuts_done(struct keeper_cuts *cuts)
{
	if (cuts->at)
		inject_close(&cuts->inject);
	free(cuts->at);
	cuts->at = NULL;
	cuts->count = 0;
}

void keeper_cuts_add(struct keeper_cuts *cuts, const struct keeper_cut *cut)
{
	if (cuts->at && cuts->count < KEEPER_CUTS)
		cuts->at[cuts->count++] = *cut;
}

/* Let the rules answer, or not, what both ends of these say. */
static int put(struct keeper *k, const struct keeper_cut *at, unsigned count, bool is_there)
{
	struct flows_pair pairs[AT_ONCE * BOTH_WAYS];
	unsigned i;

	for (i = 0; i < count; i++) {
		pairs[BOTH_WAYS * i] = (struct flows_pair){ at[i].client, at[i].to };
		pairs[BOTH_WAYS * i + 1] = (struct flows_pair){ at[i].server, at[i].client };
	}
	return firewall_flows(k->firewall, FLOWS_CUT, pairs, (size_t)BOTH_WAYS * count, is_there);
}

/* In no window, but for one guess in thousands; and not an acknowledgement alone, of which ends ignore old
 * ones, or answer few. */
static void ask(struct keeper *k, const struct keeper_cut *cut)
{
	static const uint8_t something[1];
	const struct span data = span_of(something, sizeof something);
	const struct marks *marks = &k->children.now->config->shunt.mark;
	uint32_t numbers[2] = { 0, 0 };
	struct inject_segment segment = {
		.from = cut->to,
		.to = cut->client,
		.mark = marks_of(marks, MARK_INJECT) | cut->foreign,
		.has_stamp =
			cut->has_stamps, /* also one that is too old is answered: RFC 7323 5.3 */
	};

	if (getrandom(numbers, sizeof numbers, GRND_NONBLOCK) != (ssize_t)sizeof numbers)
		return;
	segment.seq = numbers[0];
	segment.ack = numbers[1];
	/* lost, it is as if it was not said */
	(void)inject_send(&k->handed.cuts.inject, &segment, data);
	segment.from = cut->client;
	segment.to = cut->server;
	(void)inject_send(&k->handed.cuts.inject, &segment, data);
}

static void tell(struct keeper *k, struct keeper_cut *at, unsigned count, uint32_t now_s)
{
	int err = put(k, at, count, true);

	if (err)
		log_debug("cannot tell the rules of %u flows that were ended: %s", count,
			  strerror(-err));
	for (unsigned i = 0; i < count; i++) {
		at[i].asked_s = now_s;
		if (!err) /* else an answer would go astray */
			ask(k, &at[i]);
	}
}

/* The oldest come first. */
void keeper_cuts_tell(struct keeper *k)
{
	struct keeper_cuts *cuts = &k->handed.cuts;
	uint32_t now_s = (uint32_t)(clock_ms() / 1000) + 1;
	unsigned old = 0;
	unsigned asked;
	unsigned some;

	while (old < cuts->count && cuts->at[old].asked_s &&
	       cuts->at[old].asked_s + ANSWER_S < now_s)
		old++;
	for (unsigned i = 0; i < old; i += some) {
		some = old - i < AT_ONCE ? old - i : AT_ONCE;
		(void)put(k, cuts->at + i, some, false); /* they do no harm */
	}
	cuts->count -= old;
	if (old)
		memmove(cuts->at, cuts->at + old, cuts->count * sizeof *cuts->at);
	for (asked = 0; asked < cuts->count && cuts->at[asked].asked_s; asked++)
		;
	for (; asked < cuts->count; asked += some) {
		some = cuts->count - asked < AT_ONCE ? cuts->count - asked : AT_ONCE;
		tell(k, cuts->at + asked, some, now_s);
	}
}
