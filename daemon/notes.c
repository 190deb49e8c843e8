/* What is said once of each backend. */
#include "notes.h"

#include "base/log.h"

static const char *const text_table[NOTES_END] = {
	[NOTE_SAME_LINK] =
		"a client and the server are on one link, where the answers would bypass "
		"this box: the server sees this box's address (same_link)",
	[NOTE_SAME_HOST] =
		"the server is on this very box, and cannot see the client's address and "
		"port both (same_host)",
	[NOTE_LINK_LOCAL] =
		"a client with a link-local address was refused: no server could answer "
		"it; `source = router` serves such clients",
	[NOTE_LOOP] = "a connection that no divert led here came to a listener of shuntd on a "
		      "loopback address: refused. Is that a `server`?",
};

void notes_take(struct notes *n, const struct config *config, uint64_t number,
		const struct channel_message *m)
{
	uint8_t what = (uint8_t)m->value;
	bool has_backend = m->index < config->backend_count;
	uint8_t *said = &n->said[has_backend ? m->index : TABLE_MOST_BACKENDS];

	if (m->value >> 8 != number || what >= NOTES_END || !text_table[what] || *said >> what & 1)
		return;
	*said |= (uint8_t)(1 << what);
	if (has_backend)
		log_warn("backend %s: %s", config->backends[m->index].name, text_table[what]);
	else if (what == NOTE_LOOP)
		log_warn("%s", text_table[what]);
	else
		log_warn("original: %s", text_table[what]);
}
