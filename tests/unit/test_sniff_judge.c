/* From bytes to a verdict and a route, with the first bytes of real clients and a real configuration. */
#include <stdio.h>

#include "policy_conf.h"
#include "sniff/judge.h"

static const char conf[] = "[divert web]\n"
			   "tcp = 443\n"
			   "unknown = other\n"
			   "[divert shell]\n"
			   "tcp = 22\n"
			   "unknown = drop\n"
			   "[route git]\n"
			   "divert = web\n"
			   "protocol = tls\n"
			   "server_name = git.example\n"
			   "backend = other\n"
			   "[route ssh]\n"
			   "divert = web\n"
			   "protocol = ssh\n"
			   "backend = original\n"
			   "[route only]\n"
			   "divert = shell\n"
			   "protocol = ssh\n"
			   "backend = other\n"
			   "[divert plain]\n"
			   "tcp = 80\n"
			   "[route api]\n"
			   "divert = plain\n"
			   "path = /api/\n"
			   "method = POST\n"
			   "backend = other\n"
			   "[route digits]\n"
			   "divert = plain\n"
			   "server_name = /^[0-9]+\\./, /^(a+)+$/\n"
			   "backend = drop\n"
			   "[route h2]\n"
			   "divert = plain\n"
			   "protocol = http2\n"
			   "backend = original\n"
			   "[divert nameless]\n"
			   "tcp = 81\n"
			   "[route http]\n"
			   "divert = nameless\n"
			   "protocol = http http2\n"
			   "backend = original\n"
			   "[backend unused]\n"
			   "server = 192.0.2.2:1\n"
			   "[backend other]\n"
			   "server = 192.0.2.1:1\n";

struct court {
	struct config *config;
	struct route_index *index;
	struct judge judge;
};

static int setup(void **state)
{
	static struct court c;

	c.config = conf_good(conf);
	assert_int_equal(route_index_new(&c.index, c.config), 0);
	judge_init(&c.judge, c.config, c.index, NULL);
	*state = &c;
	return 0;
}

static int teardown(void **state)
{
	struct court *c = *state;

	route_index_free(c->index);
	config_free(c->config);
	return 0;
}

static struct answer ask(void **state, unsigned divert, bool is_final, const void *bytes,
			 size_t size)
{
	struct court *c = *state;
	struct question q = { .flow = 99,
			      .kind = QUESTION_FLOW,
			      .divert = (uint16_t)divert,
			      .is_final = is_final,
			      .size = (uint32_t)size };
	struct answer a;

	memset(&a, 0xff, sizeof a);
	judge_answer(&c->judge, &q, span_of(bytes, size), &a);
	assert_int_equal(a.flow, 99);
	assert_true(answer_is_sane(&a, sizeof a));
	return a;
}

static const char banner[] = "SSH-2.0-OpenSSH_9.2p1\r\n";

static void test_named_protocol_wins(void **state)
{
	struct answer a = ask(state, 0, false, banner, strlen(banner));

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.action, ANSWER_ORIGINAL);
	assert_int_equal(a.route, 1);
	assert_string_equal(a.proto, "ssh");
}

static void test_backend_index(void **state)
{
	struct answer a = ask(state, 1, false, banner, strlen(banner));

	assert_int_equal(a.action, ANSWER_BACKEND);
	assert_int_equal(a.route, 2);
	assert_int_equal(a.backend, 1);
}

static void test_every_prefix_waits_or_decides(void **state)
{
	struct answer a;

	for (size_t size = 1; size < 8; size++) {
		a = ask(state, 0, false, banner, size);
		assert_int_equal(a.verdict, ANSWER_MORE);
		assert_true(a.wanted > size);
	}
}

/* At the end of its patience it decides on what is there. */
static void test_final_is_never_more(void **state)
{
	struct answer a = ask(state, 0, true, "SSH", 3);

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.action, ANSWER_BACKEND);
}

static void test_garbage_is_unknown_at_once(void **state)
{
	struct answer a = ask(state, 1, false, "\x01", 1);

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.action, ANSWER_DROP);
	assert_string_equal(a.proto, "");
}

static size_t read_seed(const char *name, uint8_t *out, size_t room)
{
	char path[128];
	size_t size;
	FILE *f;

	(void)snprintf(path, sizeof path, "tests/fuzz/seeds/fuzz_wire_tls/%s", name);
	f = fopen(path, "re");
	assert_non_null(f);
	size = fread(out, 1, room, f);
	assert_int_equal(fclose(f), 0);
	assert_true(size > 0);
	return size;
}

