/* Our share of the mark bits. */
#include "base/mark.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

static uint32_t lowest_bit(uint32_t mask)
{
	return mask & (~mask + 1);
}

uint32_t marks_role_mask(const struct marks *m)
{
	return 15 * lowest_bit(m->mask);
}

uint32_t marks_base_mask(const struct marks *m)
{
	return m->mask & ~marks_role_mask(m);
}

uint32_t marks_of(const struct marks *m, enum mark_role role)
{
	return m->base | (uint32_t)role * lowest_bit(m->mask);
}

int marks_parse(struct marks *out, const char *text)
{
	const char *slash = strchr(text, '/');
	struct marks m;
	char first[16];
	uint64_t base;
	uint64_t mask;
	size_t len = slash ? (size_t)(slash - text) : 0;

	if (len == 0 || len >= sizeof first)
		return -EINVAL;
	memcpy(first, text, len);
	first[len] = '\0';
	if (number_parse(&base, first, 1, UINT32_MAX) ||
	    number_parse(&mask, slash + 1, 31, UINT32_MAX))
		return -EINVAL;
	m.base = (uint32_t)base;
	m.mask = (uint32_t)mask;
	if (m.mask / lowest_bit(m.mask) < 31 ||
	    (((m.mask / lowest_bit(m.mask)) + 1) & (m.mask / lowest_bit(m.mask))))
		return -EINVAL;
	if ((m.base & ~m.mask) || (m.base & marks_role_mask(&m)) || !m.base)
		return -EINVAL;
	*out = m;
	return 0;
}

uint32_t marks_server_mask(const struct marks *m)
{
	return m->mask & ~(marks_of(m, MARK_BACKEND) ^ marks_of(m, MARK_BACKEND_BARE));
}

uint32_t marks_passed(const struct marks *m, enum mark_passed which)
{
	return (uint32_t)which * lowest_bit(m->mask);
}

uint32_t marks_handed_mask(const struct marks *m)
{
	return m->mask & ~marks_passed(m, MARK_PASSED);
}
