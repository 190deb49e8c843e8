/*
 * HTTP/2 with prior knowledge (RFC 9113 3.4): the client's preface, then frames.
 * The preface decides; the first header block only gives the name, by
 * `:authority`, else by `host`. From the 24th byte on a MORE is sure, for many
 * clients first wait for the server's SETTINGS, and then no name ever comes.
 *
 * Frames that a server has to refuse, a block that HPACK cannot read, two names
 * that differ or two of one kind (RFC 9113 8.3.1) give no name, and so does a block
 * that does not end within HTTP2_MOST_BYTES, or has more fields than
 * HTTP2_FIELDS_MOST: one byte may stand for a field of 4 KiB. All these are HTTP/2.
 */
#include "wire/authority.h"
#include "wire/hpack.h"
#include "wire/recognise.h"

enum {
	HTTP2_MOST_BYTES =
		32768, /* preface, frames and all of the first header block: a full frame fits */
	HTTP2_FIELDS_MOST = 256,
	HTTP2_PREFACE_BYTES = 24,
	HTTP2_FRAME_HEADER_BYTES = 9,
	HTTP2_FRAME_MOST = 16384, /* SETTINGS_MAX_FRAME_SIZE before the server said anything */
	HTTP2_PRIORITY_BYTES = 5, /* of a HEADERS frame with that flag */
	HTTP2_AUTHORITY_BYTES = WIRE_NAME_BYTES + 16, /* a final dot, brackets, a port */
};

enum frame_type { /* RFC 9113 6 */
		  FRAME_HEADERS = 1,
		  FRAME_PRIORITY = 2,
		  FRAME_SETTINGS = 4,
		  FRAME_PING = 6,
		  FRAME_GOAWAY = 7,
		  FRAME_WINDOW_UPDATE = 8,
		  FRAME_CONTINUATION = 9, /* the last one that the RFC knows */
};

enum frame_flag {
	FLAG_ACK = 0x01,
	FLAG_END_HEADERS = 0x04,
	FLAG_PADDED = 0x08,
	FLAG_PRIORITY = 0x20,
};

struct frame {
	size_t size; /* of the payload */
	uint8_t type;
	uint8_t flags;
	uint32_t stream;
};

/* The first header block, put together from its frames. */
struct block {
	uint32_t stream; /* that it belongs to; 0 before its HEADERS came */
	size_t size;
	uint8_t bytes[HTTP2_MOST_BYTES];
};

static struct frame read_frame(struct reader *r)
{
	struct frame f = { .size = reader_be24(r) };

	f.type = reader_u8(r);
	f.flags = reader_u8(r);
	f.stream = reader_be32(r) & 0x7fffffff;
	return f;
}

/* May it come ahead of the first header block, and be passed over? Unknown types are (RFC 9113
 * 4.1); those of a stream cannot, for there is none yet (5.1). */
static bool is_passed_over(const struct frame *f)
{
	switch (f->type) {
	case FRAME_PRIORITY:
	case FRAME_SETTINGS:
	case FRAME_PING:
	case FRAME_GOAWAY:
	case FRAME_WINDOW_UPDATE:
		return true;
	default:
		return f->type > FRAME_CONTINUATION;
	}
}

/* SETTINGS come first (RFC 9113 3.4); a block is not interrupted (6.10); a client's streams are
 * odd (5.1.1). */
static bool may_come(const struct frame *f, bool is_first, const struct block *b)
{
	if (f->size > HTTP2_FRAME_MOST)
		return false;
	if (is_first)
		return f->type == FRAME_SETTINGS && !(f->flags & FLAG_ACK) && f->stream == 0;
	if (b->stream)
		return f->type == FRAME_CONTINUATION && f->stream == b->stream;
	return f->type == FRAME_HEADERS ? f->stream % 2 == 1 : is_passed_over(f);
}

/* Add the part of the block that this frame has. False when its padding passes its end. */
static bool add_fragment(struct block *b, const struct frame *f, struct span payload)
{
	struct reader r = reader_of(payload);
	struct span fragment;
	size_t padding = 0;

	if (f->type == FRAME_HEADERS && (f->flags & FLAG_PADDED))
		padding = reader_u8(&r);
	if (f->type == FRAME_HEADERS && (f->flags & FLAG_PRIORITY))
		(void)reader_take(&r, HTTP2_PRIORITY_BYTES);
	if (r.short_read || padding > reader_left(&r))
		return false;
	fragment = reader_take(&r, reader_left(&r) - padding);
	if (fragment.size > 0)
		memcpy(b->bytes + b->size, fragment.data, fragment.size); /* fits: part of in */
	b->size += fragment.size;
	b->stream = f->stream;
	return true;
}

