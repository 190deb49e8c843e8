/* Are two plans the same? Each difference must show. */

#include "nft/plan_build.h"
#include "nft/plan_same.h"
#include "nft_sample.h"

static void test_built_twice_it_is_the_same(void **state)
{
	struct sample s;
	struct plan *a;
	struct plan *b;

	(void)state;
	sample_init(&s, 3);
	s.diverts[1].is_fail_closed = true;
	a = sample_plan(&s);
	b = sample_plan(&s);
	assert_true(plan_table_is_same(&a->owned, &b->owned));
	assert_true(plan_table_is_same(&a->lasting, &b->lasting));
	assert_false(plan_table_is_same(&a->owned, &a->lasting));
	plan_free(a);
	plan_free(b);
}

static struct plan_set *ports(struct plan_table *table)
{
	return (struct plan_set *)plan_find_set(table, "ports");
}

/* What each change of one table of the other plan does. */
static void change_port(struct plan_table *t)
{
	ports(t)->at[0].last[0] ^= 1;
}

static void change_count(struct plan_table *t)
{
	ports(t)->count--;
}

static void change_kind(struct plan_table *t)
{
	ports(t)->kind = PLAN_V4;
}

static void change_timeout(struct plan_table *t)
{
	t->sets[0].is_live = !t->sets[0].is_live;
}

static void change_set_name(struct plan_table *t)
{
	t->sets[0].name[0] = 'x';
}

static void change_object(struct plan_table *t)
{
	t->objects[0].timeout_family = 2;
}

static void change_priority(struct plan_table *t)
{
	for (size_t i = 0; i < t->chain_count; i++)
		if (t->chains[i].type)
			t->chains[i].priority++;
}

static void change_type(struct plan_table *t)
{
	t->chains[0].type = t->chains[0].type ? NULL : "filter";
}

static void change_value(struct plan_table *t)
{
	t->chains[0].rules[0].ops[0].value++;
}

static void change_not(struct plan_table *t)
{
	t->chains[0].rules[0].ops[0].is_not = true;
}

static void change_end(struct plan_table *t)
{
	t->chains[0].rules[0].count--;
}

static void change_last_rule(struct plan_table *t)
{
	t->chains[0].count--;
}

static void test_each_difference_shows(void **state)
{
	static void (*const changes[])(struct plan_table *) = {
		change_port,   change_count,    change_kind, change_timeout, change_set_name,
		change_object, change_priority, change_type, change_value,   change_not,
	};
	struct sample s;
	struct plan *a;
	struct plan *b;
	size_t i;

	(void)state;
	sample_init(&s, 1);
	a = sample_plan(&s);
	for (i = 0; i < sizeof changes / sizeof *changes; i++) {
		b = sample_plan(&s);
		changes[i](&b->owned);
		assert_false(plan_table_is_same(&a->owned, &b->owned));
		assert_false(plan_table_is_same(&b->owned, &a->owned));
		plan_free(b);
	}
	plan_free(a);
}

/* Shortened for the comparison, and whole again to be freed. */
static void test_a_shorter_one_differs(void **state)
{
	struct sample s;
	struct plan *a;
	struct plan *b;

	(void)state;
	sample_init(&s, 1);
	a = sample_plan(&s);
	b = sample_plan(&s);
	change_end(&b->owned);
	assert_false(plan_table_is_same(&a->owned, &b->owned));
	b->owned.chains[0].rules[0].count++;
	change_last_rule(&b->owned);
	assert_false(plan_table_is_same(&a->owned, &b->owned));
	b->owned.chains[0].count++;
	b->owned.set_count--;
	assert_false(plan_table_is_same(&a->owned, &b->owned));
	b->owned.set_count++;
	assert_true(plan_table_is_same(&a->owned, &b->owned));
	plan_free(a);
	plan_free(b);
}

static void test_found_by_name(void **state)
{
	struct sample s;
	struct plan *plan;

	(void)state;
	sample_init(&s, 1);
	plan = sample_plan(&s);
	assert_string_equal(plan_find_set(&plan->owned, "alive")->name, "alive");
	assert_string_equal(plan_find_chain(&plan->owned, "take")->name, "take");
	assert_string_equal(plan_find_object(&plan->owned, "race")->name, "race");
	assert_null(plan_find_set(&plan->lasting, "alive"));
	assert_null(plan_find_chain(&plan->lasting, "take"));
	assert_null(plan_find_object(&plan->lasting, "rest"));
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_twice_it_is_the_same),
		cmocka_unit_test(test_each_difference_shows),
		cmocka_unit_test(test_a_shorter_one_differs),
		cmocka_unit_test(test_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
