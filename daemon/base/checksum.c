/* The Internet checksum. */
#include "base/checksum.h"

#include <arpa/inet.h>

uint32_t checksum_add(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint64_t wide = sum;
	size_t at;

	for (at = 0; at + 1 < size; at += 2)
		wide += (uint32_t)bytes[at] << 8 | bytes[at + 1];
	if (at < size)
		wide += (uint32_t)bytes[at] << 8;
	while (wide >> 32)
		wide = (wide & UINT32_MAX) + (wide >> 32);
	return (uint32_t)wide;
}

uint16_t checksum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)(~sum & 0xffff));
}
