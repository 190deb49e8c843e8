/* The carriers' table: what goes in comes out, and nobody can change it afterwards. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flow/table.h"
#include "unit.h"

static int make(struct table **t, int *fd)
{
	struct table counts = {
		.divert_count = 2,
		.route_count = 3,
		.backend_count = 70,
		.server_count = 5,
		.probe_count = TABLE_MOST_PROBES,
	};

	return table_new(t, fd, &counts);
}

static void test_round_trip(void **state)
{
	const struct table *read;
	struct table_divert *divert;
	struct table_server *server;
	struct table_probe *probe;
	struct table *t;
	int fd;

	(void)state;
	assert_int_equal(make(&t, &fd), 0);
	divert = (struct table_divert *)(uintptr_t)table_divert(t, 1);
	divert->wait_ms = 77;
	divert->may[1] = 1u << 5; /* backend 69 */
	server = (struct table_server *)(uintptr_t)table_server(t, 4);
	server->at.port = 443;
	probe = (struct table_probe *)(uintptr_t)table_probe(t, TABLE_MOST_PROBES - 1);
	probe->counter = COUNTERS_PROBES - 1;
	assert_int_equal(table_seal(t, fd), 0);
	assert_int_equal(table_map(&read, fd), 0);
	assert_int_equal(table_divert(read, 1)->wait_ms, 77);
	assert_int_equal(table_server(read, 4)->at.port, 443);
	assert_int_equal(table_probe(read, TABLE_MOST_PROBES - 1)->counter, COUNTERS_PROBES - 1);
	assert_true(table_divert_may(read, table_divert(read, 1), 69));
	assert_false(table_divert_may(read, table_divert(read, 1), 68));
	assert_false(table_divert_may(read, table_divert(read, 0), 69));
	assert_false(table_divert_may(read, table_divert(read, 1), 70)); /* out of range */
	assert_false(table_divert_may(read, table_divert(read, 1), UINT16_MAX));
	table_unmap(read);
	(void)close(fd);
}

static void test_sealed_for_good(void **state)
{
	struct table *t;
	int fd;

	(void)state;
	assert_int_equal(make(&t, &fd), 0);
	assert_int_equal(table_seal(t, fd), 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	(void)close(fd);
}

/* A file whose header lies about its arrays is not used. */
static void test_lies_are_refused(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
	} lies[] = {
		{ offsetof(struct table, divert_count), 1000 },
		{ offsetof(struct table, server_count), UINT32_MAX },
		{ offsetof(struct table, routes_at), 0 },
		{ offsetof(struct table, servers_at), UINT32_MAX },
		{ offsetof(struct table, probes_at), UINT32_MAX },
		{ offsetof(struct table, probe_count), TABLE_MOST_PROBES + 1 },
		{ offsetof(struct table, size), 1 },
	};
	const struct table *read;
	struct table *t;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		uint64_t size;

		assert_int_equal(make(&t, &fd), 0);
		size = t->size;
		memcpy((uint8_t *)t + lies[i].offset, &lies[i].value, sizeof lies[i].value);
		assert_int_equal(table_map(&read, fd), -EINVAL);
		assert_int_equal(munmap(t, size), 0);
		(void)close(fd);
	}
}

static void test_too_short(void **state)
{
	const struct table *read;
	int fd = memfd_create("short", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(table_map(&read, fd), -EINVAL);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_sealed_for_good),
		cmocka_unit_test(test_lies_are_refused),
		cmocka_unit_test(test_too_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
