/* Built-in recognisers and probes under one set of ids. */
#include "policy/protocol.h"

const char *protocol_name(const struct config *config, unsigned id)
{
	const struct probe *probe = protocol_probe(config, id);

	return probe ? probe->name : wire_proto_at(id)->name;
}

unsigned protocol_transports(const struct config *config, unsigned id)
{
	const struct probe *probe = protocol_probe(config, id);

	return probe ? probe_transport(probe) : wire_proto_transports(wire_proto_at(id));
}

int protocol_find(const struct config *config, const char *name)
{
	int id = wire_proto_find(name);

	for (size_t i = 0; id < 0 && i < config->probe_count; i++) {
		if (strcmp(config->probes[i].name, name) == 0)
			id = WIRE_IDS + (int)i;
	}
	return id;
}
