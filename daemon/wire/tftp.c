/*
 * TFTP: a request to read or to write a file (RFC 1350 5): its number, the name, the
 * mode, then names and values of options up to the end (RFC 2347), each ended by a zero
 * byte. The names are text, so that the zero bytes of other protocols cannot stand in
 * them. A server answers from a port of its own choice (RFC 1350 4).
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	READ = 1,
	WRITE = 2,
	DELETE = 0x7f,
};

/* Text up to a zero byte, without control characters; empty after a short read, or where it is not. */
static struct span read_text(struct reader *r)
{
	struct span text = span_of(r->in.data + r->at, 0);
	uint8_t c = reader_u8(r);

	while (c >= ' ' && c != DELETE) {
		text.size++;
		c = reader_u8(r);
	}
	if (c != 0)
		r->short_read = true;
	return r->short_read ? span_of(NULL, 0) : text;
}

/* Those two of RFC 1350 that carry files, in any case; `mail` was given up with it. */
static bool is_mode(struct span text)
{
	return text_is_same(text, "OCTET") || text_is_same(text, "NETASCII");
}

static bool is_request(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint16_t number = reader_be16(&r);

	if ((number != READ && number != WRITE) || read_text(&r).size == 0 ||
	    !is_mode(read_text(&r)))
		return false;
	while (reader_left(&r) > 0) {
		struct span name = read_text(&r);

		(void)read_text(&r); /* its value: `multicast` has an empty one (RFC 2090) */
		if (name.size == 0)
			return false;
	}
	return !r.short_read;
}

static bool begins_tftp(uint8_t first)
{
	return first == 0;
}

static enum wire_verdict probe_tftp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_request);
}

const struct wire_proto wire_tftp = {
	.name = "tftp",
	.udp = { DATAGRAMS_ROOM, probe_tftp },
	.begins = begins_tftp,
};
