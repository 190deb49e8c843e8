/*
 * OPC UA (OPC 10000-6 7.1.2): the Hello message of a client that opens a connection. Its
 * two lengths must agree. The name is the host of the endpoint's URL, opc.tcp://HOST.
 */
#include "wire/authority.h"
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	OPCUA_HEAD_BYTES = 32,     /* up to the URL */
	OPCUA_URL_MOST = 4096,     /* what is longer is refused by every server */
	OPCUA_BUFFER_LEAST = 1024, /* 8192, but for policies with elliptic curves */
	OPCUA_LIMITS_BYTES = 8,    /* of messages and of their pieces */
	OPCUA_MOST_BYTES = OPCUA_HEAD_BYTES + OPCUA_URL_MOST,
};

static const uint32_t no_url = UINT32_MAX; /* a null string */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* The host between scheme and path; no name where there is none. */
static void set_name(struct wire_hints *hints, struct span url)
{
	static const char scheme[] = "opc.tcp://";
	size_t from = sizeof scheme - 1;
	size_t end = from;

	if (url.size < from)
		return;
	for (size_t i = 0; i < from; i++) {
		if (lower(url.data[i]) != (uint8_t)scheme[i])
			return;
	}
	while (end < url.size && url.data[end] != '/')
		end++;
	wire_authority_set_name(hints, span_of(url.data + from, end - from));
}

/* As many bytes as the message has left for it. An empty string may be none at all. */
static void read_url_size(struct fields *f, uint32_t left)
{
	struct fields null = *f;

	(void)fields_le(f, 4, left, left);
	(void)fields_le(&null, 4, no_url, no_url);
	if (f->verdict == WIRE_NO && left == 0)
		*f = null;
}

static enum wire_verdict probe_opcua(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t size;

	fields_text(&f, span_text("HELF"));
	size = fields_le(&f, 4, OPCUA_HEAD_BYTES, OPCUA_MOST_BYTES);
	(void)fields_take(&f, 4); /* version */
	(void)fields_le(&f, 4, OPCUA_BUFFER_LEAST, UINT32_MAX);
	(void)fields_le(&f, 4, OPCUA_BUFFER_LEAST, UINT32_MAX);
	(void)fields_take(&f, OPCUA_LIMITS_BYTES);
	read_url_size(&f, size - OPCUA_HEAD_BYTES);
	hints->is_sure = f.verdict == WIRE_YES;
	set_name(hints, fields_take(&f, size - OPCUA_HEAD_BYTES));
	return fields_end(&f, hints);
}

const struct wire_proto wire_opcua = {
	.name = "opcua",
	.says = WIRE_SAYS_NAME,
	.tcp = { OPCUA_MOST_BYTES, probe_opcua },
};
