/* Shared objects as recognisers: what is made of what they say. */
#include "base/datagrams.h"
#include "base/fault.h"
#include "flow/question.h"
#include "policy_folder.h"
#include "sniff/plugins.h"

/* One that says what it was told to say, and remembers what it was asked. */
static struct said {
	int verdict;
	size_t wanted;
	size_t size;
	int is_final;
	uint8_t running;
	volatile uint8_t place;
} said;

static int probe(const uint8_t *bytes, size_t size, int is_final, size_t *wanted)
{
	(void)bytes;
	said.size = size;
	said.is_final = is_final;
	said.running = said.place;
	if (said.wanted)
		*wanted = said.wanted;
	return said.verdict;
}

static const struct shunt_probe object = SHUNT_PROBE(probe);

static enum wire_verdict ask(struct plugins *p, int verdict, size_t wanted, size_t size,
			     struct wire_hints *hints)
{
	static const uint8_t bytes[QUESTION_MOST_BYTES];
	const struct probe_flow flow = { .in = span_of(bytes, size) };

	said = (struct said){ .verdict = verdict, .wanted = wanted };
	return plugins_ask(p, 3, &flow, false, hints);
}

static void test_verdicts(void **state)
{
	struct plugins p = { .at = { [3] = &object }, .running = &said.place };
	struct wire_hints hints;

	(void)state;
	assert_int_equal(ask(&p, SHUNT_PROBE_YES, 0, 5, &hints), WIRE_YES);
	assert_int_equal(said.size, 5);
	assert_int_equal(said.is_final, 0);
	assert_int_equal(said.running, 4); /* while it ran */
	assert_int_equal(said.place, 0);
	assert_int_equal(ask(&p, SHUNT_PROBE_NO, 9, 5, &hints), WIRE_NO);
	assert_int_equal(ask(&p, 3, 9, 5, &hints), WIRE_NO);
	assert_int_equal(ask(&p, -1, 9, 5, &hints), WIRE_NO);
	assert_int_equal(ask(&p, SHUNT_PROBE_MORE, 9, 5, &hints), WIRE_MORE);
	assert_int_equal(hints.wanted, 9);
	for (size_t wanted = 0; wanted <= 5; wanted++) {
		assert_int_equal(ask(&p, SHUNT_PROBE_MORE, wanted, 5, &hints), WIRE_MORE);
		assert_int_equal(hints.wanted, 6);
	}
	assert_int_equal(ask(&p, SHUNT_PROBE_MORE, QUESTION_MOST_BYTES + 1, 5, &hints), WIRE_MORE);
	assert_int_equal(hints.wanted, 6);
}

static void test_final(void **state)
{
	struct plugins p = { .at = { [3] = &object }, .running = &said.place };
	const struct probe_flow flow = { .in = span_text("some"), .is_final = true };
	struct wire_hints hints;

	(void)state;
	said = (struct said){ .verdict = SHUNT_PROBE_MORE, .wanted = 9 };
	assert_int_equal(plugins_ask(&p, 3, &flow, false, &hints), WIRE_NO);
	assert_int_equal(said.is_final, 1);
	said.verdict = SHUNT_PROBE_YES;
	assert_int_equal(plugins_ask(&p, 3, &flow, false, &hints), WIRE_YES);
}

/* It is shown the first datagram, and once it is there as a whole. */
static void test_datagrams(void **state)
{
	static const uint8_t run[] = { 0, 3, 1, 2, 3, 0, 1, 9 };
	struct plugins p = { .at = { [3] = &object }, .running = &said.place };
	struct wire_hints hints;

	(void)state;
	for (size_t size = 0; size <= sizeof run; size++) {
		const struct probe_flow flow = { .in = span_of(run, size) };

		said = (struct said){ .verdict = SHUNT_PROBE_YES };
		assert_int_equal(plugins_ask(&p, 3, &flow, true, &hints),
				 size < 5 ? WIRE_MORE : WIRE_YES);
		assert_int_equal(said.size, size < 5 ? 0 : 3);
		assert_int_equal(said.is_final, size >= 5);
	}
}

static void test_absent(void **state)
{
	const volatile uint64_t off = UINT64_C(1) << 3;
	struct plugins p = { .running = &said.place };
	struct wire_hints hints;

	(void)state;
	assert_int_equal(ask(NULL, SHUNT_PROBE_YES, 0, 5, &hints), WIRE_NO);
	assert_int_equal(ask(&p, SHUNT_PROBE_YES, 0, 5, &hints), WIRE_NO);
	p.at[3] = &object;
	assert_int_equal(ask(&p, SHUNT_PROBE_YES, 0, 5, &hints), WIRE_YES);
	p.off = &off;
	assert_int_equal(ask(&p, SHUNT_PROBE_YES, 0, 5, &hints), WIRE_NO);
	assert_int_equal(said.size, 0);
}

static void test_no_object(void **state)
{
	const struct shunt_probe *out = NULL;
	struct fault fault;
	struct folder f;
	char path[200];

	(void)state;
	folder_make(&f);
	folder_write(&f, "text.so", "no object\n");
	assert_int_not_equal(plugins_open(&out, folder_file(&f, "text.so", path), &fault), 0);
	assert_non_null(strstr(fault.text, "cannot load"));
	assert_int_not_equal(plugins_open(&out, folder_file(&f, "none.so", path), &fault), 0);
	assert_null(out);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),  cmocka_unit_test(test_final),
		cmocka_unit_test(test_datagrams), cmocka_unit_test(test_absent),
		cmocka_unit_test(test_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
