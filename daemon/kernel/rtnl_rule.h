#ifndef SHUNT_KERNEL_RTNL_RULE_H
#define SHUNT_KERNEL_RTNL_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "kernel/netlink.h"

/* One policy routing rule (`ip rule`), as far as we use them. */
struct rtnl_rule {
	uint8_t family;  /* AF_INET or AF_INET6 */
	uint8_t action;  /* FR_ACT_TO_TBL, FR_ACT_GOTO or FR_ACT_NOP */
	bool is_from_lo; /* matches packets that this box itself sends: `iif lo` */
	uint32_t pref;
	uint32_t mark; /* with mask; both 0: any */
	uint32_t mask;
	uint32_t table;   /* FR_ACT_TO_TBL */
	uint32_t jump;    /* FR_ACT_GOTO: pref of the rule that is next */
	struct addr from; /* TCP from this very address and port; family 0: any packet */
};

/* Add it. 0, also when it is there already; -EAFNOSUPPORT without that family; or -errno. */
int rtnl_rule_add(struct netlink *nl, const struct rtnl_rule *rule);

/* Delete exactly it. 0, also when it is not there; or -errno. */
int rtnl_rule_delete(struct netlink *nl, const struct rtnl_rule *rule);

/* Delete all rules of that family with that pref which lead to that table. 0 or -errno as above. */
int rtnl_rule_delete_all(struct netlink *nl, uint8_t family, uint32_t pref, uint32_t table);

/* Is exactly it there? 1, 0, or -errno. */
int rtnl_rule_find(struct netlink *nl, const struct rtnl_rule *rule);

#endif
