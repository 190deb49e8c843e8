/*
 * MQTT over TCP: the CONNECT packet, by its fixed header and as much of the variable one
 * as is alike for all clients: name and level of the protocol, and flags that go with
 * each other (MQTT 3.1.1 3.1, MQTT 5.0 3.1). The lengths must leave room for what the
 * flags announce. What follows, the client's id and so on, is not looked at.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	MQTT_MOST_BYTES = 15, /* type, length, the longer name with its size, level, flags */
	TYPE_CONNECT = 0x10,
	LENGTH_BYTES = 4,  /* of the remaining length at most (2.2.3) */
	LENGTH_LEAST = 12, /* name, level, flags, keep alive, an empty client id */
	BEHIND_LEAST = 4,  /* of these, what stands behind the flags */
	LEVEL_3_1 = 3,     /* its name is another one */
	LEVEL_3_1_1 = 4,
	LEVEL_5 = 5,
	LEVEL_BRIDGE = 0x80, /* added by brokers that are another's client */
	FLAG_RESERVED = 0x01,
	FLAG_WILL = 0x04,
	FLAG_WILL_QOS = 0x18,
	FLAG_WILL_RETAIN = 0x20,
	FLAG_PASSWORD = 0x40,
	FLAG_USER = 0x80,
};

/* The remaining length: seven bits a byte, the lowest first, and no byte too many (5.0 1.5.5). */
static uint32_t read_length(struct fields *f)
{
	uint32_t value = 0, byte = 0x80;

	for (unsigned i = 0; i < LENGTH_BYTES && byte & 0x80; i++) {
		byte = fields_be(f, 1, 0, i + 1 < LENGTH_BYTES ? 0xff : 0x7f);
		fields_require(f, i == 0 || byte != 0);
		value |= (byte & 0x7f) << 7 * i;
	}
	fields_require(f, value >= LENGTH_LEAST);
	return value;
}

/* The level, without the mark of a bridge. */
static uint32_t read_level(struct fields *f)
{
	uint32_t name_size = fields_be(f, 2, 4, 6);
	uint32_t level;

	fields_require(f, name_size != 5);
	fields_text(f, span_text(name_size == 6 ? "MQIsdp" : "MQTT"));
	level = fields_be(f, 1, LEVEL_3_1, LEVEL_BRIDGE | LEVEL_3_1_1);
	if (level & LEVEL_BRIDGE)
		level &= ~(uint32_t)LEVEL_BRIDGE;
	else
		fields_require(f, level <= LEVEL_5);
	if (name_size == 6)
		fields_require(f, level == LEVEL_3_1);
	else
		fields_require(f, level >= LEVEL_3_1_1);
	return level;
}

/* Bytes that stand behind the flags at least; 0: these flags cannot be. */
static uint32_t room_for(uint32_t flags, uint32_t level)
{
	uint32_t room = BEHIND_LEAST;

	if (flags & FLAG_RESERVED || (flags & FLAG_WILL_QOS) == FLAG_WILL_QOS)
		return 0;
	if (!(flags & FLAG_WILL) && flags & (FLAG_WILL_QOS | FLAG_WILL_RETAIN))
		return 0;
	if (flags & FLAG_PASSWORD && !(flags & FLAG_USER) && level != LEVEL_5)
		return 0;
	room += flags & FLAG_WILL ? 4 : 0; /* topic and message, each with its size */
	room += flags & FLAG_USER ? 2 : 0;
	room += flags & FLAG_PASSWORD ? 2 : 0;
	if (level == LEVEL_5) /* the sizes of properties, of the packet and of the will */
		room += flags & FLAG_WILL ? 2 : 1;
	return room;
}

static enum wire_verdict probe_mqtt(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t length, level, flags, room;
	size_t start;

	(void)fields_be(&f, 1, TYPE_CONNECT, TYPE_CONNECT);
	length = read_length(&f);
	start = f.at;
	level = read_level(&f);
	flags = fields_be(&f, 1, 0, 0xff);
	room = room_for(flags, level);
	fields_require(&f, room > 0 && f.at - start + room <= length);
	return fields_end(&f, hints);
}

const struct wire_proto wire_mqtt = {
	.name = "mqtt",
	.tcp = { MQTT_MOST_BYTES, probe_mqtt },
};
