/* What it takes to hand flows over to the kernel, tried one by one. */
#include "firewall_handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firewall_state.h"
#include "kernel/conntrack_try.h"
#include "kernel/inject.h"
#include "kernel/nflog.h"
#include "kernel/tcp_repair.h"
#include "nft/facilities.h"

/* For tests: documented in shuntd(8). */
static bool is_hidden(const char *name)
{
	const char *at = getenv("SHUNT_WITHOUT");
	size_t len = strlen(name);

	for (; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && memcmp(at, name, len) == 0)
			return true;
	return false;
}

static int try_nft(struct netlink *nft, enum facility facility, const char *name,
		   struct fault *fault)
{
	return is_hidden(name) ? facility_lacks(facility, -EOPNOTSUPP, fault)
			       : facility_check(nft, facility, fault);
}

static int try_conntrack(struct fault *fault)
{
	int err = is_hidden("conntrack") ? -EOPNOTSUPP : conntrack_try();

	if (!err)
		return 0;
	return fault_set(fault, err,
			 "conntrack takes no entries from us: load nf_conntrack_netlink and nf_nat "
			 "(OpenWrt: kmod-nf-conntrack-netlink, kmod-nf-nat) (%s)",
			 strerror(-err));
}

static int try_repair(struct fault *fault)
{
	int err = is_hidden("repair") ? -EOPNOTSUPP : tcp_repair_try();

	return err ? fault_set(fault, err, "no TCP_REPAIR: it takes CAP_NET_ADMIN (%s)",
			       strerror(-err))
		   : 0;
}

static int try_raw(struct fault *fault)
{
	struct inject inject = { -1, -1 };
	int err = is_hidden("raw") ? -EOPNOTSUPP : inject_open(&inject);

	inject_close(&inject);
	return err ? fault_set(fault, err, "no raw socket: it takes CAP_NET_RAW (%s)",
			       strerror(-err))
		   : 0;
}

int firewall_handoff_try(struct netlink *nft, struct netlink *errors, uint16_t *group,
			 struct fault *fault)
{
	int err = try_nft(nft, FACILITY_STRIP, "strip", fault);

	if (!err)
		err = try_nft(nft, FACILITY_LOG, "log", fault);
	if (!err)
		err = try_conntrack(fault);
	if (!err)
		err = try_repair(fault);
	if (!err)
		err = try_raw(fault);
	if (err)
		return err;
	err = nflog_open(errors, PLAN_ERRORS_GROUP, group);
	return err ? fault_set(fault, err,
			       "groups %d to %d of nfnetlink_log are all in use: end one who "
			       "listens (%s)",
			       PLAN_ERRORS_GROUP, PLAN_ERRORS_GROUP + NFLOG_GROUPS - 1,
			       strerror(-err))
		   : 0;
}

static bool is_on(const char *path)
{
	char digit = '0';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false; /* a kernel without that family */
	if (read(fd, &digit, 1) != 1)
		digit = '0';
	(void)close(fd); /* only read */
	return digit != '0';
}

struct firewall_forwarding firewall_forwarding_read(void)
{
	return (struct firewall_forwarding){
		.v4 = is_on("/proc/sys/net/ipv4/ip_forward"),
		.v6 = is_on("/proc/sys/net/ipv6/conf/all/forwarding"),
	};
}

int firewall_handoff_problem(const struct firewall *fw, struct fault *fault)
{
	struct firewall_forwarding is = firewall_forwarding_read();

	if (fw->handoff.err)
		return fault_set(fault, fw->handoff.err, "%s", fw->handoff.text);
	if (!is.v4 && !is.v6)
		return fault_set(fault, -EHOSTUNREACH,
				 "this box forwards nothing: set net.ipv4.ip_forward and "
				 "net.ipv6.conf.all.forwarding to 1");
	if (!is.v4)
		(void)fault_set(fault, 0, "for IPv6 alone: net.ipv4.ip_forward is 0");
	else if (!is.v6)
		(void)fault_set(fault, 0, "for IPv4 alone: net.ipv6.conf.all.forwarding is 0");
	return 0;
}
