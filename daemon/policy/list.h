#ifndef SHUNT_POLICY_LIST_H
#define SHUNT_POLICY_LIST_H

#include "base/prefix.h"

/* Lists are a pointer and a count; an empty one holds NULL. */
struct port_range {
	uint16_t first;
	uint16_t last;
};
struct port_list {
	struct port_range *at;
	size_t count;
};
struct prefix_list {
	struct prefix *at;
	size_t count;
};
struct text_list {
	char **at; /* each NUL-terminated */
	size_t count;
};

/*
 * Room for one more item in a list of `count` items of `size` bytes. Lists know
 * no capacity: they double whenever their count is a power of two. Returns
 * where the items are now (store that), or NULL without memory: then the old
 * list is as it was.
 */
void *list_room(void *items, size_t count, size_t size);

/* Is it in any of the ranges, or of the networks? Both look through all of the list. */
bool port_list_has(const struct port_list *list, uint16_t port);
bool prefix_list_holds(const struct prefix_list *list, const struct addr *a);

#endif
