/* The carrier's view of the configuration, in a sealed memory file. */
#include "flow/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const void *at(const struct table *t, uint32_t offset, size_t bytes, unsigned index)
{
	return (const uint8_t *)t + offset + bytes * index;
}

const struct table_divert *table_divert(const struct table *t, unsigned index)
{
	return at(t, t->diverts_at, sizeof(struct table_divert), index);
}

const struct table_route *table_route(const struct table *t, unsigned index)
{
	return at(t, t->routes_at, sizeof(struct table_route), index);
}

const struct table_backend *table_backend(const struct table *t, unsigned index)
{
	return at(t, t->backends_at, sizeof(struct table_backend), index);
}

const struct table_server *table_server(const struct table *t, unsigned index)
{
	return at(t, t->servers_at, sizeof(struct table_server), index);
}

const struct table_probe *table_probe(const struct table *t, unsigned index)
{
	return at(t, t->probes_at, sizeof(struct table_probe), index);
}

bool table_divert_may(const struct table *t, const struct table_divert *d, unsigned backend)
{
	return backend < t->backend_count && (d->may[backend / 64] >> backend % 64 & 1);
}

/* Lays the arrays out behind the header, each on 64 bytes. */
static void lay_out(struct table *t, const struct table *counts)
{
	uint64_t end = (sizeof *t + 63) / 64 * 64;

	*t = *counts;
	t->diverts_at = (uint32_t)end;
	end += (t->divert_count * sizeof(struct table_divert) + 63) / 64 * 64;
	t->routes_at = (uint32_t)end;
	end += (t->route_count * sizeof(struct table_route) + 63) / 64 * 64;
	t->backends_at = (uint32_t)end;
	end += (t->backend_count * sizeof(struct table_backend) + 63) / 64 * 64;
	t->servers_at = (uint32_t)end;
	end += (t->server_count * sizeof(struct table_server) + 63) / 64 * 64;
	t->probes_at = (uint32_t)end;
	end += t->probe_count * sizeof(struct table_probe);
	t->size = end;
}

int table_new(struct table **out, int *fd, const struct table *counts)
{
	struct table header;
	void *map;
	int err;
	int file;

	lay_out(&header, counts);
	file = memfd_create("shunt-table", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0)
		return -errno;
	if (ftruncate(file, (off_t)header.size) < 0)
		goto fail;
	map = mmap(NULL, header.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		goto fail;
	memcpy(map, &header, sizeof header);
	*out = map;
	*fd = file;
	return 0;
fail:
	err = -errno;
	(void)close(file); /* nothing was stored */
	return err;
}

void table_unmap(const struct table *t)
{
	if (t)
		(void)munmap((void *)(uintptr_t)t, t->size); /* our own mapping, whole */
}

int table_seal(struct table *t, int fd)
{
	table_unmap(t);
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	return 0;
}

static bool fits(const struct table *t, uint32_t offset, uint64_t bytes, uint32_t count)
{
	return offset >= sizeof *t && offset + bytes * count <= t->size;
}

/* The counters that it names exist. */
static bool can_count(const struct table *t)
{
	for (unsigned i = 0; i < t->divert_count; i++)
		if (table_divert(t, i)->counter >= COUNTERS_DIVERTS)
			return false;
	for (unsigned i = 0; i < t->route_count; i++)
		if (table_route(t, i)->counter >= COUNTERS_ROUTES)
			return false;
	for (unsigned i = 0; i < t->server_count; i++)
		if (table_server(t, i)->counter >= COUNTERS_SERVERS)
			return false;
	for (unsigned i = 0; i < t->probe_count; i++)
		if (table_probe(t, i)->counter >= COUNTERS_PROBES)
			return false;
	return true;
}

int table_map(const struct table **out, int fd)
{
	struct stat st;
	const struct table *t;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size < sizeof *t)
		return -EINVAL;
	t = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (t == MAP_FAILED)
		return -errno;
	if (t->size != (uint64_t)st.st_size ||
	    !fits(t, t->diverts_at, sizeof(struct table_divert), t->divert_count) ||
	    !fits(t, t->routes_at, sizeof(struct table_route), t->route_count) ||
	    !fits(t, t->backends_at, sizeof(struct table_backend), t->backend_count) ||
	    !fits(t, t->servers_at, sizeof(struct table_server), t->server_count) ||
	    !fits(t, t->probes_at, sizeof(struct table_probe), t->probe_count) ||
	    t->divert_count > TABLE_MOST_DIVERTS || t->probe_count > TABLE_MOST_PROBES ||
	    !can_count(t)) {
		(void)munmap((void *)(uintptr_t)t, (size_t)st.st_size);
		return -EINVAL;
	}
	*out = t;
	return 0;
}
