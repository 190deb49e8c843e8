/* The messages between carriers and shunt-spawn. */
#include "flow/spawn.h"

#include <stdio.h>

#include "flow/question.h"

void spawn_path(char out[static SPAWN_PATH_BYTES], const char *control)
{
	const char *slash = strrchr(control, '/');

	(void)snprintf(out, SPAWN_PATH_BYTES, "%.*sspawn.sock",
		       slash ? (int)(slash + 1 - control) : 0,
		       control); /* fits: its row in config_keys.c */
}

static bool is_name(const char *name)
{
	for (size_t i = 0; i < RECORD_SECTION_BYTES; i++) {
		char c = name[i];

		if (c == '\0')
			return i > 0;
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == '-'))
			return false;
	}
	return false;
}

static bool is_endpoint(const struct addr *a)
{
	return a->family == AF_INET || a->family == AF_INET6;
}

bool spawn_request_is_sane(const struct spawn_request *r, size_t size)
{
	return size >= sizeof *r && r->version == SPAWN_VERSION && r->kind == SPAWN_PROBE &&
	       r->transport <= QUESTION_UDP && r->size <= SPAWN_MOST_BYTES &&
	       size == sizeof *r + r->size && is_endpoint(&r->client) && is_endpoint(&r->to) &&
	       is_name(r->name);
}

bool spawn_reply_is_sane(const struct spawn_reply *r, size_t size)
{
	return size == sizeof *r && r->version == SPAWN_VERSION && r->kind == SPAWN_PROBE &&
	       r->word >= SPAWN_NO && r->word < SPAWN_WORDS;
}
