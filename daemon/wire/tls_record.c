/* Handshake bytes out of TLS records (RFC 8446 5.1), cut anywhere. */
#include "wire/tls_record.h"

enum {
	TLS_CONTENT_HANDSHAKE = 22,
	TLS_MINOR_MOST = 4,
};

void tls_record_open(struct tls_record *r, struct span in)
{
	*r = (struct tls_record){ .in = in, .verdict = WIRE_YES };
}

void tls_record_open_bare(struct tls_record *r, struct span in)
{
	*r = (struct tls_record){ .in = in, .left = in.size, .verdict = WIRE_YES };
}

/* As much of a record header as is there. Its version is checked for sanity only, and may differ
 * from record to record; an empty handshake record is forbidden (RFC 8446 5.1). */
static bool header_fits(const uint8_t *header, size_t size)
{
	size_t length;

	if (header[0] != TLS_CONTENT_HANDSHAKE)
		return false;
	if (size > 1 && header[1] != 3)
		return false;
	if (size > 2 && header[2] > TLS_MINOR_MOST)
		return false;
	if (size < TLS_RECORD_HEADER_BYTES)
		return true;
	length = (size_t)header[3] << 8 | header[4];
	return length > 0 && length <= TLS_RECORD_MOST_BYTES;
}

static void enter_record(struct tls_record *r)
{
	size_t size = r->in.size - r->at;
	const uint8_t *header;

	if (size == 0) {
		r->verdict = WIRE_MORE;
		return;
	}
	header = r->in.data + r->at;
	if (!header_fits(header, size)) {
		r->verdict = WIRE_NO;
	} else if (size < TLS_RECORD_HEADER_BYTES) {
		r->verdict = WIRE_MORE;
	} else {
		r->left = (size_t)header[3] << 8 | header[4];
		r->at += TLS_RECORD_HEADER_BYTES;
	}
}

/* The next run of up to `most` bytes that lie side by side; empty when there is none: nothing can be
 * said then before `needed` bytes are there. */
static struct span next_run(struct tls_record *r, size_t most, size_t needed)
{
	size_t size = most;
	struct span run;

	if (r->verdict != WIRE_YES)
		return span_of(NULL, 0);
	if (r->left == 0)
		enter_record(r);
	if (r->verdict == WIRE_YES && r->in.size == r->at)
		r->verdict = WIRE_MORE;
	if (r->verdict == WIRE_MORE)
		r->missing = needed;
	if (r->verdict != WIRE_YES)
		return span_of(NULL, 0);
	if (size > r->left)
		size = r->left;
	if (size > r->in.size - r->at)
		size = r->in.size - r->at;
	run = span_of(r->in.data + r->at, size);
	r->at += size;
	r->left -= size;
	r->taken += size;
	return run;
}

void tls_record_take(struct tls_record *r, void *to, size_t size)
{
	uint8_t *out = to;

	while (size > 0) {
		struct span run = next_run(r, size, size);

		if (run.size == 0) {
			memset(out, 0, size);
			return;
		}
		memcpy(out, run.data, run.size);
		out += run.size;
		size -= run.size;
	}
}

void tls_record_skip(struct tls_record *r, size_t size)
{
	while (size > 0) {
		/* these are not looked at: what follows them is */
		struct span run = next_run(r, size, size + 1);

		if (run.size == 0)
			return;
		size -= run.size;
	}
}

uint32_t tls_record_number(struct tls_record *r, size_t size)
{
	uint8_t bytes[4];
	uint32_t value = 0;

	tls_record_take(r, bytes, size);
	if (r->verdict != WIRE_YES)
		return 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

void tls_record_require(struct tls_record *r, bool fits)
{
	if (r->verdict == WIRE_YES && !fits)
		r->verdict = WIRE_NO;
}

size_t tls_record_length(struct tls_record *r, size_t width, size_t *rest, size_t least,
			 size_t most)
{
	size_t length;

	tls_record_require(r, *rest >= width);
	length = tls_record_number(r, width);
	if (r->verdict != WIRE_YES)
		return 0;
	tls_record_require(r, length >= least && length <= most && length <= *rest - width);
	if (r->verdict != WIRE_YES)
		return 0;
	*rest -= width + length;
	return length;
}

size_t tls_record_end(const struct tls_record *r, size_t size)
{
	size_t beyond; /* what the present record cannot hold */
	size_t records;

	if (size <= r->left)
		return r->at + size;
	beyond = size - r->left;
	records = (beyond + TLS_RECORD_MOST_BYTES - 1) / TLS_RECORD_MOST_BYTES;
	return r->at + size + records * TLS_RECORD_HEADER_BYTES;
}

size_t tls_record_wanted(const struct tls_record *r, size_t rest)
{
	size_t size = r->missing < rest ? r->missing : rest;
	size_t header = r->in.size - r->at;

	if (r->left > 0)
		return r->at + (size > r->left ? r->left + 1 : size);
	/* half of a length says nothing */
	return r->at + (header < 3 ? header + 1 : TLS_RECORD_HEADER_BYTES);
}
