/* Strict numbers, times, sizes, port ranges. */
#include "base/number.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Reads the digits in front of text; *end is the first other character. */
static int read_digits(uint64_t *out, const char *text, const char **end)
{
	uint64_t value = 0;
	unsigned base = 10;
	const char *start;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	for (start = text; digit_value(*text) < (int)base; text++) {
		unsigned digit = (unsigned)digit_value(*text);

		if (value > (UINT64_MAX - digit) / base)
			return -ERANGE;
		value = value * base + digit;
	}
	if (text == start)
		return -EINVAL;
	*out = value;
	*end = text;
	return 0;
}

static int in_limits(uint64_t *out, uint64_t value, uint64_t unit, uint64_t least, uint64_t most)
{
	if (unit > 1 && value > UINT64_MAX / unit)
		return -ERANGE;
	value *= unit;
	if (value < least || value > most)
		return -ERANGE;
	*out = value;
	return 0;
}

int number_parse(uint64_t *out, const char *text, uint64_t least, uint64_t most)
{
	uint64_t value;
	const char *end;
	int err = read_digits(&value, text, &end);

	if (err)
		return err;
	if (*end)
		return -EINVAL;
	return in_limits(out, value, 1, least, most);
}

struct unit {
	const char *name;
	uint64_t worth;
};

static int parse_with_unit(uint64_t *out, const char *text, const struct unit *units,
			   uint64_t least, uint64_t most)
{
	uint64_t value;
	const char *end;
	int err = read_digits(&value, text, &end);

	if (err)
		return err;
	for (; units->name; units++) {
		if (strcmp(end, units->name) == 0)
			return in_limits(out, value, units->worth, least, most);
	}
	return -EINVAL;
}

int number_parse_ms(uint64_t *out, const char *text, uint64_t least, uint64_t most)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 60 * 60 * 1000 },
		{ NULL, 0 },
	};

	if (strcmp(text, "0") == 0)
		return in_limits(out, 0, 1, least, most);
	return parse_with_unit(out, text, units, least, most);
}

int number_parse_size(uint64_t *out, const char *text, uint64_t least, uint64_t most)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "k", 1024 },
		{ "K", 1024 },
		{ "m", 1024 * 1024 },
		{ "M", 1024 * 1024 },
		{ NULL, 0 },
	};

	return parse_with_unit(out, text, units, least, most);
}

int number_parse_ports(uint16_t *first, uint16_t *last, const char *text)
{
	const char *dash = strchr(text, '-');
	char low_text[8];
	uint64_t low;
	uint64_t high;
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	int err;

	if (len >= sizeof low_text)
		return -EINVAL;
	memcpy(low_text, text, len);
	low_text[len] = '\0';
	err = number_parse(&low, low_text, 1, 65535);
	if (err)
		return err;
	high = low;
	if (dash)
		err = number_parse(&high, dash + 1, low, 65535);
	if (err)
		return err;
	*first = (uint16_t)low;
	*last = (uint16_t)high;
	return 0;
}

int number_parse_bool(bool *out, const char *text)
{
	if (strcmp(text, "yes") == 0)
		*out = true;
	else if (strcmp(text, "no") == 0)
		*out = false;
	else
		return -EINVAL;
	return 0;
}
