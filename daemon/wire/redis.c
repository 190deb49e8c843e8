/*
 * Redis, by its first command: an array of bulk strings, the first of which is the
 * command's name (RESP, "Sending commands to a Redis server"). Commands typed as plain
 * words, which telnet sends, have nothing to be known by and are not looked for.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	WORDS_MOST = 1024 * 1024, /* of one command: what a server takes */
	NAME_MOST = 64,
	DIGITS_MOST = 7,
	REDIS_MOST_BYTES = 1 + DIGITS_MOST + 2 + 1 + 2 + 2 + NAME_MOST + 2,
};

/* Those of modules have dots, and more. */
static bool is_name(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '.' || c == '_' || c == '-' ||
	       c == '|';
}

/* A number from 1 to `most` behind its mark, and the end of its line. */
static uint32_t read_count(struct fields *f, const char *mark, size_t digits_most, uint32_t most)
{
	struct span digits;
	uint32_t value;

	fields_text(f, span_text(mark));
	value = fields_be(f, 1, '1', '9') - '0';
	digits = fields_until(f, '\r', digits_most - 1, text_is_digit);
	for (size_t i = 0; i < digits.size; i++)
		value = 10 * value + digits.data[i] - '0';
	fields_require(f, value <= most);
	fields_text(f, span_text("\n"));
	return value;
}

static enum wire_verdict probe_redis(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t size;

	(void)read_count(&f, "*", DIGITS_MOST, WORDS_MOST);
	size = read_count(&f, "$", 2, NAME_MOST);
	(void)fields_bytes(&f, size, is_name);
	fields_text(&f, span_text("\r\n"));
	return fields_end(&f, hints);
}

const struct wire_proto wire_redis = {
	.name = "redis",
	.tcp = { REDIS_MOST_BYTES, probe_redis },
};
