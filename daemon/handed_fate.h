#ifndef SHUNT_HANDED_FATE_H
#define SHUNT_HANDED_FATE_H

#include "flow/handed.h"
#include "kernel/conntrack.h"
#include "kernel/conntrack_limits.h"

/*
 * What becomes of a handed-over flow, as far as its conntrack entry tells. Pure.
 *
 * Bytes: conntrack counts packets with their headers. Those it counts have no
 * options in IP, and in TCP only timestamps, which are noted in the entry, and SACK
 * blocks, so that 40 bytes a packet (IPv6: 60), with timestamps 12 more,
 * taken off leave the payload: exact without loss; with loss, what was
 * sent again is counted again, and SACK blocks as up to 36 bytes a packet. A RST has
 * no timestamps: 12 bytes are missed by it. Of UDP
 * 28 bytes (IPv6: 48) are headers; fragments count as the datagram that they make.
 *
 * Times: an entry tells how long it will be remembered, in seconds, and each
 * packet sets that to what its state is worth; so the last packet passed
 * when that began, give or take half a second. Where a flow table of the box has
 * taken it, it tells neither, but that packets pass.
 *
 * Who sent a RST is not told. If only one side has sent anything since the last look,
 * it was that one. Else, if only one has sent data, it is put down to the other:
 * a RST is mostly an answer to data that nobody wants to read. Else to the client, who
 * has far more cause to (a page that is left, a program that is closed).
 */
struct handed_look {
	uint64_t now_ms;
	uint64_t before_ms; /* of the look before; 0: there was none */
	uint64_t over_ms;   /* when that one was over, which may take seconds */
	struct conntrack_timeouts timeouts;
};

struct handed_fate {
	bool is_over;
	enum flow_why why;   /* when it is over */
	uint64_t end_ms;     /* likewise */
	uint64_t arrived[2]; /* bytes since the last look */
};

/* What its entry says is taken into the flow, and what became of it into *out. */
void handed_fate_seen(struct handed_flow *f, const struct conntrack_entry *e,
		      const struct handed_look *look, struct handed_fate *out);

/* Is this the entry of another flow, between the same two, that has come since the last look? */
bool handed_fate_is_other(const struct handed_flow *f, const struct conntrack_entry *e);

/* Is a flow of which a carrier tells now the one of these two that a look has found? Its message may have
 * waited for as long as that look took. */
bool handed_fate_is_told_late(const struct handed_flow *f, const struct handed_look *look);

/* Its entry is gone. */
void handed_fate_gone(const struct handed_flow *f, const struct handed_look *look,
		      struct handed_fate *out);

/* Its entry was found by a look: when it last spoke. */
uint64_t handed_fate_spoke_ms(const struct conntrack_entry *e, const struct handed_look *look);

#endif
