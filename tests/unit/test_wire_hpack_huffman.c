/* The Huffman code of HPACK: each symbol by a code written here bit by bit, and every wrong end. */
#include "unit.h"
#include "wire/hpack_huffman.h"

static void check_bad(const char *bytes, size_t size)
{
	struct huffman h = huffman_of(span_of(bytes, size));
	int octet = huffman_next(&h);

	while (octet >= 0)
		octet = huffman_next(&h);
	assert_int_equal(octet, HUFFMAN_BAD);
}

static void check_text(const char *bytes, size_t size, const char *text)
{
	struct huffman h = huffman_of(span_of(bytes, size));

	for (; *text; text++)
		assert_int_equal(huffman_next(&h), (uint8_t)*text);
	assert_int_equal(huffman_next(&h), HUFFMAN_END);
}

/* RFC 7541 C.4 and C.6 */
static void test_examples(void **state)
{
	(void)state;
	check_text("\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff", 12, "www.example.com");
	check_text("\xa8\xeb\x10\x64\x9c\xbf", 6, "no-cache");
	check_text("\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f", 8, "custom-key");
	check_text("\x64\x02", 2, "302");
	check_text("\x9b\xd9\xab", 3, "gzip");
	check_text("", 0, "");
}

/* Some codes of each length, out of RFC 7541 appendix B; value, length, symbol. */
static void test_codes(void **state)
{
	static const struct {
		uint32_t code;
		unsigned bits;
		int symbol;
	} codes[] = {
		{ 0x0, 5, '0' },        { 0x9, 5, 't' },        { 0x14, 6, ' ' },
		{ 0x2d, 6, 'u' },       { 0x5c, 7, ':' },       { 0x7b, 7, 'z' },
		{ 0xf8, 8, '&' },       { 0xfd, 8, 'Z' },       { 0x3f8, 10, '!' },
		{ 0x3fc, 10, '?' },     { 0x7fa, 11, '\'' },    { 0x7fc, 11, '|' },
		{ 0xffa, 12, '#' },     { 0xffb, 12, '>' },     { 0x1ff8, 13, 0 },
		{ 0x1ffd, 13, '~' },    { 0x3ffc, 14, '^' },    { 0x3ffd, 14, '}' },
		{ 0x7ffc, 15, '<' },    { 0x7ffe, 15, '{' },    { 0x7fff0, 19, '\\' },
		{ 0x7fff2, 19, 208 },   { 0xfffe6, 20, 128 },   { 0xfffed, 20, 226 },
		{ 0x1fffdc, 21, 153 },  { 0x1fffe8, 21, 230 },  { 0x3fffd2, 22, 129 },
		{ 0x3fffeb, 22, 233 },  { 0x7fffd8, 23, 1 },    { 0x7ffff4, 23, 239 },
		{ 0xffffea, 24, 9 },    { 0xfffff5, 24, 237 },  { 0x1ffffec, 25, 199 },
		{ 0x1ffffef, 25, 235 }, { 0x3ffffe0, 26, 192 }, { 0x3ffffee, 26, 255 },
		{ 0x7ffffde, 27, 203 }, { 0x7fffff0, 27, 254 }, { 0xfffffe2, 28, 2 },
		{ 0xffffffe, 28, 249 }, { 0x3ffffffc, 30, 10 }, { 0x3ffffffd, 30, 13 },
		{ 0x3ffffffe, 30, 22 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		uint64_t value = (uint64_t)codes[i].code << (64 - codes[i].bits) |
				 (UINT64_MAX >> codes[i].bits);
		uint8_t bytes[4];
		struct huffman h;

		for (size_t b = 0; b < sizeof bytes; b++)
			bytes[b] = (uint8_t)(value >> (56 - 8 * b));
		h = huffman_of(span_of(bytes, (codes[i].bits + 7) / 8));
		assert_int_equal(huffman_next(&h), codes[i].symbol);
		assert_int_equal(huffman_next(&h), HUFFMAN_END);
	}
}

/* From the lowest code to the highest each of the 256 symbols is met once, and then the end's: no code
 * is left over. */
static void test_all_symbols(void **state)
{
	unsigned seen[256] = { 0 };
	uint64_t value = 0;

	(void)state;
	while (value < UINT64_C(0xfffffffc)) { /* where the end-of-string code begins */
		uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				    (uint8_t)(value >> 8), (uint8_t)value };
		struct huffman h = huffman_of(span_of(bytes, sizeof bytes));
		int symbol = huffman_next(&h);

		assert_in_range(symbol, 0, 255);
		seen[symbol]++;
		value += UINT64_C(1) << h.have; /* the next code of any length */
	}
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(seen[i], 1);
}

static void test_padding(void **state)
{
	(void)state;
	check_text("\x07", 1, "0");           /* 00000 and 111 */
	check_bad("\x06", 1);                 /* other padding */
	check_bad("\x00", 1);                 /* 00000 and zeros */
	check_bad("\x07\xff", 2);             /* more than seven bits of it */
	check_bad("\xff", 1);                 /* nothing but padding, a byte of it */
	check_bad("\xff\xff\xff\xff", 4);     /* the end-of-string symbol (RFC 7541 5.2) */
	check_bad("\xff\xff\xff\xfc\x07", 5); /* the same, and a character */
	check_bad("\xfe", 1);                 /* half a code */
	check_bad("\x07\xff\xff\xff\xff", 5);
}

/* A string longer than the bits at hand. */
static void test_long(void **state)
{
	uint8_t bytes[5 * 200];
	struct huffman h;

	(void)state;
	memset(bytes, 0, sizeof bytes);
	h = huffman_of(span_of(bytes, sizeof bytes));
	for (size_t i = 0; i < sizeof bytes * 8 / 5; i++)
		assert_int_equal(huffman_next(&h), '0');
	assert_int_equal(huffman_next(&h), HUFFMAN_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),    cmocka_unit_test(test_codes),
		cmocka_unit_test(test_all_symbols), cmocka_unit_test(test_padding),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
