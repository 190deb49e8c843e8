/* memcached: real clients, every verb with its operands, every opcode with its sizes. */
#include "wire_ask.h"

enum { ID = WIRE_ID_memcached };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_memcached", check_seed);
}

static void ask(const char *text, enum wire_verdict expected)
{
	sample_assert(ID, span_text(text), expected);
}

static bool begins(uint8_t byte)
{
	return byte == 0x80 || (byte && strchr("acdfgimpqrstv", byte));
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_lines(void **state)
{
	static const char *const yes[] = {
		"get k\r\n",
		"get k\n",
		"get k other",
		"gets k k2",
		"gat 9 k\r\n",
		"gats -1 k k2\r\n",
		"set k 0 0 3\r\nabc\r\n",
		"set k 0 -1 3 noreply\r\n",
		"add k 1 2 3\r\n",
		"replace k 1 2 3\r\n",
		"append k 1 2 3\r\n",
		"prepend k 1 2 3\r\n",
		"cas k 1 2 3 4\r\n",
		"cas k 1 2 3 4 noreply\r\n",
		"delete k\r\n",
		"delete k 0\r\n",
		"delete k noreply\r\n",
		"delete k 0 noreply\r\n",
		"incr k 1\r\n",
		"decr k 1 noreply\r\n",
		"touch k 9\r\n",
		"stats\r\n",
		"stats items",
		"version\r\n",
		"quit\n",
		"verbosity 1\r\n",
		"flush_all\r\n",
		"flush_all \r\n",
		"flush_all 9\r\n",
		"flush_all noreply\r\n",
		"flush_all 9 noreply\r\n",
		"mg k v\r\n",
		"mg k\r\n",
		"ms k 2 T0\r\n",
		"md k\r\n",
		"ma k N0\r\n",
		"me k\r\n",
		"mn\r\n",
		"set  k  0 0 3 \r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		ask(yes[i], WIRE_YES);
}

static void test_other_lines(void **state)
{
	static const char *const no[] = {
		"GET k\r\n",
		"get\r\n",
		"get \r\n",
		"get /\x01",
		"getk",
		"gat k\r\n",
		"set k\r\n",
		"set k x",
		"set k 0 0 3 4",
		"set k 0 0\r\n",
		"set k 0 0 3 noreplies",
		"cas k 1 2 3\r\n",
		"incr k\r\n",
		"delete k x",
		"version 1",
		"versions",
		"quit k",
		"mn k",
		"mx k",
		"flush_all x",
		"touch k -\r",
		"set k 0 123456789012345678901 ",
		"get k\rx",
		"stat\r\n",
		"PING\r\n",
		"set         k",
	};

	(void)state;
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		ask(no[i], WIRE_NO);
	ask("get", WIRE_MORE);
	ask("set k 0 12345678901234567890", WIRE_MORE);
}

static void test_key(void **state)
{
	char line[300] = "get ";

	(void)state;
	memset(line + 4, 'k', 250);
	ask(line, WIRE_MORE);
	line[254] = '\r';
	line[255] = '\n';
	ask(line, WIRE_YES);
	line[254] = 'k';
	ask(line, WIRE_NO);
}

/* For each opcode the sizes of extras with which its request is known, with a key and without. */
static void test_opcodes(void **state)
{
	static const char
		expected[] = /* k: needs a key, K: may have one, n: has none, v: and a value */
		"0k 8v 8v 8v 0k 20k 20k 0n 0n 0k 0n 0n 0k 0k 0v 0v 0K 8v 8v 8v 0k 20k 20k 0n 0n 0v 0v 4n 4k 4k "
		"4k -- 0n 0v 0v 4k 4k ";
	struct wire_hints hints;
	const char *at = expected;

	(void)state;
	for (unsigned opcode = 0; opcode <= 0x25; opcode++) {
		unsigned extras = (unsigned)strtoul(at, NULL, 10);
		char kind = *at ? strchr(at, ' ')[-1] : '-';

		at = *at ? strchr(at, ' ') + 1 : at;
		for (unsigned key = 0; key < 3; key++) {
			uint8_t head[] = { 0x80,
					   (uint8_t)opcode,
					   0,
					   (uint8_t)key,
					   (uint8_t)extras,
					   0,
					   0,
					   7,
					   0,
					   0,
					   0,
					   (uint8_t)(key + extras) };
			bool is_so =
				kind == 'K' || (kind == 'n' ? key == 0 : kind != '-' && key > 0);

			sample_assert(ID, span_of(head, sizeof head), is_so ? WIRE_YES : WIRE_NO);
			head[11]++;
			assert_int_equal(sample_ask(ID, span_of(head, sizeof head), &hints),
					 is_so && kind == 'v' ? WIRE_YES : WIRE_NO);
			head[4]++;
			head[11]++;
			assert_int_equal(sample_ask(ID, span_of(head, sizeof head), &hints),
					 WIRE_NO);
		}
	}
}

static void test_binary(void **state)
{
	const char *hex = "80 00 0004 00 00 0000 00000004 00010000 0000000000000000 73656564";

	(void)state;
	ask_hex(ID, hex, WIRE_YES);
	ask_bytes(ID, hex, 1, 2, 36);
	ask_bytes(ID, hex, 2, 3, 1);
	ask_bytes(ID, hex, 3, 4, 250);
	ask_bytes(ID, hex, 4, 6, 1);
	ask_bytes(ID, hex, 6, 8, 256);
	ask_bytes(ID, hex, 8, 12, 1);
	ask_hex(ID, "80 08 0000 04 00 0000 00000004", WIRE_YES); /* flush, in time */
	ask_hex(ID, "80 08 0000 03", WIRE_NO);
	ask_hex(ID, "80 01 0004 08 00 0000 0000000b", WIRE_NO);
	ask_hex(ID, "80 01 0004 08 00 0000 00100000", WIRE_YES);
	ask_hex(ID, "80 01 0004 08 00 0000 80", WIRE_NO);
	ask_hex(ID, "80 46 01 03", WIRE_NO);   /* an SSLv2 hello */
	ask_hex(ID, "80 01 0001 00", WIRE_NO); /* Thrift */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),  cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_key),    cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
