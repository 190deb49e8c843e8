/* Places in a sealed file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flow/place_map.h"
#include "unit.h"

static void test_there_and_back(void **state)
{
	struct place at[PLACES_MOST];
	static const size_t counts[] = { 0, 1, PLACES_MOST };

	(void)state;
	memset(at, 0, sizeof at);
	at[0].device = 7;
	for (size_t i = 0; i < 3; i++) {
		const struct place_map *map = NULL;
		int fd = place_map_make(at, counts[i]);

		assert_true(fd >= 0);
		assert_int_equal(place_map_open(&map, fd), 0);
		assert_int_equal(map->count, counts[i]);
		if (counts[i])
			assert_int_equal(map->at[0].device, 7);
		/* nobody can change it any more */
		assert_int_equal(write(fd, at, 1), -1);
		assert_int_equal(ftruncate(fd, 0), -1);
		assert_ptr_equal(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
		place_map_close(map);
		assert_int_equal(close(fd), 0);
	}
	place_map_close(NULL);
}

/* What is not such a file is not believed. */
static void test_refused(void **state)
{
	struct place_map head = { .count = 3 };
	const struct place_map *map = NULL;
	int fd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(place_map_open(&map, -1), -EBADF);
	assert_int_equal(place_map_open(&map, fd), -EINVAL);
	assert_int_equal(write(fd, &head, sizeof head), sizeof head);
	assert_int_equal(place_map_open(&map, fd), -EINVAL);
	assert_int_equal(ftruncate(fd, (off_t)(sizeof head + 2 * sizeof(struct place))), 0);
	assert_int_equal(place_map_open(&map, fd), -EINVAL);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(place_map_open(&map, fd), -EINVAL);
	assert_null(map);
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
