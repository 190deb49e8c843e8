#ifndef SHUNT_FLOW_PLACE_MAP_H
#define SHUNT_FLOW_PLACE_MAP_H

#include "base/place.h"

/*
 * The keeper's knowledge of where addresses are, for the carriers: a sealed
 * memory file, passed over again whenever something has changed.
 */
struct place_map {
	uint64_t count;
	struct place at[]; /* in the order of place_sort() */
};

/* Make the sealed file, for close(). count: PLACES_MOST at most. The descriptor, or -errno. */
int place_map_make(const struct place *at, size_t count);

/* Map such a file read-only; its size is checked. 0, or -errno and *out as it was. */
int place_map_open(const struct place_map **out, int fd);

/* NULL is fine. */
void place_map_close(const struct place_map *map);

#endif
