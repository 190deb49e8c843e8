#ifndef SHUNT_POLICY_NEAREST_H
#define SHUNT_POLICY_NEAREST_H

/*
 * The valid word nearest to a misspelt one: fewest letters added, lost, changed
 * or swapped with their neighbour; the first of equals. Start with
 * { .word = misspelt }, offer each valid word, read `best` (borrowed; NULL when
 * nothing was offered).
 */
struct nearest {
	const char *word;
	const char *best;
	unsigned distance; /* of best */
};

void nearest_offer(struct nearest *n, const char *valid);

#endif
