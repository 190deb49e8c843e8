/* HPACK: the examples of RFC 7541 appendix C, and blocks that are none. */
#include <stdio.h>

#include "unit.h"
#include "wire/hpack.h"

enum {
	BLOCKS = 3, /* that one decoder reads, as all of them have to stay where they are */
};

struct bytes {
	size_t size;
	uint8_t data[40000];
};

static struct hpack hpack;
static struct bytes blocks[BLOCKS];

static void put(struct bytes *b, unsigned byte)
{
	assert_true(b->size < sizeof b->data);
	b->data[b->size++] = (uint8_t)byte;
}

/* Hexadecimal digits, in groups. */
static void put_hex(struct bytes *b, const char *hex)
{
	unsigned byte;
	int used;

	while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
		put(b, byte);
		hex += used;
	}
	assert_int_equal(*hex, 0);
}

static void append(char text[static 64], const struct hpack_string *s)
{
	size_t size = hpack_string_copy(s, text, 63);

	assert_int_equal(size, s->size);
	text[size] = '\0';
	assert_true(hpack_string_is(s, text));
}

/* Read this block, the n-th of its decoder; fields are "name: value" lines. */
static void check_next(unsigned n, const char *hex, const char *expected)
{
	char name[64];
	char value[64];
	char line[160];
	struct hpack_field field;
	enum hpack_step step;

	blocks[n].size = 0;
	put_hex(&blocks[n], hex);
	hpack_open(&hpack, span_of(blocks[n].data, blocks[n].size));
	for (step = hpack_next(&hpack, &field); step == HPACK_FIELD;
	     step = hpack_next(&hpack, &field)) {
		append(name, &field.name);
		append(value, &field.value);
		(void)snprintf(line, sizeof line, "%s: %s\n", name, value);
		assert_int_equal(strncmp(expected, line, strlen(line)), 0);
		expected += strlen(line);
	}
	assert_int_equal(step, HPACK_END);
	assert_string_equal(expected, "");
}

static void check(const char *hex, const char *expected)
{
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	check_next(0, hex, expected);
}

/* This block is not good; what stands ahead of the fault is. */
static void check_bad_bytes(const struct bytes *b, int fields)
{
	struct hpack_field field;
	enum hpack_step step;

	hpack_init(&hpack, HPACK_TABLE_BYTES);
	hpack_open(&hpack, span_of(b->data, b->size));
	for (step = hpack_next(&hpack, &field); step == HPACK_FIELD;
	     step = hpack_next(&hpack, &field))
		fields--;
	assert_int_equal(step, HPACK_BAD);
	assert_int_equal(fields, 0);
}

static void check_bad(const char *hex, int fields)
{
	blocks[0].size = 0;
	put_hex(&blocks[0], hex);
	check_bad_bytes(&blocks[0], fields);
}

/* C.2: the four forms of a field. */
static void test_representations(void **state)
{
	(void)state;
	check("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
	      "custom-key: custom-header\n");
	assert_int_equal(hpack.used, 55);
	assert_int_equal(hpack.count, 1);
	check("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path\n");
	assert_int_equal(hpack.used, 0);
	check("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret\n");
	assert_int_equal(hpack.used, 0);
	check("82", ":method: GET\n");
	assert_int_equal(hpack.count, 0);
}

static const char request_1[] = ":method: GET\n:scheme: http\n:path: /\n"
				":authority: www.example.com\n";
static const char request_2[] = ":method: GET\n:scheme: http\n:path: /\n"
				":authority: www.example.com\ncache-control: no-cache\n";
static const char request_3[] = ":method: GET\n:scheme: https\n:path: /index.html\n"
				":authority: www.example.com\ncustom-key: custom-value\n";

/* C.3: three requests, one dynamic table. */
static void test_requests(void **state)
{
	(void)state;
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	check_next(0, "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", request_1);
	assert_int_equal(hpack.used, 57);
	check_next(1, "8286 84be 5808 6e6f 2d63 6163 6865", request_2);
	assert_int_equal(hpack.used, 110);
	check_next(2, "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
		   request_3);
	assert_int_equal(hpack.used, 164);
	assert_int_equal(hpack.count, 3);
}

/* C.4: the same with Huffman codes. */
static void test_huffman_requests(void **state)
{
	(void)state;
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	check_next(0, "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", request_1);
	assert_int_equal(hpack.used, 57);
	check_next(1, "8286 84be 5886 a8eb 1064 9cbf", request_2);
	assert_int_equal(hpack.used, 110);
	check_next(2, "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", request_3);
	assert_int_equal(hpack.used, 164);
}

