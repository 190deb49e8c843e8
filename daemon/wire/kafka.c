/*
 * Kafka (Kafka protocol guide, "Request Headers", and the messages' schemas): the first
 * request of a client, one of those with which a connection may begin, in the
 * versions that clients speak unasked. With the broker that coordinates their group
 * members talk over a connection of its own. The header alone is little: so the client's
 * id must be text, and the body is read to its end, or to the name of its first topic.
 *
 * What else begins with 00 00 is told apart by structure. DNS, OpenVPN and Modbus would
 * have no length, STUN and SMB a key beyond all others. A PostgreSQL startup of version
 * 3.0 looks like Metadata, but has text where the correlation id counts up from 0; MongoDB
 * has an opcode where the size of the client's id is; and ZooKeeper's 44 or 45 bytes,
 * which look like Produce, are too few for a record.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	KAFKA_SIZE_MOST = UINT16_MAX, /* of a first request: few exceed 100 bytes */
	KAFKA_HEADER_BYTES = 10,      /* what that counts ahead of the client's id */
	KAFKA_CORRELATION_MOST = 0x1fffffff,
	KAFKA_TEXT_MOST = 255,
	KAFKA_COMPACT_MOST = 127, /* of a string whose size is one byte: a program's name */
	KAFKA_TOPIC_MOST = 249,
	KAFKA_UUID_BYTES = 16,
	KAFKA_BATCH_LEAST = 38, /* a partition of one empty record of the oldest format */
	KAFKA_PRODUCE_LEAST = 13 + KAFKA_BATCH_LEAST,
	KAFKA_MINUS_ONE = UINT16_MAX, /* of two bytes; of a string's size: there is none */
	KAFKA_MOST_BYTES = 1536,      /* the longest that is read: four texts and a topic */
	KAFKA_METADATA_FLEXIBLE = 9,  /* the versions from which on sizes are compact */
	KAFKA_API_VERSIONS_FLEXIBLE = 3,
	KAFKA_API_VERSIONS_LAST = 4,  /* that there is; clients ask with the newest, */
	KAFKA_API_VERSIONS_MOST = 15, /* and newer ones have more at the end */
};

static const uint32_t minus_one =
	UINT32_MAX; /* of four bytes; of an array's count: there is none */

struct request {
	struct fields f;
	uint32_t left; /* bytes of it that are not read yet */
	uint32_t version;
};

static bool is_of_name(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '.' || c == '_' || c == '-';
}

/* The request has that many bytes more. */
static void claim(struct request *q, uint32_t size)
{
	fields_require(&q->f, size <= q->left);
	if (q->f.verdict == WIRE_YES)
		q->left -= size;
}

static uint32_t number(struct request *q, size_t size, uint32_t least, uint32_t most)
{
	claim(q, (uint32_t)size);
	return fields_be(&q->f, size, least, most);
}

/* From 0 on, or -1. */
static uint32_t number_or(struct request *q, size_t size, uint32_t most, uint32_t none)
{
	struct fields other;
	uint32_t value;

	claim(q, (uint32_t)size);
	other = q->f;
	value = fields_be(&q->f, size, 0, most);
	if (q->f.verdict != WIRE_NO)
		return value;
	value = fields_be(&other, size, none, none);
	q->f = other;
	return value;
}

static void bytes(struct request *q, uint32_t size, bool (*fits)(uint8_t byte))
{
	claim(q, size);
	(void)fields_bytes(&q->f, size, fits);
}

static void string(struct request *q, uint32_t least)
{
	bytes(q, number(q, 2, least, KAFKA_TEXT_MOST), text_is_printed);
}

static void string_or_none(struct request *q)
{
	uint32_t size = number_or(q, 2, KAFKA_TEXT_MOST, KAFKA_MINUS_ONE);

	bytes(q, size == KAFKA_MINUS_ONE ? 0 : size, text_is_printed);
}

