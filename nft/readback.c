/* What the kernel holds, and whether it is the plan. Rules are compared as libnftnl prints their
 * expressions: ours built afresh, the kernel's as listed. */
#include "nft/readback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>

#include "nft/readback_sets.h"
#include "nft/rules.h"

enum {
	RULE_TEXT_BYTES = 8192, /* of the longest rule's expressions */
	DIFFERS = 1,            /* how a walk ends that found a difference */
};

/* A walk over what a table holds, beside the plan of it. */
struct comparison {
	const struct plan_table *table;
	size_t most; /* elements of a set that is compared as well */
	struct fault *difference;
	size_t chain;   /* whose rules come now */
	size_t rule;    /* the next of it */
	size_t chains;  /* seen so far */
	size_t objects; /* likewise */
};

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* What libnftnl cannot read in a table of ours was not put there by us. */
static int strange(struct fault *difference, const char *what, const char *table)
{
	(void)fault_set(difference, 0, "a %s of table %s is not ours", what, table);
	return DIFFERS;
}

static const struct plan_chain *find_chain(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->chain_count; i++) {
		if (is_same_text(table->chains[i].name, name))
			return &table->chains[i];
	}
	return NULL;
}

static bool is_same_chain(const struct plan_chain *plan, const struct nftnl_chain *c)
{
	if (!is_same_text(plan->type, nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE)))
		return false;
	return !plan->type || (plan->hook == nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) &&
			       plan->priority == nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO) &&
			       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_ACCEPT);
}

static int take_chain(const struct nlmsghdr *message, void *arg)
{
	struct comparison *cmp = arg;
	struct nftnl_chain *c;
	const struct plan_chain *plan;
	const char *name;
	int result = 0;

	if (!readback_is_of(message, cmp->table->name))
		return 0;
	c = nftnl_chain_alloc();
	if (!c)
		return -ENOMEM;
	if (nftnl_chain_nlmsg_parse(message, c) < 0) {
		result = strange(cmp->difference, "chain", cmp->table->name);
		goto out;
	}
	name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	plan = find_chain(cmp->table, name);
	if (!plan || !is_same_chain(plan, c)) {
		(void)fault_set(cmp->difference, 0, "chain %s of table %s is %s", name,
				cmp->table->name, plan ? "another" : "not ours");
		result = DIFFERS;
	}
	cmp->chains++;
out:
	nftnl_chain_free(c);
	return result;
}

struct text {
	char *at;
	size_t left;
};

/* The kernel lists a timeout of new elements also where it would not take one. */
static void put_what_is_listed(struct nftnl_expr *e, const char *kind)
{
	if (!strcmp(kind, "dynset") && !nftnl_expr_is_set(e, NFTNL_EXPR_DYNSET_TIMEOUT))
		nftnl_expr_set_u64(e, NFTNL_EXPR_DYNSET_TIMEOUT, 0);
}

static int append_expr(struct nftnl_expr *e, void *arg)
{
	struct text *text = arg;
	const char *kind = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
	size_t len;
	int put;

	put_what_is_listed(e, kind);
	put = nftnl_expr_snprintf(text->at, text->left, e, NFTNL_OUTPUT_DEFAULT, 0);
	len = put < 0 ? 0 : (size_t)put;
	if (put < 0 || len + strlen(kind) + 2 > text->left)
		return -1;
	/* libnftnl prints what is in an expression, but not always of which kind it is */
	(void)snprintf(text->at + len, text->left - len, "%s;", kind);
	text->at += strlen(text->at);
	text->left -= len + strlen(kind) + 1;
	return 0;
}

/* The expressions of a rule as one text; false when it does not fit. */
static bool describe(char text[static RULE_TEXT_BYTES], struct nftnl_rule *r)
{
	struct text t = { .at = text, .left = RULE_TEXT_BYTES };

	text[0] = '\0';
	return nftnl_expr_foreach(r, append_expr, &t) >= 0;
}

static int compare_rule(struct comparison *cmp, struct nftnl_rule *found)
{
	char expected[RULE_TEXT_BYTES];
	char listed[RULE_TEXT_BYTES];
	const struct plan_chain *chain = &cmp->table->chains[cmp->chain];
	struct nftnl_rule *planned = rules_make(cmp->table, chain, &chain->rules[cmp->rule]);
	bool is_same;

	if (!planned)
		return -ENOMEM;
	is_same =
		describe(expected, planned) && describe(listed, found) && !strcmp(expected, listed);
	nftnl_rule_free(planned);
	if (is_same)
		return 0;
	(void)fault_set(cmp->difference, 0, "rule %zu of chain %s of table %s is another",
			cmp->rule + 1, chain->name, cmp->table->name);
	return DIFFERS;
}

/* All rules of the table come, chain by chain, in their order. */
static int take_rule(const struct nlmsghdr *message, void *arg)
{
	struct comparison *cmp = arg;
	const struct plan_chain *chain = &cmp->table->chains[cmp->chain];
	struct nftnl_rule *r;
	int result = 0;

	if (!readback_is_of(message, cmp->table->name))
		return 0; /* old kernels do not filter what they list */
	r = nftnl_rule_alloc();
	if (!r)
		return -ENOMEM;
	if (nftnl_rule_nlmsg_parse(message, r) < 0)
		result = DIFFERS; /* nothing of ours */
	else if (!is_same_text(nftnl_rule_get_str(r, NFTNL_RULE_CHAIN), chain->name))
		goto out;
	else if (cmp->rule == chain->count)
		result = DIFFERS;
	else
		result = compare_rule(cmp, r);
	if (result == 0)
		cmp->rule++;
out:
	nftnl_rule_free(r);
	return result;
}

