/* A growing list of addresses. */
#include "kernel/addr_list.h"

#include <errno.h>
#include <stdlib.h>

int addr_list_add(struct addr_list *list, const struct addr *a)
{
	struct addr *grown;

	if (list->count == ADDR_LIST_MOST)
		return -E2BIG;
	/* room is made at each power of two */
	if ((list->count & (list->count - 1)) == 0) {
		grown = reallocarray(list->at, list->count ? list->count * 2 : 1, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		list->at = grown;
	}
	list->at[list->count++] = *a;
	return 0;
}

void addr_list_free(struct addr_list *list)
{
	free(list->at);
	list->at = NULL;
	list->count = 0;
}
