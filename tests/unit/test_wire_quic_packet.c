/* QUIC packets without keys: headers of every version, numbers, coalesced packets, cuts. */
#include "wire_hex.h"
#include "wire_quic.h"

static struct hello_bytes datagram;

static struct span all(void)
{
	return span_of(datagram.data, datagram.size);
}

/* RFC 9000 A.1. */
static void test_numbers(void **state)
{
	static const struct {
		const char *bytes;
		uint64_t value;
	} known[] = {
		{ "c2197c5eff14e88c", UINT64_C(151288809941952652) },
		{ "9d7f3e7d", 494878333 },
		{ "7bbd", 15293 },
		{ "25", 37 },
		{ "4025", 37 },
		{ "ffffffffffffffff", (UINT64_C(1) << 62) - 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct hex_bytes room;
		struct span bytes = hex_of(&room, known[i].bytes);

		for (size_t cut = 0; cut < bytes.size; cut++) {
			struct reader r = reader_of(span_of(bytes.data, cut));

			assert_int_equal(quic_number(&r), 0);
			assert_true(r.short_read);
		}
		struct reader r = reader_of(bytes);

		assert_true(quic_number(&r) == known[i].value);
		assert_false(r.short_read);
		assert_int_equal(r.at, bytes.size);
	}
}

static void test_counted(void **state)
{
	static const uint8_t bytes[] = { 2, 'a', 'b', 0, 3, 'c' };
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'a' };
	struct reader r = reader_of(span_of(bytes, sizeof bytes));

	(void)state;
	assert_true(span_equal(quic_counted(&r), span_text("ab")));
	assert_int_equal(quic_counted(&r).size, 0);
	assert_false(r.short_read);
	assert_int_equal(quic_counted(&r).size, 0);
	assert_true(r.short_read);
	r = reader_of(span_of(huge, sizeof huge));
	assert_int_equal(quic_counted(&r).size, 0);
	assert_true(r.short_read);
}

/* The kinds of packets have other bits in version 2 (RFC 9369 3.2). */
static void test_kinds(void **state)
{
	static const uint32_t versions[] = { BUILD_V1, BUILD_V2, 0xff00001d, 0xff000022 };

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		struct quic_build q = build_client(versions[i], "12345678");
		struct quic_packet p;

		q.token = span_text("a token");
		for (unsigned kind = QUIC_INITIAL; kind <= QUIC_RETRY; kind++) {
			struct reader r;

			datagram.size = 0;
			build_opaque(&datagram, &q, (enum quic_kind)kind, 30);
			r = reader_of(all());
			assert_true(quic_packet_read(&r, &p));
			assert_int_equal(p.kind, kind);
			assert_ptr_equal(p.version, quic_version_find(versions[i]));
			assert_true(span_equal(p.dcid, span_text("12345678")));
			assert_true(span_equal(p.whole, all()));
			assert_true(span_equal(p.token, kind == QUIC_INITIAL ? q.token : p.token));
			if (kind != QUIC_INITIAL)
				assert_int_equal(p.token.size, 0);
			assert_int_equal(p.number_at, kind == QUIC_RETRY ? 0 : datagram.size - 30);
			assert_false(quic_packet_read(&r, &p));
		}
	}
}

/* Every byte too few is no packet; every byte too many is the next one's. */
static void test_every_cut(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_packet p;
	struct reader r;

	(void)state;
	q.token = span_text("token");
	datagram.size = 0;
	build_opaque(&datagram, &q, QUIC_INITIAL, 100);
	for (size_t cut = 0; cut < datagram.size; cut++) {
		r = reader_of(span_of(datagram.data, cut));
		assert_false(quic_packet_read(&r, &p));
		assert_int_equal(reader_left(&r), 0);
	}
	hello_put_zeros(&datagram, 3);
	r = reader_of(all());
	assert_true(quic_packet_read(&r, &p));
	assert_int_equal(p.whole.size, datagram.size - 3);
	assert_false(quic_packet_read(&r, &p)); /* zeros are no packet */
}

static void test_coalesced(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	static const enum quic_kind kinds[] = { QUIC_INITIAL, QUIC_0RTT, QUIC_INITIAL,
						QUIC_HANDSHAKE };
	struct quic_packet p;
	struct reader r;
	size_t at = 0;

	(void)state;
	datagram.size = 0;
	for (size_t i = 0; i < 4; i++)
		build_opaque(&datagram, &q, kinds[i], 40 + i);
	r = reader_of(all());
	for (size_t i = 0; i < 4; i++) {
		assert_true(quic_packet_read(&r, &p));
		assert_int_equal(p.kind, kinds[i]);
		assert_ptr_equal(p.whole.data, datagram.data + at);
		assert_int_equal(p.whole.size - p.number_at, 40 + i);
		at += p.whole.size;
	}
	assert_int_equal(at, datagram.size);
}

static void expect_none(void)
{
	struct reader r = reader_of(all());
	struct quic_packet p;

	assert_false(quic_packet_read(&r, &p));
}

static void test_no_packets(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	static const char long_id[] = "123456789012345678901";

	(void)state;
	datagram.size = 0;
	build_opaque(&datagram, &q, QUIC_0RTT, 100);
	datagram.data[0] &= 0x7f; /* a short header */
	expect_none();
	datagram.data[0] |= 0x80;
	datagram.data[4] = 5; /* an unknown version */
	expect_none();
	datagram.data[4] = 0; /* Version Negotiation */
	expect_none();
	q.dcid = span_text(long_id); /* 21 bytes */
	datagram.size = 0;
	build_opaque(&datagram, &q, QUIC_0RTT, 100);
	expect_none();
	q.dcid = span_text("");
	q.scid = span_text(long_id);
	datagram.size = 0;
	build_opaque(&datagram, &q, QUIC_0RTT, 100);
	expect_none();
}

/* What all versions share: ids of up to 255 bytes (RFC 8999 5.1). */
static void test_long(void **state)
{
	static uint8_t id[255] = { 1, 2, 3 };
	struct quic_long head;
	struct reader r;

	(void)state;
	for (size_t size = 0; size <= 255; size += 51) {
		datagram.size = 0;
		hello_put_number(&datagram, 1, 0x80);
		hello_put_number(&datagram, 4, 0xfeedbeef);
		hello_put_number(&datagram, 1, size);
		hello_put(&datagram, id, size);
		hello_put_number(&datagram, 1, 255 - size);
		hello_put(&datagram, id, 255 - size);
		r = reader_of(all());
		assert_true(quic_long_read(&r, &head));
		assert_int_equal(head.version, 0xfeedbeef);
		assert_int_equal(head.dcid.size, size);
		assert_int_equal(head.scid.size, 255 - size);
		r = reader_of(span_of(datagram.data, datagram.size - 1));
		if (size < 255)
			assert_false(quic_long_read(&r, &head));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),   cmocka_unit_test(test_counted),
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_coalesced), cmocka_unit_test(test_no_packets),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
