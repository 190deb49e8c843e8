/* The answers to status, flows and config, member by member. */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "ctl_talk.h"

/* The value at a path like "/backends/0/servers/1/state", as JSON. */
static const char *at(struct json_object *root, const char *path)
{
	struct json_object *found = NULL;

	if (json_pointer_get(root, path, &found) != 0)
		fail_msg("there is no %s", path);
	return json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* What the daemon answers, for json_object_put(). */
static struct json_object *answer_to(struct world *w, const char *request)
{
	struct json_object *answer = json_tokener_parse(hear(say(w, 0, request)));

	assert_non_null(answer);
	return answer;
}

static struct json_object *status_of(struct world *w)
{
	return answer_to(w, "{\"command\":\"status\"}\n");
}

static void test_status_sums_over_carriers(void **state)
{
	struct world *w = *state;
	struct counters *a = &w->counters[0], *b = &w->counters[1];
	struct json_object *s;

	a->flows_active = 2;
	b->flows_active = 5;
	a->most_flows = b->most_flows = 1000;
	b->undecided = 1;
	a->flows_total = UINT64_C(5000000000);
	a->in_bytes = 10;
	b->in_bytes = 11;
	b->out_bytes = UINT64_MAX / 2;
	a->hows[FLOW_HOW_splice] = 3;
	b->whys[FLOW_WHY_lost] = 4;
	b->fallbacks[FLOW_FALLBACK_address_taken] = 6;
	a->divert_total[1] = 8;
	a->divert_active[1] = 1;
	b->divert_active[1] = 2;
	b->route_total[1] = 9;
	s = status_of(w);
	assert_string_equal(at(s, "/flows/active"), "7");
	assert_string_equal(at(s, "/flows/undecided"), "1");
	assert_string_equal(at(s, "/flows/total"), "5000000000");
	assert_string_equal(at(s, "/flows/in"), "21");
	assert_string_equal(at(s, "/flows/out"), "9223372036854775807");
	assert_string_equal(at(s, "/flows/how/splice"), "3");
	assert_string_equal(at(s, "/flows/how/none"), "0");
	assert_string_equal(at(s, "/flows/why/lost"), "4");
	assert_string_equal(at(s, "/flows/fallback/address_taken"), "6");
	assert_string_equal(at(s, "/limits/flows"), "{\"limit\":2000,\"use\":7}");
	assert_string_equal(at(s, "/diverts/1/total"), "8");
	assert_string_equal(at(s, "/diverts/1/active"), "3");
	assert_string_equal(at(s, "/diverts/0/active"), "0");
	assert_string_equal(at(s, "/routes/1"), "{\"name\":\"rest\",\"is_open\":true,\"total\":9}");
	json_object_put(s);
}

static void test_status_of_what_is_configured(void **state)
{
	struct json_object *s = status_of(*state);

	assert_string_equal(at(s, "/version"), "\"" SHUNT_VERSION "\"");
	assert_string_equal(at(s, "/problem"), "null");
	assert_string_equal(at(s, "/handoff"), "\"available\"");
	assert_string_equal(at(s, "/diverts/0/name"), "\"web\"");
	assert_string_equal(at(s, "/diverts/0/ports"), "[\"443\",\"8443-8449\"]");
	assert_string_equal(at(s, "/diverts/0/udp_ports"), "[]");
	assert_string_equal(at(s, "/diverts/1/ports"), "[\"853\"]");
	assert_string_equal(at(s, "/diverts/1/udp_ports"), "[\"853-854\",\"8853\"]");
	assert_string_equal(at(s, "/diverts/0/listening"), "true");
	assert_string_equal(at(s, "/diverts/1/listening"), "false");
	assert_string_equal(at(s, "/diverts/0/fail"), "\"open\"");
	assert_string_equal(at(s, "/diverts/1/fail"), "\"closed\"");
	assert_string_equal(at(s, "/routes/0/name"), "\"git\"");
	assert_string_equal(at(s, "/limits/control_clients"), "{\"limit\":16,\"use\":1}");
	assert_string_equal(at(s, "/limits/descriptors"), "{\"limit\":1024,\"use\":77}");
	assert_string_equal(at(s, "/limits/diverts"), "{\"limit\":64,\"use\":2}");
	assert_string_equal(at(s, "/limits/routes"), "{\"limit\":4096,\"use\":2}");
	assert_string_equal(at(s, "/limits/backends"), "{\"limit\":1024,\"use\":2}");
	assert_string_equal(at(s, "/nft"),
			    "{\"alive\":{\"ipv4\":true,\"ipv6\":false},\"repairs\":5}");
	assert_string_equal(at(s, "/processes/carriers/0"),
			    "{\"pid\":4001,\"restarts\":0,\"flows\":0,\"sniffers\":[4002],"
			    "\"sniffer_restarts\":3}");
	assert_string_equal(at(s, "/processes/carriers/1/sniffers"), "[5002,5003]");
	json_object_put(s);
}

/* Servers are numbered through over all backends, in the order of the file. */
static void test_status_of_servers(void **state)
{
	struct world *w = *state;
	struct json_object *s;

	w->counters[0].server_active[1] = 21;
	w->counters[1].server_total[2] = 22;
	w->counters[1].server_failed[2] = 23;
	s = status_of(w);
	assert_string_equal(at(s, "/backends/0/name"), "\"rest\"");
	assert_string_equal(at(s, "/backends/0/servers/1"),
			    "{\"address\":\"[2001:db8::1]:443\",\"state\":\"up\",\"flows\":21,"
			    "\"total\":0,\"failed\":0}");
	assert_string_equal(at(s, "/backends/1/servers"),
			    "[{\"address\":\"192.0.2.2:443\",\"state\":\"up\",\"flows\":0,"
			    "\"total\":22,\"failed\":23}]");
	json_object_put(s);
}

/* Only of programs it is counted what they said. */
static void test_status_of_probes(void **state)
{
	struct world *w = *state;
	struct config *all = w->config;
	struct json_object *s;

	w->config = conf_good("[divert web]\ntcp = 443\n[probe a]\nbytes = 0:01\n"
			      "[probe b]\ntransport = udp\nexec = /usr/bin/env\n[route r]\n"
			      "protocol = a, b\nbackend = drop\n");
	w->counters[0].probe_asked[1] = 21;
	w->counters[1].probe_asked[1] = 1;
	w->counters[1].probe_yes[1] = 3;
	w->counters[1].probe_no[1] = 4;
	w->counters[0].probe_failed[1] = 5;
	s = status_of(w);
	assert_string_equal(at(s, "/probes/0"),
			    "{\"name\":\"a\",\"kind\":\"pattern\",\"transport\":\"tcp\"}");
	assert_string_equal(at(s, "/probes/1"),
			    "{\"name\":\"b\",\"kind\":\"exec\",\"transport\":\"udp\",\"asked\":22,"
			    "\"yes\":3,\"no\":4,\"failed\":5}");
	assert_string_equal(at(s, "/spawn"), "{\"wanted\":false,\"connected\":false}");
	json_object_put(s);
	config_free(w->config);
	w->config = all;
}

/* Flows that the kernel carries take no place in a carrier. */
static void test_status_of_handed_over_flows(void **state)
{
	struct world *w = *state;
	struct json_object *s;

	w->handed = calloc(1, sizeof *w->handed);
	assert_non_null(w->handed);
	w->counters[0].flows_active = 2;
	w->counters[0].handed_over = 6;
	w->counters[1].handed_over = 7;
	w->counters[0].in_bytes = 100;
	w->counters[0].server_active[0] = 1;
	w->handed->flows_active = 5;
	w->handed->in_bytes = 11;
	w->handed->hows[FLOW_HOW_handoff] = 8;
	w->handed->whys[FLOW_WHY_drained] = 3;
	w->handed->divert_active[0] = 4;
	w->handed->server_active[0] = 4;
	s = status_of(w);
	assert_string_equal(at(s, "/flows/active"), "7");
	assert_string_equal(at(s, "/flows/handed_active"), "5");
	assert_string_equal(at(s, "/flows/handed_over"), "13");
	assert_string_equal(at(s, "/flows/in"), "111");
	assert_string_equal(at(s, "/flows/how/handoff"), "8");
	assert_string_equal(at(s, "/flows/why/drained"), "3");
	assert_string_equal(at(s, "/diverts/0/active"), "4");
	assert_string_equal(at(s, "/backends/0/servers/0/flows"), "5");
	assert_string_equal(at(s, "/limits/flows"), "{\"limit\":0,\"use\":2}");
	json_object_put(s);
	free(w->handed);
	w->handed = NULL;
}

/* What former carriers counted goes into the sums, but is no process. */
static void test_status_of_the_past(void **state)
{
	struct world *w = *state;
	struct json_object *s;

	w->carriers[1] = (struct ctl_carrier){ .counters = &w->counters[1] };
	w->counters[0].flows_total = 3;
	w->counters[1].flows_total = 4;
	s = status_of(w);
	assert_string_equal(at(s, "/flows/total"), "7");
	assert_string_equal(at(s, "/processes/carriers/0/pid"), "4001");
	assert_int_not_equal(json_pointer_get(s, "/processes/carriers/1", NULL), 0);
	json_object_put(s);
}

static void test_status_without_counters(void **state)
{
	struct world *w = *state;
	struct json_object *s;

	w->carriers[0].counters = w->carriers[1].counters = NULL;
	s = status_of(w);
	assert_string_equal(at(s, "/flows/active"), "0");
	assert_string_equal(at(s, "/processes/carriers/1/flows"), "0");
	json_object_put(s);
}

static void test_flow(void **state)
{
	struct world *w = *state;
	struct json_object *answer;

	w->flows_now = 2;
	w->sample = (struct flow_record){
		.age_ms = 1500,
		.in_bytes = 1,
		.out_bytes = UINT64_MAX,
		.client = { .bytes = { 192, 0, 2, 7 }, .port = 51514, .family = AF_INET },
		.to = { .bytes = { 192, 0, 2, 1 }, .port = 443, .family = AF_INET },
		.how = FLOW_HOW_copy,
		.source = FLOW_SOURCE_address,
		.divert = "web",
		.name = "a\"b\n",
		.alpn = "h2,h3",
	};
	answer = answer_to(w, "{\"command\":\"flows\"}\n");
	assert_string_equal(at(answer, "/left_out"), "0");
	assert_string_equal(
		at(answer, "/flows/1"),
		"{\"id\":1,\"divert\":\"web\",\"transport\":\"tcp\",\"proto\":\"-\","
		"\"name\":\"a-b-\",\"alpn\":\"h2,h3\",\"client\":\"192.0.2.7:51514\","
		"\"to\":\"192.0.2.1:443\",\"route\":\"-\",\"backend\":\"-\",\"server\":\"-\","
		"\"source\":\"-\",\"how\":\"copy\",\"why\":\"-\",\"age_ms\":1500,\"in\":1,"
		"\"out\":18446744073709551615}");
	json_object_put(answer);
	w->sample.server = w->sample.to;
	answer = answer_to(w, "{\"command\":\"flows\"}\n");
	assert_string_equal(at(answer, "/flows/0/server"), "\"192.0.2.1:443\"");
	assert_string_equal(at(answer, "/flows/0/source"), "\"address\"");
	json_object_put(answer);
}

static void test_config(void **state)
{
	struct json_object *config = answer_to(*state, "{\"command\":\"config\"}\n");

	assert_string_equal(at(config, "/shunt/log"), "\"info\"");
	assert_string_equal(at(config, "/divert/web/tcp"), "[\"443\",\"8443-8449\"]");
	assert_string_equal(at(config, "/divert/leaving/fail"), "\"closed\"");
	assert_string_equal(at(config, "/divert/web/wait"), "\"3s\"");
	assert_string_equal(at(config, "/route/git/server_name"),
			    "[\"git.example.com\",\"*.git.example.com\"]");
	assert_string_equal(at(config, "/backend/rest/server"),
			    "[\"192.0.2.1:443\",\"[2001:db8::1]:443\"]");
	assert_string_equal(at(config, "/backend/git/source"), "\"router\"");
	json_object_put(config);
}

/* A kind of section of which there is none is there all the same. */
static void test_config_without_routes(void **state)
{
	struct world *w = *state;
	struct config *all = w->config;
	struct json_object *config;

	w->config = conf_good("[divert web]\ntcp = 443\nunknown = rest\n"
			      "[backend rest]\nserver = 192.0.2.1:443\n");
	config = answer_to(w, "{\"command\":\"config\"}\n");
	assert_string_equal(at(config, "/route"), "{}");
	assert_string_equal(at(config, "/backend/rest/server"), "[\"192.0.2.1:443\"]");
	json_object_put(config);
	config_free(w->config);
	w->config = conf_good("[divert web]\ntcp = 443\n");
	config = answer_to(w, "{\"command\":\"config\"}\n");
	assert_string_equal(at(config, "/divert/web/tcp"), "[\"443\"]");
	assert_string_equal(at(config, "/backend"), "{}");
	json_object_put(config);
	config_free(w->config);
	w->config = all;
}

/* The text is a file that reads back as the same configuration. */
static void test_config_text(void **state)
{
	const char *request = "{\"command\":\"config\",\"text\":true}\n";
	struct world *w = *state;
	struct json_object *first = answer_to(w, request), *second, *text = NULL;
	struct config *all = w->config;

	assert_true(json_object_object_get_ex(first, "config", &text));
	w->config = conf_good(json_object_get_string(text));
	second = answer_to(w, request);
	assert_string_equal(at(first, "/config"), at(second, "/config"));
	config_free(w->config);
	w->config = all;
	json_object_put(first);
	json_object_put(second);
}

/* Whatever a text holds, the answer is JSON. */
static void test_any_text(void **state)
{
	struct world *w = *state;
	struct json_object *answer;

	w->nft_text = "\"\\/\b\x01\x1f\x7f\t\r\n\xc3\xa9\xff";
	answer = answer_to(w, "{\"command\":\"nft\"}\n");
	assert_string_equal(at(answer, "/nft"), "\"\\\"\\\\/\\b\\u0001\\u001f\x7f\\t\\r\\n"
						"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	json_object_put(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(test_status_sums_over_carriers),
		TALK_TEST(test_status_of_what_is_configured),
		TALK_TEST(test_status_of_servers),
		TALK_TEST(test_status_of_probes),
		TALK_TEST(test_status_of_handed_over_flows),
		TALK_TEST(test_status_of_the_past),
		TALK_TEST(test_status_without_counters),
		TALK_TEST(test_flow),
		TALK_TEST(test_config),
		TALK_TEST(test_config_without_routes),
		TALK_TEST(test_config_text),
		TALK_TEST(test_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
