/* Whose address is this? */
#include "kernel/local_addr.h"

#include <unistd.h>

enum {
	ANY_PORT = 9, /* connecting a UDP socket wants one; nothing is sent there */
};

bool local_addr_is_loopback(const struct addr *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	return a->family == AF_INET6 && memcmp(a->bytes, v6, sizeof v6) == 0;
}

/* Routing to an address of the box itself chooses that very address as the source. */
bool local_addr_is_ours(const struct addr *a)
{
	struct sockaddr_storage name;
	struct addr to = *a;
	struct addr from = { 0 };
	socklen_t size;
	int fd;

	if (local_addr_is_loopback(a))
		return true;
	fd = socket(a->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	to.port = ANY_PORT;
	size = addr_to_sockaddr(&to, &name);
	if (connect(fd, (struct sockaddr *)&name, size) == 0) {
		size = sizeof name;
		if (getsockname(fd, (struct sockaddr *)&name, &size) == 0)
			from = addr_from_sockaddr(&name);
	}
	(void)close(fd); /* was only a question */
	return from.family == a->family && memcmp(from.bytes, a->bytes, sizeof from.bytes) == 0;
}
