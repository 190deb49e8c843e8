/* A hundred thousand names: how long, how much, and all of them found. */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "policy_flow.h"

enum { MANY = 100000 };

static void write_many(const char *conf, const char *names)
{
	FILE *out = fopen(conf, "we");

	assert_non_null(out);
	assert_true(fprintf(out, HEAD "[route many]\nbackend = drop\nserver_name_file = names\n" R(
					 "rest", "")) > 0);
	assert_int_equal(fclose(out), 0);
	out = fopen(names, "we");
	assert_non_null(out);
	for (int i = 0; i < MANY; i++)
		assert_true(fprintf(out, "%shost-%d.site%d.example\n", i % 10 ? "" : "*.", i,
				    i % 977) > 0);
	assert_int_equal(fclose(out), 0);
}

static void ask_many(const struct route_index *index, unsigned rounds)
{
	struct flow flow = { TLS };
	char name[64];

	for (unsigned i = 0; i < rounds; i++) {
		unsigned host = i * 7919u % MANY;
		struct route_query query;

		(void)snprintf(name, sizeof name, "%shost-%u.site%u.example", host % 10 ? "" : "w.",
			       host, host % 977);
		flow.name = name;
		query = query_of(&flow, NULL);
		assert_int_equal(route_index_find(index, &query), 0);
		name[0] = '-';
		assert_int_equal(route_index_find(index, &query), host % 10 ? 1 : 0);
	}
}

static size_t heap_used(void)
{
#ifdef __GLIBC__
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

static void test_many_names(void **state)
{
	char folder[] = "/tmp/test-index-XXXXXX";
	char conf[64];
	char names[64];
	struct config_notes notes;
	struct config *config = NULL;
	struct route_index *index;
	size_t before = heap_used();
	uint64_t began;
	uint64_t read_ms;
	uint64_t index_ms;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(conf, sizeof conf, "%s/conf", folder);
	(void)snprintf(names, sizeof names, "%s/names", folder);
	write_many(conf, names);
	began = clock_ms();
	assert_int_equal(config_read(&config, conf, &notes), 0);
	read_ms = clock_ms() - began;
	assert_int_equal(notes.count, 0);
	assert_int_equal(config->routes[0].server_name.count, MANY);
	began = clock_ms();
	assert_int_equal(route_index_new(&index, config), 0);
	index_ms = clock_ms() - began;
	print_message("%d names: read in %llu ms, indexed in %llu ms, %zu KiB\n", MANY,
		      (unsigned long long)read_ms, (unsigned long long)index_ms,
		      (heap_used() - before) / 1024);
	assert_true(heap_used() - before < 20u * 1024 * 1024);
	began = clock_ms();
	ask_many(index, MANY);
	print_message("%d routed in %llu ms\n", 2 * MANY, (unsigned long long)(clock_ms() - began));
	route_index_free(index);
	config_free(config);
	config_notes_free(&notes);
	assert_int_equal(unlink(conf), 0);
	assert_int_equal(unlink(names), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
