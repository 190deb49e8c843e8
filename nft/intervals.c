/* Intervals of keys as nft sets want them: sorted, apart from each other. Pure. */
#include "nft/intervals.h"

#include <stdlib.h>
#include <string.h>

/* Keys are zero behind their size, so whole arrays compare. */
static int compare(const void *a, const void *b)
{
	const struct plan_range *x = a;
	const struct plan_range *y = b;

	return memcmp(x->first, y->first, sizeof x->first);
}

bool intervals_next(uint8_t *key, size_t size)
{
	while (size > 0)
		if (++key[--size] != 0)
			return true;
	return false;
}

size_t intervals_join(struct plan_range *at, size_t count, size_t size)
{
	struct plan_range *last = at;
	uint8_t next[16];
	size_t i;

	if (count == 0)
		return 0;
	qsort(at, count, sizeof *at, compare);
	for (i = 1; i < count; i++) {
		memcpy(next, last->last, sizeof next);
		if (!intervals_next(next, size))
			break; /* last reaches to the end of all keys */
		if (memcmp(at[i].first, next, sizeof next) > 0)
			*++last = at[i];
		else if (memcmp(at[i].last, last->last, sizeof next) > 0)
			memcpy(last->last, at[i].last, sizeof next);
	}
	return (size_t)(last - at) + 1;
}
