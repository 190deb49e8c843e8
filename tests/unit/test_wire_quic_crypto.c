/* Initial packets and their keys: the examples of RFC 9001 A and RFC 9369 A, and what was meddled with. */
#include "wire/hkdf.h"
#include "wire_hex.h"
#include "wire_quic.h"
#include "wire_samples.h"

struct vector {
	uint32_t version;
	const char *key;
	const char *iv;
	const char *mask; /* key of the header protection */
	const char *file; /* that holds the packet */
};

/* For the connection id 8394c8f03e515708. */
static const struct vector vectors[] = {
	{ BUILD_V1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
	  "9f50449e04a0e810283a1e9933adedd2", "rfc9001-a.2" },
	{ BUILD_V2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
	  "45b95e15235d6f45a6b19cbcb0294ba9", "rfc9369-a.2" },
};

/* The frames of both packets, up to their padding. */
static const char frames[] =
	"060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c000004"
	"13011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018"
	"00100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba75"
	"3de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020308040805080600"
	"2d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075"
	"300901100f088394c8f03e51570806048000ffff";

static const struct vector *wanted;
static struct hello_bytes packet;
static uint8_t opened[2048];

static struct span first_cid(struct hex_bytes *room)
{
	return hex_of(room, "8394c8f03e515708");
}

/* Two expanded keys are the same key when they do the same. */
static void assert_key(struct aes *got, const char *expected)
{
	struct hex_bytes key;
	uint8_t a[AES_BLOCK_BYTES] = { 0 };
	uint8_t b[AES_BLOCK_BYTES] = { 0 };
	struct aes other;

	aes_open(&other, hex_of(&key, expected).data);
	aes_encrypt(got, a, a);
	aes_encrypt(&other, b, b);
	assert_memory_equal(a, b, sizeof a);
}

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct hex_bytes cid;
		struct quic_keys k;

		quic_keys_open(&k, quic_version_find(vectors[i].version), first_cid(&cid));
		assert_key(&k.gcm.aes, vectors[i].key);
		assert_key(&k.mask, vectors[i].mask);
		hex_assert(k.iv, vectors[i].iv);
	}
}

static void take_packet(const char *file, struct span sample)
{
	if (strcmp(file, wanted->file) != 0)
		return;
	packet.size = 0;
	hello_put(&packet, sample.data + DATAGRAMS_HEAD_BYTES, sample.size - DATAGRAMS_HEAD_BYTES);
}

/* What the packet that was read holds: the size of its frames, in `opened`; 0 when it does not open. */
static size_t open_packet(void)
{
	struct reader r = reader_of(span_of(packet.data, packet.size));
	struct quic_packet p;
	struct quic_keys k;

	if (!quic_packet_read(&r, &p) || p.kind != QUIC_INITIAL)
		return 0;
	quic_keys_open(&k, p.version, p.dcid);
	return quic_unprotect(&k, &p, opened);
}

static void test_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct hex_bytes room;
		struct span expected = hex_of(&room, frames);

		wanted = &vectors[i];
		packet.size = 0;
		sample_each("fuzz_wire_quic", take_packet);
		assert_int_equal(packet.size, 1200);
		assert_int_equal(open_packet(), 1162);
		assert_memory_equal(opened, expected.data, expected.size);
		for (size_t at = expected.size; at < 1162; at++)
			assert_int_equal(opened[at], 0);
	}
}

/* No bit of it may be another one. */
static void test_every_bit(void **state)
{
	(void)state;
	wanted = &vectors[0];
	sample_each("fuzz_wire_quic", take_packet);
	for (size_t bit = 0; bit < packet.size * 8; bit++) {
		packet.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(open_packet(), 0);
		packet.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(open_packet(), 1162);
}

/* Our own sealing makes the packets of the RFCs, so what else it makes is worth opening. */
static void test_sealing(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct quic_build q = build_client(vectors[i].version, "");
		struct hello_bytes *built = calloc(1, sizeof *built);
		struct hex_bytes room;
		struct hex_bytes cid;

		assert_non_null(built);
		q.dcid = q.origin = first_cid(&cid);
		q.scid = span_text("");
		q.number = 2;
		q.number_bytes = 4;
		build_initial(built, &q, hex_of(&room, frames), 1200);
		wanted = &vectors[i];
		sample_each("fuzz_wire_quic", take_packet);
		assert_int_equal(built->size, packet.size);
		assert_memory_equal(built->data, packet.data, packet.size);
		free(built);
	}
}

/* Packet numbers of 1 to 4 bytes, with the least number of frames that leave a sample (RFC 9001 5.4.2). */
static void test_small_packets(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");

	(void)state;
	for (unsigned bytes = 1; bytes <= 4; bytes++) {
		size_t size;

		q.number_bytes = bytes;
		q.number = 0xfffffffe;
		packet.size = 0;
		build_initial(&packet, &q, span_text("\1"), 0);
		size = bytes < 4 ? 4 - bytes : 1;
		assert_int_equal(open_packet(), size);
		assert_int_equal(opened[0], 1);
	}
	/* one byte less would leave no sample; nothing at all is no packet (RFC 9000 12.4) */
	for (size_t size = 0; size < 21; size++) {
		packet.size = 0;
		build_opaque(&packet, &q, QUIC_INITIAL, size);
		assert_int_equal(open_packet(), 0);
	}
	packet.size = 0;
	build_initial(&packet, &q, span_text(""), 0);
	assert_int_equal(open_packet(), 0);
}

/* A token may be as long as the datagram. */
static void test_long_token(void **state)
{
	static char token[9000];
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct hello_bytes *big = &packet;
	static uint8_t out[16384];
	struct quic_packet p;
	struct quic_keys k;
	struct reader r;

	(void)state;
	memset(token, 't', sizeof token);
	q.token = span_of(token, sizeof token);
	big->size = 0;
	build_initial(big, &q, span_text("\1"), 0);
	r = reader_of(span_of(big->data, big->size));
	assert_true(quic_packet_read(&r, &p));
	assert_int_equal(p.token.size, sizeof token);
	quic_keys_open(&k, p.version, p.dcid);
	assert_int_equal(quic_unprotect(&k, &p, out), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),          cmocka_unit_test(test_packets),
		cmocka_unit_test(test_every_bit),     cmocka_unit_test(test_sealing),
		cmocka_unit_test(test_small_packets), cmocka_unit_test(test_long_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
