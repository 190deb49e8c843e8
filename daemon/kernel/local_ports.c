/* Which ports this box itself serves, from /proc/net/tcp, udp and their like of IPv6. */
#include "kernel/local_ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STATE_LISTEN = 0x0a, /* TCP_LISTEN, as /proc prints it */
	STATE_OPEN = 0x07,   /* TCP_CLOSE: a socket of UDP that is not connected */
	LINE_BYTES = 512,
};

/* The kernel prints each 32 bits of an address as one number of its own byte order. */
static bool read_address(struct addr *out, const char *hex, size_t digits)
{
	struct addr a = { .family = digits == 8 ? AF_INET : AF_INET6 };
	char word[9] = "";
	char *end;
	uint32_t value;
	size_t at;

	if (digits != 8 && digits != 32)
		return false;
	for (at = 0; at < digits; at += 8) {
		memcpy(word, hex + at, 8);
		value = (uint32_t)strtoul(word, &end, 16);
		if (*end)
			return false;
		memcpy(a.bytes + at / 2, &value, sizeof value);
	}
	*out = a;
	return true;
}

static void unmap(struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != AF_INET6 || memcmp(a->bytes, mapped, sizeof mapped) != 0)
		return;
	memmove(a->bytes, a->bytes + 12, 4);
	memset(a->bytes + 4, 0, 12);
	a->family = AF_INET;
}

static bool is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	return memcmp(a->bytes, one, sizeof one) == 0;
}

/* One line: "   0: 0100007F:0277 00000000:0000 0A ...". */
static bool read_line(struct addr *out, const char *line, unsigned wanted)
{
	char local[40];
	struct addr a;
	char *colon;
	unsigned state;

	if (sscanf(line, " %*u: %39s %*s %x", local, &state) != 2 || state != wanted)
		return false;
	colon = strchr(local, ':');
	if (!colon || !read_address(&a, local, (size_t)(colon - local)))
		return false;
	a.port = (uint16_t)strtoul(colon + 1, NULL, 16);
	unmap(&a);
	if (is_loopback(&a))
		return false;
	*out = a;
	return true;
}

int local_ports_read_file(struct addr_list *out, const char *path, bool is_udp)
{
	char line[LINE_BYTES];
	FILE *in = fopen(path, "re");
	struct addr a;
	int err = 0;

	if (!in)
		return -errno;
	while (!err && fgets(line, sizeof line, in))
		if (read_line(&a, line, is_udp ? STATE_OPEN : STATE_LISTEN))
			err = addr_list_add(out, &a);
	if (!err && ferror(in))
		err = -EIO;
	(void)fclose(in); /* only read from */
	return err;
}

static int read_both(struct addr_list *out, const char *v4, const char *v6, bool is_udp)
{
	struct addr_list list = { NULL, 0 };
	int err = local_ports_read_file(&list, v4, is_udp);

	if (!err)
		err = local_ports_read_file(&list, v6, is_udp);
	if (err == -ENOENT) /* no IPv6, or no /proc: nothing that could be known */
		err = 0;
	if (err)
		addr_list_free(&list);
	else
		*out = list;
	return err;
}

int local_ports_read(struct addr_list *out)
{
	return read_both(out, "/proc/self/net/tcp", "/proc/self/net/tcp6", false);
}

static struct local_ports_range read_range(void)
{
	struct local_ports_range range = { 32768, 60999 }; /* as the kernel has it by itself */
	FILE *in = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	char line[32];
	char *second;

	if (in && fgets(line, sizeof line, in)) {
		range.first = (uint16_t)strtoul(line, &second, 10);
		range.last = (uint16_t)strtoul(second, NULL, 10);
	}
	if (in)
		(void)fclose(in); /* only read from */
	return range;
}

int local_ports_read_udp(struct addr_list *out, struct local_ports_range *range)
{
	*range = read_range();
	return read_both(out, "/proc/self/net/udp", "/proc/self/net/udp6", true);
}
