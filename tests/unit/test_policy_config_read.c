/* Whole files: the samples, what is said of bad ones, and that no text makes the reader stumble. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/config_dump.h"
#include "policy_conf.h"

/* The whole of a file, with a NUL behind it; for free(). */
static char *whole_file(const char *path, size_t *size)
{
	FILE *in = fopen(path, "re");
	char *text;

	if (!in)
		fail_msg("%s: run the tests from the top of the source", path);
	text = calloc(1, 65536);
	assert_non_null(text);
	*size = fread(text, 1, 65535, in);
	assert_int_equal(fclose(in), 0);
	return text;
}

/* A checkout of somebody else's: files that the samples name would be refused, and rightly. */
static bool is_ours(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid());
}

static void test_good_samples(void **state)
{
	DIR *dir = opendir("tests/conf");
	const struct dirent *entry;
	size_t count = 0;

	(void)state;
	assert_non_null(dir);
	if (!is_ours("tests/conf/names.txt")) {
		print_message("skipped: tests/conf belongs neither to root nor to us\n");
		assert_int_equal(closedir(dir), 0);
		skip();
	}
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		struct config_notes notes;
		struct config *config = NULL;
		char path[PATH_MAX];

		if (!dot || strcmp(dot, ".conf") != 0)
			continue;
		(void)snprintf(path, sizeof path, "tests/conf/%s", entry->d_name);
		if (config_read(&config, path, &notes))
			fail_msg("%s", conf_notes_text(&notes));
		config_free(config);
		config_notes_free(&notes);
		count++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(count >= 5);
}

/* Takes all of `part` out of a text. */
static void remove_all(char *text, const char *part)
{
	char *at;

	while ((at = strstr(text, part)) != NULL)
		memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
}

/* What is said of tests/conf/bad/NAME.conf stands in NAME.notes, the folder left out; `err` comes of it. */
static void expect_notes(const char *name, int err)
{
	struct config_notes notes;
	struct config *config = NULL;
	char path[PATH_MAX];
	char folder[PATH_MAX];
	char *expected;
	char *said;
	size_t size;

	(void)snprintf(path, sizeof path, "tests/conf/bad/%s.notes", name);
	expected = whole_file(path, &size);
	(void)snprintf(path, sizeof path, "tests/conf/bad/%s.conf", name);
	assert_int_equal(config_read(&config, path, &notes), err);
	assert_int_equal(config == NULL, err != 0);
	config_free(config);
	said = conf_notes_text(&notes);
	assert_non_null(realpath("tests/conf/bad/", folder));
	strcat(folder, "/");
	remove_all(said, folder);
	remove_all(said, "tests/conf/bad/");
	assert_string_equal(said, expected);
	free(said);
	free(expected);
	config_notes_free(&notes);
}

static void test_bad_samples(void **state)
{
	static const char *const names[] = { "lines", "sections", "keys",        "values", "empty",
					     "names", "required", "no_backends", "files",  "loop" };

	(void)state;
	if (!is_ours("tests/conf/bad/bad_names.txt")) {
		print_message("skipped: tests/conf belongs neither to root nor to us\n");
		skip();
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		expect_notes(names[i], -EINVAL);
	expect_notes("udp", 0); /* warnings alone */
}

static void expect_file_fault(const char *path, int err, const char *expected)
{
	struct config_notes notes;
	struct config *config = NULL;
	char text[300];

	assert_int_equal(config_read(&config, path, &notes), err);
	assert_null(config);
	assert_int_equal(notes.count, 1);
	assert_int_equal(notes.faults, 1);
	config_note_text(&notes.at[0], text, sizeof text);
	assert_string_equal(text, expected);
	config_notes_free(&notes);
}

static void test_files(void **state)
{
	(void)state;
	expect_file_fault("/nowhere/shunt.conf", -ENOENT,
			  "/nowhere/shunt.conf: cannot open /nowhere/shunt.conf: No such file or "
			  "directory");
	expect_file_fault("/", -EINVAL, "/: / is not a regular file");
	expect_file_fault("/dev/zero", -EINVAL, "/dev/zero: /dev/zero is not a regular file");
}

static void test_unreadable(void **state)
{
	FILE *in = fopen("/", "re"); /* opens, and gives EISDIR when read */
	struct config_notes notes;
	struct config *config = NULL;
	char text[100];

	(void)state;
	assert_non_null(in);
	assert_int_equal(config_read_stream(&config, in, "f", &notes), -EISDIR);
	assert_null(config);
	assert_int_equal(notes.faults, 1);
	config_note_text(&notes.at[0], text, sizeof text);
	assert_string_equal(text, "f: cannot be read: Is a directory");
	config_notes_free(&notes);
	assert_int_equal(fclose(in), 0);
}

static void test_most_notes(void **state)
{
	enum { LINES = 3000 };
	char *text = calloc(LINES + 1, 8);
	struct config_notes notes;
	struct config *config;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < LINES; i++)
		strcat(text + (size_t)i * 6, "a = b\n");
	assert_int_equal(conf_try(&config, text, LINES * 6, &notes), -EINVAL);
	assert_int_equal(notes.count, CONFIG_MOST_NOTES);
	assert_int_equal(notes.faults, LINES);
	config_notes_free(&notes);
	free(text);
}

