#ifndef SHUNT_UNIT_CTL_WORLD_H
#define SHUNT_UNIT_CTL_WORLD_H

/*
 * What stands behind and before the control socket in tests of ctl/: a keeper
 * that answers what a test put into it, and room for the clients.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "policy_conf.h"
#include "unit.h"

enum {
	TALK_MOST_MS = 15000,
	TALK_MOST_BYTES = 32 << 20,
	TALK_GREEDY = 12, /* more answers than there is room for */
	TALKERS = 24,
	TALK_TURNS = 12, /* of the loop, more than any exchange needs */
};

/* A client, watched by the same loop as the server. */
struct talker {
	struct world *world;
	struct watch watch;
	char *got;
	size_t size;
	bool is_over; /* the server closed */
};

struct world {
	struct loop *loop;
	struct ctl *ctl;
	struct timer deadline;
	struct timer soon;
	int turns_left;
	char path[64];
	struct config *config;
	struct counters *counters; /* of both carriers, one after the other */
	struct counters *handed;   /* of flows that the kernel carries; NULL: none */
	struct ctl_carrier carriers[2];
	struct talker talkers[TALKERS];
	struct talker *awaited;
	uint64_t asked[TALK_GREEDY]; /* numbers of the requests for flows, in order */
	size_t asked_count;
	int flows_result;          /* what the source says to a request for flows */
	uint64_t reloads;          /* asked for */
	struct ctl_reload reload;  /* what is told of them */
	size_t flows_now;          /* answered within the call: so many flows; SIZE_MAX: later */
	struct flow_record sample; /* what is listed, but for the id */
	const char *nft_text;      /* NULL: there is one */
	int nft_result;
};

static const char talk_config[] = "[divert web]\n"
				  "tcp = 443, 8443-8449\n"
				  "[divert leaving]\n"
				  "tcp = 853\n"
				  "udp = 853-854, 8853\n"
				  "to = transit\n"
				  "fail = closed\n"
				  "[route git]\n"
				  "protocol = tls\n"
				  "server_name = git.example.com, *.git.example.com\n"
				  "backend = git\n"
				  "[route rest]\n"
				  "backend = rest\n"
				  "[backend rest]\n"
				  "server = 192.0.2.1:443, [2001:db8::1]:443\n"
				  "[backend git]\n"
				  "server = 192.0.2.2:443\n"
				  "source = router\n";

static inline void talk_source_facts(void *owner, struct ctl_facts *out)
{
	static const struct ctl_limit limit = { "descriptors", 1024, 77 };
	struct world *w = owner;

	out->config = w->config;
	out->config_file = "/etc/shunt/shunt.conf";
	out->loaded_ms = clock_ms() - 60000;
	out->reload = w->reload;
	out->started_ms = clock_ms() - 3 * 3600000;
	out->carriers = w->carriers;
	out->carrier_count = 2;
	out->handed = w->handed;
	out->limits = &limit;
	out->limit_count = 1;
	out->diverts_listening = 1;
	out->is_alive_v4 = true;
	out->nft_repairs = 5;
	out->handoff = "available";
}

static inline void list_flows(struct world *w, uint64_t request, size_t count)
{
	struct flow_record r = w->sample;

	for (size_t i = 0; i < count; i++) {
		r.id = i;
		ctl_flows_add(w->ctl, request, &r, 1);
	}
	ctl_flows_end(w->ctl, request);
}

static inline int talk_source_flows(void *owner, uint64_t request)
{
	struct world *w = owner;

	if (w->asked_count < TALK_GREEDY)
		w->asked[w->asked_count] = request;
	w->asked_count++;
	if (w->flows_result == 0 && w->flows_now != SIZE_MAX)
		list_flows(w, request, w->flows_now);
	return w->flows_result;
}

static inline int talk_source_nft(void *owner, bool closed, char **text, struct fault *fault)
{
	struct world *w = owner;

	if (w->nft_result < 0)
		return fault_set(fault, w->nft_result, "the table inet shunt cannot be read");
	if (w->nft_text != NULL)
		*text = strdup(w->nft_text);
	else
		*text = strdup(closed ? "table inet \"closed\"\n"
				      : "table inet shunt {\n\t/\\\n}\n");
	return *text != NULL ? 0 : fault_set(fault, -ENOMEM, "no memory");
}

static inline uint64_t talk_source_reload(void *owner)
{
	struct world *w = owner;

	return ++w->reloads;
}

static const struct ctl_source talk_source = { .facts = talk_source_facts,
					       .flows = talk_source_flows,
					       .reload = talk_source_reload,
					       .nft = talk_source_nft };

#endif
