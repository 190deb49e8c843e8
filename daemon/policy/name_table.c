/* A hash of host names, open addressing, hashed backwards (FNV-1a). */
#include "policy/name_table.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_BEGIN UINT32_C(0x811c9dc5)

enum {
	NAME_MOST = 253, /* RFC 1035 2.3.4 */
};

static uint32_t hash_step(uint32_t hash, uint8_t byte)
{
	return (hash ^ byte) * UINT32_C(16777619);
}

static uint32_t hash_back(struct span name)
{
	uint32_t hash = HASH_BEGIN;

	for (size_t i = name.size; i > 0; i--)
		hash = hash_step(hash, name.data[i - 1]);
	return hash;
}

/* The hash of "*." and a name, from that of the name. */
static uint32_t hash_wild(uint32_t hash)
{
	return hash_step(hash_step(hash, '.'), '*');
}

int name_table_init(struct name_table *t, size_t most)
{
	size_t slot_count = 16;

	while (slot_count < 2 * most)
		slot_count *= 2;
	*t = (struct name_table){ .slot_count = slot_count };
	t->entries = calloc(most + 1, sizeof *t->entries);
	t->slots = calloc(slot_count, sizeof *t->slots);
	if (t->entries && t->slots)
		return 0;
	name_table_done(t);
	return -ENOMEM;
}

void name_table_done(struct name_table *t)
{
	free(t->entries);
	free(t->slots);
	*t = (struct name_table){ 0 };
}

/* Is this entry the name, or "*." and the name? */
static bool is_entry_of(const struct name_entry *e, struct span name, bool is_wild)
{
	size_t front = is_wild ? 2 : 0;

	return e->size == name.size + front && (e->name[0] == '*') == is_wild &&
	       memcmp(e->name + front, name.data, name.size) == 0;
}

/* The slot of a name, or the empty one where it would be. There is always an empty one. */
static uint32_t *find_slot(const struct name_table *t, uint32_t hash, struct span name,
			   bool is_wild)
{
	size_t i = hash & (t->slot_count - 1);

	while (t->slots[i]) {
		const struct name_entry *e = &t->entries[t->slots[i] - 1];

		if (e->hash == hash && is_entry_of(e, name, is_wild))
			break;
		i = (i + 1) & (t->slot_count - 1);
	}
	return &t->slots[i];
}

static const struct name_entry *entry_at(const struct name_table *t, uint32_t number)
{
	return number ? &t->entries[number - 1] : NULL;
}

bool name_table_add(struct name_table *t, const char *name, unsigned route)
{
	bool is_wild = name[0] == '*';
	struct span plain = span_text(is_wild ? name + 2 : name);
	uint32_t hash = is_wild ? hash_wild(hash_back(plain)) : hash_back(plain);
	uint32_t *slot = find_slot(t, hash, plain, is_wild);

	if (*slot && t->entries[*slot - 1].route == route)
		return false;
	t->has_wild |= is_wild;
	t->entries[t->count] = (struct name_entry){
		.name = name,
		.hash = hash,
		.next = *slot,
		.size = (uint16_t)strlen(name),
		.route = (uint16_t)route,
	};
	*slot = (uint32_t)++t->count;
	return true;
}

const struct name_entry *name_table_find(const struct name_table *t, struct span name)
{
	return entry_at(t, *find_slot(t, hash_back(name), name, false));
}

const struct name_entry *name_table_find_wild(const struct name_table *t, struct span behind)
{
	return entry_at(t, *find_slot(t, hash_wild(hash_back(behind)), behind, true));
}

const struct name_entry *name_table_next(const struct name_table *t, const struct name_entry *e)
{
	return entry_at(t, e->next);
}

void name_walk_begin(struct name_walk *walk, const struct name_table *t, struct span name)
{
	uint32_t hash = HASH_BEGIN;

	walk->table = t;
	walk->name = name;
	walk->left = 0;
	if (!t->has_wild || name.size > NAME_MOST)
		return;
	/* a wildcard stands for one byte at least, so a dot in front is none of its own */
	for (size_t i = name.size; i > 1 && walk->left < NAME_WALK_DOTS; i--) {
		uint8_t byte = name.data[i - 1];

		if (byte == '.') {
			walk->hashes[walk->left] = hash_wild(hash);
			walk->starts[walk->left++] = (uint8_t)i;
		}
		hash = hash_step(hash, byte);
	}
}

const struct name_entry *name_walk_next(struct name_walk *walk)
{
	const struct name_table *t = walk->table;

	while (walk->left > 0) {
		size_t i = --walk->left;
		struct span behind = span_of(walk->name.data + walk->starts[i],
					     walk->name.size - walk->starts[i]);
		const struct name_entry *e =
			entry_at(t, *find_slot(t, walk->hashes[i], behind, true));

		if (e)
			return e;
	}
	return NULL;
}
