/* The counters' memory file: one writer, and readers that cannot become writers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/counters.h"
#include "unit.h"

struct pair {
	int fd;
	struct counters *mine;
};

static int setup(void **state)
{
	static struct pair pair;

	*state = &pair;
	return counters_new(&pair.fd, &pair.mine);
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	counters_unmap(pair->mine);
	return close(pair->fd);
}

static void test_reader_sees_what_a_child_writes(void **state)
{
	struct pair *pair = *state;
	const struct counters *read;
	int status;
	pid_t child;

	assert_int_equal(counters_map(pair->fd, &read), 0);
	assert_int_equal(read->flows_total, 0);
	assert_int_equal(read->server_failed[COUNTERS_SERVERS - 1], 0);
	child = fork();
	if (child == 0) {
		pair->mine->flows_total += 3;
		pair->mine->server_failed[COUNTERS_SERVERS - 1]++;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read->flows_total, 3);
	assert_int_equal(read->server_failed[COUNTERS_SERVERS - 1], 1);
	counters_unmap(read);
}

static void test_nobody_maps_it_writable(void **state)
{
	struct pair *pair = *state;
	char path[64];
	void *map;
	int again;

	map = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, pair->fd, 0);
	assert_ptr_equal(map, MAP_FAILED);
	assert_int_equal(errno, EPERM);

	/* opening it anew does not help */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", pair->fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	assert_true(again >= 0);
	map = mmap(NULL, sizeof(struct counters), PROT_WRITE, MAP_SHARED, again, 0);
	assert_ptr_equal(map, MAP_FAILED);
	assert_int_equal(errno, EPERM);
	assert_int_equal(write(again, "x", 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(close(again), 0);
}

static void test_a_reader_cannot_upgrade(void **state)
{
	struct pair *pair = *state;
	const struct counters *read;

	assert_int_equal(counters_map(pair->fd, &read), 0);
	assert_int_equal(mprotect((void *)read, sizeof(*read), PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
	counters_unmap(read);
}

static void test_its_size_and_seals_are_fixed(void **state)
{
	struct pair *pair = *state;

	assert_int_equal(ftruncate(pair->fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(pair->fd, 1 << 24), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fcntl(pair->fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fcntl(pair->fd, F_GETFD), FD_CLOEXEC);
}

static void test_another_file_is_refused(void **state)
{
	const struct counters *read = (const void *)state;
	int small = memfd_create("small", MFD_CLOEXEC);

	assert_true(small >= 0);
	assert_int_equal(counters_map(small, &read), -EINVAL);
	assert_int_equal(close(small), 0);
	assert_int_equal(counters_map(-1, &read), -EBADF);
	assert_ptr_equal(read, state); /* untouched */
	counters_unmap(NULL);
}

static void test_fallback_texts(void **state)
{
	(void)state;
	assert_string_equal(flow_fallback_text(FLOW_FALLBACK_port_taken), "port_taken");
	assert_string_equal(flow_fallback_text(FLOW_FALLBACK_COUNT), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reader_sees_what_a_child_writes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nobody_maps_it_writable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_reader_cannot_upgrade, setup, teardown),
		cmocka_unit_test_setup_teardown(test_its_size_and_seals_are_fixed, setup, teardown),
		cmocka_unit_test(test_another_file_is_refused),
		cmocka_unit_test(test_fallback_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
