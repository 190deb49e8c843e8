/* Did you mean. */
#include <string.h>

#include "policy/nearest.h"
#include "unit.h"

static const char *nearest_of(const char *word, unsigned *distance, const char *const *valid)
{
	struct nearest n = { .word = word };

	for (; *valid; valid++)
		nearest_offer(&n, *valid);
	*distance = n.distance;
	return n.best;
}

static void test_distance(void **state)
{
	static const struct {
		const char *word;
		const char *valid;
		unsigned distance;
	} cases[] = {
		{ "server_name", "server_name", 0 },
		{ "servername", "server_name", 1 },
		{ "serverr_name", "server_name", 1 },
		{ "sorver_name", "server_name", 1 },
		{ "sevrer_name", "server_name", 1 },
		{ "SERVER_NAME", "server_name", 0 },
		{ "", "tcp", 3 },
		{ "tcp", "", 3 },
		{ "", "", 0 },
		{ "ab", "ba", 1 },
		{ "kitten", "sitting", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const valid[] = { cases[i].valid, NULL };
		unsigned distance;

		assert_string_equal(nearest_of(cases[i].word, &distance, valid), cases[i].valid);
		assert_int_equal(distance, cases[i].distance);
	}
}

static void test_choice(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const words[] = { "from", "force", "fail", NULL };
	static const char *const equals[] = { "aa", "ab", NULL };
	char longer[300];
	unsigned distance;

	(void)state;
	assert_null(nearest_of("x", &distance, none));
	assert_string_equal(nearest_of("forse", &distance, words), "force");
	assert_string_equal(nearest_of("fial", &distance, words), "fail");
	assert_string_equal(nearest_of("ac", &distance, equals), "aa"); /* the first of equals */
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_string_equal(nearest_of(longer, &distance, words), "from");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
