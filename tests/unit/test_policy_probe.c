/* Patterns of the user's own, asked by the laws of every recogniser. */
#include "base/datagrams.h"
#include "policy_conf.h"
#include "wire_laws.h"
#include "wire_laws_datagrams.h"

#define HEAD                                                                                       \
	"[divert d]\ntcp = 1\nudp = 1\n[route r]\nprotocol = own\nbackend = drop\n[probe own]\n"

/* The laws ask a function that knows nothing but the bytes. */
static const struct probe *asked;
static struct regex_room *room;
static unsigned cut;

static enum wire_verdict ask_it(struct span in, struct wire_hints *hints)
{
	const struct probe_flow flow = { .in = in, .room = room, .cut = &cut };

	return probe_ask(asked, &flow, hints);
}

static const struct wire_way way = { CONFIG_PROBE_BYTES, ask_it };
static const struct wire_proto of_datagrams = { .udp = { DATAGRAMS_ROOM, ask_it } };

static struct config *open_probe(const char *keys)
{
	char text[4000];
	struct config *config;

	(void)snprintf(text, sizeof text, HEAD "%s", keys);
	config = conf_good(text);
	asked = &config->probes[0];
	return config;
}

static enum wire_verdict ask(const void *bytes, size_t size, size_t *wanted)
{
	struct wire_hints hints = { .wanted = 0 };
	enum wire_verdict verdict = ask_it(span_of(bytes, size), &hints);

	if (verdict == WIRE_MORE)
		*wanted = hints.wanted;
	return verdict;
}

static void test_every_byte(void **state)
{
	struct config *config = open_probe("bytes = 0:00ff, 2:4?, 5:5??A\n");
	const uint8_t good[] = { 0x00, 0xff, 0x4e, 1, 2, 0x57, 0x9a, 99 };
	size_t wanted = 0;

	(void)state;
	assert_null(wire_laws_broken(&way, span_of(good, sizeof good), 100));
	assert_int_equal(ask(good, 7, &wanted), WIRE_YES);
	for (size_t size = 0; size < 7; size++) {
		assert_int_equal(ask(good, size, &wanted), WIRE_MORE);
		assert_int_equal(wanted, size == 3 || size == 4 ? 6 : size + 1);
	}
	for (size_t at = 0; at < 7; at++) {
		uint8_t bad[sizeof good];

		for (unsigned bit = 0; bit < 8; bit++) {
			bool counts = at < 2 || (at == 2 && bit >= 4) || (at == 5 && bit >= 4) ||
				      (at == 6 && bit < 4);

			memcpy(bad, good, sizeof good);
			bad[at] ^= (uint8_t)(1u << bit);
			assert_int_equal(ask(bad, 7, &wanted), counts ? WIRE_NO : WIRE_YES);
			assert_int_equal(ask(bad, at + 1, &wanted), counts    ? WIRE_NO
								    : at == 6 ? WIRE_YES
									      : WIRE_MORE);
			assert_null(wire_laws_broken(&way, span_of(bad, sizeof bad), 100));
		}
	}
	config_free(config);
}

/* Bytes that must be there, whatever they are. */
static void test_length_alone(void **state)
{
	struct config *config = open_probe("bytes = 0:01, 4:????\n");
	const uint8_t good[] = { 1, 2, 3, 4, 5, 6 };
	size_t wanted = 0;

	(void)state;
	assert_int_equal(ask(good, 1, &wanted), WIRE_MORE);
	assert_int_equal(wanted, 6);
	assert_int_equal(ask(good, 5, &wanted), WIRE_MORE);
	assert_int_equal(ask(good, 6, &wanted), WIRE_YES);
	assert_null(wire_laws_broken(&way, span_of(good, sizeof good), 100));
	config_free(config);
}

static void test_last_byte_there_is(void **state)
{
	struct config *config = open_probe("bytes = 4095:80\n");
	uint8_t all[CONFIG_PROBE_BYTES] = { 0 };
	size_t wanted = 0;

	(void)state;
	assert_int_equal(ask(all, 0, &wanted), WIRE_MORE);
	assert_int_equal(wanted, sizeof all);
	assert_int_equal(ask(all, sizeof all, &wanted), WIRE_NO);
	all[4095] = 0x80;
	assert_int_equal(ask(all, sizeof all, &wanted), WIRE_YES);
	assert_null(wire_laws_broken(&way, span_of(all, sizeof all), 10));
	config_free(config);
}

