/*
 * The HPACK decoder, by two laws. A block that is cut off gives the same fields up
 * to the cut. The fields of a block, written out again as plain literals, are read
 * as the same fields.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "wire/hpack.h"

enum {
	FUZZ_BLOCK_BYTES = 16384,
	FUZZ_STRING_BYTES = 512, /* longer ones are compared by their size alone */
	FUZZ_PLAIN_BYTES = 256 * 1024,
};

static void require(int holds, const char *law)
{
	if (holds)
		return;
	(void)fprintf(stderr, "hpack: broken: %s\n", law);
	abort();
}

/* A digest of one string's octets. */
static uint64_t digest(uint64_t sum, const struct hpack_string *s)
{
	uint8_t octets[FUZZ_STRING_BYTES];
	size_t size = hpack_string_copy(s, octets, sizeof octets);

	require(size == (s->size < sizeof octets ? s->size : sizeof octets),
		"a string has its size");
	sum = (sum ^ s->size) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ octets[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* A literal that is not indexed, both strings without Huffman codes. Returns the new size. */
static size_t put_string(uint8_t *out, size_t used, const struct hpack_string *s)
{
	size_t rest = s->size;

	if (rest < 127) {
		out[used++] = (uint8_t)rest;
	} else {
		out[used++] = 127;
		for (rest -= 127; rest >= 128; rest >>= 7)
			out[used++] = (uint8_t)(0x80 | (rest & 0x7f));
		out[used++] = (uint8_t)rest;
	}
	return used + hpack_string_copy(s, out + used, s->size);
}

static void check_table(const struct hpack *h)
{
	require(h->used <= h->limit && h->limit <= HPACK_TABLE_BYTES, "the table keeps its size");
	require(h->count <= HPACK_ENTRIES_MOST, "the table keeps its number");
	require((h->count == 0) == (h->used == 0), "an empty table is empty");
}

/* Read fields until one is bad, at most `most`. Returns how many; *sum is a digest of them. */
static size_t read_block(struct span block, size_t most, uint64_t *sum, uint8_t *plain,
			 size_t *used)
{
	struct hpack h;
	struct hpack_field field;
	size_t count = 0;

	*sum = 0;
	hpack_init(&h, HPACK_TABLE_BYTES);
	hpack_open(&h, block);
	while (count < most) {
		if (hpack_next(&h, &field) != HPACK_FIELD)
			break;
		count++;
		check_table(&h);
		*sum = digest(digest(*sum, &field.name), &field.value);
		if (!plain || field.name.size + field.value.size + 16 > FUZZ_PLAIN_BYTES - *used)
			continue;
		plain[(*used)++] = 0;
		*used = put_string(plain, *used, &field.name);
		*used = put_string(plain, *used, &field.value);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *plain = malloc(FUZZ_PLAIN_BYTES);
	uint64_t sum;
	uint64_t again;
	size_t used = 0;
	size_t count;
	size_t fewer;

	if (size > FUZZ_BLOCK_BYTES || !plain) {
		free(plain);
		return 0;
	}
	count = read_block(span_of(data, size), SIZE_MAX, &sum, plain, &used);
	if (used < FUZZ_PLAIN_BYTES / 2) { /* all of them are in there */
		require(read_block(span_of(plain, used), SIZE_MAX, &again, NULL, NULL) == count,
			"plain literals are as many fields");
		require(sum == again, "plain literals are the same fields");
	}
	fewer = read_block(span_of(data, size / 2), SIZE_MAX, &sum, NULL, NULL);
	require(fewer <= count, "half a block has no more fields");
	(void)read_block(span_of(data, size), fewer, &again, NULL, NULL);
	require(sum == again, "half a block has the same fields");
	free(plain);
	return 0;
}
