/* BitTorrent: the handshake of peers, and what a tracker is asked first. */
#include "wire_steps.h"
#include "wire_udp_exact.h"

#define HANDSHAKE                                                                                  \
	"\x13"                                                                                     \
	"BitTorrent protocol"
#define CONNECT "000004172710198000000000"

static bool begins_handshake(uint8_t byte)
{
	return byte == 0x13;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_bittorrent, begins_handshake);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_bittorrent, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_bittorrent_tcp", check_seed);
	exact_assert_seeds("fuzz_wire_bittorrent", WIRE_ID_bittorrent, true);
}

/* Each byte of the handshake counts; of what follows, none. */
static void test_handshake(void **state)
{
	(void)state;
	steps_assert_text(WIRE_ID_bittorrent, HANDSHAKE, WIRE_YES);
	for (size_t at = 0; at < strlen(HANDSHAKE); at++) {
		char text[] = HANDSHAKE "12345678";

		text[at] ^= 0x20;
		steps_assert(WIRE_ID_bittorrent, span_of(text, sizeof text), WIRE_NO, at + 1);
	}
	for (unsigned i = 0; i < 256; i++) {
		char text[] = HANDSHAKE "12345678";

		text[strlen(HANDSHAKE)] = (char)i;
		steps_assert(WIRE_ID_bittorrent, span_of(text, sizeof text), WIRE_YES,
			     strlen(HANDSHAKE));
	}
	assert_int_equal(wire_proto_at(WIRE_ID_bittorrent)->tcp.most_bytes, strlen(HANDSHAKE));
}

/* Each byte of the request counts but those of its number. */
static void test_connect(void **state)
{
	struct hex_bytes room;
	struct span in = hex_of(&room, CONNECT "00000000");

	(void)state;
	for (size_t at = 0; at < in.size; at++) {
		room.data[at] ^= 0x10;
		run_assert_one(in, WIRE_ID_bittorrent, at < 12 ? WIRE_NO : WIRE_YES);
		room.data[at] ^= 0x10;
	}
	exact_assert_size(WIRE_ID_bittorrent, in);
	exact_assert(WIRE_ID_bittorrent, "", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
