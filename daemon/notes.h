#ifndef SHUNT_NOTES_H
#define SHUNT_NOTES_H

#include "flow/channel.h"
#include "flow/table.h"
#include "policy/config.h"

/*
 * What carriers meet that its owner should hear of once, and not with each
 * connection. Zeroed, nothing was said yet. Each configuration has its own.
 */
struct notes {
	uint8_t said[TABLE_MOST_BACKENDS +
		     1]; /* a bit for each channel_note; the last: no backend */
};

/* Log what a CHANNEL_NOTE says of the configuration of that number, unless it was said before, or is
 * about another. */
void notes_take(struct notes *n, const struct config *config, uint64_t number,
		const struct channel_message *m);

#endif
