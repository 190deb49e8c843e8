/*
 * The memory file of counters. The seals are what makes it safe to share: the
 * writer's mapping was made before F_SEAL_FUTURE_WRITE (Linux 5.1) and goes on,
 * every later one can only be read, and nobody can cut the file short under a
 * reader (which would be a SIGBUS).
 */
#include "flow/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* <linux/fcntl.h>, which clashes with <fcntl.h> */
#endif

#define X(name) #name,
static const char *const fallback_table[] = { FLOW_FALLBACKS(X) };
#undef X

const char *flow_fallback_text(enum flow_fallback fallback)
{
	unsigned index = fallback;

	return index < FLOW_FALLBACK_COUNT ? fallback_table[index] : "-";
}

int counters_new(int *fd, struct counters **mine)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
	void *map = MAP_FAILED;
	int file, err;

	file = memfd_create("shunt-counters", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0)
		return -errno;
	if (ftruncate(file, sizeof(**mine)) < 0) {
		err = -errno;
		goto out;
	}
	map = mmap(NULL, sizeof(**mine), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED || fcntl(file, F_ADD_SEALS, seals) < 0) {
		err = -errno;
		goto out;
	}
	*fd = file;
	*mine = map;
	return 0;
out:
	if (map != MAP_FAILED)
		(void)munmap(map, sizeof(**mine)); /* cannot fail: it is a whole mapping */
	(void)close(file);                         /* nothing was written that could be lost */
	return err;
}

int counters_map(int fd, const struct counters **out)
{
	struct stat file;
	void *map;

	/* a file that is too short would be a SIGBUS at the first look */
	if (fstat(fd, &file) < 0)
		return -errno;
	if (file.st_size < (off_t)sizeof(**out))
		return -EINVAL;
	map = mmap(NULL, sizeof(**out), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	*out = map;
	return 0;
}

uint64_t counters_at(const struct counters *c, size_t offset)
{
	uint64_t one = 0;

	if (c != NULL)
		memcpy(&one, (const char *)c + offset, sizeof(one));
	return one;
}

void counters_unmap(const struct counters *c)
{
	if (c != NULL)
		(void)munmap((void *)c, sizeof(*c)); /* cannot fail: it is a whole mapping */
}
