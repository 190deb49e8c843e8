/* Reading the SYN that the kernel kept. */
#include "kernel/saved_syn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/reader.h"

enum {
	SYN_MOST_BYTES = 256, /* IPv6 header, some extension headers, 60 bytes of TCP */
	TCP_LEAST_BYTES = 20,
	IPV6_BYTES = 40,
};

#ifndef TCP_SAVED_SYN
#define TCP_SAVED_SYN 28
#endif

/* One option at a time; what makes no sense ends the list, as the kernel has it. */
static void take_options(struct span options, struct saved_syn *out)
{
	struct reader r = reader_of(options);

	while (reader_left(&r) > 0) {
		uint8_t kind = reader_u8(&r);
		uint8_t size;
		struct reader value;

		if (kind == TCPOPT_EOL)
			return;
		if (kind == TCPOPT_NOP)
			continue;
		size = reader_u8(&r);
		if (size < 2)
			return;
		value = reader_of(reader_take(&r, size - 2u));
		if (r.short_read)
			return;
		if (kind == TCPOPT_MAXSEG && size == TCPOLEN_MAXSEG)
			out->most_segment = reader_be16(&value);
		if (kind == TCPOPT_WINDOW && size == TCPOLEN_WINDOW)
			out->scale = reader_u8(&value);
		if (kind == TCPOPT_TIMESTAMP && size == TCPOLEN_TIMESTAMP) {
			out->stamp = reader_be32(&value);
			out->has_stamp = true;
		}
	}
}

/* Behind ports and sequence number. What is cut off was not said. */
static void take_tcp(struct reader *r, struct saved_syn *out)
{
	uint8_t offset;

	(void)reader_be32(r); /* acknowledgement */
	offset = reader_u8(r) >> 4;
	(void)reader_take(r, 7); /* flags, window, checksum, urgent pointer */
	if (offset > TCP_LEAST_BYTES / 4)
		take_options(reader_take(r, (size_t)offset * 4 - TCP_LEAST_BYTES), out);
	if (out->scale != SAVED_SYN_NO_SCALE && out->scale > SAVED_SYN_MOST_SCALE)
		out->scale = SAVED_SYN_MOST_SCALE;
}

bool saved_syn_parse(struct span packet, struct saved_syn *out)
{
	struct reader r = reader_of(packet);
	struct saved_syn syn = { .scale = SAVED_SYN_NO_SCALE };
	uint8_t first = reader_u8(&r);
	uint8_t second = reader_u8(&r);
	uint8_t protocol;

	if (first >> 4 == 4) {
		syn.tos = second;
		(void)reader_take(&r, 7);
		protocol = reader_u8(&r);
		(void)reader_take(&r, (size_t)(first & 15) * 4 - 10);
	} else {
		syn.tos = (uint8_t)(first << 4 | second >> 4);
		(void)reader_take(&r, 4);
		protocol = reader_u8(&r);
		(void)reader_take(&r, IPV6_BYTES - 7);
	}
	(void)reader_be32(&r); /* ports */
	syn.isn = reader_be32(&r);
	if (r.short_read || protocol != IPPROTO_TCP)
		return false;
	take_tcp(&r, &syn);
	*out = syn;
	return true;
}

bool saved_syn_read(int fd, struct saved_syn *out)
{
	uint8_t packet[SYN_MOST_BYTES];
	socklen_t size = sizeof packet;

	if (getsockopt(fd, SOL_TCP, TCP_SAVED_SYN, packet, &size) < 0 || size < TCP_LEAST_BYTES)
		return false;
	return saved_syn_parse(span_of(packet, size), out);
}
