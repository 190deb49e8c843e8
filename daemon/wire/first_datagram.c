/* Recognising by one datagram. */
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
