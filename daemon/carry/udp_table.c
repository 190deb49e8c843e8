/* Who is found by addresses: flows by their two ends, reply sockets by their own. */
#include "carry/udp_table.h"

#include <errno.h>
#include <stdlib.h>

enum {
	FIRST_BUCKETS = 256,
	MOST_BUCKETS = 1 << 20,
	ENDPOINT_BYTES = 24, /* of which 4 are the scope, and 4 port and family */
};

int udp_table_init(struct udp_table *t, const struct siphash_key *key)
{
	struct udp_node **buckets = calloc(FIRST_BUCKETS, sizeof(struct udp_node *));

	if (!buckets)
		return -ENOMEM;
	*t = (struct udp_table){ .key = *key, .buckets = buckets, .bucket_count = FIRST_BUCKETS };
	return 0;
}

void udp_table_done(struct udp_table *t)
{
	free(t->buckets);
	*t = (struct udp_table){ 0 };
}

static void put_endpoint(uint8_t *at, const struct addr *a)
{
	memcpy(at, a->bytes, sizeof a->bytes);
	at += sizeof a->bytes;
	memcpy(at, &a->scope, sizeof a->scope);
	at += sizeof a->scope;
	memcpy(at, &a->port, sizeof a->port);
	at += sizeof a->port;
	memcpy(at, &a->family, sizeof a->family);
}

uint64_t udp_table_hash(const struct udp_table *t, const struct addr *a, const struct addr *b)
{
	uint8_t ends[2 * ENDPOINT_BYTES];

	put_endpoint(ends, a);
	if (b)
		put_endpoint(ends + ENDPOINT_BYTES, b);
	return siphash(&t->key, span_of(ends, b ? 2 * ENDPOINT_BYTES : ENDPOINT_BYTES));
}

static struct udp_node **bucket_of(struct udp_node **buckets, uint32_t count, uint64_t hash)
{
	return &buckets[hash & (count - 1)];
}

/* Twice as many, once they hold one each. */
static void grow(struct udp_table *t)
{
	uint32_t count = 2 * t->bucket_count;
	struct udp_node **buckets =
		count > MOST_BUCKETS ? NULL : calloc(count, sizeof(struct udp_node *));
	struct udp_node **bucket;
	struct udp_node *node;
	struct udp_node *next;

	if (!buckets)
		return;
	for (uint32_t i = 0; i < t->bucket_count; i++) {
		for (node = t->buckets[i]; node; node = next) {
			next = node->next;
			bucket = bucket_of(buckets, count, node->hash);
			node->next = *bucket;
			*bucket = node;
		}
	}
	free(t->buckets);
	t->buckets = buckets;
	t->bucket_count = count;
}

void udp_table_insert(struct udp_table *t, struct udp_node *node, uint64_t hash)
{
	struct udp_node **bucket;

	if (t->count >= t->bucket_count)
		grow(t);
	bucket = bucket_of(t->buckets, t->bucket_count, hash);
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	t->count++;
}

void udp_table_remove(struct udp_table *t, struct udp_node *node)
{
	struct udp_node **at = bucket_of(t->buckets, t->bucket_count, node->hash);

	while (*at && *at != node)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = node->next;
	node->next = NULL;
	t->count--;
}

static struct udp_node *same_hash(struct udp_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct udp_node *udp_table_first(const struct udp_table *t, uint64_t hash)
{
	return same_hash(*bucket_of(t->buckets, t->bucket_count, hash), hash);
}

struct udp_node *udp_table_next(const struct udp_node *node)
{
	return same_hash(node->next, node->hash);
}