static void test_huge(void **state)
{
	size_t size = 5 * 1024 * 1024;
	char *text = malloc(size);
	struct config_notes notes;
	struct config *config;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', size);
	assert_int_equal(conf_try(&config, text, size, &notes), -EINVAL);
	assert_string_equal(notes.at[0].text, "file longer than 4194304 bytes: split it");
	config_notes_free(&notes);
	memset(text, 'x', size);
	assert_int_equal(conf_try(&config, text, size, &notes), -EINVAL);
	assert_string_equal(notes.at[0].text, "file longer than 4194304 bytes: split it");
	config_notes_free(&notes);
	free(text);
}

/* One change at a place that the seed chooses: a byte, a cut, a line twice, or a piece moved. */
static size_t mutate(char *text, size_t size, uint32_t *seed)
{
	static const char bytes[] = "[]=;#\n\r\t ,/*!@.:-_\\\0\x80\xff"
				    "azAZ09";
	size_t at;
	size_t count;

	*seed = *seed * 1664525u + 1013904223u;
	at = (*seed >> 8) % size;
	count = 1 + (*seed >> 4) % 20;
	if (count > size - at)
		count = size - at;
	switch (*seed >> 29) {
	case 0:
	case 1:
	case 2:
		text[at] = bytes[(*seed >> 12) % (sizeof bytes - 1)];
		return size;
	case 3:
		memmove(text + at, text + at + count, size - at - count);
		return size - count > 0 ? size - count : size;
	case 4:
	case 5:
		memmove(text + at + count, text + at, size - at);
		return size + count;
	case 6:
		text[at] = (char)(text[at] ^ (1 << (*seed >> 12) % 8));
		return size;
	default:
		memset(text + at, text[at], count);
		return size;
	}
}

static void test_mutations(void **state)
{
	static const char *const paths[] = { "tests/conf/ports.conf", "tests/conf/share.conf",
					     "tests/conf/bad/values.conf" };
	uint32_t seed = 1;
	int good = 0;

	(void)state;
	for (int round = 0; round < 600; round++) {
		size_t size;
		char *text = whole_file(paths[round % 3], &size);
		struct config_notes notes;
		struct config *config;

		for (int changes = 1 + round % 4; changes > 0; changes--)
			size = mutate(text, size, &seed);
		if (conf_try(&config, text, size, &notes) == 0) {
			char *dump;

			assert_int_equal(config_dump(&dump, &size, config), 0);
			free(dump);
			good++;
		} else {
			assert_true(notes.faults > 0 && notes.count > 0);
		}
		config_free(config);
		config_notes_free(&notes);
		free(text);
	}
	assert_true(good > 20 && good < 500); /* both ways were taken */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_samples), cmocka_unit_test(test_bad_samples),
		cmocka_unit_test(test_files),        cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_most_notes),   cmocka_unit_test(test_huge),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
