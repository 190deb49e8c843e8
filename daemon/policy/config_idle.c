/* `idle` of a backend: connections and flows of datagrams have defaults of their own. */
#include "policy/config_values.h"

enum {
	UDP_MS = 60 * 1000, /* nobody says when a flow of datagrams ends; routers forget it later */
};

static int parse_idle(const struct value_in *in)
{
	const uint32_t *field = value_field(in, in->key->offset);
	uint32_t *udp = value_field(in, in->key->also);
	int err = value_ms.parse(in);

	if (!err)
		*udp = in->is_default ? UDP_MS : *field;
	return err;
}

static bool has_udp(const struct config *config)
{
	for (size_t i = 0; i < config->divert_count; i++) {
		if (config->diverts[i].udp.count)
			return true;
	}
	return false;
}

/* Two defaults, one for each transport, are no value that one could write. */
static const char *show_idle(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const uint32_t *field = value_shown(out, out->key->offset);
	const uint32_t *udp = value_shown(out, out->key->also);

	return *field != *udp && has_udp(out->config) ? NULL : value_ms.print(out, i, text);
}

const struct value_type value_idle = { .parse = parse_idle, .print = show_idle };
