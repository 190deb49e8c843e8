/*
 * A plugin for shuntd: the remote protocol of GDB. What a debugger says first is a
 * packet, after any number of acknowledgements: `+$qSupported:...#NN`, the last two digits being
 * the sum of all bytes between `$` and `#` (GDB manual, Remote Protocol: Overview).
 *
 *	cc -shared -fPIC -O2 -o gdb.so probe-gdb.c
 */
#include <shunt-probe.h>

enum {
	MOST_BYTES = 4096, /* longer ones are not waited for */
};

/* The value of a hexadecimal digit, or -1. */
static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int probe(const uint8_t *bytes, size_t size, int is_final, size_t *wanted)
{
	static const char first[] = "qSupported";
	unsigned sum = 0;
	size_t at = 0;
	size_t begin;

	(void)is_final;
	if (size > MOST_BYTES)
		size = MOST_BYTES;
	while (at < size && bytes[at] == '+')
		at++;
	if (at < size && bytes[at++] != '$')
		return SHUNT_PROBE_NO;
	for (begin = at; at < size && bytes[at] != '#'; at++) {
		if (at - begin < sizeof first - 1 && bytes[at] != (uint8_t)first[at - begin])
			return SHUNT_PROBE_NO;
		sum += bytes[at];
	}
	if (at < size && at - begin < sizeof first - 1)
		return SHUNT_PROBE_NO;
	if (at + 3 <= size)
		return digit_of(bytes[at + 1]) == (int)(sum >> 4 & 15) &&
				       digit_of(bytes[at + 2]) == (int)(sum & 15)
			       ? SHUNT_PROBE_YES
			       : SHUNT_PROBE_NO;
	*wanted = at + (at < size ? 3 : 1); /* the checksum, or what there may be in front of it */
	return *wanted > MOST_BYTES ? SHUNT_PROBE_NO : SHUNT_PROBE_MORE;
}

const struct shunt_probe shunt_probe_v1 = SHUNT_PROBE(probe);
