/* Minecraft: the handshake of Java clients, the ping of 1.6, and the host in both. */
#include "wire_steps.h"

static bool begins_minecraft(uint8_t byte)
{
	return byte >= 7;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_minecraft, begins_minecraft);
}

static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	steps_assert_seed(WIRE_ID_minecraft, file, sample);
	if (sample_ask(WIRE_ID_minecraft, sample, &hints) == WIRE_YES)
		sample_assert_name(&hints,
				   strstr(file, "-ipv6") ? "2001:db8::1" : "a.seed.example");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_minecraft", check_seed);
}

struct packet {
	uint8_t bytes[5000];
	size_t size;
};

static void put_number(struct packet *p, uint32_t value)
{
	for (; value > 0x7f; value >>= 7)
		p->bytes[p->size++] = (uint8_t)(value | 0x80);
	p->bytes[p->size++] = (uint8_t)value;
}

/* A handshake that fits, or is longer by that many bytes than its length says. */
static struct packet handshake(uint32_t version, const char *host, size_t host_size, int longer)
{
	struct packet body = { .size = 1 };
	struct packet p = { .size = 0 };

	put_number(&body, version);
	put_number(&body, (uint32_t)host_size);
	memcpy(body.bytes + body.size, host, host_size);
	body.size += host_size;
	memcpy(body.bytes + body.size, "\x63\xdd\x01", 3);
	body.size += 3;
	put_number(&p, (uint32_t)((int)body.size - longer));
	memcpy(p.bytes + p.size, body.bytes, body.size);
	p.size += body.size;
	return p;
}

/* The verdict falls at the end, or at that byte. */
static void check(const struct packet *p, enum wire_verdict expected, size_t decided)
{
	steps_assert(WIRE_ID_minecraft, span_of(p->bytes, p->size), expected, decided);
}

static void check_host(const char *host, size_t size, const char *name)
{
	struct packet p = handshake(765, host, size, 0);
	struct wire_hints hints;

	check(&p, WIRE_YES, p.size);
	(void)sample_ask(WIRE_ID_minecraft, span_of(p.bytes, p.size), &hints);
	sample_assert_name(&hints, name);
}

#define HOST(text, name) check_host(text, sizeof(text) - 1, name)

static void test_hosts(void **state)
{
	static char longest[4096];
	struct packet p;

	(void)state;
	HOST("a", "a");
	HOST("A.Example.", "a.example");
	HOST("a.example\0FML\0", "a.example");
	HOST("a.example\0FML2\0", "a.example");
	HOST("a.example.\0x\0y\0{\"z\": 1}", "a.example");
	HOST("a.example///1.2.3.4:5///6", "a.example");
	HOST("192.0.2.1", "192.0.2.1");
	HOST("::1", "::1");
	HOST("[::1]", "");
	HOST("a..b", "");
	memset(longest, 'a', sizeof longest);
	check_host(longest, sizeof longest, "");
	p = handshake(0x40000000, longest, sizeof longest, 0);
	check(&p, WIRE_YES, p.size);
	assert_int_equal(wire_proto_at(WIRE_ID_minecraft)->tcp.most_bytes, p.size);
	longest[253] = '\0';
	longest[63] = longest[127] = longest[191] = '.';
	check_host(longest, 253, longest);
	p = handshake(765, longest, 246, 0); /* it begins as an old ping does */
	assert_memory_equal(p.bytes, "\xfe\x01", 3);
	check(&p, WIRE_YES, p.size);
}

/* A host has characters of one, and nothing but text behind; each is refused at that byte. */
static void test_host_bytes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		bool is_host = i && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789.-_:[]%",
					   (int)i);
		bool ends = i == 0 || i == '/';
		bool is_text = i == 0 || (i >= ' ' && i != 0x7f);
		const char bytes[] = { 'a', (char)i, 'b' };
		const char mark[] = { 'a', '\0', (char)i, 'b' };
		struct packet p = handshake(47, (char[]){ (char)i }, 1, 0);

		check(&p, is_host ? WIRE_YES : WIRE_NO, is_host ? p.size : 5);
		p = handshake(47, bytes, sizeof bytes, 0);
		check(&p, is_host || ends ? WIRE_YES : WIRE_NO, is_host || ends ? p.size : 6);
		p = handshake(47, mark, sizeof mark, 0);
		check(&p, is_text ? WIRE_YES : WIRE_NO, is_text ? p.size : 7);
	}
}

