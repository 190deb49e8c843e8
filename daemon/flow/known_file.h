#ifndef SHUNT_FLOW_KNOWN_FILE_H
#define SHUNT_FLOW_KNOWN_FILE_H

#include "flow/known.h"

/*
 * What is known of flows (flow/known.h) in a file that outlives the daemon: a
 * restarted one goes on with what the one before it had learned. Only in a
 * file system that is memory, which the next boot empties, and only in a file
 * that is ours alone. It holds identifiers, servers and names, and no client's
 * address.
 */

enum {
	KNOWN_PATH_BYTES = 128,
};

/* Its path, by that of the control socket, of 107 bytes at most. */
void known_path(char out[static KNOWN_PATH_BYTES], const char *control);

/*
 * Open it, or make it anew where it is missing, or has another size or form. Its
 * directory is made when it is missing. A file without a name (known_new()) where all
 * that cannot be, or there is no room for all of it, or it is not ours alone: another
 * daemon has it, or somebody else may write it. 0 or -errno.
 */
int known_file_open(int *file, const char *path, uint64_t entries, const struct siphash_key *key);

/* Remove it, if it is there. */
void known_file_remove(const char *path);

#endif
