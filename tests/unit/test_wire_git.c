/* git://: the request of its clients, and the host in it. */
#include "wire_steps.h"

static bool begins_git(uint8_t byte)
{
	return byte == '0';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_git, begins_git);
}

/* All are for a.seed.example, but those whose name says otherwise. */
static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	steps_assert_seed(WIRE_ID_git, file, sample);
	if (sample_ask(WIRE_ID_git, sample, &hints) == WIRE_YES)
		sample_assert_name(&hints, strstr(file, "-noname") ? ""
					   : strstr(file, "-ipv6") ? "2001:db8::1"
								   : "a.seed.example");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_git", check_seed);
}

/* A line of that content, with its length in front. */
struct line {
	uint8_t bytes[5000];
	size_t size;
};

static struct line line_of(const char *content, size_t size)
{
	struct line l = { .size = size + 4 };

	(void)snprintf((char *)l.bytes, sizeof l.bytes, "%04zx", l.size);
	memcpy(l.bytes + 4, content, size);
	return l;
}

#define LINE(text) line_of(text, sizeof(text) - 1)

static void check(struct line l, enum wire_verdict expected, const char *name)
{
	struct wire_hints hints;
	struct span in = span_of(l.bytes, l.size);

	sample_assert(WIRE_ID_git, in, expected);
	assert_int_equal(sample_ask(WIRE_ID_git, in, &hints), expected);
	if (expected == WIRE_YES)
		sample_assert_name(&hints, name);
}

static void test_services(void **state)
{
	(void)state;
	check(LINE("git-upload-pack /p\0"), WIRE_YES, "");
	check(LINE("git-receive-pack /p\0"), WIRE_YES, "");
	check(LINE("git-upload-archive /p\0"), WIRE_YES, "");
	check(LINE("git-upload-pack ~u/p\0"), WIRE_YES, "");
	check(LINE("git-upload-pack /\0"), WIRE_YES, "");
	check(LINE("git-upload-back /p\0"), WIRE_NO, "");
	check(LINE("git-receive-archive /p\0"), WIRE_NO, "");
	check(LINE("git-upload-pack p...\0"), WIRE_NO, "");
	check(LINE("git-upload-pack /p/p/p"), WIRE_NO, "");
	check(LINE("git-upload-pack /p\n\0"), WIRE_NO, "");
	check(LINE("Git-upload-pack /p\0"), WIRE_NO, "");
}

static void test_hosts(void **state)
{
	(void)state;
	check(LINE("git-upload-pack /p\0host=a.example\0"), WIRE_YES, "a.example");
	check(LINE("git-upload-pack /p\0host=A.Example.:9418\0"), WIRE_YES, "a.example");
	check(LINE("git-upload-pack /p\0host=a.example\0\0version=2\0"), WIRE_YES, "a.example");
	check(LINE("git-upload-pack /p\0host=[::1]:1\0"), WIRE_YES, "::1");
	check(LINE("git-upload-pack /p\0host=a b\0"), WIRE_YES, "");
	check(LINE("git-upload-pack /p\0host=\0"), WIRE_YES, "");
	check(LINE("git-upload-pack /p\0host=a.example"), WIRE_YES, "");
	check(LINE("git-upload-pack /p\0hos"), WIRE_YES, "");
	check(LINE("git-upload-pack /p\0hast=a.example\0"), WIRE_YES, "");
	check(LINE("git-upload-pack /p\0\0version=2\0"), WIRE_YES, "");
}

/* It is sure from the path's NUL on, and the name is there with its own. */
static void test_when(void **state)
{
	struct line l = LINE("git-upload-pack /p\0host=a.example\0\0version=2\0");
	size_t sure = 4 + sizeof "git-upload-pack /p";
	size_t named = sure + sizeof "host=a.example";
	struct wire_hints hints;

	(void)state;
	for (size_t size = 0; size <= l.size; size++) {
		enum wire_verdict verdict = sample_ask(WIRE_ID_git, span_of(l.bytes, size), &hints);

		assert_int_equal(verdict, size < named ? WIRE_MORE : WIRE_YES);
		if (verdict == WIRE_MORE)
			assert_int_equal(hints.is_sure, size >= sure);
	}
	/* with another key it is known at its first byte that there is none */
	l.bytes[sure] = 'H';
	steps_assert(WIRE_ID_git, span_of(l.bytes, sure + 1), WIRE_YES, sure + 1);
}

/* The line ends where its length says: what follows is not looked at. */
static void test_length(void **state)
{
	static const char long_line[0xfff] = "";
	struct line l = LINE("git-upload-pack /p\0host=a.example\0");

	(void)state;
	l.bytes[3]--;
	check(l, WIRE_YES, "");
	l.bytes[3]++;
	l.bytes[l.size++] = 'x';
	check(l, WIRE_YES, "a.example");
	steps_assert_text(WIRE_ID_git, "1", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "0g", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "00 ", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "0015", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "0018git-upload-archive /", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "0017git-upload-archive /", WIRE_NO);
	steps_assert_text(WIRE_ID_git, "0016git-upload-pack /", WIRE_MORE);
	l = line_of(long_line, sizeof long_line - 4);
	memset(l.bytes + 4, 'p', l.size - 4);
	memcpy(l.bytes + 4, "git-upload-pack /", 17);
	check(l, WIRE_NO, "");
	l.bytes[l.size - 1] = '\0';
	check(l, WIRE_YES, "");
	assert_int_equal(wire_proto_at(WIRE_ID_git)->tcp.most_bytes, l.size);
}

static void test_digits(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const uint8_t bytes[] = { '0', (uint8_t)i };
		bool is_hex = i && strchr("0123456789abcdefABCDEF", (int)i);

		sample_assert(WIRE_ID_git, span_of(bytes, 2), is_hex ? WIRE_MORE : WIRE_NO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_services),   cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_when),       cmocka_unit_test(test_length),
		cmocka_unit_test(test_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