static void test_versions(void **state)
{
	static const struct {
		uint32_t version;
		size_t size; /* of the bytes that are read until it is refused; 0: it is not */
	} table[] = {
		{ 0, 0 },
		{ 127, 0 },
		{ 128, 0 },
		{ 0xffff, 0 },
		{ 0x10000, 5 },
		{ 0x40000000, 0 },
		{ 0x4000ffff, 0 },
		{ 0x40010000, 7 },
		{ 0x20000000, 7 },
		{ UINT32_MAX, 0 },
		{ UINT32_MAX - 1, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct packet p = handshake(table[i].version, "a", 1, 0);

		check(&p, table[i].size ? WIRE_NO : WIRE_YES,
		      table[i].size ? table[i].size : p.size);
	}
	/* longer than it needs to be; more than 32 bits */
	steps_assert_hex(WIRE_ID_minecraft,
			 "0800"
			 "8000",
			 WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft,
			 "0b00"
			 "ffffffff1f",
			 WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft,
			 "0b00"
			 "ffffffff80",
			 WIRE_NO);
}

/* The fields fill the packet, whatever follows it; its length has its borders. */
static void test_lengths(void **state)
{
	struct packet p = handshake(47, "abc", 3, 0);

	(void)state;
	p.bytes[p.size++] = 0xff;
	check(&p, WIRE_YES, p.size - 1);
	p = handshake(47, "abc", 3, 1);
	check(&p, WIRE_NO, 4);
	p = handshake(47, "abc", 3, -1);
	check(&p, WIRE_NO, 4);
	p = handshake(47, "", 0, 0);
	check(&p, WIRE_NO, 1);
	p = handshake(300, "", 0, 0);
	check(&p, WIRE_NO, 5);
	steps_assert_hex(WIRE_ID_minecraft, "06", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "8000", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "8c20", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "8b2001", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "8180", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "0701", WIRE_NO);
}

static void test_next(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		struct packet p = handshake(47, "abc", 3, 0);

		p.bytes[p.size - 1] = (uint8_t)i;
		check(&p, i >= 1 && i <= 3 ? WIRE_YES : WIRE_NO, p.size);
	}
}

#define PING "fe01fa000b004d0043007c00500069006e00670048006f00730074"

static void test_old_ping(void **state)
{
	(void)state;
	steps_assert_hex(WIRE_ID_minecraft, PING "00094e0001006100000000", WIRE_YES);
	steps_assert_hex(WIRE_ID_minecraft, PING "00094e000100610000ffff", WIRE_YES);
	steps_assert_hex(WIRE_ID_minecraft,
			 PING "00094e"
			      "0001"
			      "0061"
			      "000063dd",
			 WIRE_YES);
	steps_assert_hex(WIRE_ID_minecraft,
			 PING "000b4e"
			      "0002"
			      "00610062"
			      "000063dd",
			 WIRE_YES);
	steps_assert_hex(WIRE_ID_minecraft, PING "0007", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, PING "000a", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, PING "0207", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, PING "03", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft,
			 PING "00094e"
			      "0002",
			 WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft,
			 PING "00094e"
			      "0001"
			      "0020",
			 WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft,
			 PING "00094e"
			      "0001"
			      "0061"
			      "0001",
			 WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "fe01fa01", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "fe01fb", WIRE_NO);
	steps_assert_hex(WIRE_ID_minecraft, "fe02fa", WIRE_NO);
}

/* The longest host of an old ping. */
static void test_longest_ping(void **state)
{
	uint8_t bytes[27 + 2 + 1 + 2 + 2 * 255 + 4] = { 0 };
	struct hex_bytes room;
	struct span head = hex_of(&room, PING "02054e00ff");

	(void)state;
	memcpy(bytes, head.data, head.size);
	for (size_t i = 0; i < 255; i++)
		bytes[head.size + 2 * i + 1] = i % 2 ? '!' : '~';
	steps_assert(WIRE_ID_minecraft, span_of(bytes, sizeof bytes), WIRE_YES, sizeof bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),   cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_hosts),        cmocka_unit_test(test_host_bytes),
		cmocka_unit_test(test_versions),     cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_next),         cmocka_unit_test(test_old_ping),
		cmocka_unit_test(test_longest_ping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
