/* Whether a UDP port of some address is taken on this box. */
#include "kernel/udp_bound.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

bool udp_is_bound(const struct addr *at)
{
	bool is_v4 = at->family == AF_INET;
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(at, &name);
	bool is_taken;
	int yes = 1;
	int fd = socket(at->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	/* without SO_REUSEADDR no two can be there, whatever the other one has */
	is_taken = setsockopt(fd, is_v4 ? SOL_IP : SOL_IPV6,
			      is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &yes, sizeof yes) == 0 &&
		   bind(fd, (const void *)&name, size) < 0 && errno == EADDRINUSE;
	(void)close(fd); /* it was never used */
	return is_taken;
}
