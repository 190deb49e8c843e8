#ifndef SHUNT_UNIT_WIRE_QUIC_RUN_H
#define SHUNT_UNIT_WIRE_QUIC_RUN_H

#include "wire_quic.h"
#include "wire_udp_run.h"

/* A flow of built QUIC datagrams, asked about. */
static inline enum wire_verdict quic_ask(struct udp_run *run)
{
	return run_ask(run, WIRE_ID_quic);
}

static inline void quic_assert(struct udp_run *run, enum wire_verdict verdict, bool is_sure,
			       const char *name)
{
	run_assert(run, WIRE_ID_quic, verdict, is_sure, name);
}

/* A flow of this one datagram. */
static inline void quic_assert_one(const struct hello_bytes *datagram, enum wire_verdict verdict,
				   bool is_sure, const char *name)
{
	struct udp_run run = { .size = 0 };

	run_add(&run, span_of(datagram->data, datagram->size));
	quic_assert(&run, verdict, is_sure, name);
}

/* A ClientHello for this name, with `padding` bytes ahead of it and ALPN h3 behind. */
static inline void run_hello(struct hello_bytes *message, const char *name, size_t padding)
{
	static struct hello_bytes extensions;

	extensions.size = 0;
	hello_put_extension(&extensions, 21, padding);
	hello_put_server_name(&extensions, span_text(name));
	hello_put(&extensions, "\0\x10\0\5\0\3\2h3", 9);
	message->size = 0;
	hello_put_message(message, span_of(extensions.data, extensions.size));
}

#endif
