/* Names and the numbers of their counters. */
#include "flow/ledger.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS = 1024,
	FIRST_ROOM = 64,
	NONE = 0, /* as an offset: a book without that counter; flows_active is no name's */
};

struct entry {
	char *name;
	uint64_t used; /* the last configuration that asked for it */
	uint32_t next; /* in its bucket: index + 1 */
	struct ledger_base base;
};

struct book {
	struct entry *at;
	uint32_t count;
	uint32_t room;
	uint32_t hand; /* where the search for one out of use goes on */
	uint32_t buckets[BUCKETS];
};

struct ledger {
	struct book books[LEDGER_BOOKS];
};

/* Where the counters of a book stand. */
static const struct {
	uint32_t most;
	size_t active, total, failed, yes, no;
} book_table[LEDGER_BOOKS] = {
	[LEDGER_DIVERTS] = { COUNTERS_DIVERTS, offsetof(struct counters, divert_active),
			     offsetof(struct counters, divert_total), NONE, NONE, NONE },
	[LEDGER_ROUTES] = { COUNTERS_ROUTES, NONE, offsetof(struct counters, route_total), NONE,
			    NONE, NONE },
	[LEDGER_SERVERS] = { COUNTERS_SERVERS, offsetof(struct counters, server_active),
			     offsetof(struct counters, server_total),
			     offsetof(struct counters, server_failed), NONE, NONE },
	[LEDGER_PROBES] = { COUNTERS_PROBES, NONE, offsetof(struct counters, probe_asked),
			    offsetof(struct counters, probe_failed),
			    offsetof(struct counters, probe_yes),
			    offsetof(struct counters, probe_no) },
};

int ledger_new(struct ledger **out)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (!l)
		return -ENOMEM;
	*out = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (int b = 0; b < LEDGER_BOOKS; b++) {
		for (uint32_t i = 0; i < l->books[b].count; i++)
			free(l->books[b].at[i].name);
		free(l->books[b].at);
	}
	free(l);
}

/* FNV-1a. */
static uint32_t bucket_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash % BUCKETS;
}

static struct entry *find(const struct book *b, const char *name)
{
	uint32_t i = b->buckets[bucket_of(name)];

	while (i && strcmp(b->at[i - 1].name, name) != 0)
		i = b->at[i - 1].next;
	return i ? &b->at[i - 1] : NULL;
}

static void link_entry(struct book *b, uint32_t index)
{
	uint32_t *bucket = &b->buckets[bucket_of(b->at[index].name)];

	b->at[index].next = *bucket;
	*bucket = index + 1;
}

static void unlink_entry(struct book *b, uint32_t index)
{
	uint32_t *place = &b->buckets[bucket_of(b->at[index].name)];

	while (*place != index + 1)
		place = &b->at[*place - 1].next;
	*place = b->at[index].next;
}

static uint64_t sum(const struct ledger_reader *reader, size_t offset, uint32_t index)
{
	return offset == NONE ? 0 : reader->sum(reader->arg, offset + index * sizeof(uint64_t));
}

/* A number never given before; -ENOSPC when there is none. */
static int fresh(struct book *b, uint32_t most)
{
	uint32_t room = b->room ? 2 * b->room : FIRST_ROOM;
	struct entry *at;

	if (b->count == most)
		return -ENOSPC;
	if (b->count == b->room) {
		at = reallocarray(b->at, room, sizeof *at);
		if (!at)
			return -ENOMEM;
		b->at = at;
		b->room = room;
	}
	b->at[b->count] = (struct entry){ .name = NULL };
	return (int)b->count++;
}

/* A number that no configuration of now uses, nor any flow. They are taken in turn, so that one is
 * out of use for long before it is given again. */
static int out_of_use(struct book *b, enum ledger_book book, uint64_t now,
		      const struct ledger_reader *reader)
{
	for (uint32_t tried = 0; tried < b->count; tried++) {
		uint32_t i = b->hand++ % b->count;
		struct entry *e = &b->at[i];

		if (e->used >= now || sum(reader, book_table[book].active, i))
			continue;
		e->base.total = sum(reader, book_table[book].total, i);
		e->base.failed = sum(reader, book_table[book].failed, i);
		e->base.yes = sum(reader, book_table[book].yes, i);
		e->base.no = sum(reader, book_table[book].no, i);
		return (int)i;
	}
	return -ENOSPC;
}

int ledger_number(struct ledger *l, enum ledger_book book, const char *name, uint64_t now,
		  uint64_t next, const struct ledger_reader *reader)
{
	struct book *b = &l->books[book];
	struct entry *e = find(b, name);
	char *copy;
	int i;

	if (e) {
		e->used = next;
		return (int)(e - b->at);
	}
	copy = strdup(name);
	i = copy ? fresh(b, book_table[book].most) : -ENOMEM;
	if (i == -ENOSPC)
		i = out_of_use(b, book, now, reader);
	if (i < 0) {
		free(copy);
		return i;
	}
	e = &b->at[i];
	if (e->name)
		unlink_entry(b, (uint32_t)i);
	free(e->name);
	e->name = copy;
	e->used = next;
	link_entry(b, (uint32_t)i);
	return i;
}

int ledger_find(const struct ledger *l, enum ledger_book book, const char *name)
{
	const struct entry *e = find(&l->books[book], name);

	return e ? (int)(e - l->books[book].at) : -ENOENT;
}

struct ledger_base ledger_base(const struct ledger *l, enum ledger_book book, unsigned number)
{
	const struct book *b = &l->books[book];

	return number < b->count ? b->at[number].base : (struct ledger_base){ 0 };
}
