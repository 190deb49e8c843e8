/* What the user's own recognisers say. */
#include "sniff/judge_probe.h"

/* A program's word, which the hands brought along. */
static enum wire_verdict word_of(const struct question *q, unsigned probe, struct span bytes,
				 struct wire_hints *hints)
{
	if (q->exec_yes >> probe & 1)
		return WIRE_YES;
	if ((q->exec_no >> probe & 1) || q->is_final)
		return WIRE_NO;
	hints->wanted = bytes.size + 1;
	return WIRE_MORE;
}

enum wire_verdict judge_probe_ask(const struct judge *j, const struct question *q, unsigned probe,
				  struct span bytes, struct wire_hints *hints, unsigned *cut)
{
	const struct probe_flow flow = { bytes, q->is_final, route_index_room(j->index), cut };
	const struct probe *p = &j->config->probes[probe];

	switch (probe_kind(p)) {
	case PROBE_PATTERN:
		return probe_ask(p, &flow, hints);
	case PROBE_EXEC:
		return word_of(q, probe, bytes, hints);
	case PROBE_PLUGIN:
		return plugins_ask(j->plugins, probe, &flow, p->is_udp, hints);
	case PROBE_NONE:
		break;
	}
	return WIRE_NO;
}
