#ifndef SHUNT_NFT_PLAN_OP_H
#define SHUNT_NFT_PLAN_OP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One step of a rule: a condition, an action or a verdict. What comes in two
 * families needs an OP_FAMILY in front of it in the same rule or in a rule
 * that leads there.
 */
enum plan_op_kind {
	/* conditions; is_not turns round those that say so */
	OP_TCP_FLAGS,      /* flags & mask == value; is_not */
	OP_TCP,            /* is TCP */
	OP_UDP,            /* is UDP */
	OP_PROTOCOL_IN,    /* transport protocol in set `name`; is_not */
	OP_FAMILY,         /* value: NFPROTO_IPV4 or NFPROTO_IPV6 */
	OP_FAMILY_IN,      /* set `name`; is_not */
	OP_FROM_LO,        /* came in by lo */
	OP_TO_LO,          /* goes out by lo */
	OP_DEVICE,         /* came in by `name`, which may end in '*' */
	OP_DEVICE_IN,      /* set `name` */
	OP_PORT,           /* TCP destination port, value to mask */
	OP_PORT_IN,        /* set `name`; is_not */
	OP_UDP_PORT,       /* UDP destination port, value to mask */
	OP_UDP_PORT_IN,    /* set `name`; is_not */
	OP_UDP_SIZE,       /* bytes of a datagram and its UDP header == value */
	OP_UDP_DATA,       /* of what is known to be one: bytes 0 to 3, a number, & mask == value */
	OP_UDP_DATA_1,     /* its bytes 1 to 4, likewise */
	OP_SOURCE_IN,      /* source address in set `name` of family `value`; is_not */
	OP_TARGET_IN,      /* destination address likewise */
	OP_SOURCE_TYPE_IN, /* what routing says of the source: set `name` */
	OP_SOURCE_AWAY,    /* no route to the source leads out by where it came in */
	OP_TARGET_TYPE_IN, /* what routing says of the destination: set `name` */
	OP_TARGET_LOCAL,   /* the destination is this box's; is_not */
	OP_SOCKET_TRANSPARENT, /* a transparent socket owns the packet */
	OP_SOCKET_MARK,        /* a full socket owns it whose mark & mask == value; is_not */
	OP_MARK,               /* packet mark & mask == value; is_not */
	OP_CT_ZONE,            /* == value */
	OP_CT_STATE,           /* any bit of value */
	OP_CT_MARK,            /* & mask == value; is_not */
	OP_CT_DIRECTION,       /* == value: IP_CT_DIR_* */
	OP_CT_FIRST,           /* tracked, and the first packet of its connection */
	OP_FLOW_IN,  /* source and destination with their ports in set `name` of family `value` */
	OP_PLACE_IN, /* destination and its port in set `name` of family `value` */
	/* actions */
	OP_MARK_SET,    /* the bits of mask become value */
	OP_CT_MARK_SET, /* the same of the connection's mark */
	OP_CT_ZONE_SET, /* value */
	OP_CT_TIMEOUT,  /* object `name` */
	OP_COUNTER,     /* object `name` */
	OP_TPROXY,      /* family `value`, to the loopback address and port `mask` */
	OP_KEEP_TARGET, /* NAT of the destination to itself, family `value` */
	OP_KEEP_SOURCE,
	OP_NOTRACK,
	OP_FLOW_ADD,    /* destination and source into set `name` of family `value`: the way back */
	OP_FLOW_DELETE, /* source and destination out of it */
	OP_FLOW_FORGET, /* destination and source out of it: seen on the way back */
	OP_PLACE_ADD,   /* source and its port into set `name` of family `value` */
	OP_STRIP_TIMESTAMP, /* no TCP timestamps in this SYN (RFC 7323 3) */
	OP_LIMIT,           /* at most `value` in a second, after a burst of `mask`; else not met */
	OP_LOG,             /* its first `mask` bytes to who listens to group `value` */
	OP_REJECT,          /* by a TCP RST */
	OP_REJECT_PORT,     /* by an ICMP error: port unreachable */
	/* verdicts */
	OP_ACCEPT,
	OP_DROP,
	OP_RETURN,
	OP_JUMP, /* chain `name` */
	OP_GOTO,
};

struct plan_op {
	enum plan_op_kind kind;
	bool is_not;
	uint32_t value;
	uint32_t mask;
	const char *name; /* in a plan: owned; NULL where it has no use */
};

#endif
