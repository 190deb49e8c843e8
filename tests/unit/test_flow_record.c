/* The flow's log line, and that no stranger's byte gets into it. */

#include "flow/record.h"
#include "unit.h"

static struct addr addr_of(const char *text)
{
	struct addr a = { .family = 0 };

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static struct flow_record sample(void)
{
	struct flow_record r = {
		.id = 17,
		.age_ms = 1532,
		.in_bytes = 1834,
		.out_bytes = 90211,
		.client = addr_of("198.51.100.7:51514"),
		.to = addr_of("203.0.113.10:443"),
		.server = addr_of("[2001:db8::10]:443"),
		.how = FLOW_HOW_splice,
		.source = FLOW_SOURCE_client,
		.why = FLOW_WHY_closed,
		.divert = "web",
		.route = "git",
		.backend = "Git_1",
		.proto = "tls",
		.name = "git.example.com",
		.alpn = "h2,x",
	};

	return r;
}

static void test_text(void **state)
{
	struct flow_record r = sample();
	char line[RECORD_LINE_BYTES];

	(void)state;
	assert_ptr_equal(flow_record_line(&r, false, line), line);
	assert_string_equal(
		line,
		"flow id=17 divert=web transport=tcp proto=tls name=git.example.com alpn=h2,x "
		"client=198.51.100.7:51514 to=203.0.113.10:443 route=git backend=Git_1 "
		"server=[2001:db8::10]:443 source=client how=splice why=closed ms=1532 in=1834 "
		"out=90211");
}

static void test_json(void **state)
{
	struct flow_record r = sample();
	char line[RECORD_LINE_BYTES];

	(void)state;
	assert_string_equal(
		flow_record_line(&r, true, line),
		"{\"id\":17,\"divert\":\"web\",\"transport\":\"tcp\",\"proto\":\"tls\",\"name\":\"git.example.com\","
		"\"alpn\":\"h2,x\",\"client\":\"198.51.100.7:51514\",\"to\":\"203.0.113.10:443\","
		"\"route\":\"git\",\"backend\":\"Git_1\",\"server\":\"[2001:db8::10]:443\","
		"\"source\":\"client\",\"how\":\"splice\",\"why\":\"closed\",\"ms\":1532,"
		"\"in\":1834,\"out\":90211}");
}

static void test_missing_things_are_a_dash(void **state)
{
	struct flow_record r = { .id = 1, .source = FLOW_SOURCE_router, .why = FLOW_WHY_no_data };
	char line[RECORD_LINE_BYTES];

	(void)state;
	assert_string_equal(
		flow_record_line(&r, false, line),
		"flow id=1 divert=- transport=tcp proto=- name=- alpn=- client=- to=- route=- "
		"backend=- server=- source=- how=none why=no_data ms=0 in=0 out=0");
}

static void test_strange_bytes_become_dashes(void **state)
{
	struct flow_record r = sample();
	char line[RECORD_LINE_BYTES];

	(void)state;
	memcpy(r.name, "A b\n\"c\"=\x1b[\xff", sizeof("A b\n\"c\"=\x1b[\xff"));
	memcpy(r.alpn, "http/1.1,h2\\", sizeof("http/1.1,h2\\"));
	memcpy(r.route, "A b,", sizeof("A b,"));
	flow_record_line(&r, false, line);
	assert_non_null(strstr(line, " name=--b--c----- "));
	assert_non_null(strstr(line, " alpn=http-1.1,h2- "));
	assert_non_null(strstr(line, " route=A-b- "));
	assert_int_equal(r.name[0], 'A'); /* the caller's record is as it was */
}

static void test_unterminated_and_out_of_range(void **state)
{
	struct flow_record r;
	char line[RECORD_LINE_BYTES];

	(void)state;
	memset(&r, 'a', sizeof(r)); /* no NUL anywhere, enums and families out of range */
	flow_record_line(&r, false, line);
	assert_non_null(strstr(line, " how=- why=- "));
	assert_non_null(strstr(line, " client=- "));
	flow_record_clean(&r);
	assert_int_equal(strlen(r.divert), RECORD_SECTION_BYTES - 1);
	assert_int_equal(strlen(r.name), RECORD_NAME_BYTES - 1);
	assert_int_equal(strlen(r.alpn), RECORD_ALPN_BYTES - 1);
	assert_int_equal(strlen(r.proto), RECORD_PROTO_BYTES - 1);
}

/* The longest line there can be still ends as it should: nothing is cut off. */
static void test_longest_line_fits(void **state)
{
	struct flow_record r;
	char line[RECORD_LINE_BYTES];
	struct addr far;

	(void)state;
	memset(&r, 'a', sizeof(r));
	memset(&far, 0xee, sizeof(far));
	far.family = AF_INET6;
	r.client = far;
	r.to = far;
	r.server = far;
	r.id = r.age_ms = r.in_bytes = r.out_bytes = UINT64_MAX;
	r.how = FLOW_HOW_handoff;
	r.source = FLOW_SOURCE_address;
	r.why = FLOW_WHY_connect_timeout;
	flow_record_line(&r, false, line);
	assert_string_equal(line + strlen(line) - 25, " out=18446744073709551615");
	flow_record_line(&r, true, line);
	assert_string_equal(line + strlen(line) - 28, ",\"out\":18446744073709551615}");
}

static void test_enum_texts(void **state)
{
	(void)state;
	assert_string_equal(flow_why_text(FLOW_WHY_closed), "closed");
	assert_string_equal(flow_why_text(FLOW_WHY_lost), "lost");
	assert_string_equal(flow_why_text(FLOW_WHY_COUNT), "-");
	assert_string_equal(flow_how_text(FLOW_HOW_none), "none");
	assert_string_equal(flow_how_text(FLOW_HOW_pass), "pass");
	assert_string_equal(flow_how_text(FLOW_HOW_COUNT), "-");
	assert_string_equal(flow_source_text(FLOW_SOURCE_address), "address");
	assert_string_equal(flow_source_text(FLOW_SOURCE_COUNT), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_missing_things_are_a_dash),
		cmocka_unit_test(test_strange_bytes_become_dashes),
		cmocka_unit_test(test_unterminated_and_out_of_range),
		cmocka_unit_test(test_longest_line_fits),
		cmocka_unit_test(test_enum_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
