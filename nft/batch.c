/* nft transactions: a growing run of netlink messages, sent by one send(). */
#include "nft/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>

struct batch {
	char *bytes;
	size_t size; /* finished messages */
	size_t room; /* allocated */
	char (*names)[BATCH_NAME_BYTES];
	uint32_t count; /* of messages = sequence number of the last */
	struct nlmsghdr *open;
	int err;
};

/* Have room for one more message; existing ones may move, so none is open now. */
static void grow(struct batch *batch)
{
	char *bytes;
	char(*names)[BATCH_NAME_BYTES];
	size_t room = batch->room;

	while (room < batch->size + BATCH_ROOM_BYTES)
		room = room ? room * 2 : (size_t)BATCH_ROOM_BYTES * 2;
	if (room != batch->room) {
		bytes = realloc(batch->bytes, room);
		if (!bytes) {
			batch->err = -ENOMEM;
			return;
		}
		batch->bytes = bytes;
		batch->room = room;
	}
	/* names have room for each power of two of messages */
	if ((batch->count & (batch->count - 1)) != 0)
		return;
	names = reallocarray(batch->names, batch->count ? (size_t)batch->count * 2 : 1,
			     sizeof *names);
	if (names)
		batch->names = names;
	else
		batch->err = -ENOMEM;
}

static struct nlmsghdr *open_message(struct batch *batch, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;
	struct nfgenmsg *head;

	grow(batch);
	if (batch->err)
		return NULL;
	message = mnl_nlmsg_put_header(batch->bytes + batch->size);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++batch->count;
	head = mnl_nlmsg_put_extra_header(message, sizeof *head);
	head->nfgen_family = NFPROTO_INET;
	head->version = NFNETLINK_V0;
	batch->open = message;
	batch->names[batch->count - 1][0] = '\0';
	return message;
}

struct nlmsghdr *batch_begin(struct batch *batch, uint16_t type, uint16_t flags, const char *name,
			     ...)
{
	struct nlmsghdr *message =
		open_message(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags);
	va_list args;

	if (!message)
		return NULL;
	va_start(args, name);
	/* a name that is cut short still names */
	(void)vsnprintf(batch->names[batch->count - 1], BATCH_NAME_BYTES, name, args);
	va_end(args);
	return message;
}

void batch_end(struct batch *batch)
{
	if (!batch->open)
		return;
	batch->size += MNL_ALIGN(batch->open->nlmsg_len);
	batch->open = NULL;
}

uint32_t batch_count(const struct batch *batch)
{
	return batch->count;
}

bool batch_is_empty(const struct batch *batch)
{
	return batch->count <= 1; /* the message that begins it */
}

/* The messages around the transaction. */
static void put_border(struct batch *batch, uint16_t type)
{
	struct nlmsghdr *message = open_message(batch, type, 0);
	struct nfgenmsg *head;

	if (!message)
		return;
	head = mnl_nlmsg_get_payload(message);
	head->nfgen_family = AF_UNSPEC;
	head->res_id = htons(NFNL_SUBSYS_NFTABLES);
	(void)snprintf(batch->names[batch->count - 1], BATCH_NAME_BYTES, "nft transaction");
	batch_end(batch);
}

int batch_new(struct batch **out)
{
	struct batch *batch = calloc(1, sizeof *batch);

	if (!batch)
		return -ENOMEM;
	put_border(batch, NFNL_MSG_BATCH_BEGIN);
	if (batch->err) {
		batch_free(batch);
		return -ENOMEM;
	}
	*out = batch;
	return 0;
}

struct first_error {
	const struct batch *batch;
	struct fault *fault;
	int err;
};

/* Errors come in the order of the messages; what follows the first often only follows from it. */
static int take_error(const struct nlmsghdr *message, void *arg)
{
	const struct nlmsgerr *word = mnl_nlmsg_get_payload(message);
	struct first_error *first = arg;
	uint32_t number = message->nlmsg_seq;

	if (message->nlmsg_type != NLMSG_ERROR || word->error == 0 || first->err)
		return 0;
	first->err = word->error;
	(void)fault_set(first->fault, word->error, "%s: %s",
			number >= 1 && number <= first->batch->count
				? first->batch->names[number - 1]
				: "nft transaction",
			strerror(-word->error));
	return 0;
}

/* Without its last message the kernel checks a transaction and takes it back. */
int batch_try(struct batch *batch, struct netlink *nl, struct fault *fault)
{
	struct first_error first = { .batch = batch, .fault = fault, .err = 0 };
	int err;

	if (batch->err)
		return fault_set(fault, batch->err, "nft transaction: out of memory");
	err = netlink_batch(nl, batch->bytes, batch->size, take_error, &first);
	if (first.err)
		return first.err;
	if (err)
		return fault_set(fault, err, "nft transaction of %zu bytes: %s", batch->size,
				 strerror(-err));
	return 0;
}

int batch_send(struct batch *batch, struct netlink *nl, struct fault *fault)
{
	put_border(batch, NFNL_MSG_BATCH_END);
	return batch_try(batch, nl, fault);
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	free(batch->bytes);
	free(batch->names);
	free(batch);
}