/* The first datagram is there as a whole: what it has not it will never have. */
static void test_datagrams(void **state)
{
	struct config *config = open_probe("transport = udp\nbytes = 0:ab, 2:cd\n");
	const uint8_t good[] = { 0xab, 0, 0xcd, 9 };
	uint8_t run[DATAGRAMS_ROOM];
	size_t wanted = 0;

	(void)state;
	for (size_t first = 0; first <= sizeof good; first++) {
		size_t size = 0;

		assert_true(datagrams_put(run, &size, span_of(good, first)));
		assert_int_equal(ask(run, size, &wanted), first < 3 ? WIRE_NO : WIRE_YES);
		assert_true(datagrams_put(run, &size, span_of(good, sizeof good)));
		assert_int_equal(ask(run, size, &wanted), first < 3 ? WIRE_NO : WIRE_YES);
		assert_null(wire_laws_datagrams_broken(&of_datagrams, span_of(run, size)));
	}
	assert_int_equal(ask(run, 0, &wanted), WIRE_MORE);
	config_free(config);
}

static enum wire_verdict ask_text(const char *text)
{
	size_t wanted = 0;
	enum wire_verdict verdict = ask(text, strlen(text), &wanted);

	assert_null(wire_laws_broken(&way, span_text(text), 1000));
	if (verdict == WIRE_MORE)
		assert_int_equal(wanted, strlen(text) + 1);
	return verdict;
}

static enum wire_verdict ask_last(const char *text)
{
	const struct probe_flow flow = { .in = span_text(text), .is_final = true, .room = room };
	struct wire_hints hints;

	return probe_ask(asked, &flow, &hints);
}

static void test_regex(void **state)
{
	struct config *config = open_probe("regex = /^(?:QUIT|[A-Z]+ [0-9]+\\r\\n|hello(?!x))/\n");

	(void)state;
	assert_int_equal(ask_text("QUI"), WIRE_MORE);
	assert_int_equal(ask_text("QUIT"), WIRE_YES);
	assert_int_equal(ask_text("QUIX"), WIRE_MORE);
	assert_int_equal(ask_text("QUIX 12\r"), WIRE_MORE);
	assert_int_equal(ask_text("QUIX 12\r\n"), WIRE_YES);
	assert_int_equal(ask_text("QUIX 12\n"), WIRE_NO);
	assert_int_equal(ask_text("q"), WIRE_NO);
	assert_int_equal(ask_text("aQUIT"), WIRE_NO);
	assert_int_equal(ask_text("hello"), WIRE_MORE);
	assert_int_equal(ask_text("hellox"), WIRE_NO);
	assert_int_equal(ask_text("hello, world"), WIRE_YES);
	assert_int_equal(ask_last("hello"), WIRE_YES);
	assert_int_equal(ask_last("hellox"), WIRE_NO);
	assert_int_equal(ask_last("QUI"), WIRE_NO);
	assert_int_equal(cut, 0);
	config_free(config);
}

/* It begins at the first byte though it does not say so; `.` is any byte; `$` is the end of all. */
static void test_regex_of_bytes(void **state)
{
	struct config *config = open_probe("regex = /\\x00.\\xff$/\n");
	const uint8_t good[] = { 0x00, '\n', 0xff };
	size_t wanted = 0;

	(void)state;
	assert_int_equal(ask(good, 3, &wanted), WIRE_MORE);
	assert_null(wire_laws_broken(&way, span_of(good, 3), 10));
	assert_int_equal(ask(good + 1, 2, &wanted), WIRE_NO);
	config_free(config);
	config = open_probe("regex = /.{3}$|(a)\\1/\n"); /* too short for the very first item */
	assert_int_equal(ask(good, 1, &wanted), WIRE_MORE);
	assert_null(wire_laws_broken(&way, span_of(good, 3), 10));
	assert_int_equal(ask_text("aa"), WIRE_MORE);
	assert_int_equal(ask_text("aab."), WIRE_YES);
	assert_int_equal(ask_text("abcd"), WIRE_NO);
	config_free(config);
	config = open_probe("transport = udp\nregex = /\\x00.\\xff$/\n");
	assert_int_equal(ask("\0\3\0\n\xff", 5, &wanted), WIRE_YES);
	assert_int_equal(ask("\0\4\0\n\xff.", 6, &wanted), WIRE_NO);
	assert_int_equal(ask("\0\2\0\n", 4, &wanted), WIRE_NO);
	assert_null(wire_laws_datagrams_broken(&of_datagrams, span_of("\0\3\0\n\xff", 5)));
	config_free(config);
}

static void test_both(void **state)
{
	struct config *config = open_probe("bytes = 2:58, 6:59\nregex = /^[a-z]+[XY]/\n");

	(void)state;
	assert_int_equal(ask_text(""), WIRE_MORE);
	assert_int_equal(ask_text("ab"), WIRE_MORE);
	assert_int_equal(ask_text("abY"), WIRE_NO);
	assert_int_equal(ask_text("aB"), WIRE_NO);
	assert_int_equal(ask_text("abX123Y"), WIRE_YES);
	assert_int_equal(ask_text("abX123X"), WIRE_NO);
	config_free(config);
}

