/*
 * The sniffer process. It reads strangers' bytes and has no key to anything: one
 * socket, no capability, and a kernel that kills it for any other system call.
 */
#include "sniffer.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "kernel/sched_batch.h"
#include "loop/signals.h"
#include "sniff/judge_ids.h"

static void answer_one(const struct judge *judge, const struct question *q, struct span bytes,
		       struct answer *out)
{
	switch ((enum question_kind)q->kind) {
	case QUESTION_FLOW:
		judge_answer(judge, q, bytes, out);
		break;
	case QUESTION_TOLD:
		judge_ids_told(q, bytes, out);
		break;
	case QUESTION_LED:
		judge_ids_led(judge, q, bytes, out);
		break;
	case QUESTION_PING:
		break;
	}
}

/* One question in, one answer out; false when there is nobody left to ask. */
static bool serve_one(int fd, const struct judge *judge, uint8_t *message, size_t room)
{
	struct answer answer = { .verdict = ANSWER_PONG };
	struct question q;
	ssize_t size = read(fd, message, room);

	if (size <= 0)
		return false;
	if ((size_t)size < sizeof q)
		return false;
	memcpy(&q, message, sizeof q);
	if (!question_is_sane(&q, (size_t)size) || q.divert >= judge->config->divert_count)
		return false;
	answer.flow = q.flow;
	answer_one(judge, &q, span_of(message + sizeof q, q.size), &answer);
	return write(fd, &answer, sizeof answer) == sizeof answer;
}

/* One line for all sniffers of a configuration. */
static void plugin_failed(void *arg, unsigned probe, const struct fault *fault)
{
	const struct sniffer_birth *birth = arg;

	if (!__atomic_exchange_n(&birth->plugins->is_told[probe], 1, __ATOMIC_RELAXED))
		log_error("[probe %s] fits nothing: %s", birth->judge->config->probes[probe].name,
			  fault->text);
}

/* As who is let do nothing, but may still read files. */
static void load_plugins(struct plugins *plugins, const struct sniffer_birth *birth)
{
	plugins_load(plugins, birth->judge->config, &birth->plugins->running[birth->place],
		     birth->off, plugin_failed, (void *)birth);
	plugins->is_quiet = true;
	birth->judge->plugins = plugins; /* our own copy of it: we were forked */
}

_Noreturn static void give_up(const char *text)
{
	log_error("sniffer: %s", text);
	_exit(1);
}

_Noreturn void sniffer_main(const struct sniffer_birth *birth)
{
	size_t room = sizeof(struct question) + QUESTION_MOST_BYTES;
	uint8_t *message = malloc(room);
	struct plugins plugins;
	struct fault fault;

	signals_in_child();
	log_leave();
	sandbox_close_others(&birth->fd, 1);
	(void)sched_batch(true); /* slower under load without */
	if (!message || sandbox_drop(SANDBOX_SNIFFER, birth->user, &fault))
		give_up(message ? fault.text : "out of memory");
	if (birth->plugins)
		load_plugins(&plugins, birth);
	if (sandbox_close(SANDBOX_SNIFFER, birth->fd, &fault))
		give_up(fault.text);
	while (serve_one(birth->fd, birth->judge, message, room))
		;
	_exit(0);
}
