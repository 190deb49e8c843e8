#ifndef SHUNT_BASE_CHECKSUM_H
#define SHUNT_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* The Internet checksum (RFC 1071): begin with 0 or with a sum in host order, add the parts, end. Only
 * the last part may have an odd number of bytes. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t size);

/* As it stands in a header: network order. */
uint16_t checksum_end(uint32_t sum);

#endif
