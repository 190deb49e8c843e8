/* The fields of a first message, as far as they are there. */
#include "wire/fields.h"

/* The bytes ended inside a field, which is done with `wanted` bytes, or says more with one more. */
static void stop_short(struct fields *f, size_t wanted)
{
	f->verdict = WIRE_MORE;
	f->wanted = wanted;
}

/* The bytes of the next field, as many as are there; none behind NO and MORE. */
static struct span begin(const struct fields *f, size_t size)
{
	size_t there = f->in.size - f->at;

	if (f->verdict != WIRE_YES || there == 0)
		return span_of(NULL, 0);
	return span_of(f->in.data + f->at, there < size ? there : size);
}

/* They can be: the field is whole, or it is not known yet whether. */
static void pass(struct fields *f, size_t there, size_t size)
{
	if (f->verdict != WIRE_YES)
		return;
	if (there < size)
		stop_short(f, f->in.size + 1);
	else
		f->at += size;
}

void fields_text(struct fields *f, struct span text)
{
	struct span there = begin(f, text.size);

	fields_require(f, span_equal(there, span_of(text.data, there.size)));
	pass(f, there.size, text.size);
}

uint32_t fields_be(struct fields *f, size_t size, uint32_t least, uint32_t most)
{
	struct span there = begin(f, size);
	unsigned missing = 8 * (unsigned)(size - there.size); /* bits */
	uint64_t value = 0;

	for (size_t i = 0; i < there.size; i++)
		value = value << 8 | there.data[i];
	fields_require(f,
		       value >= (uint64_t)least >> missing && value <= (uint64_t)most >> missing);
	pass(f, there.size, size);
	return f->verdict == WIRE_YES ? (uint32_t)value : 0;
}

uint32_t fields_le(struct fields *f, size_t size, uint32_t least, uint32_t most)
{
	struct span there = begin(f, size);
	uint64_t value = 0;

	for (size_t i = there.size; i > 0; i--)
		value = value << 8 | there.data[i - 1];
	/* the least of its values that begins so and is not below `least` */
	value = least + ((value - least) & ((UINT64_C(1) << 8 * there.size) - 1));
	fields_require(f, value <= most);
	pass(f, there.size, size);
	return f->verdict == WIRE_YES ? (uint32_t)value : 0;
}

struct span fields_bytes(struct fields *f, size_t size, bool (*fits)(uint8_t byte))
{
	struct span there = begin(f, size);

	for (size_t i = 0; i < there.size; i++)
		fields_require(f, fits(there.data[i]));
	pass(f, there.size, size);
	return f->verdict == WIRE_YES ? there : span_of(NULL, 0);
}

struct span fields_take(struct fields *f, size_t size)
{
	struct span there = begin(f, size);

	if (f->verdict == WIRE_YES && there.size < size)
		stop_short(f, f->at + size);
	else
		pass(f, there.size, size);
	return f->verdict == WIRE_YES ? there : span_of(NULL, 0);
}

struct span fields_until(struct fields *f, uint8_t end, size_t most, bool (*fits)(uint8_t byte))
{
	struct span there = begin(f, most + 1);
	size_t size = 0;

	for (; size < there.size && there.data[size] != end; size++)
		fields_require(f, size < most && fits(there.data[size]));
	pass(f, there.size, size + 1);
	return f->verdict == WIRE_YES ? span_of(there.data, size) : span_of(NULL, 0);
}

void fields_require(struct fields *f, bool is_so)
{
	if (f->verdict == WIRE_YES && !is_so)
		f->verdict = WIRE_NO;
}

enum wire_verdict fields_end(const struct fields *f, struct wire_hints *hints)
{
	if (f->verdict == WIRE_MORE)
		hints->wanted = f->wanted;
	return f->verdict;
}
