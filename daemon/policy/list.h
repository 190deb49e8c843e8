#ifndef SHUNT_POLICY_LIST_H
#define SHUNT_POLICY_LIST_H

#include <stddef.h>

/*
 * Room for one more item in a list of `count` items of `size` bytes. Lists know
 * no capacity: they double whenever their count is a power of two. Returns
 * where the items are now (store that), or NULL without memory: then the old
 * list is as it was.
 */
void *list_room(void *items, size_t count, size_t size);

#endif
