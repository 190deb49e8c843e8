/*
 * Reading, dumping and indexing with each allocation failing in turn: -ENOMEM,
 * nothing lost, nothing freed twice. Only where the C library lets itself be
 * stood in for (glibc, and no sanitizer that does so already).
 */
#include <errno.h>
#include <stdlib.h>

#include "policy/config_dump.h"
#include "policy/route_index.h"
#include "policy_conf.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define CAN_FAIL 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#undef CAN_FAIL
#endif
#endif

#ifdef CAN_FAIL

/* glibc's own, under the names by which it exports them */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

static long allowed = -1; /* allocations until one fails; below 0: all are good */
static long living;       /* blocks that were not freed */

static int may_allocate(void)
{
	if (allowed == 0) {
		errno = ENOMEM;
		return 0;
	}
	if (allowed > 0)
		allowed--;
	return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	if (!may_allocate())
		return NULL;
	living++;
	return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
	if (!may_allocate())
		return NULL;
	living++;
	return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	if (!may_allocate())
		return NULL;
	living += !old;
	return __libc_realloc(old, size);
}

__attribute__((visibility("default"))) void *reallocarray(void *old, size_t count, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(count, size, &all))
		return NULL;
	return realloc(old, all);
}

__attribute__((visibility("default"))) void free(void *old)
{
	living -= old != NULL;
	__libc_free(old);
}

/* Everything that allocates, with the n-th allocation failing. 0 when none was left to fail. */
static int read_with(const char *path, long n)
{
	struct route_index *index = NULL;
	struct config_notes notes;
	struct config *config = NULL;
	char *text = NULL;
	size_t size;
	int err;

	allowed = n;
	err = config_read(&config, path, &notes);
	if (!err)
		err = route_index_new(&index, config);
	if (!err)
		err = config_dump(&text, &size, config);
	allowed = -1;
	route_index_free(index);
	config_free(config);
	config_notes_free(&notes);
	free(text);
	return err;
}

static void expect_all(const char *path, int last)
{
	long n = 0;
	int err;

	do {
		long before = living;

		err = read_with(path, n++);
		assert_int_equal(living, before);
		assert_true(err == -ENOMEM || err == last);
		assert_true(n < 5000);
	} while (err == -ENOMEM || n < 20);
	assert_true(n > 20); /* it did fail somewhere */
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void test_memory(void **state)
{
	static const char names[] = "/tmp/test-memory-names";
	static const char prefixes[] = "/tmp/test-memory-prefixes";
	static const char more[] = "/tmp/test-memory-more.1";
	static const char conf[] = "/tmp/test-memory-conf";
	FILE *out;

	(void)state;
	write_file(names, "a.example\n*.b.example\nc.example\n");
	write_file(prefixes, "192.0.2.0/24\n!192.0.2.1\n2001:db8::/32\n");
	write_file(more, "[divert more]\ntcp = 7\nto = @eth0 @eth1\n");
	out = fopen(conf, "we");
	assert_non_null(out);
	assert_true(
		fputs("[shunt]\nuser = nobody\ninclude = test-memory-more.?\n"
		      "[divert d]\ntcp = 1, 3, 5\nfrom = 10.0.0.0/8 !10.1.1.1\n"
		      "from_file = test-memory-prefixes\n"
		      "interface = eth0 eth1\nto = ::1 ::2\n"
		      "[route r]\nserver_name_file = test-memory-names\nserver_name = x.example none /^a+/ /b/\n"
		      "path = /a /b\nmethod = GET PUT\n"
		      "wireguard_key = NH42vYcGCVlEt60BKV4KaXevr1JQknXun2zsOQM9iA8=\n"
		      "wireguard_key = rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2s=\n"
		      "alpn = h2, h3\nwhen = mon 1:00-2:00, 3:00-4:00\nfrom = ::/0\nto = ::/0\nbackend = b\n[route s]\nbackend = drop\n"
		      "[backend b]\nserver = 192.0.2.1:1 192.0.2.1:2\n[backend unused]\n"
		      "server = 192.0.2.1:3\n"
		      "[probe p]\nbytes = 0:00 1:?1 1:?1\nregex = /^a+b/\n"
		      "[probe q]\nplugin = /etc/passwd\n[probe e]\nexec = line:/bin/sh \"a b\"\nexec_user = games\n",
		      out) >= 0);
	assert_int_equal(fclose(out), 0);
	expect_all(conf, 0);
	assert_int_equal(remove(names), 0);
	assert_int_equal(remove(prefixes), 0);
	assert_int_equal(remove(more), 0);
	assert_int_equal(remove(conf), 0);
}

#else

static void test_memory(void **state)
{
	(void)state;
	print_message("skipped: this C library's allocator cannot be stood in for\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
