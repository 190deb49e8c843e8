/* Faults and warnings: kept up to a limit, counted beyond, sorted, fit for a terminal. */
#include <string.h>

#include "policy/config_notes.h"
#include "unit.h"

static void test_text(void **state)
{
	struct config_notes notes = { 0 };
	char text[64];
	char little[8];

	(void)state;
	config_fault(&notes, (struct config_place){ "a.conf", 7 }, "bad `%s`", "x\x1b[31m\ty\x7f");
	config_warn(&notes, (struct config_place){ "a.conf", 0 }, "odd %d", 5);
	assert_int_equal(notes.count, 2);
	assert_int_equal(notes.faults, 1);
	config_note_text(&notes.at[0], text, sizeof text);
	assert_string_equal(text, "a.conf:7: bad `x?[31m?y?`");
	config_note_text(&notes.at[1], text, sizeof text);
	assert_string_equal(text, "a.conf: warning: odd 5");
	config_note_text(&notes.at[1], little, sizeof little);
	assert_string_equal(little, "a.conf:");
	config_notes_free(&notes);
	config_notes_free(&notes);
	config_notes_free(NULL);
	assert_int_equal(notes.count, 0);
}

static void test_order(void **state)
{
	static const char *const expected[] = { "m:1: a", "m:1: b", "m:9: c",
						"a:2: d", "z:1: e", "m:3: warning: w" };
	struct config_notes notes = { 0 };
	char text[64];

	(void)state;
	config_warn(&notes, (struct config_place){ "m", 3 }, "w");
	config_fault(&notes, (struct config_place){ "z", 1 }, "e");
	config_fault(&notes, (struct config_place){ "m", 9 }, "c");
	config_fault(&notes, (struct config_place){ "m", 1 }, "a");
	config_fault(&notes, (struct config_place){ "a", 2 }, "d");
	config_fault(&notes, (struct config_place){ "m", 1 }, "b");
	config_notes_sort(&notes, "m");
	for (size_t i = 0; i < notes.count; i++) {
		config_note_text(&notes.at[i], text, sizeof text);
		assert_string_equal(text, expected[i]);
	}
	config_notes_free(&notes);
}

static void test_limits(void **state)
{
	struct config_notes notes = { 0 };
	char longer[2000];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (int i = 0; i < 1500; i++)
		config_fault(&notes, (struct config_place){ "f", i + 1 }, "%s", longer);
	assert_int_equal(notes.count, CONFIG_MOST_NOTES);
	assert_int_equal(notes.faults, 1500);
	assert_true(strlen(notes.at[0].text) < 600);
	config_notes_free(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
