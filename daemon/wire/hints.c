/* Host names off the wire, made safe for routes, logs and screens. */
#include "wire/wire.h"

/* The character as it may stand in a hint, or 0. */
static char safe_character(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return (char)c;
	return c == '.' || c == '_' || c == ':' || c == '-' ? (char)c : 0;
}

void wire_hints_set_name(struct wire_hints *hints, struct span name)
{
	size_t size = name.size;
	char before = '.';

	hints->name_size = 0;
	if (size > 0 && name.data[size - 1] == '.')
		size--;
	if (size > WIRE_NAME_BYTES)
		return;
	for (size_t i = 0; i < size; i++) {
		char c = safe_character(name.data[i]);

		if (!c || (c == '.' && before == '.'))
			return;
		hints->name[i] = c;
		before = c;
	}
	if (before != '.')
		hints->name_size = (uint16_t)size;
}
