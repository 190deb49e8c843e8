/* host [ ":" port ] (RFC 3986 3.2.2, 3.2.3), reduced to the host. */
#include "wire/authority.h"

/* A colon and digits: `port` may be empty. `rest` is not. */
static bool is_port(struct span rest)
{
	if (rest.data[0] != ':')
		return false;
	for (size_t i = 1; i < rest.size; i++) {
		if (rest.data[i] < '0' || rest.data[i] > '9')
			return false;
	}
	return true;
}

/* Enough to tell an IPv6 address from a name in brackets, not to tell a good one from a bad one:
 * no route can name it. */
static bool is_ipv6(struct span text)
{
	unsigned colons = 0;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (c == ':')
			colons++;
		else if (c != '.' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') &&
			 !(c >= 'A' && c <= 'F'))
			return false;
	}
	return colons >= 2;
}

/* Position of the first such byte, or the size. */
static size_t find(struct span in, uint8_t byte)
{
	const uint8_t *at = in.size > 0 ? memchr(in.data, byte, in.size) : NULL;

	return at ? (size_t)(at - in.data) : in.size;
}

void wire_authority_set_name(struct wire_hints *hints, struct span authority)
{
	bool is_literal = authority.size > 0 && authority.data[0] == '[';
	size_t end = find(authority, is_literal ? ']' : ':');
	struct span host = span_of(authority.data, end);

	hints->name_size = 0;
	if (is_literal) {
		if (end == authority.size)
			return;
		host = span_of(authority.data + 1, end - 1);
		end++;
		if (!is_ipv6(host))
			return;
	}
	if (end == authority.size || is_port(span_of(authority.data + end, authority.size - end)))
		wire_hints_set_name(hints, host);
}

bool wire_authority_find(struct span uri, struct span *authority)
{
	size_t start = find(uri, ':') + 1;
	size_t end;

	if (start > uri.size || uri.size - start < 2 || memcmp(uri.data + start, "//", 2) != 0)
		return false;
	start += 2;
	end = start;
	while (end < uri.size && !memchr("/?#", uri.data[end], 3))
		end++;
	*authority = span_of(uri.data + start, end - start);
	return true;
}