/* No more of a flow is looked at than that; what is there then must do. */
static void test_window(void **state)
{
	struct config *config = open_probe("regex = /^a+(?:b|$)/\n");
	uint8_t all[CONFIG_PROBE_BYTES + 1];
	size_t wanted = 0;

	(void)state;
	memset(all, 'a', sizeof all);
	assert_int_equal(ask(all, sizeof all - 2, &wanted), WIRE_MORE);
	assert_int_equal(wanted, CONFIG_PROBE_BYTES);
	assert_int_equal(ask(all, sizeof all - 1, &wanted), WIRE_YES);
	all[CONFIG_PROBE_BYTES] = 'c';
	assert_int_equal(ask(all, sizeof all, &wanted), WIRE_YES);
	assert_null(wire_laws_broken(&way, span_of(all, sizeof all), 8));
	config_free(config);
}

/* What a careful pattern needs is far below the limits, to the end of the window. */
static void test_long_head(void **state)
{
	struct config *config =
		open_probe("regex = /^CONNECT\\n(?:[a-z-]+:[^\\n]*\\n)*?accept-version:/\n");
	char text[CONFIG_PROBE_BYTES + 100] = "CONNECT\n";
	size_t wanted = 0;

	(void)state;
	cut = 0;
	while (strlen(text) < CONFIG_PROBE_BYTES - 50)
		strcat(text, "some-header:some value\n");
	assert_int_equal(ask(text, strlen(text), &wanted), WIRE_MORE);
	strcat(text, "accept-version:1.2\n");
	assert_int_equal(ask(text, strlen(text), &wanted), WIRE_YES);
	assert_int_equal(cut, 0);
	config_free(config);
}

/* The worst pattern there is costs a bounded number of steps, then it is a no. */
static void test_bounded(void **state)
{
	struct config *config = open_probe("regex = /^(?:(?:a+)+)+[bc]/\n");
	uint8_t all[CONFIG_PROBE_BYTES];
	size_t wanted = 0;

	(void)state;
	memset(all, 'a', sizeof all);
	all[sizeof all - 1] = 'd';
	cut = 0;
	assert_int_equal(ask(all, sizeof all, &wanted), WIRE_NO);
	assert_int_equal(cut, 1);
	all[30] = 'd';
	for (size_t size = 1; size <= 30; size++)
		assert_int_equal(ask(all, size, &wanted), WIRE_MORE);
	assert_int_equal(ask(all, 31, &wanted), WIRE_NO);
	assert_int_equal(cut, 2);
	config_free(config);
}

static void expect_item(const char *first, const char *item, const char *fault)
{
	struct probe_bytes all = { 0 };

	assert_null(probe_bytes_add(&all, first));
	if (fault)
		assert_string_equal(probe_bytes_add(&all, item), fault);
	else
		assert_null(probe_bytes_add(&all, item));
}

static void test_items(void **state)
{
	static const char form[] = "is not OFFSET:HEX such as 0:5353482d or 4:01??";
	static const char digits[] = "has not two digits, or `??`, for each byte";
	static const char strange[] = "has other characters than hexadecimal digits and `?`";
	static const char beyond[] =
		"goes beyond the first 4096 bytes, which are all that is looked at";
	static const char other[] = "contradicts another item: no bytes can fit both";

	(void)state;
	expect_item("0:00", "5", form);
	expect_item("0:00", ":00", form);
	expect_item("0:00", "x:00", form);
	expect_item("0:00", "-1:00", form);
	expect_item("0:00", "4097:00", form);
	expect_item("0:00", "00000000000:00", form);
	expect_item("0:00", "1:", digits);
	expect_item("0:00", "1:000", digits);
	expect_item("0:00", "1:0x", strange);
	expect_item("0:00", "1:0g", strange);
	expect_item("0:00", "4095:00", NULL);
	expect_item("0:00", "4096:00", beyond);
	expect_item("0:00", "4095:0000", beyond);
	expect_item("0:1?", "0:?2", NULL);
	expect_item("0:1?", "0:12", NULL);
	expect_item("0:1?", "0:2?", other);
	expect_item("3:aabbcc", "4:BBCD", other);
	expect_item("3:aabbcc", "4:BB??dd", NULL);
}

static int open_room(void **state)
{
	(void)state;
	return regex_room_new(&room);
}

static int close_room(void **state)
{
	(void)state;
	regex_room_free(room);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_length_alone),
		cmocka_unit_test(test_last_byte_there_is),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_regex_of_bytes),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_long_head),
	};

	return cmocka_run_group_tests(tests, open_room, close_room);
}