/*
 * Put the first header block together. YES when it is whole, NO when none will
 * come that could be read, else MORE and *wanted.
 */
static enum wire_verdict gather(struct span in, struct block *b, size_t *wanted)
{
	struct reader r = reader_of(in);
	struct span payload;
	bool is_first = true;
	struct frame f;

	(void)reader_take(&r, HTTP2_PREFACE_BYTES);
	for (;;) {
		size_t start = r.at;

		*wanted = start + HTTP2_FRAME_HEADER_BYTES;
		f = read_frame(&r);
		if (r.short_read)
			return WIRE_MORE;
		if (!may_come(&f, is_first, b))
			return WIRE_NO;
		*wanted += f.size + (is_passed_over(&f) ? HTTP2_FRAME_HEADER_BYTES : 0);
		payload = reader_take(&r, f.size);
		if (r.short_read)
			return WIRE_MORE;
		is_first = false;
		if (is_passed_over(&f))
			continue;
		if (!add_fragment(b, &f, payload))
			return WIRE_NO;
		if (f.flags & FLAG_END_HEADERS)
			return WIRE_YES;
	}
}

/* What one kind of name field of a block says. */
struct named {
	unsigned count;
	size_t size; /* of text; more than it holds when it was longer */
	uint8_t text[HTTP2_AUTHORITY_BYTES];
};

static void note(struct named *n, const struct hpack_string *value)
{
	if (n->count++ > 0)
		return;
	n->size = value->size;
	(void)hpack_string_copy(value, n->text, sizeof n->text);
}

static void set_name(struct wire_hints *hints, const struct named *n)
{
	hints->name_size = 0;
	if (n->count == 1 && n->size <= sizeof n->text)
		wire_authority_set_name(hints, span_of(n->text, n->size));
}

/* The name of the request that the block holds, none when anything about it is amiss. */
static void read_name(struct span block, struct wire_hints *hints)
{
	struct named authority = { 0 };
	struct named host = { 0 };
	struct hpack_field field;
	struct wire_hints other;
	struct hpack h;
	enum hpack_step step;
	unsigned fields = 0;

	hpack_init(&h, HPACK_TABLE_BYTES);
	hpack_open(&h, block);
	step = hpack_next(&h, &field);
	for (; step == HPACK_FIELD && fields <= HTTP2_FIELDS_MOST; fields++) {
		if (hpack_string_is(&field.name, ":authority"))
			note(&authority, &field.value);
		else if (hpack_string_is(&field.name, "host"))
			note(&host, &field.value);
		step = hpack_next(&h, &field);
	}
	if (step == HPACK_BAD || fields > HTTP2_FIELDS_MOST)
		return;
	set_name(hints, authority.count ? &authority : &host);
	if (authority.count == 0 || host.count == 0)
		return;
	set_name(&other, &host);
	if (!span_equal(span_of(hints->name, hints->name_size),
			span_of(other.name, other.name_size)))
		hints->name_size = 0;
}

static enum wire_verdict probe_http2(struct span in, struct wire_hints *hints)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	struct block block;
	size_t size = in.size < HTTP2_PREFACE_BYTES ? in.size : HTTP2_PREFACE_BYTES;

	hints->name_size = 0;
	hints->alpn_size = 0;
	hints->is_sure = size == HTTP2_PREFACE_BYTES;
	if (!span_equal(span_of(in.data, size), span_of(preface, size)))
		return WIRE_NO;
	hints->wanted = in.size + 1; /* any byte may differ */
	if (!hints->is_sure)
		return WIRE_MORE;
	if (in.size > HTTP2_MOST_BYTES)
		in.size = HTTP2_MOST_BYTES;
	block.stream = 0;
	block.size = 0;
	switch (gather(in, &block, &hints->wanted)) {
	case WIRE_YES:
		read_name(span_of(block.bytes, block.size), hints);
		return WIRE_YES;
	case WIRE_MORE:
		return hints->wanted > HTTP2_MOST_BYTES ? WIRE_YES : WIRE_MORE;
	case WIRE_NO:
		break;
	}
	return WIRE_YES;
}

const struct wire_proto wire_http2 = {
	.name = "http2",
	.says = WIRE_SAYS_NAME,
	.tcp = { HTTP2_MOST_BYTES, probe_http2 },
};
