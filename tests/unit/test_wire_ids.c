/* Identifiers in datagrams of real servers and clients, and in such as nobody sends. */
#include "base/datagrams.h"
#include "wire/ids.h"
#include "wire_samples.h"

static uint8_t room[DATAGRAMS_ROOM];

/* The first datagram of a seed. */
static struct span seed(const char *fuzzer, const char *name)
{
	char path[256];
	struct datagrams d;
	struct span first;
	FILE *file;

	(void)snprintf(path, sizeof path, "tests/fuzz/seeds/%s/%s", fuzzer, name);
	file = fopen(path, "re");
	assert_non_null(file);
	d = datagrams_of(span_of(room, fread(room, 1, sizeof room, file)));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(datagrams_next(&d, &first), DATAGRAMS_ONE);
	return first;
}

static struct ids_told told_of(enum flow_id_kind kind, struct span datagram)
{
	struct span head = datagram;

	if (head.size > FLOW_ID_HEAD_BYTES)
		head.size = FLOW_ID_HEAD_BYTES;
	return ids_told(kind, head, datagram.size);
}

/* What a server says is what its client then names: in a long header, and in a short one. */
static void test_quic_server(void **state)
{
	struct span datagram = seed("fuzz_wire_quic", "near-gtlsserver-0.12.1");
	struct ids_told told = told_of(FLOW_ID_QUIC, datagram);
	uint8_t client[64] = { 0x40 };
	struct flow_id named;

	(void)state;
	assert_true(told.is_last);
	assert_int_equal(told.id.kind, FLOW_ID_QUIC);
	assert_int_equal(told.id.size, 18); /* of ngtcp2's servers */
	memcpy(client + 1, told.id.bytes, told.id.size);
	named = ids_named(span_of(client, sizeof client));
	assert_true(named.is_open);
	assert_int_equal(named.size, FLOW_ID_MOST_BYTES);
	assert_memory_equal(named.bytes, told.id.bytes, told.id.size);
	client[0] = 0x00; /* RFC 9287 */
	assert_int_equal(ids_named(span_of(client, sizeof client)).size, FLOW_ID_MOST_BYTES);
	memcpy(client, "\xe0\0\0\0\1\x12", 6); /* Handshake */
	memcpy(client + 6, told.id.bytes, told.id.size);
	named = ids_named(span_of(client, sizeof client));
	assert_memory_equal(&named, &told.id, sizeof named);
	assert_int_equal(told_of(FLOW_ID_WIREGUARD, datagram).id.size, 0);
	assert_int_equal(told_of(FLOW_ID_NONE, datagram).id.size, 0);
}

static void test_quic_retry(void **state)
{
	struct ids_told told =
		told_of(FLOW_ID_QUIC, seed("fuzz_wire_quic", "near-gtlsserver-0.12.1-retry"));

	(void)state;
	assert_true(told.id.size > 0);
	assert_false(told.is_last);
}

/* A long header with ids of those sizes. */
static struct span long_header(uint8_t *out, size_t dcid, size_t scid)
{
	memset(out, 0x5a, 600);
	memcpy(out, "\xc0\0\0\0\1", 5);
	out[5] = (uint8_t)dcid;
	out[6 + dcid] = (uint8_t)scid;
	return span_of(out, 600);
}

static void test_quic_sizes(void **state)
{
	uint8_t bytes[600];

	(void)state;
	for (size_t size = 0; size <= 255; size++) {
		bool is_told = size >= FLOW_ID_LEAST_BYTES && size <= FLOW_ID_MOST_BYTES;
		struct span datagram = long_header(bytes, 8, size);

		assert_int_equal(ids_told(FLOW_ID_QUIC, datagram, 600).id.size, is_told ? size : 0);
		assert_int_equal(ids_named(long_header(bytes, size, 0)).size, is_told ? size : 0);
	}
	long_header(bytes, 8, 8);
	bytes[4] = 7; /* a version that nobody knows */
	assert_int_equal(ids_told(FLOW_ID_QUIC, span_of(bytes, 600), 600).id.size, 0);
	assert_int_equal(ids_named(span_of(bytes, 600)).size, 0);
	memset(bytes, 0x40, 600);
	for (size_t size = 0; size <= 600; size++) {
		struct flow_id id = ids_named(span_of(bytes, size));
		size_t behind = size ? size - 1 : 0;

		assert_int_equal(id.size, behind < 4 ? 0 : behind < 20 ? behind : 20);
	}
}

/* Each end is known to the other by what it told. */
static void test_wireguard(void **state)
{
	struct span datagram = seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316");
	struct ids_told told = told_of(FLOW_ID_WIREGUARD, datagram);
	uint8_t data[32] = { 4 };
	struct flow_id named;

	(void)state;
	assert_int_equal(told.id.kind, FLOW_ID_WIREGUARD);
	assert_int_equal(told.id.size, 4);
	memcpy(data + 4, told.id.bytes, 4);
	named = ids_named(span_of(data, sizeof data));
	assert_memory_equal(&named, &told.id, sizeof named);
	assert_int_equal(ids_named(datagram).kind, FLOW_ID_QUIC); /* it has nothing to name */
	datagram = seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316-response");
	told = told_of(FLOW_ID_WIREGUARD, datagram);
	assert_memory_equal(told.id.bytes, datagram.data + 4, 4);
	assert_memory_equal(ids_named(datagram).bytes, datagram.data + 8, 4);
	assert_int_equal(ids_told(FLOW_ID_WIREGUARD, datagram, 93).id.size, 0);
	assert_int_equal(ids_told(FLOW_ID_WIREGUARD, span_of(datagram.data, 7), 92).id.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quic_server),
		cmocka_unit_test(test_quic_retry),
		cmocka_unit_test(test_quic_sizes),
		cmocka_unit_test(test_wireguard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
