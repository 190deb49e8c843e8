/* Which plugin ended a sniffer. */
#include "plugin_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "flow/flags.h"

struct plugin_watch {
	const struct config *config;
	struct plugins_shared *shared;
	struct flags off; /* one word */
	unsigned ends[CONFIG_MOST_PROBES];
};

int plugin_watch_new(struct plugin_watch **out, const struct config *config, struct fault *fault)
{
	struct plugin_watch *w;
	void *shared;
	int err;

	*out = NULL;
	if (!plugins_are_used(config))
		return 0;
	w = calloc(1, sizeof *w);
	if (!w)
		return fault_set(fault, -ENOMEM, "out of memory");
	w->config = config;
	err = flags_init(&w->off, 1);
	shared = mmap(NULL, sizeof *w->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (!err && shared == MAP_FAILED)
		err = -errno;
	w->shared = shared == MAP_FAILED ? NULL : shared;
	if (err) {
		plugin_watch_free(w);
		return fault_set(fault, err, "no memory to share with sniffers: %s",
				 strerror(-err));
	}
	*out = w;
	return 0;
}

void plugin_watch_free(struct plugin_watch *w)
{
	if (!w)
		return;
	flags_done(&w->off);
	if (w->shared)
		(void)munmap(w->shared, sizeof *w->shared); /* ours, and whole */
	free(w);
}

struct plugins_shared *plugin_watch_shared(const struct plugin_watch *w)
{
	return w ? w->shared : NULL;
}

const volatile uint64_t *plugin_watch_off(const struct plugin_watch *w)
{
	return w ? w->off.shown : NULL;
}

void plugin_watch_born(struct plugin_watch *w, unsigned place)
{
	if (w)
		w->shared->running[place] = 0;
}

/* The number of the probe, or -1; a sniffer may have written anything there. */
static int culprit(const struct plugin_watch *w, unsigned place)
{
	int probe = w ? (w->shared->running[place] & ~PLUGINS_LOADING) - 1 : -1;

	return probe >= 0 && (size_t)probe < w->config->probe_count &&
			       w->config->probes[probe].plugin
		       ? probe
		       : -1;
}

const char *plugin_watch_culprit(const struct plugin_watch *w, unsigned place)
{
	int probe = culprit(w, place);

	return probe < 0 ? NULL : w->config->probes[probe].name;
}

bool plugin_watch_died(struct plugin_watch *w, unsigned place)
{
	int probe = culprit(w, place);
	const char *name;
	bool is_loading;

	if (probe < 0)
		return false;
	is_loading = w->shared->running[place] & PLUGINS_LOADING;
	w->shared->running[place] = 0;
	if (w->off.mine[0] >> probe & 1)
		return true; /* it was in there already when that was switched off */
	name = w->config->probes[probe].name;
	w->ends[probe]++;
	if (is_loading)
		log_error(
			"[probe %s] a sniffer ended when it loaded the plugin: it is switched off",
			name);
	else if (w->ends[probe] >= PLUGIN_WATCH_MOST)
		log_error("[probe %s] %d sniffers ended in its plugin: it is switched off", name,
			  PLUGIN_WATCH_MOST);
	else
		log_warn("[probe %s] a sniffer ended in its plugin", name);
	if (is_loading || w->ends[probe] >= PLUGIN_WATCH_MOST)
		w->off.mine[0] |= UINT64_C(1) << probe;
	return true;
}

uint64_t plugin_watch_off_now(const struct plugin_watch *w)
{
	return w ? w->off.mine[0] : 0;
}

const unsigned *plugin_watch_ends(const struct plugin_watch *w)
{
	return w ? w->ends : NULL;
}
