/* The frames that may stand in a client's Initial packet (RFC 9000 12.4, 19). */
#include "wire/quic_frames.h"

#include "wire/quic_packet.h"

enum {
	FRAME_PADDING = 0,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_ACK_ECN = 3,
	FRAME_CRYPTO = 6,
	FRAME_CLOSE = 0x1c,
};

static void skip_numbers(struct reader *r, uint64_t count)
{
	for (uint64_t i = 0; i < count && !r->short_read; i++)
		(void)quic_number(r);
}

/* Largest, delay, how many ranges, the first of them; two numbers for each further one (19.3). */
static void skip_ack(struct reader *r, bool has_ecn)
{
	uint64_t ranges;

	skip_numbers(r, 2);
	ranges = quic_number(r);
	skip_numbers(r, 1);
	for (uint64_t i = 0; i < ranges && !r->short_read; i++)
		skip_numbers(r, 2);
	skip_numbers(r, has_ecn ? 3 : 0);
}

/* Their end cannot lie behind the largest number there is (19.6). */
static bool read_crypto(struct reader *r, struct pieces *stream)
{
	uint64_t offset = quic_number(r);
	struct span piece = quic_counted(r);

	if (r->short_read || offset + piece.size >= UINT64_C(1) << 62)
		return false;
	pieces_put(stream, offset, piece);
	return true;
}

static void skip_padding(struct reader *r)
{
	while (r->at < r->in.size && r->in.data[r->at] == FRAME_PADDING)
		r->at++;
}

bool quic_frames_read(struct span frames, struct pieces *stream)
{
	struct reader r = reader_of(frames);

	for (skip_padding(&r); reader_left(&r) > 0; skip_padding(&r)) {
		/* a type in more bytes than it needs is no type (12.4) */
		uint8_t type = reader_u8(&r);

		if (type == FRAME_CRYPTO) {
			if (!read_crypto(&r, stream))
				return false;
		} else if (type == FRAME_ACK || type == FRAME_ACK_ECN) {
			skip_ack(&r, type == FRAME_ACK_ECN);
		} else if (type == FRAME_CLOSE) {
			skip_numbers(&r, 2);
			(void)quic_counted(&r);
		} else if (type != FRAME_PING) {
			return false;
		}
	}
	return !r.short_read;
}
