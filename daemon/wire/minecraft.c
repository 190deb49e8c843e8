/*
 * Minecraft, Java Edition. Since 1.7 a client begins with a handshake packet: its length,
 * id 0, the version of the protocol, the host that the player typed, a port, and what
 * comes next: 1 status, 2 login, 3 transfer. Numbers without a fixed size have 7 bits a
 * byte, the low ones first. The fields fill the packet exactly. Mods and proxies put more
 * behind the host: `host\0FML2\0`, `host///address:port///...`, or, where a proxy comes to its
 * server, `host\0address\0id\0` and what the player looks like, with signatures.
 *
 * The ping of 1.6 names a host, too: fe 01 fa, and a plugin message `MC|PingHost` in
 * UTF-16. The pings of 1.5 and before are only `fe 01` or `fe`, which tell nothing, and
 * their logins are not looked for.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	HOST_LEAST = 1,
	HOST_MOST = 4096, /* of a player 255 characters; a signed skin has some 1,500 */
	PORT_BYTES = 2,
	TAIL_BYTES = PORT_BYTES + 1,                /* behind the host: port, and what comes next */
	PACKET_LEAST = 3 + HOST_LEAST + TAIL_BYTES, /* id, version, size of the host in one each */
	PACKET_MOST = 1 + 5 + 2 + HOST_MOST + TAIL_BYTES,
	LENGTH_BYTES = 2, /* in which PACKET_MOST can be written */
	MINECRAFT_MOST_BYTES = LENGTH_BYTES + PACKET_MOST,
	VERSION_BYTES = 5,
	VERSION_MOST = 0xffff,
	VERSION_SNAPSHOT = 0x40000000, /* this bit, and a number of their own */
	OLD_HOST_MOST = 255,
	OLD_FIXED_BYTES = 7, /* beside the host: version, size of the host, port */
};

/* 1.6: the bytes up to the length of the message. */
static const uint8_t old_ping[] = { 0xfe, 1, 0xfa, 0, 0x0b, 0, 'M', 0, 'C', 0, '|', 0, 'P', 0,
				    'i',  0, 'n',  0, 'g',  0, 'H', 0, 'o', 0, 's', 0, 't' };

/* A number of up to so many bytes, in as few as it needs. */
static uint32_t read_number(struct fields *f, unsigned most)
{
	uint32_t value = 0;
	uint32_t byte = 0x80;

	for (unsigned i = 0; i < most && byte & 0x80; i++) {
		byte = fields_be(f, 1, 0, 0xff);
		value |= (byte & 0x7f) << 7 * i;
		fields_require(f, (byte > 0 || i == 0) && byte <= UINT32_MAX >> 7 * i);
	}
	fields_require(f, byte < 0x80);
	return value;
}

/* Of a release, of a snapshot, or -1, which those send who only want to know the server's. */
static bool is_version(uint32_t version)
{
	return (version & ~(uint32_t)VERSION_SNAPSHOT) <= VERSION_MOST || version == UINT32_MAX;
}

/* A character of the host itself; brackets and `%` are of IPv6. */
static bool is_host(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || (c && strchr(".-_:[]%", c));
}

static bool is_rest(uint8_t c)
{
	return c == 0 || text_is_printed(c);
}

static void read_host(struct fields *f, size_t size, struct wire_hints *hints)
{
	struct span host = text_run(f, is_host, size);
	uint8_t mark = text_peek(f);

	fields_require(f, host.size >= HOST_LEAST);
	if (host.size < size)
		fields_require(f, mark == 0 || mark == '/');
	(void)fields_bytes(f, size - host.size, is_rest);
	if (f->verdict == WIRE_YES)
		wire_hints_set_name(hints, host);
}

static void read_handshake(struct fields *f, struct wire_hints *hints)
{
	size_t size = read_number(f, LENGTH_BYTES);
	size_t start = f->at;
	uint32_t version;
	size_t host;

	fields_require(f, size >= PACKET_LEAST && size <= PACKET_MOST);
	(void)fields_be(f, 1, 0, 0); /* id */
	version = read_number(f, VERSION_BYTES);
	fields_require(f, is_version(version));
	host = read_number(f, LENGTH_BYTES);
	fields_require(f, host >= HOST_LEAST && host <= HOST_MOST &&
				  start + size == f->at + host + TAIL_BYTES);
	read_host(f, host, hints);
	(void)fields_take(f, PORT_BYTES);
	(void)fields_be(f, 1, 1, 3);
}

static void read_old_ping(struct fields *f, struct wire_hints *hints)
{
	uint8_t host[OLD_HOST_MOST];
	uint32_t rest;
	uint32_t size;

	fields_text(f, span_of(old_ping, sizeof old_ping));
	rest = fields_be(f, 2, OLD_FIXED_BYTES + 2, OLD_FIXED_BYTES + 2 * OLD_HOST_MOST);
	fields_require(f, rest % 2 == OLD_FIXED_BYTES % 2);
	size = (rest - OLD_FIXED_BYTES) / 2;
	(void)fields_take(f, 1); /* version */
	(void)fields_be(f, 2, size, size);
	for (uint32_t i = 0; i < size && f->verdict == WIRE_YES; i++)
		host[i] = (uint8_t)fields_be(f, 2, ' ' + 1, '~');
	(void)fields_be(f, 4, 0, 0xffff); /* port */
	if (f->verdict == WIRE_YES)
		wire_hints_set_name(hints, span_of(host, size));
}

static enum wire_verdict probe_minecraft(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	hints->name_size = 0;
	hints->alpn_size = 0;
	/* with fewer bytes it may be a handshake of 254 bytes, too */
	if (in.size > 2 && memcmp(in.data, old_ping, 3) == 0)
		read_old_ping(&f, hints);
	else
		read_handshake(&f, hints);
	return fields_end(&f, hints);
}

const struct wire_proto wire_minecraft = {
	.name = "minecraft",
	.says = WIRE_SAYS_NAME,
	.tcp = { MINECRAFT_MOST_BYTES, probe_minecraft },
};
