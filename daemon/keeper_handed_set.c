/* The sets of handed-over flows in the rules, nft/flows.h, follow what the keeper knows. */
#include <string.h>

#include "base/log.h"
#include "firewall_flows.h"
#include "keeper.h"

/* What of these is to be there, or is not: told to the kernel in one go. */
static int tell(struct keeper *k, const struct flows_pair *at, size_t count, bool is_there)
{
	int err = count ? firewall_flows(k->firewall, FLOWS_HANDED, at, count, is_there) : 0;

	if (err)
		log_debug("cannot tell the rules of %zu handed-over flows: %s", count,
			  strerror(-err));
	return err;
}

/* Between the same ends another flow may have come meanwhile. */
static void tell_touched(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	size_t there = 0;

	for (size_t i = 0; i < h->touched_count; i++) {
		struct flows_pair pair = h->touched[i];

		if (!handed_find(h->flows, IPPROTO_TCP, &pair.client, &pair.to))
			continue;
		h->touched[i] = h->touched[there];
		h->touched[there++] = pair;
	}
	(void)tell(k, h->touched, there, true); /* a SYN of one may do harm, no more */
	(void)tell(k, h->touched + there, h->touched_count - there,
		   false); /* its next SYN comes twice */
	h->touched_count = 0;
}

void keeper_handed_touch(struct keeper *k, const struct handed_flow *f)
{
	struct keeper_handed *h = &k->handed;

	if (f->is_udp)
		return;
	if (h->touched_count == KEEPER_HANDED_TOUCHED)
		tell_touched(k);
	h->touched[h->touched_count++] = (struct flows_pair){ handed_client(f), handed_to(f) };
}

/* The sets may have been made anew, empty. touched is free for it. */
static int tell_all(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	struct handed_walk walk = { 0 };
	struct handed_flow *f;
	int err = 0;

	for (f = handed_next(h->flows, &walk); f && !err; f = handed_next(h->flows, &walk)) {
		keeper_handed_touch(k, f);
		if (h->touched_count < KEEPER_HANDED_TOUCHED)
			continue;
		err = tell(k, h->touched, h->touched_count, true);
		h->touched_count = 0;
	}
	if (!err)
		err = tell(k, h->touched, h->touched_count, true);
	h->touched_count = 0;
	return err;
}

void keeper_handed_tell(struct keeper *k)
{
	uint64_t writes = firewall_writes(k->firewall);

	if (!k->handed.is_open)
		return;
	tell_touched(k);
	if (writes != k->handed.writes && tell_all(k) == 0)
		k->handed.writes = writes; /* else the next look tries again */
}
