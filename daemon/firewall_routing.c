/* How diverted packets reach our sockets, and the answers of servers on this box. The rule before keeps
 * our own packets, which may bear a socket's mark, out of it: src_valid_mark and tcp_fwmark_accept would
 * turn them round. */
#include "firewall_routing.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>

#include "kernel/rtnl_route.h"
#include "kernel/rtnl_rule.h"
#include "policy/loopback.h"

enum {
	PREF_LOOPBACK = 897,
	PREF_HOST = 898,
	PREF_OWN = 899,
	PREF_DIVERT = 900,
	PREF_ON = 901,
	RULES = 4,
};

/* In the order in which they are made: no moment may lead our own packets into the table. */
static void rules_of(struct rtnl_rule rules[static RULES], uint8_t family,
		     const struct marks *marks, uint32_t table)
{
	const uint32_t mark = marks_of(marks, MARK_DIVERT);

	rules[0] = (struct rtnl_rule){ .family = family, .action = FR_ACT_NOP, .pref = PREF_ON };
	rules[1] = (struct rtnl_rule){ .family = family,
				       .action = FR_ACT_GOTO,
				       .is_from_lo = true,
				       .pref = PREF_OWN,
				       .mark = mark,
				       .mask = marks->mask,
				       .jump = PREF_ON };
	rules[2] = (struct rtnl_rule){ .family = family,
				       .action = FR_ACT_TO_TBL,
				       .pref = PREF_DIVERT,
				       .mark = mark,
				       .mask = marks->mask,
				       .table = table };
	/* what a server on this box answers to a client's address; see chain `host` */
	rules[3] = (struct rtnl_rule){ .family = family,
				       .action = FR_ACT_TO_TBL,
				       .is_from_lo = true,
				       .pref = PREF_HOST,
				       .mark = marks_of(marks, MARK_HOST),
				       .mask = marks->mask,
				       .table = table };
}

/* A server on a loopback address could not even begin to answer: there is no way from there to a
 * client, and so no packet that could be marked. */
static struct rtnl_rule loopback_rule(const struct addr *server, uint32_t table)
{
	return (struct rtnl_rule){ .family = (uint8_t)server->family,
				   .action = FR_ACT_TO_TBL,
				   .is_from_lo = true,
				   .pref = PREF_LOOPBACK,
				   .table = table,
				   .from = *server };
}

static const char *version(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* IPv6 may be missing, or switched off for lo. */
static bool is_absent(uint8_t family, int err)
{
	return family == AF_INET6 && (err == -EAFNOSUPPORT || err == -EACCES || err == -ENODEV);
}

/* Count a repair; the first is named. */
static int note(int before, struct fault *fault, const char *what, uint8_t family)
{
	if (before == 0)
		(void)fault_set(fault, 0, "%s for %s was missing", what, version(family));
	return before + 1;
}

static int repair_rules(struct netlink *nl, const struct rtnl_rule *rules, size_t count,
			int repairs, struct fault *fault)
{
	size_t i;
	int err;

	for (i = 0; i < count; i++) {
		int found = rtnl_rule_find(nl, &rules[i]);

		if (found > 0)
			continue;
		err = found < 0 ? found : rtnl_rule_add(nl, &rules[i]);
		if (is_absent(rules[i].family, err))
			return -EAFNOSUPPORT;
		if (err)
			return fault_set(fault, err,
					 "ip rule %u for %s: %s (does the kernel do policy "
					 "routing?)",
					 rules[i].pref, version(rules[i].family), strerror(-err));
		repairs = note(repairs, fault, "an ip rule", rules[i].family);
	}
	return repairs;
}

static int repair_family(struct netlink *nl, uint8_t family, const struct marks *marks,
			 uint32_t table, int repairs, struct fault *fault)
{
	struct rtnl_rule rules[RULES];
	int found = rtnl_route_find(nl, family, table);
	int err;

	rules_of(rules, family, marks, table);
	/* the route first: a rule that leads to an empty table lets packets go on */
	if (found <= 0) {
		err = found < 0 ? found : rtnl_route_add(nl, family, table);
		if (is_absent(family, err))
			return repairs;
		if (err == -ENETDOWN)
			return fault_set(fault, err, "device lo is down: ip link set lo up");
		if (err == -EEXIST)
			return fault_set(fault, err,
					 "routing table %u for %s has another default route: set "
					 "another `table` in [shunt]",
					 table, version(family));
		if (err)
			return fault_set(fault, err, "local route in table %u for %s: %s", table,
					 version(family), strerror(-err));
		repairs = note(repairs, fault, "the local route", family);
	}
	err = repair_rules(nl, rules, RULES, repairs, fault);
	return is_absent(family, err) ? repairs : err;
}

int firewall_routing_loopback(struct netlink *nl, const struct config *config, struct fault *fault)
{
	struct addr servers[LOOPBACK_SERVERS_MOST];
	size_t count = loopback_servers(servers, config);
	int repairs = 0;

	for (size_t i = 0; i < count; i++) {
		const struct rtnl_rule rule = loopback_rule(&servers[i], config->shunt.table);
		int err = repair_rules(nl, &rule, 1, repairs, fault);

		if (err < 0 && !is_absent(rule.family, err))
			return err;
		repairs = err < 0 ? repairs : err;
	}
	return repairs;
}

int firewall_routing_forget(struct netlink *nl, const struct addr *server, uint32_t table)
{
	const struct rtnl_rule rule = loopback_rule(server, table);

	return rtnl_rule_delete(nl, &rule);
}

int firewall_routing_repair(struct netlink *nl, const struct config *config, struct fault *fault)
{
	const struct marks *marks = &config->shunt.mark;
	uint32_t table = config->shunt.table;
	int repairs = repair_family(nl, AF_INET, marks, table, 0, fault);
	struct fault of_loopback;
	int more;

	if (repairs >= 0)
		repairs = repair_family(nl, AF_INET6, marks, table, repairs, fault);
	if (repairs < 0)
		return repairs;
	more = firewall_routing_loopback(nl, config, &of_loopback);
	if (fault && (more < 0 || (more > 0 && repairs == 0)))
		*fault = of_loopback;
	return more < 0 ? more : repairs + more;
}

int firewall_routing_delete(struct netlink *nl, const struct marks *marks, uint32_t table,
			    struct fault *fault)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct rtnl_rule rules[RULES];
	int first = 0;
	size_t f;
	int i;

	for (f = 0; f < sizeof families; f++) {
		int err;

		rules_of(rules, families[f], marks, table);
		for (i = RULES - 1; i >= 0; i--) {
			err = rtnl_rule_delete(nl, &rules[i]);
			if (err && !is_absent(families[f], err) && !first)
				first = fault_set(fault, err, "delete ip rule %u: %s",
						  rules[i].pref, strerror(-err));
		}
		err = rtnl_rule_delete_all(nl, families[f], PREF_LOOPBACK, table);
		if (err && !is_absent(families[f], err) && !first)
			first = fault_set(fault, err, "delete ip rule %u: %s", PREF_LOOPBACK,
					  strerror(-err));
		err = rtnl_route_delete(nl, families[f], table);
		if (err && !is_absent(families[f], err) && !first)
			first = fault_set(fault, err, "delete the local route of table %u: %s",
					  table, strerror(-err));
	}
	return first;
}
