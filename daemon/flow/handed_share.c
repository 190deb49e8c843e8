/* What the keeper and all carriers know together of flows that were handed over. */
#include "flow/handed_share.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map(struct handed_share **out, int file)
{
	void *mapped = mmap(NULL, sizeof **out, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*out = mapped;
	return 0;
}

int handed_share_new(struct handed_share **out, int *file, uint64_t seed)
{
	struct handed_share *s = NULL;
	int fd = memfd_create("shunt-handed", MFD_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = ftruncate(fd, sizeof *s) < 0 ? -errno : map(&s, fd);
	if (!err && madvise(s, sizeof *s, MADV_DONTFORK) < 0)
		err = -errno;
	if (err || !s) {
		handed_share_unmap(s);
		(void)close(fd); /* nothing was written that could be lost */
		return err;
	}
	s->seed = seed;
	*out = s;
	*file = fd;
	return 0;
}

int handed_share_map(struct handed_share **out, int file)
{
	struct stat found;

	/* a file that is too short would be a SIGBUS at the first look */
	if (fstat(file, &found) < 0)
		return -errno;
	return found.st_size < (off_t)sizeof **out ? -EINVAL : map(out, file);
}

void handed_share_unmap(struct handed_share *s)
{
	if (s)
		(void)munmap(s, sizeof *s); /* cannot fail: it is a whole mapping */
}

/* --- places --- */

static uint64_t mixed(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_end(uint64_t hash, const struct addr *a)
{
	uint64_t words[2];

	memcpy(words, a->bytes, sizeof words);
	return mixed(mixed(mixed(hash, words[0]), words[1]), (uint64_t)a->family << 16 | a->port);
}

static size_t slot_of(const struct handed_share *s, const struct addr *client,
		      const struct addr *server)
{
	return mixed(hash_end(hash_end(s->seed, client), server), s->seed) >> 32 &
	       (HANDED_SHARE_SLOTS - 1);
}

uint64_t handed_share_hash(const struct handed_share *s, const struct addr *end, const char *text)
{
	uint64_t hash = hash_end(s->seed, end);

	for (; text && *text; text++)
		hash = mixed(hash, (uint8_t)*text);
	return mixed(hash, s->seed) >> 32;
}

void handed_share_hold(struct handed_share *s, const struct addr *client, const struct addr *server)
{
	_Atomic uint8_t *slot = &s->held[slot_of(s, client, server)];
	uint8_t now = atomic_load(slot);

	while (now < HANDED_SHARE_MANY &&
	       !atomic_compare_exchange_weak(slot, &now, (uint8_t)(now + 1)))
		;
}

void handed_share_release(struct handed_share *s, const struct addr *client,
			  const struct addr *server)
{
	_Atomic uint8_t *slot = &s->held[slot_of(s, client, server)];
	uint8_t now = atomic_load(slot);

	while (now > 0 && now < HANDED_SHARE_MANY &&
	       !atomic_compare_exchange_weak(slot, &now, (uint8_t)(now - 1)))
		;
}

bool handed_share_may_hold(const struct handed_share *s, const struct addr *client,
			   const struct addr *server)
{
	return atomic_load(&s->held[slot_of(s, client, server)]) > 0;
}

void handed_share_crowd(struct handed_share *s, bool is_crowded)
{
	atomic_store(&s->is_crowded, is_crowded);
}

bool handed_share_is_crowded(const struct handed_share *s)
{
	return atomic_load(&s->is_crowded);
}
