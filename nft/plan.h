#ifndef SHUNT_NFT_PLAN_H
#define SHUNT_NFT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nft/plan_op.h"
#include "policy/config.h"

/*
 * What the two nft tables shall hold, as plain data: made from a configuration
 * without asking the kernel, then written as text (nft/plan_text.h) or as
 * netlink messages (nft/commit.h), or compared with the kernel's (nft/readback.h).
 */
enum {
	PLAN_NAME_BYTES = 80, /* "from4_", a divert's name, PLAN_OTHER, NUL */
	PLAN_MOST_CHAINS = 40,
	PLAN_MOST_OBJECTS = 10,
	PLAN_LAST_ACK_S = 10, /* conntrack's timeouts for connections that end */
	PLAN_TIME_WAIT_S = 2,
	PLAN_CLOSE_S = 2,
	PLAN_UNREPLIED_S = 5,    /* of UDP flows that we take: strangers' are forgotten soon, */
	PLAN_REPLIED_S = 120,    /* but one that has our answers lives longer than `idle` */
	PLAN_ZONE_CLIENT = 1443, /* conntrack zone of our connections with clients */
	PLAN_ZONE_SERVER = 1444, /* and of those with servers */
	PLAN_ERRORS_GROUP =
		1443, /* of nfnetlink_log, or one behind it: ICMP errors of flows handed over */
	PLAN_ERRORS_A_SECOND = 1000,
	PLAN_ERRORS_BURST = 100,
	PLAN_TOLD_A_SECOND = 2000, /* datagrams in which servers tell how flows are found again */
	PLAN_TOLD_BURST = 500,
	PLAN_MOST_FLOWS =
		524288, /* handed over, in each family, that a SYN is known to belong to */
	PLAN_MOST_PLACES = 4096,
	PLAN_PLACE_S = 3600,
};

/* The listeners of one divert, host order; 0: none of that family. */
struct plan_ports {
	uint16_t v4; /* TCP */
	uint16_t v6;
	uint16_t udp4;
	uint16_t udp6;
};

enum plan_set_kind {
	PLAN_FAMILIES,    /* one byte, NFPROTO_* */
	PLAN_PROTOCOLS,   /* one byte, IPPROTO_* */
	PLAN_ROUTE_TYPES, /* four bytes in host order, RTN_* */
	PLAN_DEVICES,     /* a device's name in 16 bytes */
	PLAN_PORTS,       /* intervals of ports */
	PLAN_V4,          /* intervals of addresses */
	PLAN_V6,
	PLAN_HOSTS4, /* whole addresses, which follow interfaces: nft/hosts.h */
	PLAN_HOSTS6,
	PLAN_FLOWS4, /* client, its port, where it went, that port: nft/flows.h */
	PLAN_FLOWS6,
	PLAN_PLACES4, /* an address and a port, noted by packets: forgotten after PLAN_PLACE_S */
	PLAN_PLACES6,
};

/* Keys as the kernel has them; first and last are the same but in interval sets. */
struct plan_range {
	uint8_t first[16];
	uint8_t last[16];
};

struct plan_set {
	char name[PLAN_NAME_BYTES];
	enum plan_set_kind kind;
	bool is_live;          /* elements come and go while we run, and are none of the plan's */
	struct plan_range *at; /* sorted, apart from each other */
	size_t count;
};

struct plan_rule {
	struct plan_op *ops;
	size_t count;
};

struct plan_chain {
	char name[PLAN_NAME_BYTES];
	const char *type; /* "filter" or "nat"; NULL: only jumped to */
	uint32_t hook;    /* NF_INET_* */
	int32_t priority;
	struct plan_rule *rules;
	size_t count;
};

/* A named counter, or a timeout policy for connections of one family. */
struct plan_object {
	char name[PLAN_NAME_BYTES];
	uint8_t timeout_family; /* 0: a counter; NFPROTO_*: a timeout policy */
	uint8_t protocol;       /* of a timeout policy: IPPROTO_TCP or IPPROTO_UDP */
};

struct plan_table {
	const char *name;
	bool is_owned;    /* nobody else may change it, and it goes with the socket that made it, */
	bool is_lasting;  /* but for this: then it stays, and is anybody's */
	bool is_followed; /* packets meet the other table behind it */
	int err;          /* -ENOMEM, -E2BIG: building failed */
	struct plan_set *sets;
	size_t set_count;
	struct plan_object objects[PLAN_MOST_OBJECTS];
	size_t object_count;
	struct plan_chain chains[PLAN_MOST_CHAINS];
	size_t chain_count;
};

struct plan {
	struct plan_table lasting; /* `shunt_base` */
	struct plan_table owned;   /* `shunt` */
};

/* A network of a link of this box. */
struct plan_link {
	char device[16]; /* IFNAMSIZ; zeros behind the name */
	struct prefix net;
};

/* What of the kernel's the plan may use, and what it must know of the box. */
struct plan_options {
	bool has_persist; /* an owned table may stay without its owner: then one has all rules */
	bool has_ct_timeout;
	bool has_udp;          /* datagrams are diverted */
	bool had_udp;          /* there may be flows of diverts that are gone */
	bool has_bridges;      /* br_netfilter watches one */
	bool has_strip;        /* servers' SYNs lose their timestamps where the client has none */
	uint16_t errors_group; /* of nfnetlink_log: who listens there is shown ICMP errors, and
			       * datagrams that tell how flows are found again; 0: nobody */
	const struct plan_link *links; /* sorted by device; borrowed during plan_build() */
	size_t link_count;
};

/*
 * Make both tables. config is only read, ports has one entry per divert. 0 and
 * a plan for plan_free(), or -ENOMEM, -E2BIG.
 */
int plan_build(struct plan **out, const struct config *config, const struct plan_ports *ports,
	       const struct plan_options *options);

/* Two empty tables, for plan_free(); NULL without memory. */
struct plan *plan_empty(void);

/* NULL is fine. */
void plan_free(struct plan *plan);

#endif
