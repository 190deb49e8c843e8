/* FNV-1a of 128 bits. */
#include "wire/fnv.h"

enum {
	PRIME_LOW = 0x13b, /* the prime is 2^88 and this */
	PRIME_SHIFT = 24,  /* 2^88 is two parts, and so many bits */
};

struct fnv fnv_begin(void)
{
	return (struct fnv){ { 0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e } };
}

static void multiply(struct fnv *f)
{
	const struct fnv old = *f;
	uint64_t sum = 0;

	for (size_t i = 0; i < 4; i++) {
		sum += (uint64_t)old.part[i] * PRIME_LOW;
		if (i == 2)
			sum += old.part[0] << PRIME_SHIFT;
		if (i == 3)
			sum += old.part[1] << PRIME_SHIFT | old.part[0] >> (32 - PRIME_SHIFT);
		f->part[i] = (uint32_t)sum;
		sum >>= 32;
	}
}

void fnv_add(struct fnv *f, struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		f->part[0] ^= bytes.data[i];
		multiply(f);
	}
}
