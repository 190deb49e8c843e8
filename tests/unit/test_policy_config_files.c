/* Files of lists: their lines, their faults and how many of these are told. */
#include <string.h>
#include <time.h>

#include "policy/config_dump.h"
#include "policy/config_files.h"
#include "policy_folder.h"

#define FROM_FILE "[divert d]\ntcp = 1\nfrom_file = list\n"

static void test_lines(void **state)
{
	struct config *config;
	struct folder f;
	const struct divert *d;
	char path[200];

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", FROM_FILE "from = 10.0.0.0/8, !10.1.0.0/16\n");
	folder_write(&f, "list",
		     "\xef\xbb\xbf# c\n; c\n\n  192.0.2.0/24\r\n192.0.2.7 ; c\n"
		     "2001:db8::/32 # c\n\t# c\n!198.51.100.7\n!10.1.2.0/24\n203.0.113.1");
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	d = &config->diverts[0];
	assert_int_equal(d->from.count, 4); /* 192.0.2.7 lies inside another, which is no fault */
	assert_int_equal(d->from.at[0].bytes[0], 10);
	assert_int_equal(d->from.at[1].bits, 24);
	assert_int_equal(d->from.at[2].bytes[0], 203);
	assert_int_equal(d->from.at[3].family, AF_INET6);
	assert_int_equal(d->from_not.count, 2);
	assert_int_equal(d->from_not.at[0].bits, 16);
	assert_int_equal(d->from_own.count + d->from_own_not.count, 2);
	assert_string_equal(d->from_file.at[0], folder_file(&f, "list", path));
	assert_int_equal(config->files.count, 2);
	assert_string_equal(config->files.at[1], path);
	config_free(config);
	folder_remove(&f);
}

/* The dump names the file; read again it comes to the same. */
static void test_dump(void **state)
{
	struct config *config;
	struct config *again;
	struct folder f;
	char *text;
	size_t size;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", FROM_FILE "from = 10.0.0.0/8, !10.1.0.0/16\n");
	folder_write(&f, "list", "192.0.2.0/24\n");
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	assert_int_equal(config_dump(&text, &size, config), 0);
	assert_non_null(strstr(text, "from = 10.0.0.0/8, !10.1.0.0/16\n"));
	assert_non_null(strstr(text, "from_file = /tmp/"));
	assert_null(strstr(text, "192.0.2"));
	again = conf_good(text);
	assert_int_equal(again->diverts[0].from.count, 2);
	assert_memory_equal(again->diverts[0].from.at, config->diverts[0].from.at,
			    2 * sizeof(struct prefix));
	config_free(config);
	config_free(again);
	free(text);
	/* without items of its own it is not `any` either */
	folder_write(&f, "conf", FROM_FILE);
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	assert_int_equal(config_dump(&text, &size, config), 0);
	assert_null(strstr(text, "from ="));
	config_free(config);
	free(text);
	folder_remove(&f);
}

#define NO_PREFIX                                                                                  \
	"is not an address or a prefix such as 192.0.2.0/24 or 2001:db8::/32 without bits behind " \
	"its length\n"

static void test_faults(void **state)
{
	struct folder f;
	char path[200];

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", FROM_FILE "wait = 0\n");
	folder_write(
		&f, "list",
		"192.0.2.0/24\nany\n! 192.0.2.1\n192.0.2.1/24\n10.0.0.1 10.0.0.2\n10.0.0.1#\n");
	folder_says(&f, "conf",
		    "F/conf:4: wait: `0` is not within 50ms and 10m\n"
		    "F/list:2: `any` " NO_PREFIX "F/list:3: `! 192.0.2.1` " NO_PREFIX
		    "F/list:4: `192.0.2.1/24` " NO_PREFIX "F/list:5: `10.0.0.1 10.0.0.2` " NO_PREFIX
		    "F/list:6: `10.0.0.1#` " NO_PREFIX);
	folder_write(&f, "conf", FROM_FILE);
	folder_write(&f, "list", "192.0.2.0/24\n");
	assert_int_equal(chmod(folder_file(&f, "list", path), 0666), 0);
	folder_says(&f, "conf", "F/conf:3: F/list may be written by everybody: chmod o-w\n");
	assert_int_equal(unlink(path), 0);
	folder_says(&f, "conf", "F/conf:3: cannot open F/list: No such file or directory\n");
	folder_remove(&f);
}

