/*
 * The configuration reader on any bytes: when it refuses it says why, and what
 * it takes can be indexed, and survives a dump and a second reading.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "policy/config_dump.h"
#include "policy/config_read.h"
#include "policy/route_index.h"
#include "wire/wire.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct config *read_text(const void *data, size_t size)
{
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r"); /* "r" does not write */
	struct config_notes notes;
	struct config *config = NULL;
	char line[600];
	int err;

	require(in);
	err = config_read_stream(&config, in, "fuzz.conf", &notes);
	require(fclose(in) == 0);
	require((err == 0) == (config != NULL));
	require((err == 0) == (notes.faults == 0));
	require(err == 0 || notes.count > 0);
	for (size_t i = 0; i < notes.count; i++)
		config_note_text(&notes.at[i], line, sizeof line);
	config_notes_free(&notes);
	return config;
}

/* Ask the index something that the input chose too. */
static void try_index(const struct config *config, const uint8_t *data, size_t size)
{
	struct route_query query = {
		.divert = (unsigned)(size % config->divert_count),
		.protocol = (int)(size % 4) - 1,
		.name = span_of(data, size < 253 ? size : 253),
		.alpn = span_of(data, size < 512 ? size : 512),
		.method = span_of(data, size % 5),
		.path = span_of(data + size / 2, size - size / 2),
		.client = { .family = AF_INET, .bytes = { 192, 0, 2, 7 } },
		.to = { .family = AF_INET6, .bytes = { 0x20, 1 } },
	};
	struct route_index *index;
	int route;

	require(route_index_new(&index, config) == 0);
	route = route_index_find(index, &query);
	require(route >= -1 && route < (int)config->route_count);
	require(route < 0 || (config->routes[route].diverts >> query.divert & 1));
	require(route_index_unconditional(index, query.divert, WIRE_TCP) <
		(int)config->route_count);
	require(route_index_unconditional(index, query.divert, WIRE_UDP) <
		(int)config->route_count);
	route_index_free(index);
}

static void try_dump(const struct config *config)
{
	struct config *again;
	char *first;
	char *second;
	size_t size;

	require(config_dump(&first, &size, config) == 0);
	again = read_text(first, size);
	require(again);
	require(config_dump(&second, &size, again) == 0);
	require(strcmp(first, second) == 0);
	free(first);
	free(second);
	config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;

	if (size == 0)
		return 0; /* fmemopen may refuse that */
	config = read_text(data, size);
	if (config) {
		try_index(config, data, size);
		try_dump(config);
	}
	config_free(config);
	return 0;
}
