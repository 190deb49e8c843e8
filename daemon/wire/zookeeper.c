/*
 * ZooKeeper: a client asks for a session with a ConnectRequest (zookeeper.jute), whose
 * fields are as long as ever; an administrator sends a command of four letters and nothing
 * else ("ZooKeeper Commands" in its administrator's guide). Both are few fixed bytes,
 * which Kafka and others may have, too: weak.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	ZOOKEEPER_SIZE_LEAST = 44, /* a byte more where the client may be content with reading */
	ZOOKEEPER_SIZE_MOST = 45,
	ZOOKEEPER_PASSWORD_BYTES = 16,
	ZOOKEEPER_MOST_BYTES = 4 + ZOOKEEPER_SIZE_MOST,
};

static const char *const command_table[] = {
	"conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "lead", "mntr",
	"obsr", "orst", "ruok", "srst", "srvr", "stat", "stmk", "sysp", "wchc", "wchp", "wchs",
};

static void read_command(struct fields *f)
{
	const struct fields whole = *f;

	for (size_t i = 0; i < sizeof command_table / sizeof command_table[0]; i++) {
		*f = whole;
		fields_text(f, span_text(command_table[i]));
		if (f->verdict != WIRE_NO)
			return;
	}
}

static void read_connect_request(struct fields *f)
{
	uint32_t size = fields_be(f, 4, ZOOKEEPER_SIZE_LEAST, ZOOKEEPER_SIZE_MOST);

	(void)fields_be(f, 4, 0, 0);         /* version */
	(void)fields_be(f, 1, 0, INT8_MAX);  /* the last transaction that the client saw, */
	(void)fields_take(f, 7);             /* of eight bytes, signed */
	(void)fields_be(f, 4, 1, INT32_MAX); /* milliseconds until a session ends */
	(void)fields_take(f, 8);             /* the session; 0: a new one */
	(void)fields_be(f, 4, ZOOKEEPER_PASSWORD_BYTES, ZOOKEEPER_PASSWORD_BYTES);
	(void)fields_take(f, ZOOKEEPER_PASSWORD_BYTES);
	if (size == ZOOKEEPER_SIZE_MOST)
		(void)fields_be(f, 1, 0, 1);
}

static enum wire_verdict probe_zookeeper(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (text_is_letter(text_peek(&f)))
		read_command(&f);
	else
		read_connect_request(&f);
	return fields_end(&f, hints);
}

const struct wire_proto wire_zookeeper = {
	.name = "zookeeper",
	.is_weak = true,
	.tcp = { ZOOKEEPER_MOST_BYTES, probe_zookeeper },
};
