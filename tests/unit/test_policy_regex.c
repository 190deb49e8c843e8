/*
 * Regular expressions: what fits, what is refused, and hostile patterns: bounded
 * in time, without one allocation, and without one system call.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "base/clock.h"
#include "policy/regex.h"
#include "unit.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

static enum regex_verdict match_once(const char *pattern, const char *name)
{
	char fault[REGEX_FAULT_BYTES] = "";
	enum regex_verdict verdict;
	struct regex_room *room;
	struct regex *regex;

	if (regex_new(&regex, pattern, fault))
		fail_msg("%s: %s", pattern, fault);
	assert_string_equal(regex_text(regex), pattern);
	assert_int_equal(regex_room_new(&room), 0);
	verdict = regex_match(regex, room, span_text(name));
	assert_int_equal(regex_match(regex, room, span_text(name)), verdict); /* no memory of it */
	regex_room_free(room);
	regex_free(regex);
	return verdict;
}

static void test_fits(void **state)
{
	(void)state;
	assert_int_equal(match_once("/^a[0-9]+\\./", "a12.example"), REGEX_YES);
	assert_int_equal(match_once("/^a[0-9]+\\./", "a.example"), REGEX_NO);
	assert_int_equal(match_once("/^a[0-9]+\\./", "ba1.example"), REGEX_NO);
	assert_int_equal(match_once("/a[0-9]/", "ba1.example"), REGEX_YES);        /* anywhere */
	assert_int_equal(match_once("/^A1\\.EXAMPLE$/", "a1.example"), REGEX_YES); /* caseless */
	assert_int_equal(match_once("/^(?:www|mail), ?x|[,]y/", "z,y"), REGEX_YES);
	assert_int_equal(match_once("/^a\\/b$/", "a/b"), REGEX_YES); /* a slash of its own */
	assert_int_equal(match_once("/^a\\\\/", "a\\b"), REGEX_YES);
	assert_int_equal(match_once("/^(a)(b)(c)(d)\\4\\3\\2\\1$/", "abcddcba"), REGEX_YES);
	assert_int_equal(match_once("/^(?=.*x)(?!.*y)/", "axb"), REGEX_YES);
	assert_int_equal(match_once("/example$/", "example\n"), REGEX_NO);
	assert_int_equal(match_once("/^$/", ""), REGEX_YES);
	assert_int_equal(match_once("/a/", ""), REGEX_NO);
}

static void expect_fault(const char *text, const char *expected)
{
	struct regex *regex = (struct regex *)(uintptr_t)16;
	char fault[REGEX_FAULT_BYTES] = "";

	assert_int_equal(regex_new(&regex, text, fault), -EINVAL);
	assert_ptr_equal(regex, (struct regex *)(uintptr_t)16);
	assert_string_equal(fault, expected);
}

/* PCRE2 says what is wrong, in the words of its version. */
static void expect_refusal(const char *text)
{
	char fault[REGEX_FAULT_BYTES] = "";
	struct regex *regex;

	assert_int_equal(regex_new(&regex, text, fault), -EINVAL);
	assert_int_equal(strncmp(fault, "is no regex: ", 13), 0);
	assert_non_null(strstr(fault, " at offset "));
}

static void test_faults(void **state)
{
	static const char unfinished[] =
		"has no `/` at its end: a regex stands between two of them; a comment begins with "
		"a blank and `;`, write \\x20 for such a blank";
	static const char beyond[] =
		"goes on behind its second `/`: write \\/ for one within the pattern, and a comma "
		"or a blank behind it";

	(void)state;
	expect_fault("/", unfinished);
	expect_fault("/a", unfinished);
	expect_fault("/a\\/", unfinished);
	expect_fault("/a\\", unfinished);
	expect_fault("//", "is empty: to fit anything, leave the key out");
	expect_fault("/a/i", beyond);
	expect_fault("/[/]/", beyond);
	expect_fault("/^a(/", "is no regex: missing closing parenthesis at offset 3");
	expect_refusal("/a**+/");
	expect_refusal("/(*UTF)a/");
	expect_refusal("/\\C/");
	expect_refusal("/((((a{1,999}){1,999}){1,999}){1,999})/"); /* too large */
	regex_free(NULL);
	regex_room_free(NULL);
}

/* Each wants far more than it may have, of one thing or another. */
static const char *const hostile[] = {
	"/(a+)+$/",
	"/^(a+)+$/",
	"/^(a|aa)+$/",
	"/^(a|a?)+$/",
	"/(a*)*(a*)*(a*)*[^a-z.]$/",
	"/(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a-z.]/",
	"/.*a.*a.*a.*a.*a.*a.*[^a-z.]/",
	"/^(?:a?){60}a{60}$/",
	"/^(?:(?:a|b)+?[a-z]*?)*?c[^a-z.]/",
	"/(?:[a-z.]*[a-z.]*[a-z.]*)*[^a-z.]/",
	"/^(?:.|.|.|.)*(?:(?=.*[^a-z.])a|.)*[^a-z.]/",
	"/^(?:(a)|(b)|(c)|(d)|(e)|(f)|(g)|(h)|(i)|(j)|(k)|(l)|(m)|(n)|(o)|.)*[^a-z.]/",
	"/^(a(?1)?a|a(?1)?)*[^a-z.]/",
	"/^(?R)?a+[^a-z.]/",
	"/(?:(a)|(b)|(c)|(d)|(e)|(f)|(g)|(h)|(i)|(j)|(k)|(l)|(m)|(n)|(o)|(p))*+[^a-z.]/",
	"/(\\w+\\.?)*\\1\\1[^a-z.]/",
	"/(?<=a|aa|aaa)(?<!b)(a+a+)+[^a-z.]/",
	"/^.*.*.*(?:\\B){9000}[^a-z.]/", /* each step goes through all of it */
};

