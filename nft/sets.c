/* Sets and their elements as netlink messages. Elements are written without libnftnl's objects: a
 * hundred thousand prefixes would make as many of them. */
#include "nft/sets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>

#include "nft/intervals.h"
#include "nft/plan_build.h"

enum {
	ELEMENTS_PER_MESSAGE = 1000, /* some 50 bytes each: one attribute holds 64 KiB */
};

/* How nft(8) calls the type of the keys; the kernel only keeps the number for it. */
static uint32_t key_type(enum plan_set_kind kind)
{
	static const uint32_t types[] = {
		[PLAN_FAMILIES] = 2,
		[PLAN_PROTOCOLS] = 12,
		[PLAN_ROUTE_TYPES] = 38,
		[PLAN_DEVICES] = 41,
		[PLAN_PORTS] = 13,
		[PLAN_V4] = 7,
		[PLAN_V6] = 8,
		[PLAN_HOSTS4] = 7,
		[PLAN_HOSTS6] = 8,
		/* six bits for each part */
		[PLAN_FLOWS4] = ((7 << 6 | 13) << 6 | 7) << 6 | 13,
		[PLAN_FLOWS6] = ((8 << 6 | 13) << 6 | 8) << 6 | 13,
		[PLAN_PLACES4] = 7 << 6 | 13,
		[PLAN_PLACES6] = 8 << 6 | 13,
	};

	return types[kind];
}

/* nft(8) lists keys rightly only when it is told in which order their bytes are. */
static bool tell_byte_order(struct nftnl_set *s, enum plan_set_kind kind)
{
	bool is_host_order = kind == PLAN_ROUTE_TYPES || kind == PLAN_DEVICES;
	struct nftnl_udata_buf *notes = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	bool is_good;

	if (!notes)
		return false;
	is_good = nftnl_udata_put_u32(notes, NFTNL_UDATA_SET_KEYBYTEORDER, is_host_order ? 1 : 2) &&
		  nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(notes),
				     nftnl_udata_buf_len(notes)) >= 0;
	nftnl_udata_buf_free(notes);
	return is_good;
}

struct nftnl_set *sets_make(const struct plan_table *table, const struct plan_set *set, uint32_t id)
{
	struct nftnl_set *s = nftnl_set_alloc();
	uint32_t flags = plan_set_is_flows(set->kind)      ? NFT_SET_EVAL
			 : plan_set_is_places(set->kind)   ? NFT_SET_EVAL | NFT_SET_TIMEOUT
			 : set->is_live                    ? NFT_SET_TIMEOUT
			 : plan_set_is_interval(set->kind) ? NFT_SET_INTERVAL
							   : 0;

	if (!s)
		return NULL;
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_INET);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, flags);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, key_type(set->kind));
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, (uint32_t)plan_set_key_bytes(set->kind));
	if (plan_set_is_flows(set->kind))
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, PLAN_MOST_FLOWS);
	if (plan_set_is_places(set->kind)) {
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, PLAN_MOST_PLACES);
		nftnl_set_set_u64(s, NFTNL_SET_TIMEOUT, PLAN_PLACE_S * UINT64_C(1000));
	}
	if (nftnl_set_set_str(s, NFTNL_SET_TABLE, table->name) < 0 ||
	    nftnl_set_set_str(s, NFTNL_SET_NAME, set->name) < 0 || !tell_byte_order(s, set->kind)) {
		nftnl_set_free(s);
		return NULL;
	}
	return s;
}

static struct nlmsghdr *begin(struct batch *batch, uint16_t type, const struct plan_table *table,
			      const char *set)
{
	uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
	struct nlmsghdr *message =
		batch_begin(batch, type, flags, "elements of set %s of table %s", set, table->name);

	if (!message)
		return NULL;
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table->name);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set);
	return message;
}

static void put_element(struct nlmsghdr *message, const struct sets_bound *bound, size_t size,
			struct sets_life life)
{
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *key = mnl_attr_nest_start(message, NFTA_SET_ELEM_KEY);

