#ifndef SHUNT_BASE_NUMBER_H
#define SHUNT_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Strict numbers. Each reads the whole text or nothing: no blanks, no sign, no
 * rest. They return 0, -EINVAL (not such a number) or -ERANGE (outside the
 * limits, both inclusive), and leave *out alone on failure.
 */

/* Decimal, or hexadecimal after "0x". */
int number_parse(uint64_t *out, const char *text, uint64_t least, uint64_t most);

/* A time: "500ms", "3s", "5m", "1h"; "0" needs no unit. *out is in milliseconds. */
int number_parse_ms(uint64_t *out, const char *text, uint64_t least, uint64_t most);

/* A size: "4096", "16k", "1m" (1024 and 1024 * 1024). *out is in bytes. */
int number_parse_size(uint64_t *out, const char *text, uint64_t least, uint64_t most);

/* "443" or "8443-8449": ports 1 to 65535, first <= last. */
int number_parse_ports(uint16_t *first, uint16_t *last, const char *text);

/* "yes" or "no". */
int number_parse_bool(bool *out, const char *text);

#endif
