#ifndef SHUNT_PLUGIN_WATCH_H
#define SHUNT_PLUGIN_WATCH_H

#include "base/fault.h"
#include "sniff/plugins.h"

/*
 * The keeper's eye on plugins: which of them was running when a sniffer ended. One
 * over which several ended, or one when it was loaded, is switched off for as long as its
 * configuration is in force. So a plugin that is no good costs a few flows, not the service.
 */
struct plugin_watch;

enum {
	PLUGIN_WATCH_MOST = 3, /* sniffers that one may end */
};

/* One for plugin_watch_free(), or NULL where the configuration, which must outlive it, has no plugin. 0, or
 * -errno with a fault. */
int plugin_watch_new(struct plugin_watch **out, const struct config *config, struct fault *fault);

/* NULL is fine, here and below. Sniffers keep what they share with it. */
void plugin_watch_free(struct plugin_watch *w);

/* What sniffers share, and which plugins are switched off (one bit for each probe): for struct plugins. */
struct plugins_shared *plugin_watch_shared(const struct plugin_watch *w);
const volatile uint64_t *plugin_watch_off(const struct plugin_watch *w);

/* The place of a sniffer in plugins_shared.running: of the carrier and the sniffer with these numbers. */
static inline unsigned plugin_watch_place(size_t carrier, unsigned sniffer)
{
	return (unsigned)carrier * CONFIG_MOST_SNIFFERS + sniffer;
}

/* A sniffer is about to begin in this place. */
void plugin_watch_born(struct plugin_watch *w, unsigned place);

/* That in this place has ended, not by our wish. Was it over a plugin? Then that is logged, and counted, unless the
 * plugin is switched off already. */
bool plugin_watch_died(struct plugin_watch *w, unsigned place);

/* The name of the probe in whose plugin it ended, or NULL. */
const char *plugin_watch_culprit(const struct plugin_watch *w, unsigned place);

/* Which are switched off, one bit for each probe; and how many sniffers ended in each, or NULL. */
uint64_t plugin_watch_off_now(const struct plugin_watch *w);
const unsigned *plugin_watch_ends(const struct plugin_watch *w);

#endif
