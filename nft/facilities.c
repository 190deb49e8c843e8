/* What the kernel offers, found by letting it check tables that use it. */
#include "nft/facilities.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>

#include "nft/commit.h"
#include "nft/plan_build.h"

struct facility_row {
	const char *name;
	const char *remedy;
	const char *type; /* of the chain in the table that is tried; NULL: no chain */
	uint32_t hook;
	struct plan_op ops[2];
	size_t count;
	uint8_t timeout_family; /* of a timeout policy in it */
	bool is_owned;
	bool is_lasting;
};

static const struct facility_row facility_table[FACILITY_COUNT] = {
	[FACILITY_TABLES] = { .name = "nf_tables",
			      .remedy = "load nf_tables (OpenWrt: kmod-nft-core)" },
	[FACILITY_OWNER] = { .name = "table owner",
			     .remedy = "it takes Linux 5.12",
			     .is_owned = true },
	[FACILITY_ZONES] = { .name = "ct zone",
			     .remedy = "load nft_ct (OpenWrt: kmod-nft-core, kmod-nf-conntrack)",
			     .type = "filter",
			     .hook = NF_INET_PRE_ROUTING,
			     .ops = { { .kind = OP_CT_ZONE_SET, .value = PLAN_ZONE_CLIENT } },
			     .count = 1 },
	[FACILITY_SOCKET] = { .name = "socket",
			      .remedy = "load nft_socket (OpenWrt: kmod-nft-socket)",
			      .type = "filter",
			      .hook = NF_INET_PRE_ROUTING,
			      .ops = { { .kind = OP_SOCKET_TRANSPARENT } },
			      .count = 1 },
	[FACILITY_TPROXY4] = { .name = "tproxy ip",
			       .remedy = "load nft_tproxy (OpenWrt: kmod-nft-tproxy)",
			       .type = "filter",
			       .hook = NF_INET_PRE_ROUTING,
			       .ops = { { .kind = OP_PORT, .value = 1, .mask = 1 },
					{ .kind = OP_TPROXY, .value = NFPROTO_IPV4, .mask = 1 } },
			       .count = 2 },
	[FACILITY_TPROXY6] = { .name = "tproxy ip6",
			       .remedy = "load nft_tproxy (OpenWrt: kmod-nft-tproxy)",
			       .type = "filter",
			       .hook = NF_INET_PRE_ROUTING,
			       .ops = { { .kind = OP_PORT, .value = 1, .mask = 1 },
					{ .kind = OP_TPROXY, .value = NFPROTO_IPV6, .mask = 1 } },
			       .count = 2 },
	[FACILITY_FIB] = { .name = "fib",
			   .remedy = "load nft_fib_inet (OpenWrt: kmod-nft-fib)",
			   .type = "filter",
			   .hook = NF_INET_PRE_ROUTING,
			   .ops = { { .kind = OP_TARGET_LOCAL } },
			   .count = 1 },
	[FACILITY_NAT] = { .name = "nat",
			   .remedy = "load nft_nat and nft_chain_nat (OpenWrt: kmod-nft-nat)",
			   .type = "nat",
			   .hook = NF_INET_PRE_ROUTING,
			   .ops = { { .kind = OP_FAMILY, .value = NFPROTO_IPV4 },
				    { .kind = OP_KEEP_TARGET, .value = NFPROTO_IPV4 } },
			   .count = 2 },
	[FACILITY_REJECT] = { .name = "reject",
			      .remedy = "load nft_reject_inet (OpenWrt: kmod-nft-core)",
			      .type = "filter",
			      .hook = NF_INET_PRE_ROUTING,
			      .ops = { { .kind = OP_REJECT } },
			      .count = 1 },
	[FACILITY_CT_TIMEOUT] = { .name = "ct timeout",
				  .remedy = "load nfnetlink_cttimeout (OpenWrt: "
					    "kmod-nfnetlink-cttimeout)",
				  .type = "filter",
				  .hook = NF_INET_PRE_ROUTING,
				  .ops = { { .kind = OP_CT_TIMEOUT, .name = "ended4" } },
				  .count = 1,
				  .timeout_family = NFPROTO_IPV4 },
	[FACILITY_PERSIST] = { .name = "table persist",
			       .remedy = "it takes Linux 6.9",
			       .is_owned = true,
			       .is_lasting = true },
	[FACILITY_STRIP] = { .name = "reset tcp option",
			     .remedy = "it takes Linux 5.18",
			     .type = "filter",
			     .hook = NF_INET_PRE_ROUTING,
			     .ops = { { .kind = OP_STRIP_TIMESTAMP } },
			     .count = 1 },
	[FACILITY_LOG] = { .name = "log group",
			   .remedy = "load nfnetlink_log (OpenWrt: kmod-nfnetlink-log)",
			   .type = "filter",
			   .hook = NF_INET_PRE_ROUTING,
			   .ops = { { .kind = OP_LOG, .value = PLAN_ERRORS_GROUP, .mask = 1 } },
			   .count = 1 },
};

const char *facility_name(enum facility facility)
{
	return facility_table[facility].name;
}

static int try_table(struct netlink *nl, const struct plan_table *table)
{
	struct batch *batch = NULL;
	int err = batch_new(&batch);

	if (!err)
		err = commit_put(batch, table);
	if (!err)
		err = batch_try(batch, nl, NULL);
	batch_free(batch);
	return err;
}

int facility_lacks(enum facility facility, int err, struct fault *fault)
{
	const struct facility_row *row = &facility_table[facility];

	if (err == -EPERM || err == -EACCES)
		return fault_set(fault, -EPERM,
				 "no permission to change nftables: run it as root, or with "
				 "CAP_NET_ADMIN and CAP_NET_RAW");
	return fault_set(fault, err, "this kernel lacks nft \"%s\": %s (%s)", row->name,
			 row->remedy, strerror(-err));
}

int facility_check(struct netlink *nl, enum facility facility, struct fault *fault)
{
	const struct facility_row *row = &facility_table[facility];
	struct plan *plan = plan_empty();
	struct plan_table *table;
	int err = -ENOMEM;

	if (!plan)
		return fault_set(fault, -ENOMEM, "nft \"%s\": out of memory", row->name);
	table = &plan->lasting;
	table->name = "shunt_probe";
	table->is_owned = row->is_owned;
	table->is_lasting = row->is_lasting;
	if (row->timeout_family)
		plan_object(table, row->ops[0].name, row->timeout_family);
	if (row->type)
		plan_rule(table, plan_hook(table, "probe", row->type, row->hook, 0), row->ops,
			  row->count);
	err = table->err ? table->err : try_table(nl, table);
	plan_free(plan);
	return err ? facility_lacks(facility, err, fault) : 0;
}

int facilities_check(struct netlink *nl, struct fault *fault)
{
	enum facility facility;
	int err = 0;

	for (facility = FACILITY_TABLES; !err && facility < FACILITY_CT_TIMEOUT; facility++)
		err = facility_check(nl, facility, fault);
	return err;
}
