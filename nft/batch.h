#ifndef SHUNT_NFT_BATCH_H
#define SHUNT_NFT_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "kernel/netlink.h"

struct nlmsghdr;

enum {
	BATCH_ROOM_BYTES =
		65536, /* for one message; a list of elements must fit 16 bits of length */
	BATCH_NAME_BYTES = 128,
};

/*
 * One nft transaction as it is written: all of it happens, or nothing. Each
 * message remembers what it is about, so that an error can name the object.
 */
struct batch;

/* 0 and a batch for batch_free(), or -ENOMEM. */
int batch_new(struct batch **out);

/*
 * Begin a message: type NFT_MSG_*, flags NLM_F_*, named as printf would. The
 * caller appends attributes within BATCH_ROOM_BYTES; batch_end() closes it.
 * NULL without memory, then and later: batch_send() reports it.
 */
struct nlmsghdr *batch_begin(struct batch *batch, uint16_t type, uint16_t flags, const char *name,
			     ...) __attribute__((format(printf, 4, 5)));
void batch_end(struct batch *batch);

/* Messages so far: a number that no other set of the batch has; and whether there are none. */
uint32_t batch_count(const struct batch *batch);
bool batch_is_empty(const struct batch *batch);

/* Send it. 0, or -errno with the first error and its object in *fault; the kernel then changed nothing. */
int batch_send(struct batch *batch, struct netlink *nl, struct fault *fault);

/* Let the kernel only say whether it would take it. 0, or -errno as above. */
int batch_try(struct batch *batch, struct netlink *nl, struct fault *fault);

/* NULL is fine. */
void batch_free(struct batch *batch);

#endif
