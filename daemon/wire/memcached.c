/*
 * memcached (its protocol.txt, and "Memcached Binary Protocol"): the first command of a
 * client, a line of text, a meta command, or a request of the binary protocol. A line
 * may be a word of plain English, and Redis has some of them, too: weak.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	MEMCACHED_REQUEST = 0x80,
	MEMCACHED_KEY_MOST = 250,
	MEMCACHED_DIGITS_MOST = 20, /* of a number of 64 bits */
	MEMCACHED_BLANKS_MOST = 8,  /* in a row: one, but nobody minds */
	MEMCACHED_VALUE_MOST = 128 * 1024 * 1024 + MEMCACHED_KEY_MOST + 20,
	MEMCACHED_MOST_BYTES =
		512, /* a verb, a key, four numbers, a word, blanks, the end of a line */
};

/*
 * What a verb is followed by: a key, a number, a number that may be missing, the word noreply
 * that may be missing, anything.
 */
static const struct command {
	const char *verb;
	const char *operands; /* k, n, o, r, * */
} command_table[] = {
	{ "get", "k*" },        { "gets", "k*" },      { "gat", "nk*" },
	{ "gats", "nk*" },      { "set", "knnnr" },    { "add", "knnnr" },
	{ "replace", "knnnr" }, { "append", "knnnr" }, { "prepend", "knnnr" },
	{ "cas", "knnnnr" },    { "delete", "kor" },   { "incr", "knr" },
	{ "decr", "knr" },      { "touch", "knr" },    { "stats", "*" },
	{ "version", "" },      { "quit", "" },        { "verbosity", "nr" },
	{ "flush_all", "or" },  { "mg", "k*" },        { "ms", "kn*" },
	{ "md", "k*" },         { "ma", "k*" },        { "me", "k*" },
	{ "mn", "" },
};

/* What requests of the binary protocol carry: extras, a key, a value. */
static const struct shape {
	char name;
	uint8_t extras_least, extras_most; /* bytes */
	uint8_t key_least, key_most;
	bool has_value;
} shape_table[] = {
	{ 'k', 0, 0, 1, MEMCACHED_KEY_MOST, false },
	{ 'v', 8, 8, 1, MEMCACHED_KEY_MOST, true },
	{ 'i', 20, 20, 1, MEMCACHED_KEY_MOST, false },
	{ 'q', 0, 0, 0, 0, false },
	{ 'f', 0, 4, 0, 0, false },
	{ 'a', 0, 0, 1, MEMCACHED_KEY_MOST, true },
	{ 't', 0, 0, 0, MEMCACHED_KEY_MOST, false },
	{ 'b', 4, 4, 0, 0, false },
	{ 'x', 4, 4, 1, MEMCACHED_KEY_MOST, false },
};

/* The shape of each opcode: from get (0) over set to getkq with a time (0x24). */
static const char opcode_table[] = "kvvvkiiqfkqqkkaatvvvkiiqfaabxxx.qaaxx";

static const struct shape *find_shape(uint32_t opcode)
{
	for (size_t i = 0; i < sizeof shape_table / sizeof shape_table[0]; i++) {
		if (shape_table[i].name == opcode_table[opcode])
			return &shape_table[i];
	}
	return NULL;
}

/* The head of a request, up to the sum of its sizes. */
static void read_binary(struct fields *f)
{
	const struct shape *shape;
	uint32_t key, extras, sum;

	(void)fields_be(f, 1, MEMCACHED_REQUEST, MEMCACHED_REQUEST);
	shape = find_shape(fields_be(f, 1, 0, sizeof opcode_table - 2));
	fields_require(f, shape != NULL);
	if (!shape || f->verdict != WIRE_YES)
		return;
	key = fields_be(f, 2, shape->key_least, shape->key_most);
	extras = fields_be(f, 1, shape->extras_least, shape->extras_most);
	fields_require(f, extras == shape->extras_least || extras == shape->extras_most);
	(void)fields_be(f, 1, 0, 0); /* kind of data */
	(void)fields_take(f, 2);     /* bucket */
	sum = key + extras;
	(void)fields_be(f, 4, sum, shape->has_value ? MEMCACHED_VALUE_MOST : sum);
}

static bool is_blank(uint8_t c)
{
	return c == ' ';
}

static void read_number(struct fields *f)
{
	if (text_peek(f) == '-')
		fields_text(f, span_text("-"));
	fields_require(f, text_run(f, text_is_digit, MEMCACHED_DIGITS_MOST).size > 0);
}

/* Blanks and operand. */
static void read_operand(struct fields *f, char kind)
{
	fields_require(f, text_run(f, is_blank, MEMCACHED_BLANKS_MOST).size > 0);
	switch (kind) {
	case 'k':
		fields_require(f, text_run(f, text_is_word, MEMCACHED_KEY_MOST).size > 0);
		break;
	case 'r':
		fields_text(f, span_text("noreply"));
		break;
	case '*':
		break;
	default:
		read_number(f);
		break;
	}
}

/* All of the line, or of as much as is looked at. */
static void read_line(struct fields *f, const struct command *command)
{
	fields_text(f, span_text(command->verb));
	for (const char *kind = command->operands; *kind; kind++) {
		struct fields without = *f;

		read_operand(f, *kind);
		if (*kind == '*' && f->verdict == WIRE_YES)
			return;
		if (f->verdict == WIRE_NO && strchr("or*", *kind))
			*f = without;
	}
	(void)text_run(f, is_blank, MEMCACHED_BLANKS_MOST);
	text_line_end(f);
}

static void read_text(struct fields *f)
{
	const struct fields whole = *f;

	for (size_t i = 0; i < sizeof command_table / sizeof command_table[0]; i++) {
		*f = whole;
		read_line(f, &command_table[i]);
		if (f->verdict != WIRE_NO)
			return;
	}
}

static enum wire_verdict probe_memcached(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (text_is_letter(text_peek(&f)))
		read_text(&f);
	else
		read_binary(&f);
	return fields_end(&f, hints);
}

const struct wire_proto wire_memcached = {
	.name = "memcached",
	.is_weak = true,
	.tcp = { MEMCACHED_MOST_BYTES, probe_memcached },
};