	mnl_attr_put(message, NFTA_DATA_VALUE, size, bound->key);
	mnl_attr_nest_end(message, key);
	if (bound->is_end)
		mnl_attr_put_u32(message, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
	if (life.whole_ms) {
		mnl_attr_put_u64(message, NFTA_SET_ELEM_TIMEOUT, htobe64(life.whole_ms));
		mnl_attr_put_u64(message, NFTA_SET_ELEM_EXPIRATION, htobe64(life.left_ms));
	}
	mnl_attr_nest_end(message, element);
}

/* Elements of one message, NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM. */
struct chunk {
	uint16_t type;
	const struct sets_bound *bounds;
	size_t count;
	size_t key_bytes;
	struct sets_life life;
};

static int put_chunk(struct batch *batch, const struct plan_table *table, const char *set,
		     const struct chunk *chunk)
{
	struct nlmsghdr *message = begin(batch, chunk->type, table, set);
	struct nlattr *list;
	size_t i;

	if (!message)
		return -ENOMEM;
	list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (i = 0; i < chunk->count; i++)
		put_element(message, &chunk->bounds[i], chunk->key_bytes, chunk->life);
	mnl_attr_nest_end(message, list);
	batch_end(batch);
	return 0;
}

int sets_compare(const void *a, const void *b)
{
	const struct sets_bound *x = a;
	const struct sets_bound *y = b;
	int order = memcmp(x->key, y->key, sizeof x->key);

	return order ? order : (int)x->is_end - (int)y->is_end;
}

struct sets_bound *sets_bounds(const struct plan_set *set, size_t *count)
{
	struct sets_bound *bounds = calloc(set->count ? set->count * 2 : 1, sizeof *bounds);
	size_t size = plan_set_key_bytes(set->kind);
	size_t n = 0;
	size_t i;

	if (!bounds)
		return NULL;
	for (i = 0; i < set->count; i++) {
		memcpy(bounds[n++].key, set->at[i].first, size);
		if (!plan_set_is_interval(set->kind))
			continue;
		memcpy(bounds[n].key, set->at[i].last, size);
		/* the last interval may reach to the end of all keys: it has no end then */
		if (intervals_next(bounds[n].key, size))
			bounds[n++].is_end = true;
	}
	*count = n;
	return bounds;
}

static int put_bounds(struct batch *batch, const struct plan_table *table,
		      const struct plan_set *set, uint16_t type, const struct sets_bound *bounds,
		      size_t count)
{
	struct chunk chunk = { .type = type, .key_bytes = plan_set_key_bytes(set->kind) };
	size_t at;
	int err = 0;

	for (at = 0; !err && at < count; at += chunk.count) {
		chunk.bounds = bounds + at;
		chunk.count = count - at < ELEMENTS_PER_MESSAGE ? count - at : ELEMENTS_PER_MESSAGE;
		err = put_chunk(batch, table, set->name, &chunk);
	}
	return err;
}

int sets_put_elements(struct batch *batch, const struct plan_table *table,
		      const struct plan_set *set)
{
	size_t count;
	struct sets_bound *bounds = sets_bounds(set, &count);
	int err = -ENOMEM;

	if (bounds)
		err = put_bounds(batch, table, set, NFT_MSG_NEWSETELEM, bounds, count);
	free(bounds);
	return err;
}

/* Append to `out` what is in a and not in b, both sorted; how many these are. */
static size_t subtract(struct sets_bound *out, const struct sets_bound *a, size_t a_count,
		       const struct sets_bound *b, size_t b_count)
{
	size_t count = 0;
	size_t i;
	size_t j = 0;

	for (i = 0; i < a_count; i++) {
		while (j < b_count && sets_compare(&b[j], &a[i]) < 0)
			j++;
		if (j == b_count || sets_compare(&b[j], &a[i]) != 0)
			out[count++] = a[i];
	}
	return count;
}

int sets_put_difference(struct batch *batch, const struct plan_table *table,
			const struct plan_set *from, const struct plan_set *to)
{
	size_t old_count = 0;
	size_t new_count = 0;
	struct sets_bound *old = sets_bounds(from, &old_count);
	struct sets_bound *new = sets_bounds(to, &new_count);
	struct sets_bound *differ = calloc(old_count + new_count + 1, sizeof *differ);
	int err = old && new &&differ ? 0 : -ENOMEM;

	if (!err)
		err = put_bounds(batch, table, to, NFT_MSG_DELSETELEM, differ,
				 subtract(differ, old, old_count, new, new_count));
	if (!err)
		err = put_bounds(batch, table, to, NFT_MSG_NEWSETELEM, differ,
				 subtract(differ, new, new_count, old, old_count));
	free(old);
	free(new);
	free(differ);
	return err;
}

int sets_put_families(struct batch *batch, const struct plan_table *table, const char *set,
		      const uint8_t *families, size_t count, struct sets_life life)
{
	struct sets_bound bounds[2] = { 0 };
	const struct chunk chunk = { .type = NFT_MSG_NEWSETELEM,
				     .bounds = bounds,
				     .count = count,
				     .key_bytes = 1,
				     .life = life };
	size_t i;

	if (count > 2)
		return -EINVAL;
	for (i = 0; i < count; i++)
		bounds[i].key[0] = families[i];
	return put_chunk(batch, table, set, &chunk);
}

int sets_flush(struct batch *batch, const struct plan_table *table, const char *set)
{
	struct nlmsghdr *message = begin(batch, NFT_MSG_DELSETELEM, table, set);

	if (!message)
		return -ENOMEM;
	batch_end(batch);
	return 0;
}
