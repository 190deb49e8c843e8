/* Bytes as text. */
#include "base/hex.h"

#include <errno.h>

/* 0 to 15, or -1. */
static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* a letter's lower case */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ptrdiff_t hex_decode(uint8_t *out, size_t room, struct span text)
{
	size_t size = text.size / 2;

	if (text.size % 2)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		int high = digit(text.data[2 * i]);
		int low = digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		if (i < room)
			out[i] = (uint8_t)(high << 4 | low);
	}
	return (ptrdiff_t)size;
}
