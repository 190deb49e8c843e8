/* Further files: which, in which order, how deep, and where their faults are said to be. */
#include <string.h>

#include "policy/config_dump.h"
#include "policy/config_include.h"
#include "policy/config_lines.h"
#include "policy_folder.h"

#define DIVERT(name) "[divert " name "]\ntcp = 443\ninterface = " name "\n"

static void test_order(void **state)
{
	static const char *const order[] = { "a", "z", "c1", "c10", "c2", "b" };
	static const char *const files[] = { "conf", "z", "d/c1", "d/c10", "d/c2", "b" };
	struct config *config;
	struct folder f;
	char path[200];

	(void)state;
	folder_make(&f);
	folder_below(&f, "d");
	folder_write(&f, "conf", "[shunt]\ninclude = z, d/c*\ninclude = b\n" DIVERT("a"));
	folder_write(&f, "b", DIVERT("b"));
	folder_write(&f, "z", DIVERT("z"));
	folder_write(&f, "d/c2", DIVERT("c2"));
	folder_write(&f, "d/c10", DIVERT("c10"));
	folder_write(&f, "d/c1", DIVERT("c1"));
	folder_write(&f, "d/.c0", "nobody reads this");
	folder_write(&f, "d/x", "nor this");
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	assert_int_equal(config->divert_count, 6);
	assert_int_equal(config->files.count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(config->diverts[i].name, order[i]);
		assert_string_equal(config->files.at[i], folder_file(&f, files[i], path));
		assert_ptr_equal(config->diverts[i].file, config->files.at[i]);
		assert_int_equal(config->diverts[i].line, i ? 1 : 4);
	}
	config_free(config);
	folder_remove(&f);
}

/* A dump is one file: it has the sections and no `include`. */
static void test_dump(void **state)
{
	struct config *config;
	struct folder f;
	char *text;
	size_t size;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", "[shunt]\ninclude = more\n" DIVERT("a"));
	folder_write(&f, "more", "[route r]\nbackend = b\n[backend b]\nserver = 192.0.2.1:1\n");
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	assert_int_equal(config_dump(&text, &size, config), 0);
	assert_null(strstr(text, "include"));
	assert_non_null(strstr(text, "[backend b]"));
	config_free(config);
	config_free(conf_good(text));
	free(text);
	folder_remove(&f);
}

/* Paths in an included file are meant from its own folder, also further `include`s. */
static void test_folders(void **state)
{
	struct config *config;
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_below(&f, "d");
	folder_below(&f, "d/e");
	folder_write(&f, "conf", "[shunt]\ninclude = d/one\n" DIVERT("a"));
	folder_write(&f, "d/one", "[shunt]\ninclude = e/t?o\n" DIVERT("b"));
	folder_write(&f, "d/e/two", "[route r]\nserver_name_file = names\nbackend = drop\n");
	folder_write(&f, "d/e/names", "www.example.com\n");
	config = folder_read(&f, "conf", "");
	assert_non_null(config);
	assert_int_equal(config->routes[0].server_name.count, 1);
	assert_int_equal(config->files.count, 4); /* that of names, too */
	config_free(config);
	folder_write(&f, "d/e/two", "[route r]\nserver_name_file = none\nbackend = nobody\n");
	folder_says(&f, "conf",
		    "F/d/e/two:2: cannot open F/d/e/none: No such file or directory\n"
		    "F/d/e/two:3: backend: there is no backend `nobody` (did you mean `drop`?)\n");
	folder_remove(&f);
}

static void test_twice(void **state)
{
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", "[shunt]\ninclude = one\n" DIVERT("a"));
	folder_write(&f, "one", "\n" DIVERT("a") "wait = 1\n[divert b]\ntcp = 1\n[divert b]\n");
	folder_says(&f, "conf",
		    "F/one:2: [divert a] stands already in F/conf:3: join them\n"
		    "F/one:5: wait: `1` is not a time such as 500ms, 3s, 5m or 1h\n"
		    "F/one:8: [divert b] stands already in line 6: join them\n");
	folder_write(&f, "one", "[shunt]\nuser = x\nlogg = info\ninclude = two\n[shunt]\n");
	folder_write(&f, "two", "[shunt]\nlog = info\n");
	folder_says(
		&f, "conf",
		"F/one:2: `user` belongs in [shunt] of F/conf: in an included file that may "
		"only have `include`\n"
		"F/one:3: unknown key `logg` in [shunt] (did you mean `log`?)\n"
		"F/one:5: [shunt] stands already in line 1: join them\n"
		"F/two:2: `log` belongs in [shunt] of F/conf: in an included file that may only "
		"have `include`\n");
	folder_remove(&f);
}

