#ifndef SHUNT_UNIT_WIRE_SAMPLES_H
#define SHUNT_UNIT_WIRE_SAMPLES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "wire_laws.h"

/*
 * What the tests of all recognisers share: asking, and going through the seeds
 * that were recorded from real clients. A seed whose name begins with "near-"
 * is one that the recogniser must refuse.
 */
static inline enum wire_verdict sample_ask_way(const struct wire_way *way, struct span in,
					       struct wire_hints *hints)
{
	memset(hints, 0xa5, sizeof *hints);
	wire_hints_clear(hints);
	return way->probe(in, hints);
}

/* By TCP. */
static inline enum wire_verdict sample_ask(unsigned id, struct span in, struct wire_hints *hints)
{
	return sample_ask_way(&wire_proto_at(id)->tcp, in, hints);
}

static inline void sample_assert_laws(unsigned id, struct span in)
{
	const char *broken = wire_laws_broken(&wire_proto_at(id)->tcp, in, 4096);

	if (broken)
		fail_msg("%s: %s", wire_proto_at(id)->name, broken);
}

/* Verdict, and with it the laws. */
static inline void sample_assert(unsigned id, struct span in, enum wire_verdict expected)
{
	struct wire_hints hints;

	assert_int_equal(sample_ask(id, in, &hints), expected);
	sample_assert_laws(id, in);
}

static inline void sample_assert_name(const struct wire_hints *hints, const char *name)
{
	assert_int_equal(hints->name_size, strlen(name));
	assert_memory_equal(hints->name, name, strlen(name));
}

/* The one byte that may begin the protocol is asked for more, all others refused. */
static inline void sample_assert_first_bytes(unsigned id, bool (*begins)(uint8_t byte))
{
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		sample_assert(id, span_of(&byte, 1), begins(byte) ? WIRE_MORE : WIRE_NO);
	}
}

/* The fuzz target of a recogniser, whose folder its seeds of that transport are in. */
static inline const char *sample_target(char name[static 64], unsigned id, unsigned transport)
{
	const struct wire_proto *proto = wire_proto_at(id);
	bool comes_by_both = proto->tcp.probe && proto->udp.probe;

	(void)snprintf(name, 64, "fuzz_wire_%s%s", proto->name,
		       comes_by_both && transport == WIRE_TCP ? "_tcp" : "");
	for (char *c = name; *c; c++) {
		if (*c == '-')
			*c = '_';
	}
	return name;
}

/* Every seed of the fuzz target, in no order. */
static inline void sample_each(const char *target,
			       void (*check)(const char *file, struct span sample))
{
	static uint8_t bytes[128 * 1024];
	char path[512];
	unsigned seen = 0;
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof path, "tests/fuzz/seeds/%s", target);
	dir = opendir(path);
	if (!dir)
		fail_msg("%s: not there; run this from the top of the tree", path);
	for (entry = readdir(dir); entry; entry = readdir(dir)) {
		FILE *file;
		size_t size;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "tests/fuzz/seeds/%s/%s", target, entry->d_name);
		file = fopen(path, "rb");
		assert_non_null(file);
		size = fread(bytes, 1, sizeof bytes, file);
		assert_int_equal(fclose(file), 0);
		check(entry->d_name, span_of(bytes, size));
		seen++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(seen > 0);
}

static inline bool sample_is(const char *file, const char *kind)
{
	return strncmp(file, kind, strlen(kind)) == 0;
}

#endif
