#ifndef SHUNT_CARRY_UDP_TABLE_H
#define SHUNT_CARRY_UDP_TABLE_H

#include "base/addr.h"
#include "base/siphash.h"

/* A hash table of objects that are found by one or two endpoints. It owns none of them: nodes are
 * embedded, and are found again with container_of(). */
struct udp_node {
	struct udp_node *next;
	uint64_t hash;
};

struct udp_table {
	struct siphash_key key; /* with it strangers cannot choose what falls together */
	struct udp_node **buckets;
	uint32_t bucket_count; /* a power of two */
	uint32_t count;
};

/* 0 or -ENOMEM. Undone by udp_table_done(); nodes that are still in it are forgotten. */
int udp_table_init(struct udp_table *t, const struct siphash_key *key);
void udp_table_done(struct udp_table *t);

/* The hash of these endpoints in this table. b: NULL when there is only one. */
uint64_t udp_table_hash(const struct udp_table *t, const struct addr *a, const struct addr *b);

/* Put a node in. It never fails: without memory for more buckets their chains grow longer. */
void udp_table_insert(struct udp_table *t, struct udp_node *node, uint64_t hash);

/* Take a node out that is in it. */
void udp_table_remove(struct udp_table *t, struct udp_node *node);

/* The first node with that hash, and the next behind one; NULL: none. What is the same is the caller's
 * to see. */
struct udp_node *udp_table_first(const struct udp_table *t, uint64_t hash);
struct udp_node *udp_table_next(const struct udp_node *node);

#endif