/* A list that came out empty is not the same as none: that would be everybody. */
static void test_empty(void **state)
{
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", FROM_FILE);
	folder_write(&f, "list", "# none today\n");
	folder_says(&f, "conf",
		    "F/conf:1: [divert d] has no prefix in its `from_file`: it would take "
		    "everybody's connections (if so, write 0.0.0.0/0 and ::/0)\n"
		    "F/conf:3: warning: from_file: F/list holds no prefix\n");
	folder_write(&f, "conf", FROM_FILE "from = 192.0.2.1\n");
	folder_says(&f, "conf", "F/conf:3: warning: from_file: F/list holds no prefix\n");
	folder_write(&f, "conf",
		     "[divert d]\ntcp = 1\n[route r]\nserver_name_file = list\n"
		     "backend = drop\n");
	folder_says(
		&f, "conf",
		"F/conf:3: [route r] has no name in its `server_name_file`: it would take every "
		"name (if so, remove the key)\n"
		"F/conf:4: warning: server_name_file: F/list holds no name\n");
	folder_write(&f, "conf",
		     "[divert d]\ntcp = 1\n[route r]\nserver_name_file = list\n"
		     "server_name = none\nbackend = drop\n");
	folder_says(&f, "conf", "F/conf:4: warning: server_name_file: F/list holds no name\n");
	folder_remove(&f);
}

static void test_twice(void **state)
{
	struct config *config;
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf",
		     FROM_FILE "from_file = list\n[divert e]\ntcp = 2\nfrom_file = list");
	folder_write(&f, "list", "192.0.2.1\n");
	config = folder_read(&f, "conf", "F/conf:4: warning: from_file: `list` is listed twice\n");
	assert_non_null(config);
	assert_int_equal(config->diverts[0].from_file.count, 1);
	assert_int_equal(config->diverts[1].from.count, 1);
	assert_int_equal(config->files.count, 2);
	config_free(config);
	folder_remove(&f);
}

/* Rubbish by the megabyte costs some lines of report, no more. */
static void test_most_faults(void **state)
{
	char expected[FILES_MOST_FAULTS * 200] = "";
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", FROM_FILE);
	{
		char path[200];
		FILE *out = fopen(folder_file(&f, "list", path), "we");

		assert_non_null(out);
		for (int i = 0; i < 10000; i++)
			assert_true(fputs("x\n", out) >= 0);
		assert_int_equal(fclose(out), 0);
	}
	for (int i = 1; i <= FILES_MOST_FAULTS; i++) {
		size_t used = strlen(expected);

		(void)snprintf(expected + used, sizeof expected - used, "F/list:%d: `x` " NO_PREFIX,
			       i);
	}
	strcat(expected, "F/list:50: 50 faults so far: the rest is not looked at\n");
	folder_says(&f, "conf", expected);
	folder_remove(&f);
}

static void write_many(const struct folder *f, unsigned count)
{
	char path[200];
	FILE *out = fopen(folder_file(f, "list", path), "we");

	assert_non_null(out);
	for (unsigned i = 0; i < count; i++) {
		unsigned n = i * 2654435761u; /* in no order, none twice */

		assert_true(fprintf(out, "%u.%u.%u.%u\n", n >> 24, n >> 16 & 255, n >> 8 & 255,
				    n & 255) > 0);
	}
	assert_int_equal(fclose(out), 0);
}

/* A hundred thousand are sorted and compared, not each with each: this test would take minutes. */
static void test_many(void **state)
{
	struct config *config;
	struct timespec began;
	struct timespec ended;
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf",
		     FROM_FILE "[divert e]\ntcp = 1\nfrom_file = list\nfrom = 10.0.0.0/8\n");
	write_many(&f, 100000);
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began), 0);
	config = folder_read(&f, "conf",
			     "F/conf:4: warning: [divert e] overlaps [divert d], which comes first "
			     "and takes what both want\n");
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended), 0);
	assert_non_null(config);
	assert_int_equal(config->diverts[0].from.count, 100000);
	assert_true(config->diverts[1].from.count < 100000); /* some lie in 10.0.0.0/8 */
	assert_true(ended.tv_sec - began.tv_sec < 10); /* 0.1 s; much more under a sanitizer */
	config_free(config);
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_dump),
		cmocka_unit_test(test_faults), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_twice),  cmocka_unit_test(test_most_faults),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
