/* The arithmetic of TCP timestamps. */
#include "base/stamp.h"

#include <netinet/tcp.h>

#include "base/reader.h"

bool stamp_is_ahead(uint32_t theirs, uint32_t ours)
{
	uint32_t ahead = theirs - ours;

	return ahead >= STAMP_LEAST_AHEAD && ahead <= STAMP_MOST_AHEAD;
}

uint32_t stamp_jump(uint32_t theirs, uint32_t ours)
{
	uint32_t ahead = theirs - ours;

	if (stamp_is_ahead(theirs, ours))
		return 0;
	/* half of the way to it; from just behind it, as far as can be and then half of the rest */
	return ahead < STAMP_LEAST_AHEAD || ahead / 2 > STAMP_MOST_JUMP ? STAMP_MOST_JUMP
									: ahead / 2;
}

bool stamp_is_since(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

bool stamp_find(struct span options, struct stamp *out)
{
	struct reader r = reader_of(options);
	struct stamp found;

	while (reader_left(&r) > 0) {
		uint8_t kind = reader_u8(&r);
		uint8_t size;

		if (kind == TCPOPT_EOL)
			return false;
		if (kind == TCPOPT_NOP)
			continue;
		size = reader_u8(&r);
		if (size < 2)
			return false;
		if (kind == TCPOPT_TIMESTAMP && size == TCPOLEN_TIMESTAMP) {
			found.value = reader_be32(&r);
			found.echo = reader_be32(&r);
			if (r.short_read)
				return false;
			*out = found;
			return true;
		}
		(void)reader_take(&r, size - 2u);
	}
	return false;
}