static int compare_rules(struct netlink *nl, struct comparison *cmp)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	int err = 0;

	for (cmp->chain = 0; !err && cmp->chain < cmp->table->chain_count; cmp->chain++) {
		const struct plan_chain *chain = &cmp->table->chains[cmp->chain];
		struct nlmsghdr *request = readback_request(buf, NFT_MSG_GETRULE);

		mnl_attr_put_strz(request, NFTA_RULE_TABLE, cmp->table->name);
		mnl_attr_put_strz(request, NFTA_RULE_CHAIN, chain->name);
		cmp->rule = 0;
		err = netlink_dump(nl, request, take_rule, cmp);
		if (!err && cmp->rule == chain->count)
			continue;
		if (err >= 0)
			(void)fault_set(cmp->difference, 0,
					"rule %zu of chain %s of table %s is %s", cmp->rule + 1,
					chain->name, cmp->table->name,
					cmp->rule == chain->count ? "not ours"
					: err                     ? "another"
								  : "missing");
		return err < 0 ? err : DIFFERS;
	}
	return err;
}

static bool has_same_seconds(const struct plan_object *plan, struct nftnl_obj *o)
{
	const uint32_t *seconds = nftnl_obj_get(o, NFTNL_OBJ_CT_TIMEOUT_ARRAY);

	if (!seconds || nftnl_obj_get_u8(o, NFTNL_OBJ_CT_TIMEOUT_L4PROTO) != plan->protocol)
		return false;
	if (plan->protocol == IPPROTO_UDP)
		return seconds[NFTNL_CTTIMEOUT_UDP_UNREPLIED] == PLAN_UNREPLIED_S &&
		       seconds[NFTNL_CTTIMEOUT_UDP_REPLIED] == PLAN_REPLIED_S;
	return seconds[NFTNL_CTTIMEOUT_TCP_LAST_ACK] == PLAN_LAST_ACK_S &&
	       seconds[NFTNL_CTTIMEOUT_TCP_TIME_WAIT] == PLAN_TIME_WAIT_S &&
	       seconds[NFTNL_CTTIMEOUT_TCP_CLOSE] == PLAN_CLOSE_S;
}

static bool is_same_object(const struct plan_object *plan, struct nftnl_obj *o)
{
	if (!is_same_text(nftnl_obj_get_str(o, NFTNL_OBJ_NAME), plan->name))
		return false;
	if (!plan->timeout_family)
		return nftnl_obj_get_u32(o, NFTNL_OBJ_TYPE) == NFT_OBJECT_COUNTER;
	return nftnl_obj_get_u32(o, NFTNL_OBJ_TYPE) == NFT_OBJECT_CT_TIMEOUT &&
	       nftnl_obj_get_u16(o, NFTNL_OBJ_CT_TIMEOUT_L3PROTO) == plan->timeout_family &&
	       has_same_seconds(plan, o);
}

static int take_object(const struct nlmsghdr *message, void *arg)
{
	struct comparison *cmp = arg;
	struct nftnl_obj *o;
	const struct plan_table *table = cmp->table;
	size_t i;
	int result = 0;

	if (!readback_is_of(message, table->name))
		return 0;
	o = nftnl_obj_alloc();
	if (!o)
		return -ENOMEM;
	if (nftnl_obj_nlmsg_parse(message, o) < 0) {
		result = strange(cmp->difference, "object", table->name);
		goto out;
	}
	for (i = 0; i < table->object_count; i++)
		if (is_same_object(&table->objects[i], o))
			break;
	if (i == table->object_count) {
		(void)fault_set(cmp->difference, 0, "object %s of table %s is not ours",
				nftnl_obj_get_str(o, NFTNL_OBJ_NAME), table->name);
		result = DIFFERS;
	}
	cmp->objects++;
out:
	nftnl_obj_free(o);
	return result;
}

static int compare_table(struct netlink *nl, struct comparison *cmp)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	const struct plan_table *table = cmp->table;
	struct readback_table found;
	int err = readback_table(&found, nl, table->name);

	if (err)
		return err;
	if (!found.is_there || found.is_owned != table->is_owned ||
	    (found.is_owned && found.owner != nl->port)) {
		(void)fault_set(cmp->difference, 0, "table inet %s is %s", table->name,
				found.is_there ? "not ours" : "missing");
		return DIFFERS;
	}
	err = netlink_dump(nl, readback_request(buf, NFT_MSG_GETCHAIN), take_chain, cmp);
	if (!err)
		err = netlink_dump(nl, readback_request(buf, NFT_MSG_GETOBJ), take_object, cmp);
	if (err)
		return err;
	if (cmp->chains != table->chain_count || cmp->objects != table->object_count) {
		(void)fault_set(cmp->difference, 0, "table inet %s lacks chains or objects",
				table->name);
		return DIFFERS;
	}
	err = readback_sets(nl, table, cmp->most, cmp->difference);
	return err ? err : compare_rules(nl, cmp);
}

static int compare(struct netlink *nl, const struct plan_table *table, size_t most,
		   struct fault *difference)
{
	int tries;
	int err;

	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		struct comparison cmp = { .table = table, .most = most, .difference = difference };

		err = compare_table(nl, &cmp);
	}
	return err < 0 ? err : err != DIFFERS;
}

int readback_compare(struct netlink *nl, const struct plan_table *table, struct fault *difference)
{
	return compare(nl, table, SIZE_MAX, difference);
}

int readback_compare_quickly(struct netlink *nl, const struct plan_table *table,
			     struct fault *difference)
{
	return compare(nl, table, READBACK_BIG_SET, difference);
}
