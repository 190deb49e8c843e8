/* The versions of QUIC whose first packets can be read. */
#include "wire/quic_version.h"

#define V1_KINDS                                                                                   \
	{                                                                                          \
		QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY                                \
	}
#define V1_LABELS "quic key", "quic iv", "quic hp"

/* clang-format off */
static const struct quic_version version_table[] = {
	/* RFC 9000 17.2; RFC 9001 5.1, 5.2 */
	{ 1, 1, V1_KINDS,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a }, V1_LABELS },
	/* RFC 9369 3.2, 3.3 */
	{ 0x6b3343cf, 0x6b3343cf, { QUIC_RETRY, QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE },
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key", "quicv2 iv", "quicv2 hp" },
	/* draft-ietf-quic-tls-29 5.2; of drafts 33 and 34 as in version 1 */
	{ 0xff00001d, 0xff000020, V1_KINDS,
	  { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
	    0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 }, V1_LABELS },
	{ 0xff000021, 0xff000022, V1_KINDS,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a }, V1_LABELS },
};
/* clang-format on */

const struct quic_version *quic_version_find(uint32_t version)
{
	for (size_t i = 0; i < sizeof version_table / sizeof *version_table; i++) {
		if (version >= version_table[i].first && version <= version_table[i].last)
			return &version_table[i];
	}
	return NULL;
}

bool quic_version_is_telling(uint32_t version)
{
	return version != 0 && ((version & 0x0f0f0f0f) == 0x0a0a0a0a || version >> 16 == 0 ||
				version >> 8 == 0xff0000);
}
