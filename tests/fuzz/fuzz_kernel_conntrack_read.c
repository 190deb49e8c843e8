/*
 * Entries of conntrack out of netlink messages. An input is what follows the
 * netlink header: nfgenmsg and attributes. The seeds are what a kernel sent of
 * real connections: in dumps, as events (update-, destroy-), and of
 * other protocols.
 */
#include <errno.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>

#include "fuzz.h"
#include "kernel/conntrack_read.h"

enum {
	UNTOUCHED = 0xa5,
};

static void law(bool is_kept)
{
	if (!is_kept)
		abort();
}

static bool is_address(const struct addr *a, uint16_t family)
{
	static const uint8_t nothing[12] = { 0 };

	return a->family == family && !a->scope &&
	       (family == AF_INET6 || memcmp(a->bytes + 4, nothing, sizeof nothing) == 0);
}

static bool is_untouched(const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != UNTOUCHED)
			return false;
	}
	return true;
}

static void judge(const struct nlmsghdr *message)
{
	struct conntrack_entry entry;
	int err;

	memset(&entry, UNTOUCHED, sizeof entry);
	err = conntrack_read(message, &entry);
	if (err) {
		law(err == -EPROTO && is_untouched(&entry, sizeof entry));
		return;
	}
	law(entry.client.family == AF_INET || entry.client.family == AF_INET6);
	law(is_address(&entry.client, entry.client.family));
	law(is_address(&entry.to, entry.client.family));
	law(is_address(&entry.server, entry.client.family));
	law(entry.transport == IPPROTO_TCP || entry.transport == IPPROTO_UDP);
	law(entry.state <= CONNTRACK_RESET);
	law(entry.transport == IPPROTO_TCP || entry.state == CONNTRACK_LIVE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* the kernel pads each attribute; so is every message's end */
	size_t whole = NLMSG_HDRLEN + size / NLMSG_ALIGNTO * NLMSG_ALIGNTO;
	struct nlmsghdr *message = malloc(whole);

	if (!message)
		return 0;
	*message = (struct nlmsghdr){ .nlmsg_len = (uint32_t)whole };
	memcpy((uint8_t *)message + NLMSG_HDRLEN, data, whole - NLMSG_HDRLEN);
	judge(message);
	free(message);
	return 0;
}
