/* Bytes as text, six bits in each character. */
#include "base/base64.h"

#include <errno.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 0 to 63, or -1. */
static int digit(uint8_t c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* The last `=` of the text, two at most. */
static size_t count_fill(struct span text)
{
	size_t fill = 0;

	while (fill < 2 && fill < text.size && text.data[text.size - 1 - fill] == '=')
		fill++;
	return fill;
}

ptrdiff_t base64_decode(uint8_t *out, size_t room, struct span text)
{
	size_t fill = count_fill(text);
	size_t size = text.size / 4 * 3 - fill;
	unsigned bits = 0; /* those that wait, below */
	unsigned held = 0; /* so many */
	size_t done = 0;

	if (text.size % 4)
		return -EINVAL;
	for (size_t i = 0; i < text.size - fill; i++) {
		int value = digit(text.data[i]);

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (unsigned)value;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (done < room)
			out[done] = (uint8_t)(bits >> held);
		bits &= (1u << held) - 1;
		done++;
	}
	return bits == 0 ? (ptrdiff_t)size : -EINVAL;
}

void base64_encode(char *out, struct span data)
{
	for (size_t at = 0; at < data.size; at += 3) {
		size_t size = data.size - at < 3 ? data.size - at : 3;
		unsigned bits = 0;

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 | (i < size ? data.data[at + i] : 0u);
		for (size_t i = 0; i < 4; i++)
			*out++ = i <= size ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
	}
	*out = '\0';
}
