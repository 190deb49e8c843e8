/*
 * The SSLv2-compatible ClientHello (RFC 5246 E.2), and that of SSLv2 itself:
 * a protocol of its own here, because it can carry neither SNI nor ALPN. All
 * that tells it apart stands in its first 11 bytes.
 */
#include "wire/recognise.h"

enum {
	SSLV2_MOST_BYTES = 11,
	SSLV2_FIELDS_BYTES = 9,     /* msg_type to challenge_length, which the length counts too */
	SSLV2_CIPHER_BYTES = 3,     /* one cipher spec */
	SSLV2_SESSION_BYTES = 16,   /* a session id of SSLv2; the compatible hello has none */
	SSLV2_CHALLENGE_LEAST = 16, /* the client's random bytes */
	SSLV2_CHALLENGE_MOST = 32,
};

static unsigned be16_at(struct span in, size_t at)
{
	return (unsigned)in.data[at] << 8 | in.data[at + 1];
}

/* The high bit of a length of two bytes, msg_type 1, version 0.2 or 3.0 to 3.3. */
static bool header_fits(struct span in)
{
	if (in.size > 0 && !(in.data[0] & 0x80))
		return false;
	if (in.size > 2 && in.data[2] != 1)
		return false;
	if (in.size > 3 && in.data[3] != 0 && in.data[3] != 3)
		return false;
	return in.size < 5 || (in.data[3] == 3 ? in.data[4] <= 3 : in.data[4] == 2);
}

/* The three lengths inside, which together make up the outer one. What is not there yet counts with
 * the least that it can be. */
static bool lengths_fit(struct span in)
{
	unsigned ciphers = in.size > 6 ? be16_at(in, 5) : SSLV2_CIPHER_BYTES;
	unsigned session = in.size > 8 ? be16_at(in, 7) : 0;
	unsigned challenge = in.size > 10 ? be16_at(in, 9) : SSLV2_CHALLENGE_LEAST;
	unsigned sum = SSLV2_FIELDS_BYTES + ciphers + session + challenge;

	if (ciphers == 0 || ciphers % SSLV2_CIPHER_BYTES != 0)
		return false;
	if (session != 0 && session != SSLV2_SESSION_BYTES)
		return false;
	if (challenge < SSLV2_CHALLENGE_LEAST || challenge > SSLV2_CHALLENGE_MOST)
		return false;
	if (in.size < SSLV2_MOST_BYTES)
		return in.size < 2 || sum <= (be16_at(in, 0) & 0x7fff);
	return sum == (be16_at(in, 0) & 0x7fff);
}

/* With how many bytes more can be said: the three lengths inside say nothing by halves. */
static size_t wanted_at(size_t size)
{
	return size < 5 ? size + 1 : (size + 1) / 2 * 2 + 1;
}

static enum wire_verdict probe_sslv2(struct span in, struct wire_hints *hints)
{
	if (!header_fits(in) || !lengths_fit(in))
		return WIRE_NO;
	if (in.size < SSLV2_MOST_BYTES) {
		hints->wanted = wanted_at(in.size);
		return WIRE_MORE;
	}
	hints->name_size = 0;
	hints->alpn_size = 0;
	return WIRE_YES;
}

const struct wire_proto wire_sslv2 = {
	.name = "sslv2",
	.tcp = { SSLV2_MOST_BYTES, probe_sslv2 },
};
