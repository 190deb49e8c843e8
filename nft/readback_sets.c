/* Do the sets and their elements in the kernel stand as planned? */
#include "nft/readback_sets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>

#include "nft/plan_build.h"
#include "nft/readback.h"
#include "nft/sets.h"

enum {
	DIFFERS = 1,
	KINDS_OF_SET =
		NFT_SET_INTERVAL | NFT_SET_TIMEOUT | NFT_SET_MAP | NFT_SET_OBJECT | NFT_SET_EVAL,
};

struct set_walk {
	const struct plan_table *table;
	struct fault *difference;
	size_t count; /* sets seen */
};

static bool is_same_set(const struct plan_table *table, const struct plan_set *plan,
			const struct nftnl_set *s)
{
	struct nftnl_set *planned = sets_make(table, plan, 1);
	bool is_same;

	if (!planned)
		return false;
	is_same = nftnl_set_get_u32(planned, NFTNL_SET_KEY_TYPE) ==
			  nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE) &&
		  nftnl_set_get_u32(planned, NFTNL_SET_KEY_LEN) ==
			  nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN) &&
		  nftnl_set_get_u32(planned, NFTNL_SET_FLAGS) ==
			  (nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & KINDS_OF_SET);
	nftnl_set_free(planned);
	return is_same;
}

static int take_set(const struct nlmsghdr *message, void *arg)
{
	struct set_walk *walk = arg;
	const struct plan_table *table = walk->table;
	struct nftnl_set *s;
	const char *name;
	size_t i;
	int result = 0;

	if (!readback_is_of(message, table->name))
		return 0;
	s = nftnl_set_alloc();
	if (!s)
		return -ENOMEM;
	if (nftnl_set_nlmsg_parse(message, s) < 0) {
		/* what libnftnl cannot read was not put there by us */
		(void)fault_set(walk->difference, 0, "a set of table %s is not ours", table->name);
		result = DIFFERS;
		goto out;
	}
	name = nftnl_set_get_str(s, NFTNL_SET_NAME);
	for (i = 0; i < table->set_count; i++)
		if (!strcmp(name, table->sets[i].name))
			break;
	if (i == table->set_count || !is_same_set(table, &table->sets[i], s)) {
		(void)fault_set(walk->difference, 0, "set %s of table %s is not ours", name,
				table->name);
		result = DIFFERS;
	}
	walk->count++;
out:
	nftnl_set_free(s);
	return result;
}

/* The elements that the kernel lists of one set, with room for those planned. */
struct element_walk {
	struct sets_bound *at;
	size_t count;
	size_t room;
	size_t key_bytes;
};

static int take_key(const struct nlattr *attr, struct sets_bound *bound, size_t size)
{
	const struct nlattr *inner;

	mnl_attr_for_each_nested (inner, attr) {
		if (mnl_attr_get_type(inner) != NFTA_DATA_VALUE ||
		    mnl_attr_get_payload_len(inner) != size)
			continue;
		memcpy(bound->key, mnl_attr_get_payload(inner), size);
		return 0;
	}
	return -EPROTO;
}

static int take_element(const struct nlattr *element, struct element_walk *walk)
{
	static const uint8_t zero[16];
	struct sets_bound bound = { .is_end = false };
	const struct nlattr *attr;
	int err = -EPROTO;

	mnl_attr_for_each_nested (attr, element) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == NFTA_SET_ELEM_KEY)
			err = take_key(attr, &bound, walk->key_bytes);
		else if (type == NFTA_SET_ELEM_FLAGS)
			bound.is_end = ntohl(mnl_attr_get_u32(attr)) & NFT_SET_ELEM_INTERVAL_END;
	}
	if (err)
		return err;
	/* the end of nothing, which some writers put in front of all intervals */
	if (bound.is_end && !memcmp(bound.key, zero, sizeof zero))
		return 0;
	if (walk->count == walk->room)
		return DIFFERS;
	walk->at[walk->count++] = bound;
	return 0;
}

static int take_elements(const struct nlmsghdr *message, void *arg)
{
	const struct nlattr *attr;
	const struct nlattr *element;
	int err = 0;

	mnl_attr_for_each (attr, message, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested (element, attr) {
			err = take_element(element, arg);
			if (err)
				return err;
		}
	}
	return 0;
}

static bool is_same_list(struct sets_bound *a, struct sets_bound *b, size_t count)
{
	size_t i;

	qsort(a, count, sizeof *a, sets_compare);
	qsort(b, count, sizeof *b, sets_compare);
	for (i = 0; i < count; i++)
		if (sets_compare(&a[i], &b[i]) != 0)
			return false;
	return true;
}

static int compare_elements(struct netlink *nl, const struct plan_table *table,
			    const struct plan_set *set)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = readback_request(buf, NFT_MSG_GETSETELEM);
	struct element_walk walk = { .key_bytes = plan_set_key_bytes(set->kind) };
	struct sets_bound *expected = sets_bounds(set, &walk.room);
	int err = -ENOMEM;

	if (!expected)
		return -ENOMEM;
	walk.at = calloc(walk.room ? walk.room : 1, sizeof *walk.at);
	if (!walk.at)
		goto out;
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_TABLE, table->name);
	mnl_attr_put_strz(request, NFTA_SET_ELEM_LIST_SET, set->name);
	err = netlink_dump(nl, request, take_elements, &walk);
	if (!err && (walk.count != walk.room || !is_same_list(walk.at, expected, walk.count)))
		err = DIFFERS;
out:
	free(walk.at);
	free(expected);
	return err;
}

int readback_sets(struct netlink *nl, const struct plan_table *table, size_t most,
		  struct fault *difference)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct set_walk walk = { .table = table, .difference = difference };
	bool is_huge;
	size_t i;
	int err = netlink_dump(nl, readback_request(buf, NFT_MSG_GETSET), take_set, &walk);

	if (err)
		return err;
	if (walk.count != table->set_count) {
		(void)fault_set(difference, 0, "table inet %s lacks a set", table->name);
		return DIFFERS;
	}
	for (i = 0; i < table->set_count; i++) {
		if (table->sets[i].is_live || table->sets[i].count > most)
			continue;
		is_huge = table->sets[i].count > READBACK_HUGE_SET;
		err = is_huge ? DIFFERS : compare_elements(nl, table, &table->sets[i]);
		if (err == DIFFERS)
			(void)fault_set(difference, 0, "set %s of table %s %s", table->sets[i].name,
					table->name,
					is_huge ? "is too long to be read back"
						: "has other elements");
		if (err)
			return err;
	}
	return 0;
}
