/* OPC UA: hellos of clients, every field of one, and the host of its URL. */
#include "wire_ask.h"

enum { ID = WIRE_ID_opcua };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_opcua", check_seed);
}

#define HEL "48454c46"
#define LIMITS                                                                                     \
	"00000000"                                                                                 \
	"00000100"                                                                                 \
	"00000100"                                                                                 \
	"00000000"                                                                                 \
	"00000000"

static bool begins(uint8_t byte)
{
	return byte == 'H';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_every_byte(void **state)
{
	const char *hex = HEL "24000000" LIMITS "04000000 61626364";

	(void)state;
	ask_hex(ID, hex, WIRE_YES);
	ask_bytes(ID, hex, 0, 4, 1);
	ask_bytes(ID, hex, 4, 5, 256); /* sizes from 0x20 to 0x1020 */
	ask_bytes(ID, hex, 5, 6, 16);
	ask_bytes(ID, HEL "1f000000", 5, 6, 16);
	ask_bytes(ID, HEL "20000000", 5, 6, 17);
	ask_bytes(ID, hex, 6, 8, 1);
	ask_bytes(ID, hex, 8, 28, 256);
	ask_bytes(ID, hex, 28, 32, 1);
	ask_bytes(ID, hex, 32, 36, 256);
	ask_bytes(ID, HEL "20000000" LIMITS "00000000", 28, 29, 2); /* empty, or none */
	ask_bytes(ID, HEL "20000000" LIMITS "00000000", 29, 32, 1);
	ask_bytes(ID, HEL "20000000" LIMITS "ffffffff", 29, 32, 1);
	ask_bytes(ID, HEL "20000000 00000000 ff030000", 15, 16, 255); /* buffers of 1024 on */
	ask_bytes(ID, HEL "20000000 00000000 0004000000040000", 13, 16, 256);
	ask_bytes(ID, HEL "20000000 00000000 0004000000030000", 19, 20, 255);
}

static void test_sizes(void **state)
{
	(void)state;
	ask_hex(ID, HEL "20000000" LIMITS "00000000", WIRE_YES);
	ask_hex(ID, HEL "20000000" LIMITS "ffffffff", WIRE_YES);
	ask_hex(ID, HEL "21000000" LIMITS "ffffffff", WIRE_NO);
	ask_hex(ID, HEL "21000000" LIMITS "00000000", WIRE_NO);
	ask_hex(ID, HEL "21000000" LIMITS "02000000", WIRE_NO);
	ask_hex(ID, HEL "1f000000", WIRE_NO);
	ask_hex(ID, HEL "21100000", WIRE_NO);
	ask_hex(ID, HEL "20100000", WIRE_MORE);
}

/* A Hello with this URL, up to so many bytes of it. */
static enum wire_verdict hello(const char *url, size_t there, struct wire_hints *hints)
{
	static const uint8_t head[] = { 'H', 'E', 'L', 'F', 0, 0, 0, 0, 0, 0,
					0,   0,   0,   0,   1, 0, 0, 0, 1, 0 };
	uint8_t bytes[512] = { 0 };
	size_t size = strlen(url);

	memcpy(bytes, head, sizeof head);
	bytes[4] = (uint8_t)(32 + size);
	bytes[5] = (uint8_t)((32 + size) >> 8);
	bytes[28] = (uint8_t)size;
	bytes[29] = (uint8_t)(size >> 8);
	memcpy(bytes + 32, url, size);
	sample_assert(ID, span_of(bytes, 32 + there), there < size ? WIRE_MORE : WIRE_YES);
	return sample_ask(ID, span_of(bytes, 32 + there), hints);
}

static void check_name(const char *url, const char *name)
{
	struct wire_hints hints;

	assert_int_equal(hello(url, strlen(url), &hints), WIRE_YES);
	sample_assert_name(&hints, name);
}

static void test_names(void **state)
{
	char longest[300] = "opc.tcp://";

	(void)state;
	check_name("opc.tcp://plc.example:4840/", "plc.example");
	check_name("opc.tcp://plc.example:4840", "plc.example");
	check_name("opc.tcp://plc.example", "plc.example");
	check_name("opc.tcp://plc.example/a:b@c", "plc.example");
	check_name("OPC.TCP://PLC.Example.:4840/UA", "plc.example");
	check_name("opc.tcp://192.0.2.1:4840/", "192.0.2.1");
	check_name("opc.tcp://[2001:db8::1]:4840/", "2001:db8::1");
	check_name("opc.tcp://", "");
	check_name("opc.tcp:///path", "");
	check_name("opc.tcp:/", "");
	check_name("opc.tcp//plc.example", "");
	check_name("opc.wss://plc.example", "");
	check_name("opc.tcp://plc.example:x/", "");
	check_name("opc.tcp://user@plc.example/", "");
	check_name("opc.tcp://plc example/", "");
	check_name("plc.example", "");
	for (unsigned i = 0; i < 254; i++)
		strcat(longest, i % 64 == 63 ? "." : "a");
	check_name(longest, "");
	longest[strlen(longest) - 1] = '\0';
	check_name(longest, longest + strlen("opc.tcp://"));
}

/* From the size of the URL on it is certain; all of the URL is waited for at once. */
static void test_sure(void **state)
{
	static const char url[] = "opc.tcp://plc.example";
	struct wire_hints hints;
	struct hex_bytes room;

	(void)state;
	for (size_t there = 0; there < strlen(url); there++) {
		assert_int_equal(hello(url, there, &hints), WIRE_MORE);
		assert_true(hints.is_sure);
		assert_int_equal(hints.wanted, 32 + strlen(url));
	}
	assert_int_equal(sample_ask(ID, hex_of(&room, HEL "21000000" LIMITS "010000"), &hints),
			 WIRE_MORE);
	assert_false(hints.is_sure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),      cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_every_byte), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_names),      cmocka_unit_test(test_sure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
