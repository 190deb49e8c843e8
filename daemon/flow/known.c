/* The table of identifiers that all carriers share. */
#include "flow/known.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/question.h"

enum {
	MEMORY_PART = 128,
	CLOCKS_DIFFER_MS = 10 * 1000,
	SUM_AT = KNOWN_WORDS - 1, /* the last word */
	KEY_WORDS = 4,            /* the first ones: identifier and divert */
};

/* What the words of an entry mean: read and written as a whole. */
struct record {
	struct flow_id id;
	uint8_t unused;
	uint64_t divert; /* 0 of FLOW_ID_ENDS */
	uint64_t said_ms;
	struct known known;
	uint64_t sum; /* of all in front of it */
};

_Static_assert(sizeof(struct record) == KNOWN_WORDS * sizeof(uint64_t), "no hole, no rest");
_Static_assert(offsetof(struct record, said_ms) == KEY_WORDS * sizeof(uint64_t),
	       "the key is first");

union words {
	struct record record;
	uint64_t words[KNOWN_WORDS];
};

/* --- the file --- */

uint64_t known_size(uint64_t memory_bytes)
{
	uint64_t entries = KNOWN_LEAST;

	while (entries < KNOWN_MOST &&
	       2 * entries * sizeof(struct known_entry) <= memory_bytes / MEMORY_PART)
		entries *= 2;
	return entries;
}

static size_t bytes_of(uint64_t entries)
{
	return sizeof(struct known_file) + entries * sizeof(struct known_entry);
}

int known_make(int file, uint64_t entries, const struct siphash_key *key)
{
	const struct known_file head = { .form = KNOWN_FORM, .entry_count = entries, .key = *key };

	if (ftruncate(file, 0) < 0 || ftruncate(file, (off_t)bytes_of(entries)) < 0)
		return -errno;
	errno = ENOSPC; /* unless it says another reason */
	return pwrite(file, &head, sizeof head, 0) == sizeof head ? 0 : -errno;
}

int known_new(int *file, uint64_t entries, const struct siphash_key *key)
{
	int fd = memfd_create("shunt-known", MFD_CLOEXEC);
	int err = fd < 0 ? -errno : known_make(fd, entries, key);

	if (!err)
		*file = fd;
	else if (fd >= 0)
		(void)close(fd); /* nobody has it yet */
	return err;
}

/* A file that is too short would be a SIGBUS at the first look. */
static bool read_head(int file, struct known_file *head)
{
	struct stat is;

	return fstat(file, &is) == 0 && pread(file, head, sizeof *head, 0) == sizeof *head &&
	       head->form == KNOWN_FORM && head->entry_count >= KNOWN_LEAST &&
	       head->entry_count <= KNOWN_MOST &&
	       (head->entry_count & (head->entry_count - 1)) == 0 &&
	       is.st_size == (off_t)bytes_of(head->entry_count);
}

bool known_is_whole(int file, uint64_t entries)
{
	struct known_file head;

	return read_head(file, &head) && head.entry_count == entries;
}

