/* Lists that grow by doubling and remember only pointer and count. */
#include "policy/list.h"

#include <stdlib.h>

void *list_room(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items; /* between two powers of two there is room */
	return reallocarray(items, count ? 2 * count : 1, size);
}

bool port_list_has(const struct port_list *list, uint16_t port)
{
	for (size_t i = 0; i < list->count; i++)
		if (port >= list->at[i].first && port <= list->at[i].last)
			return true;
	return false;
}

bool prefix_list_holds(const struct prefix_list *list, const struct addr *a)
{
	for (size_t i = 0; i < list->count; i++)
		if (prefix_holds(&list->at[i], a))
			return true;
	return false;
}
