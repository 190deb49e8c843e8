/* Lists that grow by doubling and remember only pointer and count. */
#include "policy/list.h"

#include <stdlib.h>

void *list_room(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items; /* between two powers of two there is room */
	return reallocarray(items, count ? 2 * count : 1, size);
}
