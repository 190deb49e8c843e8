/*
 * No stream has two owners: for each two definite recognisers of TCP a search for bytes
 * of which both are certain. It goes byte by byte, from all beginnings that neither has
 * refused to each of their 256 continuations. Most pairs have none after a few bytes:
 * then it was complete, and there is no such stream. Where too many are left it goes on
 * with some of them.
 */
#include "unit.h"
#include "wire/wire.h"

enum {
	MOST_BYTES = 64,
	MOST_KEPT = 48, /* beginnings to go on with */
};

struct beginnings {
	uint8_t bytes[MOST_KEPT][MOST_BYTES];
	size_t count;
	size_t found; /* kept or not */
};

enum opinion { REFUSED, OPEN, CERTAIN };

static enum opinion ask(unsigned id, const uint8_t *bytes, size_t size)
{
	struct wire_hints hints;
	enum wire_verdict verdict;

	wire_hints_clear(&hints);
	verdict = wire_proto_at(id)->tcp.probe(span_of(bytes, size), &hints);
	if (verdict == WIRE_NO)
		return REFUSED;
	return verdict == WIRE_YES || hints.is_sure ? CERTAIN : OPEN;
}

/* Keep it; with more than can be kept, each with the same chance. */
static void keep(struct beginnings *b, const uint8_t *bytes, size_t size, uint32_t *chance)
{
	size_t at = b->found++;

	*chance = *chance * 1664525 + 1013904223;
	if (at >= MOST_KEPT)
		at = (*chance >> 8) % b->found;
	if (at >= MOST_KEPT)
		return;
	memcpy(b->bytes[at], bytes, size);
	if (b->count <= at)
		b->count = at + 1;
}

/* Each continuation by one byte that both do not refuse. */
static void go_on(unsigned one, unsigned two, uint8_t *bytes, size_t size, struct beginnings *next,
		  uint32_t *chance)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		enum opinion first, second;

		bytes[size] = (uint8_t)byte;
		first = ask(one, bytes, size + 1);
		second = first == REFUSED ? REFUSED : ask(two, bytes, size + 1);
		if (first == CERTAIN && second == CERTAIN)
			fail_msg("%s and %s are both certain of %zu bytes that end in %02x",
				 wire_proto_at(one)->name, wire_proto_at(two)->name, size + 1,
				 byte);
		if (second != REFUSED)
			keep(next, bytes, size + 1, chance);
	}
}

/* After how many bytes no beginning of both is left; 0: there still are some. */
static size_t search(unsigned one, unsigned two)
{
	static struct beginnings rooms[2];
	uint32_t chance = one * 256 + two;
	struct beginnings *now = &rooms[0], *next = &rooms[1], *other;

	now->count = 1;
	for (size_t size = 0; size < MOST_BYTES; size++) {
		next->count = next->found = 0;
		for (size_t i = 0; i < now->count; i++)
			go_on(one, two, now->bytes[i], size, next, &chance);
		if (next->found == 0)
			return size + 1;
		other = now;
		now = next;
		next = other;
	}
	return 0;
}

static bool is_definite(unsigned id)
{
	return wire_proto_at(id)->tcp.probe && !wire_proto_at(id)->is_weak;
}

static void test_pairs(void **state)
{
	unsigned searched = 0;

	(void)state;
	for (unsigned one = 0; one < WIRE_IDS; one++) {
		for (unsigned two = one + 1; two < WIRE_IDS; two++) {
			size_t apart;

			if (!is_definite(one) || !is_definite(two))
				continue;
			apart = search(one, two);
			searched++;
			if (apart != 1)
				print_message("%s, %s: %s %zu\n", wire_proto_at(one)->name,
					      wire_proto_at(two)->name,
					      apart ? "apart after" : "searched to",
					      apart ? apart : (size_t)MOST_BYTES);
		}
	}
	assert_true(searched > 0);
}

/* It finds what it looks for: each recogniser with itself. */
static void test_it_finds(void **state)
{
	static uint8_t bytes[] = "SSH-2.0";
	static struct beginnings next;
	uint32_t chance = 0;

	(void)state;
	go_on(WIRE_ID_ssh, WIRE_ID_ssh, bytes, 3, &next, &chance);
	assert_int_equal(next.found, 1);
	assert_int_equal(ask(WIRE_ID_ssh, (const uint8_t *)"SSH-2.0-", 8), CERTAIN);
	assert_int_equal(ask(WIRE_ID_tls, (const uint8_t *)"SSH-2.0-", 8), REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_it_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