/* A string behind which that many bytes are the last ones. */
static void last_string(struct request *q, uint32_t behind, bool (*fits)(uint8_t byte))
{
	uint32_t size = q->left - 2 - behind;

	fields_require(&q->f, q->left > 2 + behind && size <= KAFKA_TEXT_MOST);
	bytes(q, number(q, 2, size, size), fits);
}

/* A string with a compact size, which counts one too many. */
static void compact_string(struct request *q, uint32_t most)
{
	uint32_t low = number(q, 1, 2, UINT8_MAX);
	uint32_t size = low;

	if (low > INT8_MAX)
		size = (low & INT8_MAX) | number(q, 1, 1, 1) << 7;
	fields_require(&q->f, size <= most + 1);
	bytes(q, size - 1, is_of_name);
}

/* No tagged field: none is defined that a client could send unasked. */
static void no_tags(struct request *q)
{
	(void)number(q, 1, 0, 0);
}

static void flags(struct request *q, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		(void)number(q, 1, 0, 1);
}

static void end(struct request *q)
{
	fields_require(&q->f, q->left == 0);
}

/* How many topics, and the name of the first one. */
static void topics(struct request *q)
{
	(void)number(q, 4, 1, q->left / 3);
	bytes(q, number(q, 2, 1, KAFKA_TOPIC_MOST), is_of_name);
}

static void read_api_versions(struct request *q)
{
	if (q->version >= KAFKA_API_VERSIONS_FLEXIBLE) {
		no_tags(q);
		compact_string(q, KAFKA_COMPACT_MOST); /* the program's name, its version */
		compact_string(q, KAFKA_COMPACT_MOST);
		if (q->version > KAFKA_API_VERSIONS_LAST)
			return;
		no_tags(q);
	}
	end(q);
}

static void read_sasl_handshake(struct request *q)
{
	last_string(q, 0, is_of_name); /* the mechanism */
}

static void read_metadata_flexible(struct request *q)
{
	uint32_t count;

	no_tags(q);
	count = number(q, 1, 0, UINT8_MAX); /* one too many; 0: all of them */
	if (count <= 1) {
		flags(q, q->version <= 10 ? 3 : 2);
		no_tags(q);
		end(q);
		return;
	}
	if (count > INT8_MAX)
		(void)number(q, 1, 1, INT8_MAX);
	if (q->version >= 10) {
		claim(q, KAFKA_UUID_BYTES);
		(void)fields_take(&q->f, KAFKA_UUID_BYTES);
	}
	compact_string(q, KAFKA_TOPIC_MOST);
	no_tags(q);
}

static void read_metadata(struct request *q)
{
	uint32_t count;

	if (q->version >= KAFKA_METADATA_FLEXIBLE) {
		read_metadata_flexible(q);
		return;
	}
	count = number_or(q, 4, q->left / 3, q->version > 0 ? minus_one : 0);
	if (count == 0 || count == minus_one) {
		flags(q, q->version < 4 ? 0 : q->version < 8 ? 1 : 3);
		end(q);
		return;
	}
	bytes(q, number(q, 2, 1, KAFKA_TOPIC_MOST), is_of_name);
}

static void read_find_coordinator(struct request *q)
{
	unsigned kind = q->version > 0 ? 1 : 0;

	last_string(q, kind, text_is_printed); /* of a group */
	flags(q, kind);
}

static void read_fetch(struct request *q)
{
	(void)number(q, 4, minus_one, minus_one); /* no replica */
	(void)number(q, 4, 0, INT32_MAX);         /* milliseconds to wait */
	(void)number(q, 4, 0, INT32_MAX);         /* bytes, at least */
	if (q->version >= 3)
		(void)number(q, 4, 0, INT32_MAX); /* at most */
	flags(q, q->version >= 4 ? 1 : 0);
}

static void read_list_offsets(struct request *q)
{
	(void)number(q, 4, minus_one, minus_one);
	flags(q, q->version >= 2 ? 1 : 0);
	topics(q);
}

