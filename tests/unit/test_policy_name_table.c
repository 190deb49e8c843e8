/* The hash of names and its walk over wildcards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/name_table.h"
#include "unit.h"

/* The routes of an entry and those behind it, as "3 2 1 ". */
static const char *routes_of(const struct name_table *t, const struct name_entry *e, char text[64])
{
	text[0] = '\0';
	for (; e; e = name_table_next(t, e))
		(void)snprintf(text + strlen(text), 64 - strlen(text), "%u ", e->route);
	return text;
}

static void test_find(void **state)
{
	struct name_table t;
	char text[64];

	(void)state;
	assert_int_equal(name_table_init(&t, 10), 0);
	assert_true(name_table_add(&t, "a.example", 1));
	assert_true(name_table_add(&t, "b.example", 1));
	assert_true(name_table_add(&t, "*.example", 1));
	assert_false(name_table_add(&t, "a.example", 1)); /* twice in one route */
	assert_true(name_table_add(&t, "a.example", 2));
	assert_true(name_table_add(&t, "*.example", 3));
	assert_true(name_table_add(&t, "example", 4));
	assert_int_equal(t.count, 6);
	assert_string_equal(routes_of(&t, name_table_find(&t, span_text("a.example")), text),
			    "2 1 ");
	assert_string_equal(routes_of(&t, name_table_find(&t, span_text("b.example")), text), "1 ");
	assert_string_equal(routes_of(&t, name_table_find(&t, span_text("example")), text), "4 ");
	assert_string_equal(routes_of(&t, name_table_find_wild(&t, span_text("example")), text),
			    "3 1 ");
	assert_null(name_table_find(&t, span_text("*.example"))); /* what a client may send */
	assert_null(name_table_find(&t, span_text("c.example")));
	assert_null(name_table_find(&t, span_text("a.exampl")));
	assert_null(name_table_find(&t, span_of(NULL, 0)));
	assert_null(name_table_find_wild(&t, span_text("a.example")));
	name_table_done(&t);
	name_table_done(&t);
}

/* The routes of all wildcards that fit a name, in order. */
static void expect_walk(const struct name_table *t, const char *name, const char *expected)
{
	struct name_walk walk;
	const struct name_entry *e;
	char text[64] = "";

	name_walk_begin(&walk, t, span_text(name));
	while ((e = name_walk_next(&walk)) != NULL)
		(void)snprintf(text + strlen(text), 64 - strlen(text), "%u ", e->route);
	assert_null(name_walk_next(&walk));
	assert_string_equal(text, expected);
}

static void test_walk(void **state)
{
	struct name_table t;

	(void)state;
	assert_int_equal(name_table_init(&t, 10), 0);
	expect_walk(&t, "a.example", ""); /* none at all */
	(void)name_table_add(&t, "*.example", 1);
	(void)name_table_add(&t, "*.b.example", 2);
	(void)name_table_add(&t, "*.a.b.example", 3);
	(void)name_table_add(&t, "b.example", 4);
	expect_walk(&t, "x.example", "1 ");
	expect_walk(&t, "b.example", "1 ");     /* not its own bare name */
	expect_walk(&t, "x.b.example", "2 1 "); /* the longest first */
	expect_walk(&t, "x.y.b.example", "2 1 ");
	expect_walk(&t, "x.a.b.example", "3 2 1 ");
	expect_walk(&t, "xb.example", "1 "); /* only at the border of a label */
	expect_walk(&t, "xexample", "");
	expect_walk(&t, "example", "");
	expect_walk(&t, ".example", ""); /* nothing in front of the dot */
	expect_walk(&t, "..example", "1 ");
	expect_walk(&t, "", "");
	name_table_done(&t);
}

static void test_many_dots(void **state)
{
	struct name_table t;
	char name[300];

	(void)state;
	assert_int_equal(name_table_init(&t, 1), 0);
	(void)name_table_add(&t, "*.example", 1);
	memset(name, '.', sizeof name);
	strcpy(name + 245, ".example");
	expect_walk(&t, name, "1 ");
	memset(name, 'a', 245);
	expect_walk(&t, name, "1 ");
	memset(name, 'a', sizeof name);
	strcpy(name + 246, ".example"); /* 254 bytes: no name */
	expect_walk(&t, name, "");
	memset(name, '.', 253);
	name[253] = '\0';
	expect_walk(&t, name, "");
	name_table_done(&t);
}

static void test_many_names(void **state)
{
	enum { NAMES = 20000, BYTES = 24 };
	char *names = calloc(NAMES, BYTES);
	struct name_table t;

	(void)state;
	assert_non_null(names);
	assert_int_equal(name_table_init(&t, NAMES), 0);
	for (unsigned i = 0; i < NAMES; i++) {
		char *name = names + (size_t)i * BYTES;

		(void)snprintf(name, BYTES, "%sh%u.example", i % 5 ? "" : "*.", i);
		assert_true(name_table_add(&t, name, i % 4096));
	}
	for (unsigned i = 0; i < NAMES; i++) {
		const char *name = names + (size_t)i * BYTES;
		const struct name_entry *e = i % 5 ? name_table_find(&t, span_text(name))
						   : name_table_find_wild(&t, span_text(name + 2));

		assert_non_null(e);
		assert_ptr_equal(e->name, name);
		assert_int_equal(e->route, i % 4096);
		assert_null(name_table_next(&t, e));
	}
	name_table_done(&t);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_many_dots),
		cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