static const char response_1[] = ":status: 302\ncache-control: private\n"
				 "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
				 "location: https://www.example.com\n";
static const char response_2[] = ":status: 307\ncache-control: private\n"
				 "date: Mon, 21 Oct 2013 20:13:21 GMT\n"
				 "location: https://www.example.com\n";
static const char response_3[] =
	":status: 200\ncache-control: private\n"
	"date: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n"
	"content-encoding: gzip\n"
	"set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n";

/* C.5: entries leave a table of 256 bytes. */
static void test_eviction(void **state)
{
	(void)state;
	hpack_init(&hpack, 256);
	check_next(0,
		   "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133"
		   "2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70"
		   "6c65 2e63 6f6d",
		   response_1);
	assert_int_equal(hpack.used, 222);
	check_next(1, "4803 3330 37c1 c0bf", response_2);
	assert_int_equal(hpack.used, 222);
	check_next(2,
		   "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d"
		   "54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049"
		   "5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e"
		   "3d31",
		   response_3);
	assert_int_equal(hpack.used, 215);
	assert_int_equal(hpack.count, 3);
}

/* C.6: the same with Huffman codes; sizes count decoded octets. */
static void test_huffman_eviction(void **state)
{
	(void)state;
	hpack_init(&hpack, 256);
	check_next(0,
		   "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6"
		   "2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
		   response_1);
	assert_int_equal(hpack.used, 222);
	check_next(1, "4883 640e ffc1 c0bf", response_2);
	assert_int_equal(hpack.used, 222);
	check_next(2,
		   "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab"
		   "77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f"
		   "9587 3160 65c0 03ed 4ee5 b106 3d50 07",
		   response_3);
	assert_int_equal(hpack.used, 215);
}

/* C.1, seen from outside: a value of 1337 bytes, an index of 62. */
static void test_numbers(void **state)
{
	struct hpack_field field;

	(void)state;
	blocks[0].size = 0;
	put_hex(&blocks[0], "04 7fba 09"); /* 127 + 1210 */
	for (unsigned i = 0; i < 1337; i++)
		put(&blocks[0], 'x');
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	hpack_open(&hpack, span_of(blocks[0].data, blocks[0].size));
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(field.value.size, 1337);
	assert_int_equal(hpack_next(&hpack, &field), HPACK_END);
	check("0f2c 0161", "vary: a\n"); /* 15 + 44 = 59 */
	check("bd", "www-authenticate: \n");
}

static void test_empty(void **state)
{
	(void)state;
	check("", "");
	check("4000 00", ": \n");
	check("4080 80", ": \n"); /* the same, coded */
	check("0000 00", ": \n");
}

static void test_bad_index(void **state)
{
	(void)state;
	check_bad("80", 0); /* 0 (RFC 7541 6.1) */
	check_bad("be", 0); /* an empty dynamic table */
	check_bad("4001 6101 62 bf", 1);
	check_bad("7e01 61", 0); /* a name that is not there */
	check_bad("82 ffff ff7f", 1);
	check("4001 6101 62 be", "a: b\na: b\n");
	check("4001 6101 62 7e01 63 bf be", "a: b\na: c\na: b\na: c\n");
}

static void test_bad_number(void **state)
{
	(void)state;
	check_bad("ff", 0);
	check_bad("ff80", 0);
	check_bad("ff80 8080 8080 00", 0); /* too many octets (RFC 7541 5.1) */
	check_bad("ffff ffff ffff ffff ffff 7f", 0);
	check_bad("007f ffff 7f", 0);
	check_bad("007f ffff 7f01 61", 0); /* and what could be a value */
	check_bad("7fff ffff 7f01 61", 0);
	check_bad("0fff ffff 7f01 61", 0);
}

/* Cut anywhere, a block that ends in a literal is not good. */
static void test_cut_off(void **state)
{
	static const uint8_t block[] = { 0x82, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2,
					 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff };

	(void)state;
	for (size_t size = 2; size < sizeof block; size++) {
		memcpy(blocks[0].data, block, size);
		blocks[0].size = size;
		check_bad_bytes(&blocks[0], 1);
	}
}

static void test_bad_huffman(void **state)
{
	(void)state;
	check_bad("4101 61 4181 00", 1); /* padding of zeros */
	check_bad("4182 07ff", 0);       /* a byte of padding */
	check_bad("4184 ffff ffff", 0);  /* the end-of-string symbol */
	check_bad("4081 ff00", 0);
}

