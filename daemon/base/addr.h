#ifndef SHUNT_BASE_ADDR_H
#define SHUNT_BASE_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/span.h"

enum {
	ADDR_TEXT_BYTES = 64, /* "[v6 address%4294967295]:65535" and its NUL */
};

/* An IPv4 or IPv6 address and a port: one endpoint. Family 0 means "none". */
struct addr {
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is zero */
	uint32_t scope;    /* interface index of a link-local IPv6 address, else 0 */
	uint16_t port;     /* host order */
	uint16_t family;   /* AF_INET, AF_INET6 or 0 */
};

/* Bytes of the address proper: 4, 16, or 0 when there is none. */
static inline size_t addr_size(const struct addr *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

/* True when address, scope and port are the same. */
bool addr_equal(const struct addr *a, const struct addr *b);

/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);

/* An IPv6 link-local address (RFC 4291 2.5.6). */
bool addr_is_link_local(const struct addr *a);

/*
 * Read an endpoint: "192.0.2.1:443", "[2001:db8::1]:443". With needs_port
 * false a bare address is good too and leaves the port 0. Returns 0, or
 * -EINVAL (and *out untouched) when the text is not exactly that.
 */
int addr_parse(struct addr *out, const char *text, bool needs_port);

/* Write "192.0.2.1:443" or "[2001:db8::1]:443"; "-" when there is none. Returns text. */
const char *addr_text(const struct addr *a, char text[static ADDR_TEXT_BYTES]);

/* The same without port and brackets. */
const char *addr_text_host(const struct addr *a, char text[static ADDR_TEXT_BYTES]);

/* To and from the kernel's form. addr_from_sockaddr gives family 0 for any other family. */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *out);
struct addr addr_from_sockaddr(const struct sockaddr_storage *in);

#endif
