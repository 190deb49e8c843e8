/* What time does to a relayed flow: idleness, keepalive, and the looks whether to hand it over. */
#include "carry/tcp_late.h"

#include "carry/handoff.h"
#include "kernel/dial.h"

enum {
	ORIGINAL_IDLE_MS = 3600 * 1000, /* idle's default: `original` has no backend section */
	KEEPALIVE_MS = 30 * 1000, /* a flow that lives that long gets keepalive on both sides */
};

static uint64_t idle_of(const struct tcp_session *s)
{
	return s->action == ANSWER_BACKEND ? tcp_session_backend(s)->idle_ms : ORIGINAL_IDLE_MS;
}

uint64_t tcp_late_first_ms(const struct tcp_session *s)
{
	uint64_t idle_ms = idle_of(s);
	uint64_t in_ms = s->hand == HAND_NEVER ? KEEPALIVE_MS : s->hand_look_ms;

	return idle_ms && idle_ms < in_ms ? idle_ms : in_ms;
}

/* Has a peer taken something from its socket since the last look? What is on its way to a slow reader
 * may all be with the kernel: then nothing is held here. */
static bool is_draining(struct tcp_session *s)
{
	uint32_t before = s->unsent;

	s->unsent = dial_unsent(s->client.w.fd) + dial_unsent(s->server.w.fd);
	return s->unsent != before;
}

void tcp_late(struct tcp_session *s)
{
	uint64_t now_ms = loop_now_ms(s->gate->loop);
	uint64_t idle_ms = idle_of(s);
	uint64_t next_ms = 0;

	if (idle_ms && now_ms - s->active_ms >= idle_ms && is_draining(s))
		s->active_ms = now_ms;
	if (idle_ms && now_ms - s->active_ms >= idle_ms) {
		tcp_session_end(s, FLOW_WHY_idle);
		return;
	}
	if (s->hand != HAND_NEVER)
		next_ms = handoff_look(s);
	if (s->state != TCP_RELAYED)
		return;
	/* a look that is not for the handover comes late enough, or as early as a short `idle` wants */
	if (!s->is_kept_alive && (s->hand == HAND_NEVER || now_ms - s->since_ms >= KEEPALIVE_MS)) {
		dial_keep_alive(s->server.w.fd);
		s->is_kept_alive = true;
	}
	if (!s->is_kept_alive && (!next_ms || next_ms > KEEPALIVE_MS))
		next_ms = KEEPALIVE_MS;
	if (idle_ms && (!next_ms || s->active_ms + idle_ms - now_ms < next_ms))
		next_ms = s->active_ms + idle_ms - now_ms;
	if (next_ms)
		tcp_session_deadline(s, next_ms);
}
