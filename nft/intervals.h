#ifndef SHUNT_NFT_INTERVALS_H
#define SHUNT_NFT_INTERVALS_H

#include "nft/plan.h"

/*
 * Make intervals fit for a set: sort them, and join what overlaps or adjoins.
 * size: bytes of a key, which are compared as one big-endian number. Returns
 * how many are left at the start of the array.
 */
size_t intervals_join(struct plan_range *at, size_t count, size_t size);

/* The key after it; false when there is none (all bits set). */
bool intervals_next(uint8_t *key, size_t size);

#endif