static void test_size_updates(void **state)
{
	(void)state;
	check("20 82", ":method: GET\n");
	check("20 3fe1 1f 4001 6101 62 be", "a: b\na: b\n"); /* down to 0, up to 4096 */
	assert_int_equal(hpack.limit, 4096);
	check("20 4001 6101 62", "a: b\n"); /* nothing is kept */
	assert_int_equal(hpack.count, 0);
	check_bad("20 4001 6101 62 be", 1);
	check_bad("3fe2 1f", 0); /* more than was granted */
	check_bad("82 20", 1);   /* behind a field (RFC 7541 4.2) */
	check_bad("3f", 0);
}

/* Of a decoder's second block, too: what is in the table goes when it is made smaller. */
static void test_made_smaller(void **state)
{
	struct hpack_field field;

	(void)state;
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	check_next(0, "4001 6101 62 4001 6301 64", "a: b\nc: d\n");
	assert_int_equal(hpack.used, 68);
	check_next(1, "3f03 be", "c: d\n"); /* 34 bytes: room for one */
	assert_int_equal(hpack.count, 1);
	blocks[2].size = 0;
	put_hex(&blocks[2], "bf");
	hpack_open(&hpack, span_of(blocks[2].data, 1));
	assert_int_equal(hpack_next(&hpack, &field), HPACK_BAD);
	hpack_init(&hpack, 34);
	check_next(0, "4001 6101 62 be", "a: b\na: b\n"); /* it just fits */
	hpack_init(&hpack, 33);
	check_next(0, "4001 6101 62", "a: b\n");
	assert_int_equal(hpack.count, 0);
}

/* As many entries as there can be, then one more; and one that is greater than the table. */
static void test_full_table(void **state)
{
	struct hpack_field field;

	(void)state;
	blocks[0].size = 0;
	for (unsigned i = 0; i < 200; i++)
		put_hex(&blocks[0], "4000 00");
	put_hex(&blocks[0], "ff3e"); /* 62 + 127: the oldest of 128 */
	put_hex(&blocks[0], "4001 6100");
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	hpack_open(&hpack, span_of(blocks[0].data, blocks[0].size));
	for (unsigned i = 0; i < 201; i++)
		assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(hpack.count, HPACK_ENTRIES_MOST);
	assert_int_equal(hpack.used, HPACK_TABLE_BYTES);
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(hpack.count, HPACK_ENTRIES_MOST - 1);
	blocks[0].size = 0;
	put_hex(&blocks[0], "4001 6101 62 4001 637f a01f"); /* 4127 bytes of value */
	for (unsigned i = 0; i < 127 + 0xf80 + 0x20; i++)
		put(&blocks[0], 'x');
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	hpack_open(&hpack, span_of(blocks[0].data, blocks[0].size));
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(hpack.count, 1);
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(hpack.count, 0);
	assert_int_equal(hpack_next(&hpack, &field), HPACK_END);
}

static void test_strings(void **state)
{
	struct hpack_field field;
	char room[4];

	(void)state;
	blocks[0].size = 0;
	put_hex(&blocks[0], "0088 25a8 49e9 5ba9 7d7f 0576 616c 7565"); /* custom-key: value */
	hpack_init(&hpack, HPACK_TABLE_BYTES);
	hpack_open(&hpack, span_of(blocks[0].data, blocks[0].size));
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(field.name.size, 10);
	assert_true(hpack_string_is(&field.name, "custom-key"));
	assert_false(hpack_string_is(&field.name, "custom-kez"));
	assert_false(hpack_string_is(&field.name, "custom-ke"));
	assert_false(hpack_string_is(&field.name, "Custom-key"));
	assert_false(hpack_string_is(&field.value, "Value"));
	assert_int_equal(hpack_string_copy(&field.name, room, sizeof room), 4);
	assert_memory_equal(room, "cust", 4);
	assert_int_equal(hpack_string_copy(&field.value, room, sizeof room), 4);
	assert_memory_equal(room, "valu", 4);
	blocks[0].size = 0;
	put_hex(&blocks[0], "0082 ffc7 00"); /* a NUL as a name */
	hpack_open(&hpack, span_of(blocks[0].data, blocks[0].size));
	assert_int_equal(hpack_next(&hpack, &field), HPACK_FIELD);
	assert_int_equal(field.name.size, 1);
	assert_int_equal(hpack_string_copy(&field.name, room, sizeof room), 1);
	assert_int_equal(room[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_representations),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_huffman_requests),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_huffman_eviction),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bad_index),
		cmocka_unit_test(test_bad_number),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_bad_huffman),
		cmocka_unit_test(test_size_updates),
		cmocka_unit_test(test_made_smaller),
		cmocka_unit_test(test_full_table),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
