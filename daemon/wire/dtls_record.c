/* ClientHellos in DTLS records. */
#include "wire/dtls_record.h"

enum {
	HANDSHAKE_CLIENT_HELLO = 1,
	VERSION_1_0 = 0xfeff,
	VERSION_1_2 = 0xfefd, /* also in all records of 1.3 that are not encrypted */
	VERSION_BAD = 0x0100, /* DTLS1_BAD_VER of OpenSSL: a draft that lived on */
};

struct dtls_pieces dtls_pieces_of(struct span datagram)
{
	return (struct dtls_pieces){ .datagram = reader_of(datagram) };
}

/* RFC 6347 4.1: a client that has sent more than 65536 records is past its hello. */
static bool enter_record(struct dtls_pieces *p)
{
	struct reader *r = &p->datagram;
	uint8_t type = reader_u8(r);
	uint16_t version = reader_be16(r);
	uint16_t epoch = reader_be16(r);
	uint32_t number_high = reader_be32(r);

	(void)reader_be16(r);
	p->record = reader_of(reader_take(r, reader_be16(r)));
	return !r->short_read && type == DTLS_CONTENT_HANDSHAKE && epoch == 0 && number_high == 0 &&
	       (version == VERSION_1_0 || version == VERSION_1_2 || version == VERSION_BAD);
}

static bool read_piece(struct reader *r, struct dtls_piece *out)
{
	uint8_t type = reader_u8(r);
	struct dtls_piece piece = { .whole = reader_be24(r) };
	uint16_t number = reader_be16(r);

	piece.offset = reader_be24(r);
	piece.bytes = reader_take(r, reader_be24(r));
	if (r->short_read || type != HANDSHAKE_CLIENT_HELLO || number > DTLS_HELLO_NUMBER_MOST ||
	    piece.whole < DTLS_HELLO_LEAST || piece.whole > DTLS_HELLO_MOST ||
	    piece.bytes.size == 0 || piece.offset > piece.whole - 1 ||
	    piece.bytes.size > piece.whole - piece.offset)
		return false;
	piece.number = (uint8_t)number;
	*out = piece;
	return true;
}

bool dtls_pieces_next(struct dtls_pieces *p, struct dtls_piece *out)
{
	if (reader_left(&p->record) == 0 && !enter_record(p))
		p->record.short_read = true;
	if (read_piece(&p->record, out))
		return true;
	/* nothing behind it can be read */
	p->datagram.short_read = true;
	p->record.short_read = true;
	return false;
}
