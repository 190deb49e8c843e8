/* Places in a sealed memory file. */
#include "flow/place_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t bytes_of(uint64_t count)
{
	return sizeof(struct place_map) + count * sizeof(struct place);
}

static int write_all(int fd, const void *bytes, size_t size)
{
	ssize_t done = write(fd, bytes, size);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

int place_map_make(const struct place *at, size_t count)
{
	const struct place_map head = { .count = count };
	int fd = memfd_create("shunt-places", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, &head, sizeof head);
	if (!err && count)
		err = write_all(fd, at, count * sizeof *at);
	if (!err &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		err = -errno;
	if (err) {
		(void)close(fd); /* of no use to anybody */
		return err;
	}
	return fd;
}

int place_map_open(const struct place_map **out, int fd)
{
	const struct place_map *map;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size < sizeof *map || (size_t)st.st_size > bytes_of(PLACES_MOST))
		return -EINVAL;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	if (map->count > PLACES_MOST || bytes_of(map->count) != (size_t)st.st_size) {
		(void)munmap((void *)(uintptr_t)map,
			     (size_t)st.st_size); /* our own mapping, whole */
		return -EINVAL;
	}
	*out = map;
	return 0;
}

void place_map_close(const struct place_map *map)
{
	if (map)
		(void)munmap((void *)(uintptr_t)map, bytes_of(map->count)); /* our own, whole */
}