int known_map(struct known_table *t, int file)
{
	struct known_table found = { 0 };
	struct known_file head;

	if (!read_head(file, &head))
		return -EINVAL;
	found.file =
		mmap(NULL, bytes_of(head.entry_count), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (found.file == MAP_FAILED)
		return -errno;
	found.mask = head.entry_count - 1;
	found.key = head.key;
	*t = found;
	return 0;
}

void known_unmap(struct known_table *t)
{
	if (t->file)
		(void)munmap(t->file,
			     bytes_of(t->mask + 1)); /* cannot fail: it is a whole mapping */
	t->file = NULL;
}

/* --- entries --- */

static uint64_t sum_of(const struct known_table *t, const union words *w)
{
	return siphash(&t->key, span_of(w->words, SUM_AT * sizeof *w->words));
}

static void load(const struct known_entry *entry, union words *out)
{
	for (size_t i = 0; i < KNOWN_WORDS; i++)
		out->words[i] = atomic_load_explicit(&entry->words[i], memory_order_relaxed);
}

static void store(struct known_entry *entry, const union words *w)
{
	for (size_t i = 0; i < KNOWN_WORDS; i++)
		atomic_store_explicit(&entry->words[i], w->words[i], memory_order_relaxed);
}

/* The first of the places of that key. */
static struct known_entry *places(const struct known_table *t, const union words *key)
{
	uint64_t hash = siphash(&t->key, span_of(key->words, KEY_WORDS * sizeof *key->words));

	return &t->file->entries[hash & t->mask & ~(uint64_t)(KNOWN_WAYS - 1)];
}

static bool has_key(const struct known_entry *entry, const union words *key)
{
	for (size_t i = 0; i < KEY_WORDS; i++)
		if (atomic_load_explicit(&entry->words[i], memory_order_relaxed) != key->words[i])
			return false;
	return true;
}

static uint64_t most_ms(const struct record *r)
{
	bool is_quic = r->known.ids == FLOW_ID_QUIC;

	if (r->id.kind == FLOW_ID_ENDS)
		return 1000u * (is_quic ? KNOWN_QUIC_ENDS_S : KNOWN_WIREGUARD_ENDS_S);
	return 1000u * (is_quic ? KNOWN_QUIC_S : KNOWN_WIREGUARD_S);
}

/* Does it mean anything now? Nothing was said in the future, but for what clocks that are read once
 * a turn differ by: such a file is of another boot. */
static bool is_good(const struct known_table *t, const union words *w, uint64_t now_ms)
{
	uint64_t said_ms = w->record.said_ms;

	return w->record.sum == sum_of(t, w) && said_ms <= now_ms + CLOCKS_DIFFER_MS &&
	       said_ms + most_ms(&w->record) > now_ms;
}

/* Can a sniffer be asked about it? A carrier that strangers took over has the key of all sums, and must
 * not make others ask what their sniffers end at. */
static bool is_sane(const struct known *k)
{
	return (k->ids == FLOW_ID_QUIC || k->ids == FLOW_ID_WIREGUARD) &&
	       answer_is_text(k->name, sizeof k->name, false);
}

/* --- reading and writing --- */

uint64_t known_text(const struct known_table *t, const char *text)
{
	return siphash(&t->key, span_text(text)) | 1; /* never 0: that is no divert */
}

struct flow_id known_ends(const struct known_table *t, const struct addr *client,
			  const struct addr *to)
{
	struct {
		struct addr client;
		struct addr to;
		uint64_t half;
	} ends = { *client, *to, 0 };
	struct flow_id id = { .kind = FLOW_ID_ENDS, .size = 2 * sizeof(uint64_t) };

	for (size_t i = 0; i < 2; i++) {
		uint64_t hash;

		ends.half = i;
		hash = siphash(&t->key, span_of((const uint8_t *)&ends, sizeof ends));
		memcpy(id.bytes + i * sizeof hash, &hash, sizeof hash);
	}
	return id;
}

/* The place of that key, or the one that is to be given up for it. */
static struct known_entry *place_for(const struct known_table *t, const union words *w,
				     uint64_t now_ms)
{
	struct known_entry *first = places(t, w);
	struct known_entry *chosen = first;
	uint64_t oldest = UINT64_MAX;

	for (size_t i = 0; i < KNOWN_WAYS; i++) {
		union words there;
		uint64_t age;

		if (has_key(&first[i], w))
			return &first[i];
		load(&first[i], &there);
		age = is_good(t, &there, now_ms) ? there.record.said_ms : 0;
		if (age < oldest) {
			oldest = age;
			chosen = &first[i];
		}
	}
	return chosen;
}

void known_put(struct known_table *t, const struct flow_id *id, const struct known *known,
	       uint64_t now_ms)
{
	union words w;

	if (!t->file || !id->size)
		return;
	memset(&w, 0, sizeof w);
	w.record.id = *id;
	w.record.divert = id->kind == FLOW_ID_ENDS ? 0 : known->divert;
	w.record.said_ms = now_ms;
	w.record.known = *known;
	w.record.sum = sum_of(t, &w);
	if (id->kind == FLOW_ID_QUIC)
		(void)atomic_fetch_or(&t->file->quic_sizes, 1u << id->size);
	store(place_for(t, &w, now_ms), &w);
}

static bool find_one(const struct known_table *t, const struct flow_id *id, uint64_t divert,
		     uint64_t now_ms, struct known *out)
{
	const struct known_entry *first;
	union words key;
	union words w;

	memset(&key, 0, sizeof key);
	key.record.id = *id;
	key.record.divert = divert;
	first = places(t, &key);
	for (size_t i = 0; i < KNOWN_WAYS; i++) {
		if (!has_key(&first[i], &key))
			continue;
		load(&first[i], &w);
		if (memcmp(w.words, key.words, KEY_WORDS * sizeof *w.words) == 0 &&
		    is_good(t, &w, now_ms) && is_sane(&w.record.known)) {
			*out = w.record.known;
			return true;
		}
	}
	return false;
}

bool known_find(const struct known_table *t, const struct flow_id *id, uint64_t divert,
		uint64_t now_ms, struct known *out)
{
	struct flow_id part = *id;
	uint32_t sizes;

	if (!t->file || !id->size || id->size > FLOW_ID_MOST_BYTES)
		return false;
	if (!id->is_open)
		return find_one(t, id, divert, now_ms, out);
	part.is_open = 0;
	sizes = atomic_load_explicit(&t->file->quic_sizes, memory_order_relaxed);
	for (; part.size >= FLOW_ID_LEAST_BYTES; part.bytes[--part.size] = 0) {
		if (sizes >> part.size & 1 && find_one(t, &part, divert, now_ms, out))
			return true;
	}
	return false;
}
