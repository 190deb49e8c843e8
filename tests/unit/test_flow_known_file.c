/* The table of identifiers in a file that the next daemon finds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/known_file.h"
#include "unit.h"

static const struct siphash_key seed = { { 3, 4 } };
static const struct flow_id id = { .kind = FLOW_ID_QUIC, .size = 8, .bytes = { 1, 2, 3, 4 } };
static char dir[64];
static char path[KNOWN_PATH_BYTES];

static int setup(void **state)
{
	char control[96];

	(void)state;
	(void)snprintf(dir, sizeof dir, "/dev/shm/shunt-unit-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(control, sizeof control, "%s/run/control.sock", dir); /* `run` is made */
	known_path(path, control);
	return 0;
}

static int teardown(void **state)
{
	char parent[96];

	(void)state;
	(void)snprintf(parent, sizeof parent, "%s/run", dir);
	known_file_remove(path);
	known_file_remove(path); /* not there: fine */
	return rmdir(parent) || rmdir(dir);
}

/* Opens it, and says whether the identifier is known; then it is. */
static bool was_known(uint64_t entries)
{
	struct known known = { .ids = FLOW_ID_QUIC, .divert = 1 };
	struct known_table t = { 0 };
	bool is_known;
	int file = -1;

	assert_int_equal(known_file_open(&file, path, entries, &seed), 0);
	assert_int_equal(known_map(&t, file), 0);
	assert_int_equal(t.mask, entries - 1);
	is_known = known_find(&t, &id, 1, 1000, &known);
	known_put(&t, &id, &known, 1000);
	known_unmap(&t);
	assert_int_equal(close(file), 0);
	return is_known;
}

static void test_found_again(void **state)
{
	struct stat is;

	(void)state;
	assert_false(was_known(KNOWN_LEAST));
	assert_true(was_known(KNOWN_LEAST));
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 07777, 0600);
	assert_true(512 * is.st_blocks >= is.st_size); /* what is full later is full without it */
	assert_false(was_known(2 * KNOWN_LEAST));      /* of another size: made anew */
	assert_true(was_known(2 * KNOWN_LEAST));
}

/* One that others could write, or have under another name, is left alone. */
static void test_not_ours_alone(void **state)
{
	char other[sizeof path + 8];

	(void)state;
	(void)was_known(KNOWN_LEAST);
	assert_int_equal(chmod(path, 0660), 0);
	assert_false(was_known(KNOWN_LEAST));
	assert_false(was_known(KNOWN_LEAST)); /* what was put then is gone */
	assert_int_equal(chmod(path, 0600), 0);
	assert_true(was_known(KNOWN_LEAST));
	(void)snprintf(other, sizeof other, "%s.other", path);
	assert_int_equal(link(path, other), 0);
	assert_false(was_known(KNOWN_LEAST));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_false(was_known(KNOWN_LEAST));
	assert_int_equal(unlink(other), 0);
	known_file_remove(path);
}

static void test_another_daemon_has_it(void **state)
{
	int file = -1;

	(void)state;
	(void)was_known(KNOWN_LEAST);
	assert_int_equal(known_file_open(&file, path, KNOWN_LEAST, &seed), 0);
	assert_false(was_known(KNOWN_LEAST));
	assert_int_equal(close(file), 0);
	assert_true(was_known(KNOWN_LEAST));
}

/* Whatever is in it, and where there is no place for it at all. */
static void test_spoilt(void **state)
{
	(void)state;
	(void)was_known(KNOWN_LEAST);
	assert_int_equal(truncate(path, 1000), 0);
	assert_false(was_known(KNOWN_LEAST));
	assert_true(was_known(KNOWN_LEAST));
	known_path(path, "/proc/shunt/control.sock");
	assert_false(was_known(KNOWN_LEAST));
	assert_false(was_known(KNOWN_LEAST));
	known_path(path, "/nowhere/at/all/control.sock");
	assert_false(was_known(KNOWN_LEAST));
	(void)snprintf(path, sizeof path, "%s/run/control.sock.known", dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_again),
		cmocka_unit_test(test_not_ours_alone),
		cmocka_unit_test(test_another_daemon_has_it),
		cmocka_unit_test(test_spoilt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