static void test_loops(void **state)
{
	struct folder f;
	char from[200];
	char to[200];

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", "[shunt]\ninclude = conf\n" DIVERT("a"));
	folder_says(&f, "conf",
		    "F/conf:2: include: F/conf was read before: a file is included once, and never "
		    "from within itself\n");
	folder_write(&f, "conf", "[shunt]\ninclude = one\n" DIVERT("a"));
	folder_write(&f, "one", "[shunt]\ninclude = two\n");
	folder_write(&f, "two", "[shunt]\ninclude = ./one\n");
	folder_says(&f, "conf",
		    "F/two:2: include: F/./one was read before: a file is included once, and never "
		    "from within itself\n");
	/* by another name it is the same file */
	assert_int_equal(link(folder_file(&f, "conf", from), folder_file(&f, "same", to)), 0);
	folder_write(&f, "two", "[shunt]\ninclude = sam*\n");
	folder_says(&f, "conf",
		    "F/two:2: include: F/same was read before: a file is included once, and never "
		    "from within itself\n");
	folder_remove(&f);
}

static void test_not_there(void **state)
{
	struct folder f;
	char path[200];

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", "[shunt]\ninclude = none *.none none/* /dev/null\n" DIVERT("a"));
	folder_below(&f, "d.d");
	folder_says(&f, "conf",
		    "F/conf:2: cannot open F/none: No such file or directory\n"
		    "F/conf:2: /dev/null is not a regular file\n"
		    "F/conf:2: warning: include: there is no file F/*.none\n"
		    "F/conf:2: warning: include: there is no file F/none/*\n");
	folder_write(&f, "conf", "[shunt]\ninclude = ../?*/x*/y[0-9]/z\n" DIVERT("a"));
	folder_says(&f, "conf",
		    "F/conf:2: include: more than 2 parts of F/../?*/x*/y[0-9]/z are patterns\n");
	folder_write(&f, "conf", "[shunt]\ninclude = /proc/self/mem\n" DIVERT("a"));
	folder_says(&f, "conf",
		    "F/conf:2: include: cannot read /proc/self/mem: Input/output error\n");
	folder_write(&f, "conf", "[shunt]\ninclude = d.*, ex*\n" DIVERT("a"));
	folder_write(&f, "ex", "");
	assert_int_equal(chmod(folder_file(&f, "ex", path), 0602), 0);
	folder_says(&f, "conf",
		    "F/conf:2: F/d.d is not a regular file\n"
		    "F/conf:2: F/ex may be written by everybody: chmod o-w\n");
	folder_remove(&f);
}

/* The chain 0 -> 1 -> 2 ... */
static void write_chain(const struct folder *f, int size)
{
	for (int i = 0; i <= size; i++) {
		char text[100] = "";
		char name[20];

		if (i < size)
			(void)snprintf(text, sizeof text, "[shunt]\ninclude = %d\n", i + 1);
		if (i == 0)
			strcat(text, DIVERT("a"));
		(void)snprintf(name, sizeof name, "%d", i);
		folder_write(f, name, text);
	}
}

static void test_most_depth(void **state)
{
	struct folder f;

	(void)state;
	folder_make(&f);
	write_chain(&f, INCLUDE_MOST_DEPTH);
	folder_says(&f, "0", "");
	write_chain(&f, INCLUDE_MOST_DEPTH + 1);
	folder_says(&f, "0", "F/8:2: include: more than 8 files within each other\n");
	folder_remove(&f);
}

static void test_most_files(void **state)
{
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_below(&f, "d");
	folder_write(&f, "conf", "[shunt]\ninclude = d/*\n" DIVERT("a"));
	for (int i = 1; i < INCLUDE_MOST_FILES; i++) {
		char name[20];

		(void)snprintf(name, sizeof name, "d/%d", i);
		folder_write(&f, name, "");
	}
	folder_says(&f, "conf", "");
	folder_write(&f, "d/x", "");
	folder_write(&f, "d/y", "");
	folder_says(&f, "conf", "F/conf:2: include: more than 256 files\n");
	folder_remove(&f);
}

static void write_long(const struct folder *f, const char *name, size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	memset(text, '\n', size);
	text[size] = '\0';
	folder_write(f, name, text);
	free(text);
}

/* One file may be as long as may be; what stands behind it may not be read any more. */
static void test_most_bytes(void **state)
{
	struct folder f;

	(void)state;
	folder_make(&f);
	folder_write(&f, "conf", "[shunt]\ninclude = a, b, c\n" DIVERT("a"));
	write_long(&f, "a", LINES_CONFIG_MOST);
	write_long(&f, "b", 1);
	write_long(&f, "c", 1);
	folder_says(&f, "conf",
		    "F/conf:2: include: all files together are longer than 4194304 bytes: move "
		    "lists to server_name_file and from_file\n");
	folder_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),      cmocka_unit_test(test_dump),
		cmocka_unit_test(test_folders),    cmocka_unit_test(test_twice),
		cmocka_unit_test(test_loops),      cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_most_depth), cmocka_unit_test(test_most_files),
		cmocka_unit_test(test_most_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
