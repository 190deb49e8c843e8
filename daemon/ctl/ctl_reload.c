/*
 * Asking for a reload. Its end answers, so the client waits: for the end of the
 * reload that begins after its request, not of one that was under way.
 */
#include "ctl/ctl_client.h"
#include "ctl/ctl_json.h"

void ctl_reload_start(struct ctl_client *c)
{
	struct ctl *ctl = c->ctl;

	c->turn = ctl->source->reload(ctl->owner);
	ctl_client_enter(c, CTL_RELOAD, CTL_RELOAD_MS);
}

/* The members that `status` and `reload` show. */
void ctl_json_reload(struct ctl_json *j, const struct ctl_reload *r)
{
	ctl_json_number(j, "count", r->count);
	ctl_json_number(j, "failed", r->failed);
	ctl_json_text(j, "last", r->last);
	ctl_json_text(j, "problem", r->fault_count != 0 ? r->faults[0] : NULL);
	ctl_json_array(j, "faults");
	for (size_t i = 0; i < r->fault_count; i++)
		ctl_json_text(j, NULL, r->faults[i]);
	ctl_json_array_end(j);
}

void ctl_reload_done(struct ctl *ctl, uint64_t ticket)
{
	struct ctl_facts facts = { .config = NULL };

	ctl->source->facts(ctl->owner, &facts);
	for (size_t i = 0; i < CTL_MOST_CLIENTS; i++) {
		struct ctl_client *c = &ctl->clients[i];
		struct ctl_json j = { .client = c };

		if (c->state != CTL_RELOAD || c->turn > ticket)
			continue;
		ctl_json_object(&j, NULL);
		ctl_json_reload(&j, &facts.reload);
		ctl_json_object_end(&j);
		ctl_json_send(&j);
	}
}
