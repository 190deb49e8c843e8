/* Endpoints: text, kernel form, comparison. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/number.h"

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
	       memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	return a->family == AF_INET6 && memcmp(a->bytes, v6, sizeof v6) == 0;
}

bool addr_is_link_local(const struct addr *a)
{
	return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* Splits "host:port", "[host]:port" or a bare host; host is a copy without brackets. */
static int split_endpoint(const char *text, char *host, size_t host_bytes, const char **port)
{
	const char *end;
	size_t len;

	*port = NULL;
	if (text[0] == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		if (end[1] == ':')
			*port = end + 2;
	} else {
		end = strchr(text, ':');
		if (end && !strchr(end + 1, ':'))
			*port = end + 1;
		else
			end = text + strlen(text);
	}
	len = (size_t)(end - text);
	if (len == 0 || len >= host_bytes)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

int addr_parse(struct addr *out, const char *text, bool needs_port)
{
	struct addr a = { 0 };
	char host[INET6_ADDRSTRLEN];
	const char *port;
	uint64_t number;

	if (split_endpoint(text, host, sizeof host, &port))
		return -EINVAL;
	if (text[0] != '[' && inet_pton(AF_INET, host, a.bytes) == 1)
		a.family = AF_INET;
	else if ((text[0] == '[' || !port) && inet_pton(AF_INET6, host, a.bytes) == 1)
		a.family = AF_INET6;
	else
		return -EINVAL;
	if (port) {
		if (number_parse(&number, port, 1, 65535))
			return -EINVAL;
		a.port = (uint16_t)number;
	} else if (needs_port) {
		return -EINVAL;
	}
	*out = a;
	return 0;
}

const char *addr_text_host(const struct addr *a, char text[static ADDR_TEXT_BYTES])
{
	if (!a->family || !inet_ntop(a->family, a->bytes, text, ADDR_TEXT_BYTES))
		memcpy(text, "-", 2);
	return text;
}

const char *addr_text(const struct addr *a, char text[static ADDR_TEXT_BYTES])
{
	char host[ADDR_TEXT_BYTES];
	int len;

	addr_text_host(a, host);
	if (a->family == AF_INET6)
		len = snprintf(text, ADDR_TEXT_BYTES, "[%.46s]:%u", host, a->port);
	else
		len = snprintf(text, ADDR_TEXT_BYTES, a->family ? "%.46s:%u" : "%.46s", host,
			       a->port);
	(void)len; /* 46 + 9 bytes always fit */
	return text;
}

socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(out, 0, sizeof *out);
	if (a->family == AF_INET) {
		in.sin_port = htons(a->port);
		memcpy(&in.sin_addr, a->bytes, 4);
		memcpy(out, &in, sizeof in);
		return sizeof in;
	}
	in6.sin6_port = htons(a->port);
	in6.sin6_scope_id = a->scope;
	memcpy(&in6.sin6_addr, a->bytes, 16);
	memcpy(out, &in6, sizeof in6);
	return sizeof in6;
}

struct addr addr_from_sockaddr(const struct sockaddr_storage *in)
{
	struct addr a = { 0 };
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (in->ss_family == AF_INET) {
		memcpy(&in4, in, sizeof in4);
		a.family = AF_INET;
		a.port = ntohs(in4.sin_port);
		memcpy(a.bytes, &in4.sin_addr, 4);
	} else if (in->ss_family == AF_INET6) {
		memcpy(&in6, in, sizeof in6);
		a.family = AF_INET6;
		a.port = ntohs(in6.sin6_port);
		a.scope = in6.sin6_scope_id;
		memcpy(a.bytes, &in6.sin6_addr, 16);
	}
	return a;
}
