#ifndef SHUNT_UNIT_SPAWN_ASK_H
#define SHUNT_UNIT_SPAWN_ASK_H

#include <stdio.h>
#include <unistd.h>

#include "spawn_stage.h"

/* A shell's program, of the user that we are. */
static inline struct tool_terms shell(const char *name, const char *program, bool is_lines)
{
	struct tool_terms t = { .user = { .uid = geteuid(), .gid = getegid() },
				.is_lines = is_lines };

	(void)snprintf(t.name, sizeof t.name, "%s", name);
	t.argv[0] = strdup("/bin/sh");
	t.argv[1] = strdup("-c");
	t.argv[2] = strdup(program);
	return t;
}

static inline void only(struct stage *s, const char *name, const char *program, bool is_lines)
{
	struct tool_terms t = shell(name, program, is_lines);

	assert_int_equal(runner_set(&s->runner, &t, 1), 0);
}

static inline void ask_within(struct stage *s, uint64_t id, const char *name, const char *bytes,
			      uint32_t within_ms)
{
	struct spawn_request q = {
		.version = SPAWN_VERSION,
		.kind = SPAWN_PROBE,
		.size = (uint32_t)strlen(bytes),
		.id = id,
		.within_ms = within_ms,
		.client = { .bytes = { 192, 0, 2, 1 }, .family = AF_INET, .port = 1234 },
		.to = { .bytes = { 192, 0, 2, 2 }, .family = AF_INET, .port = 443 },
	};

	(void)snprintf(q.name, sizeof q.name, "%s", name);
	assert_true(spawn_request_is_sane(&q, sizeof q + q.size));
	runner_ask(&s->runner, s, &q, span_of((const uint8_t *)bytes, q.size));
}

static inline void ask(struct stage *s, uint64_t id, const char *name, const char *bytes)
{
	ask_within(s, id, name, bytes, PATIENCE_MS);
}

static inline void expect(struct stage *s, uint64_t id, const char *name, const char *bytes,
			  enum spawn_word word)
{
	ask(s, id, name, bytes);
	await(s, s->answers + (s->words[id] == 0));
	assert_int_equal(s->words[id], word);
}

/* Answers by what the bytes begin with: yes, more, its end, silence, nonsense; else no. */
static const char lines_shell[] =
	"while read -r n transport client to hex; do case $hex in "
	"79*) echo $n yes ;; 6d*) echo $n more ;; 78*) exit ;; 73*) ;; "
	"70*) echo \"$n $transport $client $to $hex\" ;; *) echo $n no ;; esac; done";

static inline pid_t life_of(const struct stage *s)
{
	return LIST_FIRST(&s->runner.tools)->lines.program.pid;
}

#define SPAWN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
