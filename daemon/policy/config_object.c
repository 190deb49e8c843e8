/* The sections of a configuration as the key table sees them, and their end. */
#include "policy/config_object.h"

#include <stdlib.h>
#include <string.h>

#include "policy/config_values.h"

size_t config_object_count(const struct config *config, enum section_kind kind)
{
	switch (kind) {
	case SECTION_SHUNT:
		return 1;
	case SECTION_DIVERT:
		return config->divert_count;
	case SECTION_ROUTE:
		return config->route_count;
	case SECTION_BACKEND:
		return config->backend_count;
	case SECTION_PROBE:
		return config->probe_count;
	case SECTION_KINDS:
		break;
	}
	return 0;
}

static void *named_object(const struct config *config, enum section_kind kind, size_t i)
{
	switch (kind) {
	case SECTION_DIVERT:
		return &config->diverts[i];
	case SECTION_ROUTE:
		return &config->routes[i];
	case SECTION_BACKEND:
		return &config->backends[i];
	case SECTION_PROBE:
		return &config->probes[i];
	case SECTION_SHUNT:
	case SECTION_KINDS:
		break;
	}
	return NULL;
}

void *config_object(struct config *config, enum section_kind kind, size_t i)
{
	return kind == SECTION_SHUNT ? &config->shunt : named_object(config, kind, i);
}

const void *config_object_shown(const struct config *config, enum section_kind kind, size_t i)
{
	return kind == SECTION_SHUNT ? &config->shunt : named_object(config, kind, i);
}

const char *config_object_name(const struct config *config, enum section_kind kind, size_t i)
{
	switch (kind) {
	case SECTION_DIVERT:
		return config->diverts[i].name;
	case SECTION_ROUTE:
		return config->routes[i].name;
	case SECTION_BACKEND:
		return config->backends[i].name;
	case SECTION_PROBE:
		return config->probes[i].name;
	case SECTION_SHUNT:
	case SECTION_KINDS:
		break;
	}
	return NULL;
}

int config_object_find(const struct config *config, enum section_kind kind, const char *name)
{
	size_t count = kind == SECTION_SHUNT ? 0 : config_object_count(config, kind);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(config_object_name(config, kind, i), name) == 0)
			return (int)i;
	}
	return -1;
}

struct config *config_object_new(const size_t counts[static SECTION_KINDS])
{
	struct config *config = calloc(1, sizeof *config);

	if (!config)
		return NULL;
	/* one more than asked, so that an empty list is no failure */
	config->diverts = calloc(counts[SECTION_DIVERT] + 1, sizeof *config->diverts);
	config->routes = calloc(counts[SECTION_ROUTE] + 1, sizeof *config->routes);
	config->backends = calloc(counts[SECTION_BACKEND] + 1, sizeof *config->backends);
	config->probes = calloc(counts[SECTION_PROBE] + 1, sizeof *config->probes);
	if (!config->diverts || !config->routes || !config->backends || !config->probes) {
		config_free(config);
		return NULL;
	}
	config->divert_count = counts[SECTION_DIVERT];
	config->route_count = counts[SECTION_ROUTE];
	config->backend_count = counts[SECTION_BACKEND];
	config->probe_count = counts[SECTION_PROBE];
	return config;
}

void config_free(struct config *config)
{
	const struct config_key *key;

	if (!config)
		return;
	for (size_t k = 0; (key = config_keys_at(k)) != NULL; k++) {
		size_t count = config_object_count(config, key->section);

		for (size_t i = 0; key->type->done && i < count; i++)
			key->type->done(config_object(config, key->section, i), key);
	}
	text_list_done(&config->files);
	free(config->diverts);
	free(config->routes);
	free(config->backends);
	free(config->probes);
	free(config);
}
