/* Recognisers of the user's own, as far as they are patterns. */
#include "policy/probe.h"

#include "base/datagrams.h"
#include "base/number.h"

enum probe_kind probe_kind(const struct probe *probe)
{
	if (probe->exec)
		return PROBE_EXEC;
	if (probe->plugin)
		return PROBE_PLUGIN;
	return probe->all || probe->regex ? PROBE_PATTERN : PROBE_NONE;
}

/* --- reading --- */

/* The value of a digit, 16 for `?`, or -1. */
static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c == '?' ? 16 : -1;
}

/* Puts half a byte there. False when another item says otherwise. */
static bool put_digit(struct probe_bytes *all, size_t at, unsigned shift, int digit)
{
	const unsigned mask = 15u << shift;
	const unsigned value = (unsigned)digit << shift;

	if (digit == 16)
		return true;
	if ((all->mask[at] & mask) && (all->value[at] & mask) != value)
		return false;
	all->mask[at] = (uint8_t)(all->mask[at] | mask);
	all->value[at] = (uint8_t)(all->value[at] | value);
	return true;
}

/* Its offset, or -1. *digits is what stands behind the colon. */
static int offset_of(const char *item, const char **digits)
{
	const char *colon = strchr(item, ':');
	char text[8] = "";
	uint64_t offset;

	if (!colon || (size_t)(colon - item) >= sizeof text)
		return -1;
	memcpy(text, item, (size_t)(colon - item));
	if (number_parse(&offset, text, 0, CONFIG_PROBE_BYTES))
		return -1;
	*digits = colon + 1;
	return (int)offset;
}

const char *probe_bytes_add(struct probe_bytes *all, const char *item)
{
	const char *digits;
	int offset = offset_of(item, &digits);
	size_t count;

	if (offset < 0)
		return "is not OFFSET:HEX such as 0:5353482d or 4:01??";
	count = strlen(digits);
	if (count == 0 || count % 2)
		return "has not two digits, or `??`, for each byte";
	if ((size_t)offset + count / 2 > CONFIG_PROBE_BYTES)
		return "goes beyond the first 4096 bytes, which are all that is looked at";
	for (size_t i = 0; i < count; i++) {
		int digit = digit_of(digits[i]);

		if (digit < 0)
			return "has other characters than hexadecimal digits and `?`";
		if (!put_digit(all, (size_t)offset + i / 2, i % 2 ? 0 : 4, digit))
			return "contradicts another item: no bytes can fit both";
	}
	if ((size_t)offset + count / 2 > all->size)
		all->size = (uint16_t)((size_t)offset + count / 2);
	return NULL;
}

bool probe_bytes_tell(const struct probe_bytes *all)
{
	for (size_t i = 0; i < all->size; i++) {
		if (all->mask[i])
			return true;
	}
	return false;
}

/* --- asking --- */

static enum wire_verdict ask_bytes(const struct probe_bytes *all, struct span in, size_t *wanted)
{
	size_t size = in.size < all->size ? in.size : all->size;

	for (size_t i = 0; i < size; i++) {
		if ((in.data[i] & all->mask[i]) != all->value[i])
			return WIRE_NO;
	}
	if (in.size >= all->size)
		return WIRE_YES;
	while (size + 1 < all->size && !all->mask[size])
		size++;
	*wanted = size + 1; /* the next that can be wrong, or the last */
	return WIRE_MORE;
}

/* Of at most CONFIG_PROBE_BYTES. */
static enum wire_verdict ask_regex(const struct probe *probe, const struct probe_flow *flow,
				   struct span text, bool is_whole)
{
	switch (regex_begin(probe->regex, flow->room, text, is_whole)) {
	case REGEX_YES:
		return WIRE_YES;
	case REGEX_MORE:
		return WIRE_MORE;
	case REGEX_CUT:
		if (flow->cut)
			++*flow->cut;
		break;
	case REGEX_NO:
		break;
	}
	return WIRE_NO;
}

/* All that it is made of must fit. */
static enum wire_verdict ask_all(const struct probe *probe, const struct probe_flow *flow,
				 struct span text, bool is_whole, size_t *wanted)
{
	enum wire_verdict bytes = WIRE_YES;
	enum wire_verdict regex = WIRE_YES;

	if (probe->all)
		bytes = ask_bytes(probe->all, text, wanted);
	if (probe->regex && bytes != WIRE_NO) {
		is_whole |= text.size >= CONFIG_PROBE_BYTES;
		if (text.size > CONFIG_PROBE_BYTES)
			text.size = CONFIG_PROBE_BYTES;
		regex = ask_regex(probe, flow, text, is_whole);
	}
	if (bytes == WIRE_NO || regex == WIRE_NO)
		return WIRE_NO;
	if (regex == WIRE_MORE)
		*wanted = text.size + 1; /* any byte may be the one */
	return regex == WIRE_MORE ? regex : bytes;
}

enum wire_verdict probe_ask(const struct probe *probe, const struct probe_flow *flow,
			    struct wire_hints *hints)
{
	struct datagrams d = datagrams_of(flow->in);
	struct span first;

	if (!probe->is_udp)
		return ask_all(probe, flow, flow->in, flow->is_final, &hints->wanted);
	switch (datagrams_next(&d, &first)) {
	case DATAGRAMS_ONE:
		return ask_all(probe, flow, first, true, &hints->wanted) == WIRE_YES ? WIRE_YES
										     : WIRE_NO;
	case DATAGRAMS_END:
		hints->wanted = d.wanted;
		return WIRE_MORE;
	case DATAGRAMS_FULL:
		break;
	}
	return WIRE_NO;
}
