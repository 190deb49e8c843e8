/* RDP: what its connection request may hold, and which names it shows. */
#include "wire_steps.h"

#define HEAD_OF(size, rest)                                                                        \
	"030000" size rest "e0000000000"                                                           \
	"0"
#define NEGOTIATION "0100080003000000"
#define CORRELATED  "010808000b000000"
#define ID          "0102030405060708090a0b0c0d0e0f10"
#define NONE        "00000000000000000000000000000000"

static void assert_yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_rdp, hex, WIRE_YES);
}

static void assert_no(const char *hex)
{
	steps_assert_hex(WIRE_ID_rdp, hex, WIRE_NO);
}

static bool begins_rdp(uint8_t byte)
{
	return byte == 3;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_rdp, begins_rdp);
}

static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	steps_assert_seed(WIRE_ID_rdp, file, sample);
	if (sample_is(file, "near-"))
		return;
	assert_int_equal(sample_ask(WIRE_ID_rdp, sample, &hints), WIRE_YES);
	assert_int_equal(hints.name_size == 0, strstr(file, "-noname") || strstr(file, "-nothing"));
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_rdp", check_seed);
}

static void test_head(void **state)
{
	(void)state;
	assert_yes(HEAD_OF("0b", "06"));
	assert_no("0301");
	assert_no("0300000a");
	assert_no("03000104"); /* 260 */
	assert_no("030002");
	assert_no("0300000b05");
	assert_no("0300000b06d0");
	assert_no("0300000b06e001");
	assert_no("0300000b06e00001");
	assert_no("0300000b06e00000000001");
	assert_no("0300000b06e00000000020"); /* class 2 is not RDP's */
	assert_no("0300000b06e00000000100"); /* nor, of nothing else, a reference */
	assert_no(HEAD_OF("13", "0e") "c0");
	assert_no(HEAD_OF("13", "0e") "80"); /* the least code of X.224: no text */
	assert_no(HEAD_OF("13", "0e") "00");
	assert_no(HEAD_OF("13", "0e") "02");
}

static void test_negotiation(void **state)
{
	(void)state;
	assert_yes(HEAD_OF("13", "0e") NEGOTIATION);
	assert_yes("030000130ee000000001000100080000000000");
	assert_yes("030000130ee000000000000107080003000000");
	assert_yes(HEAD_OF("13", "0e") "01000800ff000000");
	assert_no(HEAD_OF("14", "0f") "01"); /* of another size */
	assert_no(HEAD_OF("13", "0e") "0110");
	assert_no(HEAD_OF("13", "0e") "0108");
	assert_no(HEAD_OF("13", "0e") "010007");
	assert_no(HEAD_OF("13", "0e") "01000801");
	assert_no(HEAD_OF("13", "0e") "010008000001");
	assert_no(HEAD_OF("13", "0e") "01000800030001");
	assert_no(HEAD_OF("13", "0e") "0100080003000001");
}

static void test_correlation(void **state)
{
	(void)state;
	assert_yes(HEAD_OF("37", "32") CORRELATED "06002400" ID NONE);
	assert_yes(HEAD_OF("37", "32") "010f08000b000000"
				       "06002400" ID NONE);
	assert_no(HEAD_OF("37", "32") "0100");
	assert_no(HEAD_OF("37", "32") CORRELATED "07");
	assert_no(HEAD_OF("37", "32") CORRELATED "060024000102030405060708090a0b0c0d0e0f1001");
}

/* A request with this line. */
static size_t put_line(uint8_t bytes[300], const char *line, bool is_negotiated)
{
	static const uint8_t negotiation[] = { 1, 0, 8, 0, 3, 0, 0, 0 };
	size_t size = 11 + strlen(line);

	memset(bytes, 0, 11);
	memcpy(bytes + 11, line, strlen(line));
	if (is_negotiated) {
		memcpy(bytes + size, negotiation, sizeof negotiation);
		size += sizeof negotiation;
	}
	bytes[0] = 3;
	bytes[2] = (uint8_t)(size >> 8);
	bytes[3] = (uint8_t)size;
	bytes[4] = (uint8_t)(size - 5);
	bytes[5] = 0xe0;
	return size;
}

static void assert_line(const char *line, const char *name)
{
	struct wire_hints hints;
	uint8_t bytes[300];

	for (unsigned i = 0; i < 2; i++) {
		size_t size = put_line(bytes, line, i);

		steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_YES, size);
		assert_int_equal(sample_ask(WIRE_ID_rdp, span_of(bytes, size), &hints), WIRE_YES);
		sample_assert_name(&hints, name);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_line("Cookie: mstshash=alice\r\n", "alice");
	assert_line("Cookie: mstshash=Alice.B\r\n", "alice.b");
	assert_line("Cookie: mstshash=\r\n", "");
	assert_line("Cookie: mstshash=SEED\\alice\r\n", "");
	assert_line("Cookie: mstshash=al ice\r\n", "");
	assert_line("Cookie: msts=3640205228.15629.0000\r\n", "3640205228.15629.0000");
	assert_line("Cookie: mstsx=1\r\n", "");
	assert_line("cookie: mstshash=alice\r\n", "");
	assert_line(" a line\r\n", "");
	assert_line("tsv://MS Terminal Services Plugin.1.Sessions\r\n", "");
}

/* Up to the last byte that the request's own length byte can tell of. */
static void test_line_borders(void **state)
{
	char line[256];
	uint8_t bytes[300];
	size_t size;

	(void)state;
	memset(line, 'a', sizeof line);
	memcpy(line + 259 - 11 - 2, "\r\n", 3);
	size = put_line(bytes, line, false);
	assert_int_equal(size, 259);
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_YES, size);
	size = put_line(bytes, "ab\r\n", false);
	bytes[size - 1] = 'x'; /* no line feed */
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, size);
	bytes[size - 2] = 'x'; /* no place for the end any more */
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, size - 1);
	bytes[12] = '\t';
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, 13);
	size = put_line(bytes, "a\r\nb", false); /* no place for a negotiation */
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, size - 2);
	size = put_line(bytes, "a\r\nb", true); /* one byte too many */
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, 11 + 2);
	size = put_line(bytes, "a", false);
	steps_assert(WIRE_ID_rdp, span_of(bytes, size), WIRE_NO, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),   cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_head),         cmocka_unit_test(test_negotiation),
		cmocka_unit_test(test_correlation),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_line_borders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
