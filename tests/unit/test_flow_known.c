/* Identifiers that carriers remember together: found again, bounded, and not to be forged. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/known.h"
#include "unit.h"

enum {
	ENTRIES = KNOWN_LEAST,
	WRITERS = 4,
	ROUNDS = 20000,
	NOW_MS = 1000000,
};

static const struct siphash_key seed = { { 1, 2 } };

struct both {
	struct known_table one; /* two carriers */
	struct known_table other;
	int file;
};

static void begin(struct both *b)
{
	*b = (struct both){ .file = -1 };
	assert_int_equal(known_new(&b->file, ENTRIES, &seed), 0);
	assert_int_equal(known_map(&b->one, b->file), 0);
	assert_int_equal(known_map(&b->other, b->file), 0);
}

static void end(struct both *b)
{
	known_unmap(&b->one);
	known_unmap(&b->other);
	known_unmap(&b->other);
	assert_int_equal(close(b->file), 0);
}

/* A different one for each number. */
static struct flow_id id_of(enum flow_id_kind kind, uint8_t size, uint32_t number)
{
	struct flow_id id = { .kind = (uint8_t)kind, .size = size };

	for (size_t i = 4; i < size; i++)
		id.bytes[i] = (uint8_t)(i * 7);
	memcpy(id.bytes, &number, sizeof number);
	return id;
}

static struct known known_of(uint8_t ids, unsigned number)
{
	struct known known = { .divert = 11, .route = 22, .route_index = 3, .ids = ids };

	assert_int_equal(addr_parse(&known.server, "192.0.2.1:443", true), 0);
	known.server.port = (uint16_t)number;
	(void)snprintf(known.name, sizeof known.name, "%u.example", number);
	return known;
}

static bool finds(const struct known_table *t, const struct flow_id *id, uint64_t now_ms,
		  unsigned number)
{
	struct known known;
	char name[KNOWN_NAME_BYTES];

	if (!known_find(t, id, id->kind == FLOW_ID_ENDS ? 0 : 11, now_ms, &known))
		return false;
	(void)snprintf(name, sizeof name, "%u.example", number);
	assert_int_equal(known.server.port, number);
	assert_string_equal(known.name, name);
	assert_int_equal(known.route, 22);
	return true;
}

static void test_found_by_the_other(void **state)
{
	struct flow_id quic = id_of(FLOW_ID_QUIC, 18, 1);
	struct flow_id wireguard = id_of(FLOW_ID_WIREGUARD, 4, 1);
	struct known known = known_of(FLOW_ID_QUIC, 7);
	struct both b;

	(void)state;
	begin(&b);
	assert_false(finds(&b.other, &quic, NOW_MS, 7));
	known_put(&b.one, &quic, &known, NOW_MS);
	assert_true(finds(&b.other, &quic, NOW_MS, 7));
	assert_false(finds(&b.other, &wireguard, NOW_MS, 7));
	assert_false(known_find(&b.other, &quic, 12, NOW_MS, &known)); /* of another divert */
	known = known_of(FLOW_ID_QUIC, 8);
	known_put(&b.other, &quic, &known, NOW_MS);
	assert_true(finds(&b.one, &quic, NOW_MS, 8));
	end(&b);
}

/* Where an identifier ends only the server knows: the longest one counts. */
static void test_open_end(void **state)
{
	struct known known = known_of(FLOW_ID_QUIC, 4);
	struct flow_id seen = id_of(FLOW_ID_QUIC, 20, 5);
	struct both b;

	(void)state;
	begin(&b);
	seen.is_open = 1;
	for (uint8_t size = FLOW_ID_LEAST_BYTES; size <= FLOW_ID_MOST_BYTES; size++) {
		struct flow_id id = id_of(FLOW_ID_QUIC, size, 5);

		known = known_of(FLOW_ID_QUIC, size);
		known_put(&b.one, &id, &known, NOW_MS);
		assert_true(finds(&b.one, &seen, NOW_MS, size));
	}
	seen.bytes[19] ^= 1;
	assert_true(finds(&b.one, &seen, NOW_MS, 19));
	seen.size = 9;
	memset(seen.bytes + 9, 0, sizeof seen.bytes - 9);
	assert_true(finds(&b.one, &seen, NOW_MS, 9));
	seen.is_open = 0;
	seen.bytes[8] ^= 1;
	assert_false(finds(&b.one, &seen, NOW_MS, 9));
	end(&b);
}

static void expect_life(uint8_t ids, enum flow_id_kind kind, uint64_t life_s)
{
	struct flow_id id = id_of(kind, kind == FLOW_ID_WIREGUARD ? 4 : 16, 9);
	struct known known = known_of(ids, 9);
	struct both b;

	begin(&b);
	known_put(&b.one, &id, &known, NOW_MS);
	assert_true(finds(&b.one, &id, NOW_MS + 1000 * life_s - 1, 9));
	assert_false(finds(&b.one, &id, NOW_MS + 1000 * life_s, 9));
	end(&b);
}