enum { HOSTILE = sizeof hostile / sizeof *hostile, LONGEST = 253 };

static void fill_name(char name[LONGEST + 1], size_t size)
{
	memset(name, 'a', size);
	for (size_t i = 40; i < size; i += 41)
		name[i] = '.';
	if (size)
		name[size - 1] = 'z';
	name[size] = '\0';
}

struct bench {
	struct regex *regexes[HOSTILE];
	struct regex_room *room;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	char fault[REGEX_FAULT_BYTES];

	assert_non_null(b);
	assert_int_equal(regex_room_new(&b->room), 0);
	for (size_t i = 0; i < HOSTILE; i++) {
		if (regex_new(&b->regexes[i], hostile[i], fault))
			fail_msg("%s %s", hostile[i], fault);
	}
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < HOSTILE; i++)
		regex_free(b->regexes[i]);
	regex_room_free(b->room);
	free(b);
	return 0;
}

static void test_hostile(void **state)
{
	const struct bench *b = *state;
	char name[LONGEST + 1];

	fill_name(name, LONGEST);
	for (size_t i = 0; i < HOSTILE; i++) {
		uint64_t began = clock_ms();
		enum regex_verdict v = regex_match(b->regexes[i], b->room, span_of(name, LONGEST));
		uint64_t took = clock_ms() - began;

		print_message("%4llu ms %s %s\n", (unsigned long long)took,
			      v == REGEX_CUT ? "cut" : "   ", hostile[i]);
		assert_true(took < 1000); /* some milliseconds; a loaded machine is slower */
		assert_int_not_equal(v, REGEX_YES);
	}
	assert_int_equal(
		regex_match(b->regexes[0], b->room, span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaab", 28)),
		REGEX_CUT);
	/* and the next one finds everything as it was */
	assert_int_equal(regex_match(b->regexes[0], b->room, span_of("aaaa", 4)), REGEX_YES);
}

/* Likewise of first bytes: a step that goes through all of a long pattern counts for many. */
static void test_hostile_bytes(void **state)
{
	const struct bench *b = *state;
	uint8_t bytes[4096];
	char fault[REGEX_FAULT_BYTES];
	struct regex *regex;

	memset(bytes, 'a', sizeof bytes);
	for (size_t i = 0; i < HOSTILE; i++) {
		if (regex_new_bytes(&regex, hostile[i], fault))
			fail_msg("%s %s", hostile[i], fault);
		for (size_t size = 64; size <= sizeof bytes; size *= 8) {
			clock_t began = clock();
			enum regex_verdict v =
				regex_begin(regex, b->room, span_of(bytes, size), true);

			assert_true(clock() - began < CLOCKS_PER_SEC / 4); /* 5 ms */
			assert_int_not_equal(v, REGEX_MORE);
		}
		regex_free(regex);
	}
}

/* The steps are for the whole name: where a match can begin anywhere, each place has its share. */
static void test_shares(void **state)
{
	char name[101] = "";

	(void)state;
	memset(name, 'a', 60); /* some 36,000 steps from the first place */
	assert_int_equal(match_once("/^[a-z]*[a-z]*[a-z]*[0-9]/", name), REGEX_NO);
	assert_int_equal(match_once("/[a-z]*[a-z]*[a-z]*[0-9]/", name), REGEX_CUT);
	name[60] = '7';
	assert_int_equal(match_once("/[a-z]*[a-z]*[a-z]*[0-9]/", name), REGEX_YES);
}

/* Memory that grows again and again, each time from the other end of the pool, and is right. */
static void test_growth(void **state)
{
	static const char pattern[] = "/^(?:(a)|(b)|(c)|(d)|(e)|(f)|.)*z$/";
	char name[LONGEST + 1];

	(void)state;
	fill_name(name, LONGEST);
	assert_int_equal(match_once(pattern, name), REGEX_YES);
	name[LONGEST - 1] = 'y';
	assert_int_equal(match_once(pattern, name), REGEX_NO);
}

#ifndef HAS_SANITIZER
/* Every pattern on names of every length; how many were given up. */
static unsigned match_all(const struct bench *b, unsigned *matched)
{
	unsigned cut = 0;

	for (size_t size = 0; size <= LONGEST; size += 11) {
		char name[LONGEST + 1];

		fill_name(name, size);
		for (size_t i = 0; i < HOSTILE; i++) {
			enum regex_verdict v =
				regex_match(b->regexes[i], b->room, span_of(name, size));

			cut += v == REGEX_CUT;
			*matched += v == REGEX_YES;
		}
	}
	return cut;
}

/* In a process that is killed for any system call but read, write, exit and sigreturn. */
static void test_no_system_call(void **state)
{
	const struct bench *b = *state;
	unsigned matched = 0;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned cut;

		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			_exit(77);
		cut = match_all(b, &matched);
		syscall(SYS_exit, cut > 100 && matched > 0 ? 42 : 43); /* _exit() is another call */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_growth),
		cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_bytes, setup, teardown),
#ifndef HAS_SANITIZER
		cmocka_unit_test_setup_teardown(test_no_system_call, setup, teardown),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