/* A protocol that no route of the divert names decides nothing, and holds nobody up; the log has its name. */
static void test_unrouted_protocol_only_lends_its_name(void **state)
{
	uint8_t hello[16384];
	size_t size = read_seed("curl-7.88.1-h2", hello, sizeof hello);
	struct answer a = ask(state, 1, false, hello, size);

	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_string_equal(a.proto, "tls");
	assert_string_equal(a.alpn, "h2,http_1.1");
	a = ask(state, 1, false, hello, 20);
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_string_equal(a.proto, "");
}

static void test_tls_with_another_name_is_unknown(void **state)
{
	uint8_t hello[16384];
	size_t size = read_seed("curl-7.88.1-h2", hello, sizeof hello);
	struct answer a = ask(state, 0, false, hello, size);

	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_string_equal(a.proto, "tls");
	assert_true(strlen(a.name) > 0);
	assert_int_equal(a.action, ANSWER_BACKEND);
}

enum { NAMELESS = 3, ROUTE_HTTP = 6 };
enum { PLAIN = 2, ROUTE_API = 3, ROUTE_DIGITS = 4, ROUTE_H2 = 5 };

static struct answer ask_plain(void **state, bool is_final, const char *text)
{
	return ask(state, PLAIN, is_final, text, strlen(text));
}

/* The method and the path of a request reach the routes. */
static void test_request(void **state)
{
	static const char post[] = "POST /api/x HTTP/1.1\r\nHost: a.example\r\n\r\n";
	static const char get[] = "GET /api/x HTTP/1.1\r\nHost: a.example\r\n\r\n";
	static const char digits[] = "GET /api/x HTTP/1.1\r\nHost: 12.example\r\n\r\n";
	struct answer a = ask_plain(state, false, post);

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ROUTE_API);
	assert_string_equal(a.proto, "http");
	assert_string_equal(a.name, "a.example");
	assert_int_equal(a.cut, 0);
	a = ask_plain(state, false, get);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_string_equal(a.proto, "http");
	a = ask_plain(state, false, digits);
	assert_int_equal(a.route, ROUTE_DIGITS);
	/* before the header's end the name is open, and with it the route */
	for (size_t size = 1; size < strlen(digits) - 2; size++) {
		a = ask(state, PLAIN, false, digits, size);
		assert_int_equal(a.verdict, ANSWER_MORE);
	}
}

/* When nothing more will come, a protocol that is sure counts, without the name that was missing. */
static void test_sure_counts_when_final(void **state)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	struct answer a = ask_plain(state, false, preface);

	assert_int_equal(a.verdict, ANSWER_MORE);
	a = ask_plain(state, true, preface);
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ROUTE_H2);
	assert_string_equal(a.proto, "http2");
	assert_string_equal(a.name, "");
	a = ask_plain(state, true, "POST /api/x HTTP/1.1\r\nHos");
	assert_int_equal(a.route, ROUTE_API);
	assert_string_equal(a.proto, "http");
	a = ask_plain(state, true, "PRI * HTTP/2.0\r\n"); /* not sure yet */
	assert_int_not_equal(a.route, ROUTE_H2);
}

/* Where no route asks for a name, nobody is kept waiting for one. */
static void test_sure_counts_where_no_name_matters(void **state)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	static const char line[] = "GET / HTTP/1.1\r\n";
	struct answer a = ask(state, NAMELESS, false, preface, strlen(preface));

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ROUTE_HTTP);
	assert_string_equal(a.proto, "http2");
	a = ask(state, NAMELESS, false, line, strlen(line));
	assert_int_equal(a.route, ROUTE_HTTP);
	assert_string_equal(a.proto, "http");
	a = ask(state, NAMELESS, false, line, 5);
	assert_int_equal(a.verdict, ANSWER_MORE);
}

/* A regex that is given up is told to the hands, which count. */
static void test_regex_cut(void **state)
{
	static const char hostile[] = "GET / HTTP/1.1\r\nHost: "
				      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\r\n\r\n";
	struct answer a = ask_plain(state, false, hostile);

	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.cut, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_protocol_wins),
		cmocka_unit_test(test_backend_index),
		cmocka_unit_test(test_every_prefix_waits_or_decides),
		cmocka_unit_test(test_final_is_never_more),
		cmocka_unit_test(test_garbage_is_unknown_at_once),
		cmocka_unit_test(test_unrouted_protocol_only_lends_its_name),
		cmocka_unit_test(test_tls_with_another_name_is_unknown),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_sure_counts_when_final),
		cmocka_unit_test(test_regex_cut),
		cmocka_unit_test(test_sure_counts_where_no_name_matters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