static void test_good_for_some_time(void **state)
{
	(void)state;
	expect_life(FLOW_ID_QUIC, FLOW_ID_QUIC, KNOWN_QUIC_S);
	expect_life(FLOW_ID_WIREGUARD, FLOW_ID_WIREGUARD, KNOWN_WIREGUARD_S);
	expect_life(FLOW_ID_QUIC, FLOW_ID_ENDS, KNOWN_QUIC_ENDS_S);
	expect_life(FLOW_ID_WIREGUARD, FLOW_ID_ENDS, KNOWN_WIREGUARD_ENDS_S);
}

/* Many more than there are places: the last ones are there, the first ones are gone. */
static void test_full(void **state)
{
	const unsigned many = 8 * ENTRIES;
	unsigned late = 0;
	unsigned early = 0;
	struct both b;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < many; i++) {
		struct flow_id id = id_of(FLOW_ID_QUIC, 8, i);
		struct known known = known_of(FLOW_ID_QUIC, i & 0xffff);

		known_put(&b.one, &id, &known, NOW_MS + i);
	}
	for (unsigned i = 0; i < many; i++) {
		struct flow_id id = id_of(FLOW_ID_QUIC, 8, i);

		if (!finds(&b.other, &id, NOW_MS + many, i & 0xffff))
			continue;
		late += i >= many - ENTRIES / 2;
		early += i < many / 4;
	}
	assert_true(late > ENTRIES / 2 * 9 / 10);
	assert_true(early < ENTRIES / 100);
	end(&b);
}

/* What has lost its meaning gives way first, whatever its age. */
static void test_old_gives_way(void **state)
{
	struct both b;
	unsigned there = 0;

	(void)state;
	begin(&b);
	for (unsigned i = 0; i < ENTRIES / 4; i++) {
		struct flow_id id = id_of(FLOW_ID_QUIC, 8, i);
		struct known known = known_of(FLOW_ID_QUIC, i);

		known_put(&b.one, &id, &known, NOW_MS);
	}
	for (unsigned i = 0; i < 2 * ENTRIES; i++) { /* later, and some at a time, each for 240 s */
		struct flow_id id = id_of(FLOW_ID_WIREGUARD, 4, i);
		struct known known = known_of(FLOW_ID_WIREGUARD, i & 0xffff);

		known_put(&b.one, &id, &known, NOW_MS + 1000u * KNOWN_WIREGUARD_S * (1 + i / 32));
	}
	for (unsigned i = 0; i < ENTRIES / 4; i++) {
		struct flow_id id = id_of(FLOW_ID_QUIC, 8, i);

		there += finds(&b.one, &id, NOW_MS, i);
	}
	assert_true(there > ENTRIES / 4 * 9 / 10);
	end(&b);
}

/* Whatever somebody who has the file writes into it, nothing is found but what was put. */
static void test_hostile_contents(void **state)
{
	struct flow_id id = id_of(FLOW_ID_QUIC, 8, 77);
	struct known known = known_of(FLOW_ID_QUIC, 77);
	uint8_t *bytes;
	size_t size;
	struct both b;

	(void)state;
	begin(&b);
	known_put(&b.one, &id, &known, NOW_MS);
	bytes = (uint8_t *)b.one.file->entries;
	size = ENTRIES * sizeof(struct known_entry);
	for (size_t i = 0; i < size; i++) {
		if (!bytes[i])
			continue;
		bytes[i] ^= 0x10;
		assert_false(finds(&b.other, &id, NOW_MS, 77));
		bytes[i] ^= 0x10;
	}
	assert_true(finds(&b.other, &id, NOW_MS, 77));
	b.one.file->entry_count = UINT64_MAX; /* nobody looks there any more */
	b.one.file->key.k[0] = 7;
	assert_true(finds(&b.other, &id, NOW_MS, 77));
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 37 >> 3);
	id.is_open = 1;
	for (unsigned i = 0; i < 10000; i++) {
		memcpy(id.bytes, &i, sizeof i);
		assert_false(known_find(&b.other, &id, 11, NOW_MS, &known));
	}
	end(&b);
}

/* Several write the same entries at once: what is found is whole. */
static void test_writers_at_once(void **state)
{
	struct flow_id id = id_of(FLOW_ID_QUIC, 8, 5);
	pid_t writers[WRITERS];
	struct known known;
	unsigned found = 0;
	struct both b;

	(void)state;
	begin(&b);
	known = known_of(FLOW_ID_QUIC, 0);
	known_put(&b.one, &id, &known, NOW_MS); /* they may be slow to begin */
	for (unsigned w = 0; w < WRITERS; w++) {
		writers[w] = fork();
		assert_true(writers[w] >= 0);
		if (writers[w])
			continue;
		known = known_of(FLOW_ID_QUIC, w);
		for (unsigned i = 0; i < ROUNDS; i++)
			known_put(&b.one, &id, &known, NOW_MS);
		_exit(0);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		char name[KNOWN_NAME_BYTES];

		if (!known_find(&b.other, &id, 11, NOW_MS, &known))
			continue;
		(void)snprintf(name, sizeof name, "%u.example", known.server.port);
		assert_string_equal(known.name, name);
		found++;
	}
	for (unsigned w = 0; w < WRITERS; w++) {
		int status;

		assert_int_equal(waitpid(writers[w], &status, 0), writers[w]);
		assert_int_equal(status, 0);
	}
	known = known_of(FLOW_ID_QUIC, 1);
	known_put(&b.one, &id, &known, NOW_MS);
	assert_true(finds(&b.other, &id, NOW_MS, 1));
	assert_true(found > 0);
	end(&b);
}

