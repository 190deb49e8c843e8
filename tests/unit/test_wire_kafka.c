/* Kafka: real clients, each request with which a connection may begin, and what looks like one. */
#include "wire_ask.h"

enum { ID = WIRE_ID_kafka };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_kafka", check_seed);
}

/* Behind size, key and version: a correlation id, and a client that is called "ab". */
#define NAMED " 00000001 0002 6162 "

static bool begins(uint8_t byte)
{
	return byte == 0;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_header(void **state)
{
	const char *hex = "0000000c 0012 0000" NAMED;

	(void)state;
	ask_hex(ID, hex, WIRE_YES);
	ask_bytes(ID, hex, 0, 2, 1);
	ask_bytes(ID, hex, 2, 3, 256);
	ask_bytes(ID, hex, 3, 4, 246);
	ask_bytes(ID, hex, 4, 5, 1);
	ask_bytes(ID, hex, 5, 6, 11);
	ask_bytes(ID, hex, 6, 7, 1);
	ask_bytes(ID, hex, 7, 8, 16);
	ask_bytes(ID, hex, 8, 9, 32);
	ask_bytes(ID, hex, 9, 12, 256);
	ask_bytes(ID, hex, 12, 13, 2); /* a size, or none */
	ask_bytes(ID, hex, 14, 16, 256 - 33);
	ask_hex(ID, "0000000a 0012 0000 00000001 ffff", WIRE_YES);
	ask_hex(ID, "0000000a 0012 0000 00000001 fffe", WIRE_NO);
	ask_hex(ID, "0000000a 0012 0000 00000001 0000", WIRE_YES);
	ask_hex(ID, "0000000b 0012 0000 00000001 0000", WIRE_NO);
	ask_hex(ID, "00000009", WIRE_NO);
	ask_hex(ID, "00010000", WIRE_NO);
	ask_hex(ID, "0000ffff 0012 0000 00000001 0100", WIRE_NO);
	ask_hex(ID, "0000000c 0004", WIRE_NO);
	ask_hex(ID, "0000000c 000d", WIRE_NO);
	ask_hex(ID, "0000000c 0013", WIRE_NO);
}

static void test_api_versions(void **state)
{
	(void)state;
	ask_hex(ID, "0000000c 0012 0002" NAMED, WIRE_YES);
	ask_hex(ID, "0000000d 0012 0002" NAMED, WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 0263 0231 00", WIRE_YES);
	ask_hex(ID, "00000012 0012 0004" NAMED "00 0263 0231 00", WIRE_YES);
	ask_hex(ID, "00000013 0012 0004" NAMED "00 0263 0231 00", WIRE_NO);
	ask_hex(ID, "00000018 0012 0005" NAMED "00 0263 0231", WIRE_YES); /* one of tomorrow */
	ask_hex(ID, "00000018 0012 000f" NAMED "00 0263 0331", WIRE_MORE);
	ask_hex(ID, "00000018 0012 000f" NAMED "01", WIRE_NO);
	ask_hex(ID, "00000018 0012 0010" NAMED, WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "01", WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 01", WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 0220", WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 0263 0331", WIRE_MORE);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 0263 033132 00", WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 0263 0231 01", WIRE_NO);
	ask_hex(ID, "00000013 0012 0003" NAMED "00 0263 0231 00", WIRE_NO);
}

static void test_sasl_handshake(void **state)
{
	(void)state;
	ask_hex(ID, "00000013 0011 0001" NAMED "0005504c41494e", WIRE_YES); /* PLAIN */
	ask_hex(ID, "00000013 0011 0000" NAMED "0005504c41494e", WIRE_YES);
	ask_hex(ID, "00000013 0011 0002" NAMED, WIRE_NO);
	ask_hex(ID, "00000013 0011 0001" NAMED "0004", WIRE_NO);
	ask_hex(ID, "00000013 0011 0001" NAMED "0006", WIRE_NO);
	ask_hex(ID, "00000013 0011 0001" NAMED "000550204149", WIRE_NO);
	ask_hex(ID, "0000000e 0011 0001" NAMED "00", WIRE_NO);
	ask_hex(ID, "0000000d 0011 0001" NAMED "00", WIRE_NO);
}

static void test_metadata(void **state)
{
	(void)state;
	ask_hex(ID, "00000010 0003 0000" NAMED "00000000", WIRE_YES);
	ask_hex(ID, "00000010 0003 0000" NAMED "ff", WIRE_NO);
	ask_hex(ID, "00000010 0003 0001" NAMED "ffffffff", WIRE_YES);
	ask_hex(ID, "00000011 0003 0001" NAMED "ffffffff", WIRE_NO);
	ask_hex(ID, "00000013 0003 0001" NAMED "00000001 000174", WIRE_YES);
	ask_hex(ID, "00000013 0003 0001" NAMED "00000001 0000", WIRE_NO);
	ask_hex(ID, "00000013 0003 0001" NAMED "00000001 000120", WIRE_NO);
	ask_hex(ID, "00000013 0003 0001" NAMED "00000003", WIRE_NO);
	ask_hex(ID, "00000011 0003 0004" NAMED "ffffffff 01", WIRE_YES);
	ask_hex(ID, "00000011 0003 0004" NAMED "ffffffff 02", WIRE_NO);
	ask_hex(ID, "00000013 0003 0008" NAMED "00000000 010000", WIRE_YES);
	ask_hex(ID, "00000012 0003 0009" NAMED "00 00 010000 00", WIRE_YES);
	ask_hex(ID, "00000012 0003 0009" NAMED "00 01 010000 00", WIRE_YES);
	ask_hex(ID, "00000012 0003 0009" NAMED "00 01 010000 01", WIRE_NO);
	ask_hex(ID, "00000011 0003 000b" NAMED "00 00 0100 00", WIRE_YES);
	ask_hex(ID, "00000020 0003 0009" NAMED "00 02 0274 00", WIRE_YES);
	ask_hex(ID, "00000020 0003 0009" NAMED "00 02 0274 01", WIRE_NO);
	ask_hex(ID, "00000020 0003 0009" NAMED "00 8201 0274 00", WIRE_YES);
	ask_hex(ID, "00000020 0003 0009" NAMED "00 8200", WIRE_NO);
	ask_hex(ID, "00000030 0003 000d" NAMED "00 02 000102030405060708090a0b0c0d0e0f 0274 00",
		WIRE_YES);
	ask_hex(ID, "00000020 0003 000e" NAMED, WIRE_NO);
}

/* A topic of 249 characters, and of one more. */
static void test_long_topics(void **state)
{
	uint8_t bytes[300] = { 0, 0, 2, 0, 0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0, 2, 0xfa, 1 };

	(void)state;
	memset(bytes + 18, 't', 249);
	sample_assert(ID, span_of(bytes, 18 + 249), WIRE_MORE);
	sample_assert(ID, span_of(bytes, 18 + 250), WIRE_YES);
	bytes[16] = 0xfb;
	sample_assert(ID, span_of(bytes, 18), WIRE_NO);
	bytes[16] = 0xfa;
	bytes[17] = 2;
	sample_assert(ID, span_of(bytes, 18), WIRE_NO);
}

static void test_others(void **state)
{
	(void)state;
	ask_hex(ID, "0000000f 000a 0000" NAMED "000167", WIRE_YES);
	ask_hex(ID, "00000010 000a 0001" NAMED "000167 01", WIRE_YES);
	ask_hex(ID, "00000010 000a 0001" NAMED "000167 02", WIRE_NO);
	ask_hex(ID, "00000010 000a 0001" NAMED "0002", WIRE_NO);
	ask_hex(ID, "00000010 000a 0003" NAMED, WIRE_NO);
	ask_hex(ID, "0000001c 0001 0000" NAMED "ffffffff 000001f4 00000001", WIRE_YES);
	ask_hex(ID, "0000001c 0001 0000" NAMED "00", WIRE_NO);
	ask_hex(ID, "0000001c 0001 0000" NAMED "ffffffff 80", WIRE_NO);
	ask_hex(ID, "0000002d 0001 0004" NAMED "ffffffff 000001f4 00000001 00100000 01", WIRE_YES);
	ask_hex(ID, "0000002d 0001 0004" NAMED "ffffffff 000001f4 00000001 00100000 02", WIRE_NO);
	ask_hex(ID, "00000020 0001 000c" NAMED, WIRE_NO);
	ask_hex(ID, "00000020 0002 0000" NAMED "ffffffff 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000020 0002 0000" NAMED "ffffffff 00000000", WIRE_NO);
	ask_hex(ID, "00000020 0002 0002" NAMED "ffffffff 01 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000020 0002 0006" NAMED, WIRE_NO);
}

static void test_produce(void **state)
{
	(void)state;
	ask_hex(ID, "0000003f 0000 0000" NAMED "0001 000003e8 00000001 000174", WIRE_YES);
	ask_hex(ID, "0000003f 0000 0000" NAMED "ffff 000003e8 00000001 000174", WIRE_YES);
	ask_hex(ID, "0000003f 0000 0000" NAMED "0002", WIRE_NO);
	ask_hex(ID, "0000003e 0000 0000" NAMED "00", WIRE_NO); /* too few for a record */
	ask_hex(ID, "0000003f 0000 0000" NAMED "0001 000003e8 00000001 00027474", WIRE_NO);
	ask_hex(ID, "00000050 0000 0003" NAMED "ffff 0001 000003e8 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000050 0000 0003" NAMED "000178 0001 000003e8 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000050 0000 0009" NAMED, WIRE_NO);
}

/* What a connection with the coordinator of a group, "g", begins with; the member is called "m". */
static void test_join_group(void **state)
{
	(void)state;
	ask_hex(ID, "0000001a 000b 0000" NAMED "000167 00007530 0000 000163", WIRE_YES);
	ask_hex(ID, "0000001a 000b 0000" NAMED "000167 00007530 0000 0000", WIRE_NO);
	ask_hex(ID, "0000001a 000b 0000" NAMED "000167 00007530 ffff", WIRE_NO);
	ask_hex(ID, "0000001a 000b 0000" NAMED "000167 00000000", WIRE_NO);
	ask_hex(ID, "00000017 000b 0000" NAMED "000167 00007530 0000 0001", WIRE_NO);
	ask_hex(ID, "0000001a 000b 0000" NAMED "0000", WIRE_NO);
	ask_hex(ID, "00000030 000b 0001" NAMED "000167 00007530 00007530 00016d 000163", WIRE_YES);
	ask_hex(ID, "00000030 000b 0001" NAMED "000167 00007530 00000000", WIRE_NO);
	ask_hex(ID, "00000030 000b 0004" NAMED "000167 00007530 00007530 0000 000163", WIRE_YES);
	ask_hex(ID, "00000030 000b 0005" NAMED "000167 00007530 00007530 0000 ffff 000163",
		WIRE_YES);
	ask_hex(ID, "00000030 000b 0001" NAMED "000167 00000001 00000001 0000 000163", WIRE_YES);
	ask_hex(ID, "00000030 000b 0006" NAMED, WIRE_NO);
}

static void test_heartbeat(void **state)
{
	(void)state;
	ask_hex(ID, "00000016 000c 0000" NAMED "000167 00000001 00016d", WIRE_YES);
	ask_hex(ID, "00000017 000c 0000" NAMED "000167 00000001 00016d", WIRE_NO);
	ask_hex(ID, "00000016 000c 0000" NAMED "000167 80", WIRE_NO);
	ask_hex(ID, "00000016 000c 0002" NAMED "000167 ffffffff 00016d", WIRE_YES);
	ask_hex(ID, "00000018 000c 0003" NAMED "000167 00000001 00016d ffff", WIRE_YES);
	ask_hex(ID, "00000015 000c 0000" NAMED "0000", WIRE_NO);
	ask_hex(ID, "00000016 000c 0004" NAMED, WIRE_NO);
}

static void test_offsets_of_group(void **state)
{
	(void)state;
	ask_hex(ID, "00000020 0009 0000" NAMED "000167 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000020 0009 0001" NAMED "000167 00000000", WIRE_NO);
	ask_hex(ID, "00000013 0009 0001" NAMED "000167 ff", WIRE_NO);
	ask_hex(ID, "00000013 0009 0002" NAMED "000167 ffffffff", WIRE_YES); /* of all topics */
	ask_hex(ID, "00000013 0009 0002" NAMED "000167 fffffffe", WIRE_NO);
	ask_hex(ID, "00000014 0009 0002" NAMED "000167 ffffffff", WIRE_NO);
	ask_hex(ID, "00000020 0009 0005" NAMED "000167 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000020 0009 0006" NAMED, WIRE_NO);
	ask_hex(ID, "00000020 0008 0000" NAMED "000167 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000020 0008 0000" NAMED "000167 ffffffff", WIRE_NO);
	ask_hex(ID, "00000030 0008 0001" NAMED "000167 00000001 00016d 00000001 000174", WIRE_YES);
	ask_hex(ID,
		"00000030 0008 0002" NAMED "000167 ffffffff 0000 ffffffffffffffff 00000001 000174",
		WIRE_YES);
	ask_hex(ID, "00000030 0008 0004" NAMED "000167 ffffffff 0000 ffffffffffffffff 00000000",
		WIRE_NO);
	ask_hex(ID, "00000030 0008 0005" NAMED "000167 ffffffff 0000 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000030 0008 0007" NAMED "000167 ffffffff 0000 ffff 00000001 000174",
		WIRE_YES);
	ask_hex(ID, "00000030 0008 0000" NAMED "0000", WIRE_NO);
	ask_hex(ID, "00000030 0009 0000" NAMED "0000", WIRE_NO);
	ask_hex(ID,
		"00000030 0008 0004" NAMED "000167 ffffffff 0000 ffffffffffffffff 00000001 000174",
		WIRE_YES);
	ask_hex(ID, "00000030 0008 0006" NAMED "000167 ffffffff 0000 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000030 0008 0006" NAMED "000167 ffffffff 0000 ffff", WIRE_NO);
	ask_hex(ID, "00000030 0008 0008" NAMED, WIRE_NO);
}

static size_t put_text(uint8_t *at, size_t size)
{
	at[0] = 0;
	at[1] = (uint8_t)size;
	memset(at + 2, 'x', size);
	return 2 + size;
}

/* The longest that is read: an OffsetCommit with texts of 255 bytes, and a topic of 249. */
static void test_longest(void **state)
{
	uint8_t bytes[1536] = { 0, 0, 16, 0, 0, 8, 0, 7, 0, 0, 0, 1 };
	size_t at = 12;

	(void)state;
	at += put_text(bytes + at, 255); /* the client's name, the group's */
	at += put_text(bytes + at, 255);
	at += 4;
	at += put_text(bytes + at, 255); /* the member's two */
	at += put_text(bytes + at, 255);
	bytes[at + 3] = 1;
	at += 4;
	at += put_text(bytes + at, 249);
	sample_assert(ID, span_of(bytes, at - 1), WIRE_MORE);
	sample_assert(ID, span_of(bytes, at), WIRE_YES);
}

/* A client's name of that many bytes, in ApiVersions. */
static enum wire_verdict client(unsigned size)
{
	uint8_t bytes[300] = {
		0, 0, (uint8_t)((10 + size) >> 8), (uint8_t)(10 + size), 0, 18, 0, 0, 0, 0,
		0, 1, (uint8_t)(size >> 8),        (uint8_t)size
	};
	struct wire_hints hints;

	memset(bytes + 14, 'c', size);
	return sample_ask(ID, span_of(bytes, 14 + size), &hints);
}

static void test_borders(void **state)
{
	(void)state;
	assert_int_equal(client(255), WIRE_YES);
	assert_int_equal(client(256), WIRE_NO);
	ask_hex(ID, "00000012 0012 0003" NAMED "00 8000", WIRE_NO); /* 128 in two bytes, but 0 */
	ask_hex(ID, "00000013 0003 0003" NAMED "00000001 000174", WIRE_YES);
	ask_hex(ID, "00000010 0003 0003" NAMED "00000000", WIRE_YES);
	ask_hex(ID, "00000010 0003 0004" NAMED "00000000", WIRE_NO);
	ask_hex(ID, "00000011 0003 0007" NAMED "00000000 01", WIRE_YES);
	ask_hex(ID, "00000013 0003 0007" NAMED "00000000 01", WIRE_NO);
	ask_hex(ID, "00000012 0003 000a" NAMED "00 00 010000 00", WIRE_YES);
	ask_hex(ID, "00000030 0003 000a" NAMED "00 02 000102030405060708090a0b0c0d0e0f 0274 00",
		WIRE_YES);
	ask_hex(ID, "00000010 000a 0002" NAMED "000167 01", WIRE_YES);
	ask_hex(ID, "0000001c 0001 0002" NAMED "ffffffff 00000000 00000000", WIRE_YES);
	ask_hex(ID, "0000002d 0001 0003" NAMED "ffffffff 00000000 00000000 80", WIRE_NO);
	ask_hex(ID, "0000002d 0001 0003" NAMED "ffffffff 00000000 00000000 00000000", WIRE_YES);
	ask_hex(ID, "0000002d 0001 000b" NAMED "ffffffff 00000000 00000000 00000000 01", WIRE_YES);
	ask_hex(ID, "00000020 0002 0001" NAMED "ffffffff 00000001 0000", WIRE_NO);
	ask_hex(ID, "00000020 0002 0005" NAMED "ffffffff 00 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000050 0000 0002" NAMED "0000 00000000 00000001 000174", WIRE_YES);
	ask_hex(ID, "00000050 0000 0008" NAMED "ffff 0000 00000000 00000001 000174", WIRE_YES);
}

static void test_near_misses(void **state)
{
	(void)state;
	ask_hex(ID, "0000002d00030000 75", WIRE_NO); /* PostgreSQL: user */
	ask_hex(ID, "0000000804", WIRE_NO);          /* its SSLRequest: a size of 8 */
	ask_hex(ID, "00000055fe", WIRE_NO);          /* SMB 2 */
	ask_hex(ID, "0021abcd", WIRE_NO);            /* DNS over TCP */
	ask_hex(ID, "000100002112a442", WIRE_NO);    /* STUN */
	ask_hex(ID, "000000000006", WIRE_NO);        /* Modbus */
	ask_hex(ID, "0000002c00000000 0000000000000000 00007530", WIRE_NO); /* ZooKeeper */
	ask_hex(ID, "0000010000000001 00000000 dd07", WIRE_NO);             /* MongoDB */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),          cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_header),         cmocka_unit_test(test_api_versions),
		cmocka_unit_test(test_sasl_handshake), cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_long_topics),    cmocka_unit_test(test_others),
		cmocka_unit_test(test_produce),        cmocka_unit_test(test_borders),
		cmocka_unit_test(test_join_group),     cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_longest),        cmocka_unit_test(test_offsets_of_group),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
