/*
 * Modbus over TCP (MODBUS Messaging on TCP/IP Implementation Guide 3.1.3, MODBUS
 * Application Protocol 6): the first request, of a function of that book, with sizes and
 * counts that agree. None of its bytes is a magic one, and some requests have nothing to
 * count: weak.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	MODBUS_HEAD_BYTES = 2, /* unit and function, which the length counts, too */
	MODBUS_LENGTH_MOST = 254,
	MODBUS_RECORD_BYTES = 7, /* to name a record of a file */
	MODBUS_RECORD_KIND = 6,
	MODBUS_COIL_ON = 0xff00,
	MODBUS_IDENTITY = 14,   /* of the interfaces of function 43; the other is CANopen's */
	MODBUS_MOST_BYTES = 17, /* up to the last count */
};

/* How many bytes a request may have behind its function; of a function that is not listed, none. */
static const struct function {
	uint8_t code, least, most;
} function_table[] = {
	{ 1, 4, 4 },    { 2, 4, 4 },     { 3, 4, 4 },   { 4, 4, 4 },    { 5, 4, 4 },
	{ 6, 4, 4 },    { 7, 0, 0 },     { 8, 4, 252 }, { 11, 0, 0 },   { 12, 0, 0 },
	{ 15, 6, 251 }, { 16, 7, 251 },  { 17, 0, 0 },  { 20, 8, 246 }, { 21, 10, 252 },
	{ 22, 6, 6 },   { 23, 11, 251 }, { 24, 2, 2 },  { 43, 2, 252 },
};

static const struct function *find_function(uint32_t code)
{
	for (size_t i = 0; i < sizeof function_table / sizeof function_table[0]; i++) {
		if (function_table[i].code == code)
			return &function_table[i];
	}
	return NULL;
}

/* An address, and how many of what is there. */
static uint32_t range(struct fields *f, uint32_t most)
{
	(void)fields_take(f, 2);
	return fields_be(f, 2, 1, most);
}

/* The bytes that are written, as many as are left behind `ahead` others. */
static void written(struct fields *f, uint32_t bytes, uint32_t left, uint32_t ahead)
{
	(void)fields_be(f, 1, bytes, bytes);
	fields_require(f, left == ahead + bytes);
}

static void read_value_of_coil(struct fields *f)
{
	uint32_t value;

	(void)fields_take(f, 2);
	value = fields_be(f, 2, 0, MODBUS_COIL_ON);
	fields_require(f, value == 0 || value == MODBUS_COIL_ON);
}

static void read_records(struct fields *f, uint32_t left, bool may_carry)
{
	(void)fields_be(f, 1, left - 1, left - 1);
	fields_require(f, may_carry || (left - 1) % MODBUS_RECORD_BYTES == 0);
	(void)fields_be(f, 1, MODBUS_RECORD_KIND, MODBUS_RECORD_KIND);
}

static void read_interface(struct fields *f, uint32_t left)
{
	if (fields_be(f, 1, MODBUS_IDENTITY - 1, MODBUS_IDENTITY) != MODBUS_IDENTITY)
		return;
	fields_require(f, left == 3);
	(void)fields_be(f, 1, 1, 4); /* how much of it */
}

static void read_operands(struct fields *f, uint32_t code, uint32_t left)
{
	switch (code) {
	case 1:
	case 2:
		(void)range(f, 2000);
		break;
	case 3:
	case 4:
		(void)range(f, 125);
		break;
	case 5:
		read_value_of_coil(f);
		break;
	case 8:
		fields_require(f, left % 2 == 0);
		(void)fields_be(f, 2, 0, 20); /* what to diagnose */
		break;
	case 15:
		written(f, (range(f, 1968) + 7) / 8, left, 5);
		break;
	case 16:
		written(f, 2 * range(f, 123), left, 5);
		break;
	case 20:
	case 21:
		read_records(f, left, code == 21);
		break;
	case 23:
		(void)range(f, 125);
		written(f, 2 * range(f, 121), left, 9);
		break;
	case 43:
		read_interface(f, left);
		break;
	default: /* nothing that could be wrong */
		break;
	}
}

static enum wire_verdict probe_modbus(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	const struct function *function;
	uint32_t length;

	(void)fields_take(&f, 2); /* the client's number for it */
	(void)fields_be(&f, 2, 0, 0);
	length = fields_be(&f, 2, MODBUS_HEAD_BYTES, MODBUS_LENGTH_MOST) - MODBUS_HEAD_BYTES;
	(void)fields_take(&f, 1); /* unit */
	function = find_function(fields_be(&f, 1, 1, 43));
	fields_require(&f, function && length >= function->least && length <= function->most);
	if (function && f.verdict == WIRE_YES)
		read_operands(&f, function->code, length);
	return fields_end(&f, hints);
}

const struct wire_proto wire_modbus = {
	.name = "modbus",
	.is_weak = true,
	.tcp = { MODBUS_MOST_BYTES, probe_modbus },
};