static void read_produce(struct request *q)
{
	if (q->version >= 3)
		string_or_none(q); /* of a transaction */
	fields_require(&q->f, q->left >= KAFKA_PRODUCE_LEAST);
	(void)number_or(q, 2, 1, KAFKA_MINUS_ONE); /* who has to acknowledge it */
	(void)number(q, 4, 0, INT32_MAX);          /* within that time */
	topics(q);
	fields_require(&q->f, q->left >= KAFKA_BATCH_LEAST);
}

/* Who of which group, since when. */
static void member(struct request *q)
{
	string(q, 1);
	(void)number_or(q, 4, INT32_MAX, minus_one);
	string(q, 0);
}

static void read_join_group(struct request *q)
{
	string(q, 1);                     /* the group's name */
	(void)number(q, 4, 1, INT32_MAX); /* milliseconds until a member is given up */
	if (q->version >= 1)
		(void)number(q, 4, 1, INT32_MAX); /* or may take to come back */
	string(q, 0);                             /* the member's name, when it has one */
	if (q->version >= 5)
		string_or_none(q);                              /* of its own choice */
	bytes(q, number(q, 2, 1, KAFKA_TEXT_MOST), is_of_name); /* what they have in common */
}

static void read_heartbeat(struct request *q)
{
	member(q);
	if (q->version >= 3)
		string_or_none(q);
	end(q);
}

static void read_offset_commit(struct request *q)
{
	if (q->version == 0)
		string(q, 1);
	else
		member(q);
	if (q->version >= 2 && q->version <= 4) {
		claim(q, 8); /* how long to keep it */
		(void)fields_take(&q->f, 8);
	}
	if (q->version >= 7)
		string_or_none(q);
	topics(q);
}

static void read_offset_fetch(struct request *q)
{
	struct request all;

	string(q, 1);
	all = *q;
	topics(q);
	if (q->f.verdict != WIRE_NO || q->version < 2)
		return;
	(void)number(&all, 4, minus_one, minus_one);
	end(&all);
	*q = all;
}

/* What a connection may begin with, up to which version. */
static const struct api {
	uint16_t key, version_most;
	void (*read)(struct request *q); /* the body */
} api_table[] = {
	{ 18, KAFKA_API_VERSIONS_MOST, read_api_versions },
	{ 17, 1, read_sasl_handshake },
	{ 3, 13, read_metadata },
	{ 10, 2, read_find_coordinator },
	{ 11, 5, read_join_group },
	{ 9, 5, read_offset_fetch },
	{ 8, 7, read_offset_commit },
	{ 12, 3, read_heartbeat },
	{ 1, 11, read_fetch },
	{ 2, 5, read_list_offsets },
	{ 0, 8, read_produce },
};

static const struct api *find_api(uint32_t key)
{
	for (size_t i = 0; i < sizeof api_table / sizeof api_table[0]; i++) {
		if (api_table[i].key == key)
			return &api_table[i];
	}
	return NULL;
}

static enum wire_verdict probe_kafka(struct span in, struct wire_hints *hints)
{
	struct request q = { .f = fields_of(in) };
	const struct api *api;

	q.left = fields_be(&q.f, 4, KAFKA_HEADER_BYTES, KAFKA_SIZE_MOST);
	api = find_api(number(&q, 2, 0, 18));
	fields_require(&q.f, api != NULL);
	if (api && q.f.verdict == WIRE_YES) {
		q.version = number(&q, 2, 0, api->version_most);
		(void)number(&q, 4, 0, KAFKA_CORRELATION_MOST);
		string_or_none(&q);
		api->read(&q);
	}
	return fields_end(&q.f, hints);
}

const struct wire_proto wire_kafka = {
	.name = "kafka",
	.tcp = { KAFKA_MOST_BYTES, probe_kafka },
};
