/* The line reader, and which files are opened at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/config_lines.h"
#include "unit.h"

/* Reads a text and joins its lines with '|'; the notes' texts follow behind a '!'. */
static void expect_lines(const char *text, size_t size, size_t most_line, size_t most_bytes,
			 const char *expected)
{
	struct config_notes notes = { 0 };
	struct config_lines lines = {
		.in = fmemopen((void *)(uintptr_t)text, size, "r"),
		.file = "t",
		.notes = &notes,
		.most_line = most_line,
		.most_bytes = most_bytes,
		.remedy = "shorten it",
	};
	char got[2000] = "";

	assert_non_null(lines.in);
	while (config_lines_next(&lines)) {
		strcat(got, lines.text);
		strcat(got, "|");
	}
	assert_false(config_lines_next(&lines)); /* the end stays the end */
	for (size_t i = 0; i < notes.count; i++) {
		size_t used = strlen(got);

		(void)snprintf(got + used, sizeof got - used, "!%d %s", notes.at[i].line,
			       notes.at[i].text);
	}
	assert_string_equal(got, expected);
	assert_int_equal(fclose(lines.in), 0);
	config_notes_free(&notes);
}

#define EXPECT(text, expected) expect_lines(text, sizeof(text) - 1, 20, 1000, expected)

static void test_lines(void **state)
{
	(void)state;
	EXPECT("a\nb", "a|b|");
	EXPECT("a\n\nb\n", "a||b|");
	EXPECT("a \t\r\nb\r\n", "a|b|");
	EXPECT("\xef\xbb\xbf[x]\n\xef\xbb\xbf", "[x]|\xef\xbb\xbf|");
	EXPECT("  a b\n\tc", "  a b|\tc|");
	EXPECT("\n", "|");
}

static void test_comments(void **state)
{
	(void)state;
	EXPECT("; c\n# c\n  ; c\n\t# c\n;\n", "|||||");
	EXPECT("k = v ; c\nk = v\t;c\nk = v;c\nk = v # c\n", "k = v|k = v|k = v;c|k = v # c|");
	EXPECT("k = ; c\nk ;c = 3\n", "k =|k|");
}

static void test_bad_lines(void **state)
{
	(void)state;
	EXPECT("12345678901234567890\n123456789012345678901\nx\n",
	       "12345678901234567890||x|!2 line longer than 20 bytes: shorten it");
	EXPECT("12345678901234567890\r\nx\r\r\n",
	       "12345678901234567890||!2 a control character: remove it");
	EXPECT("12345678901234567890 ; a comment counts\n",
	       "|!1 line longer than 20 bytes: shorten it");
	EXPECT("a\0b\nc\n", "|c|!1 a NUL byte: this is not a text file");
	EXPECT("; \0\nc\n", "|c|!1 a NUL byte: this is not a text file");
	EXPECT("a\x01\nb\x7f\nc\rd\n", "|||!1 a control character: remove it!2 a control "
				       "character: remove it!3 a control character: remove it");
}

static void test_size_limit(void **state)
{
	(void)state;
	expect_lines("aaaa\nbbbb\n", 10, 20, 10, "aaaa|bbbb|");
	expect_lines("aaaa\nbbbb\nc", 11, 20, 10,
		     "aaaa|bbbb|!3 file longer than 10 bytes: split it");
	expect_lines("aaaa\nbbbbb\n", 11, 20, 10, "aaaa|!2 file longer than 10 bytes: split it");
	expect_lines("aaaaaaaaaaaaaaa", 15, 20, 10, "!1 file longer than 10 bytes: split it");
}

static int open_fault(const char *path, char text[600])
{
	struct config_notes notes = { 0 };
	FILE *in = NULL;
	int err = config_open(&in, path, &notes, (struct config_place){ "t", 3 });

	text[0] = '\0';
	if (err) {
		assert_int_equal(notes.faults, 1);
		config_note_text(&notes.at[0], text, 600);
		assert_null(in);
	} else {
		assert_int_equal(notes.count, 0);
		assert_int_equal(fclose(in), 0);
	}
	config_notes_free(&notes);
	return err;
}

/* The fault for a path must be "t:3: ", then `before`, the path, `after`. */
static void expect_fault(const char *path, int err, const char *before, const char *after)
{
	char expected[600] = "";
	char text[600];

	assert_int_equal(open_fault(path, text), err);
	if (err)
		(void)snprintf(expected, sizeof expected, "t:3: %s%s%s", before, path, after);
	assert_string_equal(text, expected);
}

static void test_open(void **state)
{
	char folder[] = "/tmp/test-lines-XXXXXX";
	char path[64];
	FILE *out;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/file", folder);
	expect_fault(path, -ENOENT, "cannot open ", ": No such file or directory");
	expect_fault(folder, -EINVAL, "", " is not a regular file");
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_fault(path, -EINVAL, "", " is not a regular file"); /* and does not hang */
	assert_int_equal(unlink(path), 0);
	out = fopen(path, "we");
	assert_non_null(out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, 0664), 0);
	expect_fault(path, 0, "", "");
	assert_int_equal(chmod(path, 0666), 0);
	expect_fault(path, -EPERM, "", " may be written by everybody: chmod o-w");
	assert_int_equal(chmod(path, 0602), 0);
	expect_fault(path, -EPERM, "", " may be written by everybody: chmod o-w");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_owner(void **state)
{
	char path[] = "/tmp/test-lines-XXXXXX";
	int fd;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can give a file away\n");
		skip();
	}
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(chown(path, 54321, 54321), 0);
	expect_fault(
		path, -EPERM, "",
		" belongs to uid 54321: it must belong to root, or to who runs this (chown root)");
	assert_int_equal(seteuid(54321), 0);
	expect_fault(path, 0, "", ""); /* our own */
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(seteuid(54322), 0);
	assert_int_equal(open_fault(path, (char[600]){ 0 }), -EACCES);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(seteuid(54321), 0);
	expect_fault(path, 0, "", ""); /* root's */
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),     cmocka_unit_test(test_comments),
		cmocka_unit_test(test_bad_lines), cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_open),      cmocka_unit_test(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