static void test_ends(void **state)
{
	struct addr client;
	struct addr to;
	struct flow_id one;
	struct flow_id back;
	struct both b;

	(void)state;
	begin(&b);
	assert_int_equal(addr_parse(&client, "198.51.100.7:40000", true), 0);
	assert_int_equal(addr_parse(&to, "198.51.100.1:443", true), 0);
	one = known_ends(&b.one, &client, &to);
	back = known_ends(&b.other, &client, &to);
	assert_memory_equal(&one, &back, sizeof one);
	back = known_ends(&b.one, &to, &client);
	assert_memory_not_equal(&one, &back, sizeof one);
	client.port++;
	back = known_ends(&b.one, &client, &to);
	assert_memory_not_equal(&one, &back, sizeof one);
	end(&b);
}

static void test_bad_files(void **state)
{
	struct known_table t = { 0 };
	struct known known;
	struct flow_id id = id_of(FLOW_ID_QUIC, 8, 5);
	uint64_t count;
	int file;

	(void)state;
	known = known_of(FLOW_ID_QUIC, 1);
	known_put(&t, &id, &known, NOW_MS); /* no table: nothing happens */
	assert_false(known_find(&t, &id, 11, NOW_MS, &known));
	assert_int_equal(known_map(&t, -1), -EINVAL);
	assert_int_equal(known_new(&file, ENTRIES, &seed), 0);
	assert_int_equal(ftruncate(file, 100 * sizeof(struct known_entry)), 0);
	assert_int_equal(known_map(&t, file), -EINVAL);
	for (count = 0; count < 4; count++) {
		static const uint64_t bad[] = { 0, 3, 2 * KNOWN_MOST, UINT64_MAX };

		assert_int_equal(known_make(file, ENTRIES, &seed), 0);
		assert_true(known_is_whole(file, ENTRIES));
		assert_false(known_is_whole(file, 2 * ENTRIES));
		assert_int_equal(pwrite(file, &bad[count], sizeof *bad,
					offsetof(struct known_file, entry_count)),
				 sizeof *bad);
		assert_int_equal(known_map(&t, file), -EINVAL);
	}
	assert_int_equal(known_make(file, ENTRIES, &seed), 0);
	assert_int_equal(pwrite(file, "?", 1, 0), 1); /* another form */
	assert_int_equal(known_map(&t, file), -EINVAL);
	assert_null(t.file);
	assert_int_equal(close(file), 0);
}

/* A carrier that strangers took over has the key: others ask no sniffer for what it would end at. */
static void test_hostile_writer(void **state)
{
	static const uint8_t bad_ids[] = { FLOW_ID_NONE, FLOW_ID_ENDS, 4, 255 };
	struct flow_id id = id_of(FLOW_ID_QUIC, 8, 5);
	struct known known;
	struct both b;

	(void)state;
	begin(&b);
	for (size_t i = 0; i < sizeof bad_ids; i++) {
		known = known_of(bad_ids[i], 1);
		known_put(&b.one, &id, &known, NOW_MS);
		assert_false(finds(&b.other, &id, NOW_MS, 1));
	}
	known = known_of(FLOW_ID_QUIC, 1);
	known.name[1] = '\n';
	known_put(&b.one, &id, &known, NOW_MS);
	assert_false(finds(&b.other, &id, NOW_MS, 1));
	memset(known.name, 'a', sizeof known.name); /* without an end */
	known_put(&b.one, &id, &known, NOW_MS);
	assert_false(finds(&b.other, &id, NOW_MS, 1));
	known = known_of(FLOW_ID_QUIC, 1);
	known_put(&b.one, &id, &known, NOW_MS);
	assert_true(finds(&b.other, &id, NOW_MS, 1));
	end(&b);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(known_size(0), KNOWN_LEAST);
	assert_int_equal(known_size(UINT64_C(128) << 20), KNOWN_LEAST);
	assert_int_equal(known_size(UINT64_C(512) << 20), 16384);
	assert_int_equal(known_size(UINT64_MAX), KNOWN_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_by_the_other),
		cmocka_unit_test(test_open_end),
		cmocka_unit_test(test_good_for_some_time),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_old_gives_way),
		cmocka_unit_test(test_hostile_contents),
		cmocka_unit_test(test_writers_at_once),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_hostile_writer),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
