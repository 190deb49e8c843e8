#ifndef SHUNT_NFT_FACILITIES_H
#define SHUNT_NFT_FACILITIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "kernel/netlink.h"

enum facility {
	FACILITY_TABLES,
	FACILITY_OWNER,
	FACILITY_ZONES,
	FACILITY_SOCKET,
	FACILITY_TPROXY4,
	FACILITY_TPROXY6,
	FACILITY_FIB,
	FACILITY_NAT,
	FACILITY_REJECT,
	FACILITY_CT_TIMEOUT, /* can be done without */
	FACILITY_PERSIST,    /* likewise: then two tables have most rules */
	FACILITY_STRIP,      /* likewise: then nothing is handed over */
	FACILITY_LOG,        /* likewise */
	FACILITY_COUNT,
};

/* What it is called in texts. */
const char *facility_name(enum facility facility);

/*
 * Ask the kernel to check, and not to keep, a table that uses it. 0, or -errno
 * with a fault that names the remedy: -EPERM without CAP_NET_ADMIN, else the
 * kernel's word, most often -ENOENT or -EOPNOTSUPP. May load kernel modules.
 */
int facility_check(struct netlink *nl, enum facility facility, struct fault *fault);

/* The fault of a kernel that answered err. Returns err. */
int facility_lacks(enum facility facility, int err, struct fault *fault);

/* All that cannot be done without. 0, or -errno and the first fault. */
int facilities_check(struct netlink *nl, struct fault *fault);

#endif
