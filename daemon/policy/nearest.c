/* "Did you mean": the edit distance of short words (Damerau's, with neighbours swapped once). */
#include "policy/nearest.h"

#include <string.h>

enum {
	WORD_BYTES = 64, /* what is longer is compared by its beginning */
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Three rows of the usual table: before last, last, and the one being filled. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_BYTES + 1];
	size_t a_size = strnlen(a, WORD_BYTES);
	size_t b_size = strnlen(b, WORD_BYTES);

	for (size_t j = 0; j <= b_size; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_size; i++) {
		unsigned *now = rows[i % 3];
		const unsigned *last = rows[(i + 2) % 3];
		const unsigned *before = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_size; j++) {
			unsigned changed = lower(a[i - 1]) != lower(b[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + changed);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[a_size % 3][b_size];
}

void nearest_offer(struct nearest *n, const char *valid)
{
	unsigned d = distance(n->word, valid);

	if (n->best && d >= n->distance)
		return;
	n->best = valid;
	n->distance = d;
}
