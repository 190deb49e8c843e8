/* What shunt-spawn believes of a request, and a carrier of a reply. */
#include "flow/question.h"
#include "flow/spawn.h"
#include "unit.h"

static struct spawn_request good_request(void)
{
	return (struct spawn_request){ .version = SPAWN_VERSION,
				       .kind = SPAWN_PROBE,
				       .size = 5,
				       .client = { .family = AF_INET, .port = 1 },
				       .to = { .family = AF_INET6, .port = 443 },
				       .name = "a-b_C.9" };
}

static struct spawn_reply good_reply(void)
{
	return (struct spawn_reply){ .version = SPAWN_VERSION,
				     .kind = SPAWN_PROBE,
				     .word = SPAWN_YES };
}

static void test_requests(void **state)
{
	struct spawn_request r = good_request();

	(void)state;
	assert_true(spawn_request_is_sane(&r, sizeof r + 5));
	assert_false(spawn_request_is_sane(&r, sizeof r + 4));
	assert_false(spawn_request_is_sane(&r, sizeof r + 6));
	assert_false(spawn_request_is_sane(&r, sizeof r - 1));
	r.size = 0;
	assert_true(spawn_request_is_sane(&r, sizeof r));
	r.size = SPAWN_MOST_BYTES;
	assert_true(spawn_request_is_sane(&r, sizeof r + SPAWN_MOST_BYTES));
	r.size = SPAWN_MOST_BYTES + 1;
	assert_false(spawn_request_is_sane(&r, sizeof r + SPAWN_MOST_BYTES + 1));
	r.size = UINT32_MAX;
	assert_false(spawn_request_is_sane(&r, sizeof r + (size_t)UINT32_MAX));
}

static void test_other_kinds(void **state)
{
	struct spawn_request r = good_request();

	(void)state;
	r.version = SPAWN_VERSION + 1;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r = good_request();
	r.kind = 0;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r.kind = SPAWN_PROBE + 1;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r = good_request();
	r.transport = QUESTION_UDP;
	assert_true(spawn_request_is_sane(&r, sizeof r + 5));
	r.transport = QUESTION_UDP + 1;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r = good_request();
	r.client.family = 0;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r = good_request();
	r.to.family = AF_UNIX;
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
}

/* It is looked for, logged, and put into an environment. */
static void test_names(void **state)
{
	static const char bad[] = { ' ', '\n', '/', '=', '\\', '%', '\x80', ':' };
	struct spawn_request r = good_request();

	(void)state;
	for (size_t i = 0; i < sizeof bad; i++) {
		r = good_request();
		r.name[3] = bad[i];
		assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	}
	r.name[0] = '\0';
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	memset(r.name, 'a', sizeof r.name);
	assert_false(spawn_request_is_sane(&r, sizeof r + 5));
	r.name[sizeof r.name - 1] = '\0';
	assert_true(spawn_request_is_sane(&r, sizeof r + 5));
}

static void test_replies(void **state)
{
	struct spawn_reply r = good_reply();

	(void)state;
	assert_true(spawn_reply_is_sane(&r, sizeof r));
	assert_false(spawn_reply_is_sane(&r, sizeof r - 1));
	assert_false(spawn_reply_is_sane(&r, sizeof r + 1));
	for (uint8_t word = 0; word < 9; word++) {
		r.word = word;
		assert_int_equal(spawn_reply_is_sane(&r, sizeof r),
				 word >= SPAWN_NO && word <= SPAWN_FAILED);
	}
	r = good_reply();
	r.version++;
	assert_false(spawn_reply_is_sane(&r, sizeof r));
	r = good_reply();
	r.kind = 0;
	assert_false(spawn_reply_is_sane(&r, sizeof r));
}

static void test_place(void **state)
{
	char path[SPAWN_PATH_BYTES];
	char longest[108];

	(void)state;
	spawn_path(path, "/run/shunt/control.sock");
	assert_string_equal(path, "/run/shunt/spawn.sock");
	spawn_path(path, "/c");
	assert_string_equal(path, "/spawn.sock");
	memset(longest, '/', sizeof longest - 1); /* the longest `control` */
	longest[sizeof longest - 1] = '\0';
	spawn_path(path, longest);
	assert_string_equal(path + sizeof longest - 1, "spawn.sock");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests), cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_replies),
		cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
