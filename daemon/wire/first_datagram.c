/* Recognising by one datagram, or by a few. */
#include "wire/first_datagram.h"

#include "base/datagrams.h"

enum wire_verdict first_datagram_ask(struct span in, struct wire_hints *hints,
				     bool (*fits)(struct span datagram))
{
	struct datagrams d = datagrams_of(in);
	struct span first;

	switch (datagrams_next(&d, &first)) {
	case DATAGRAMS_ONE:
		return fits(first) ? WIRE_YES : WIRE_NO;
	case DATAGRAMS_END:
		hints->wanted = d.wanted;
		return WIRE_MORE;
	case DATAGRAMS_FULL:
		break;
	}
	return WIRE_NO;
}

static void forget_name(struct wire_hints *hints)
{
	hints->name_size = 0;
	hints->alpn_size = 0;
}

enum wire_verdict first_datagrams_nameless(struct wire_hints *hints)
{
	forget_name(hints);
	return WIRE_YES;
}

enum wire_verdict first_datagrams_ask(struct span in, struct wire_hints *hints, void *flow,
				      enum wire_verdict (*take)(void *flow, struct span datagram,
								bool is_sure,
								struct wire_hints *hints))
{
	struct datagrams d = datagrams_of(in);
	enum datagrams_step step;
	enum wire_verdict verdict;
	struct span datagram;
	bool is_sure = false;

	for (step = datagrams_next(&d, &datagram); step == DATAGRAMS_ONE;
	     step = datagrams_next(&d, &datagram)) {
		verdict = take(flow, datagram, is_sure, hints);
		if (verdict == WIRE_YES || (verdict == WIRE_NO && !is_sure))
			return verdict;
		is_sure = true;
	}
	if (step == DATAGRAMS_FULL)
		return is_sure ? first_datagrams_nameless(hints) : WIRE_NO;
	hints->wanted = d.wanted;
	hints->is_sure = is_sure;
	forget_name(hints);
	return WIRE_MORE;
}
