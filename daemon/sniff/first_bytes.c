/* Which recognisers a first byte leaves in question. */
#include "sniff/first_bytes.h"

#include "base/datagrams.h"
#include "wire/wire.h"

static bool may_begin(const struct wire_proto *proto, unsigned transport, uint8_t byte)
{
	struct wire_hints hints;

	if (!wire_proto_way(proto, transport)->probe)
		return false;
	if (transport == WIRE_UDP)
		return !proto->begins || proto->begins(byte);
	wire_hints_clear(&hints);
	return proto->tcp.probe(span_of(&byte, 1), &hints) != WIRE_NO;
}

void first_bytes_learn(struct first_bytes *out)
{
	memset(out, 0, sizeof *out);
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		if (proto->tcp.probe)
			proto_set_add(&out->tcp_all, id);
		if (proto->udp.probe)
			proto_set_add(&out->udp_all, id);
		for (unsigned byte = 0; byte < 256; byte++) {
			if (may_begin(proto, WIRE_TCP, (uint8_t)byte))
				proto_set_add(&out->tcp[byte], id);
			if (may_begin(proto, WIRE_UDP, (uint8_t)byte))
				proto_set_add(&out->udp[byte], id);
		}
	}
}

const struct proto_set *first_bytes_leave(const struct first_bytes *first, unsigned transport,
					  struct span bytes)
{
	const uint8_t *at = bytes.data;

	if (transport == WIRE_TCP)
		return bytes.size > 0 ? &first->tcp[at[0]] : &first->tcp_all;
	/* behind the size of a datagram that is not empty (base/datagrams.h) */
	if (bytes.size > DATAGRAMS_HEAD_BYTES && (at[0] | at[1]))
		return &first->udp[at[DATAGRAMS_HEAD_BYTES]];
	return &first->udp_all;
}
