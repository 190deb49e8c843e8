/* Handshake bytes out of pieces. */
#include "wire/pieces.h"

void pieces_open(struct pieces *s)
{
	s->whole = 0;
	memset(s->there, 0, sizeof s->there);
}

/* Up to 64 bytes whose bits lie in one word, from its bit `first` on. */
static void put_in_word(struct pieces *s, size_t word, unsigned first, const uint8_t *bytes,
			size_t size)
{
	uint64_t mask = (size < 64 ? (UINT64_C(1) << size) - 1 : UINT64_MAX) << first;
	uint64_t missing = mask & ~s->there[word];
	uint8_t *to = s->bytes + word * 64 + first;

	if (missing == mask) {
		memcpy(to, bytes, size);
	} else {
		for (size_t i = 0; i < size; i++) {
			if (missing >> (first + i) & 1)
				to[i] = bytes[i];
		}
	}
	s->there[word] |= mask;
}

static void advance(struct pieces *s)
{
	while (s->whole < PIECES_ROOM) {
		uint64_t gaps = ~s->there[s->whole / 64] >> s->whole % 64;

		if (gaps != 0) {
			s->whole += (size_t)__builtin_ctzll(gaps);
			return;
		}
		s->whole += 64 - s->whole % 64;
	}
}

void pieces_put(struct pieces *s, uint64_t offset, struct span piece)
{
	size_t at = offset < PIECES_ROOM ? (size_t)offset : PIECES_ROOM;
	size_t done = 0;

	while (done < piece.size && at < PIECES_ROOM) {
		size_t size = 64 - at % 64;

		if (size > piece.size - done)
			size = piece.size - done;
		put_in_word(s, at / 64, at % 64, piece.data + done, size);
		at += size;
		done += size;
	}
	advance(s);
}
