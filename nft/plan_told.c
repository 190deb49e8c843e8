/*
 * Servers of datagrams tell their clients by which number these are known, whatever
 * their address: in clear, and only when a flow begins or takes new keys. Of
 * flows that were handed over such datagrams are shown to the carriers, who remember it.
 *
 * Every packet of a server's meets the first two rules. What the numbers mean is in
 * daemon/wire/; here they only keep the rest from being shown.
 */
#include "nft/plan_udp.h"

enum {
	UDP_HEAD_BYTES = 8,
	/* of a datagram with the longest IPv4 header, its first 48 bytes: FLOW_ID_HEAD_BYTES */
	SHOWN_BYTES = 60 + UDP_HEAD_BYTES + 48,
	INITIATION_BYTES = 148,
	RESPONSE_BYTES = 92,
};

static const uint32_t long_header = 0x80000000;
static const uint32_t handshake =
	0xfcffffff; /* 1 or 2, which WireGuard's begin with, and three zeros */

/* Of QUIC: 1 (RFC 9000), 2 (RFC 9369), and drafts. */
static const struct {
	uint32_t mask;
	uint32_t version;
} version_table[] = {
	{ 0xffffffff, 0x00000001 },
	{ 0xffffffff, 0x6b3343cf },
	{ 0xffffff00, 0xff000000 },
};

static void told_rules(struct plan_table *table)
{
	struct plan_chain *chain = plan_chain(table, "told_handshake");
	size_t i;

	PLAN_RULE(table, chain, { .kind = OP_UDP_SIZE, .value = UDP_HEAD_BYTES + INITIATION_BYTES },
		  PLAN_TO(OP_GOTO, "show"));
	PLAN_RULE(table, chain, { .kind = OP_UDP_SIZE, .value = UDP_HEAD_BYTES + RESPONSE_BYTES },
		  PLAN_TO(OP_GOTO, "show"));
	chain = plan_chain(table, "told_version");
	for (i = 0; i < sizeof version_table / sizeof *version_table; i++)
		PLAN_RULE(table, chain,
			  { .kind = OP_UDP_DATA_1,
			    .mask = version_table[i].mask,
			    .value = version_table[i].version },
			  PLAN_TO(OP_GOTO, "show"));
}

void plan_udp_told(struct plan_table *table, uint16_t group)
{
	struct plan_chain *chain = plan_chain(table, "show");

	PLAN_RULE(table, chain,
		  { .kind = OP_LIMIT, .value = PLAN_TOLD_A_SECOND, .mask = PLAN_TOLD_BURST },
		  { .kind = OP_LOG, .value = group, .mask = SHOWN_BYTES });
	told_rules(table);
	chain = plan_chain(table, "told");
	PLAN_RULE(table, chain, { .kind = OP_UDP_DATA, .mask = long_header, .value = long_header },
		  PLAN_TO(OP_GOTO, "told_version"));
	PLAN_RULE(table, chain, { .kind = OP_UDP_DATA, .mask = handshake, .value = 0 },
		  PLAN_TO(OP_GOTO, "told_handshake"));
}
