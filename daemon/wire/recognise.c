/* The table of recognisers, in the order of protocols.h. */
#include "wire/recognise.h"

#define WIRE_PROTO(name) [WIRE_ID_##name] = &wire_##name,
static const struct wire_proto *const proto_table[WIRE_IDS] = {
#include "wire/protocols.h"
};
#undef WIRE_PROTO

const struct wire_proto *wire_proto_at(unsigned id)
{
	return proto_table[id];
}

int wire_proto_find(const char *name)
{
	/* what gRPC speaks; inside TLS it is chosen by ALPN */
	if (strcmp(name, "grpc") == 0)
		return WIRE_ID_http2;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (strcmp(proto_table[id]->name, name) == 0)
			return (int)id;
	}
	return -1;
}
