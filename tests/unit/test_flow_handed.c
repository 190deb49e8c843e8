/* The table of flows that the kernel carries. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/handed.h"
#include "flow/question.h"
#include "unit.h"

enum {
	MANY = 5000,
	NOW_MS = 1000000,
	/* what one idle connection may cost in the daemon: kernel and daemon together stay below 0.6 KiB */
	MOST_BYTES = 200,
};

static struct handed *table(void)
{
	struct handed *h;

	assert_int_equal(handed_new(&h, 0x123456789abcdef0u), 0);
	return h;
}

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static struct flow_record sample(const char *client, const char *to, const char *server)
{
	struct flow_record r = { .id = 7,
				 .age_ms = 1500,
				 .in_bytes = 100,
				 .out_bytes = UINT64_C(1) << 40,
				 .client = at(client),
				 .to = at(to),
				 .how = FLOW_HOW_splice,
				 .source = FLOW_SOURCE_client,
				 .divert = "web",
				 .route = "Git",
				 .backend = "git-1",
				 .proto = "tls",
				 .name = "git.example.com",
				 .alpn = "h2,http-1.1" };

	if (server)
		r.server = at(server);
	return r;
}

static void expect_same(const struct flow_record *a, const struct flow_record *b)
{
	assert_true(a->id == b->id);
	assert_true(a->in_bytes == b->in_bytes && a->out_bytes == b->out_bytes);
	assert_true(addr_equal(&a->client, &b->client));
	assert_true(addr_equal(&a->to, &b->to));
	assert_true(addr_equal(&a->server, &b->server));
	assert_int_equal(a->source, b->source);
	assert_string_equal(a->divert, b->divert);
	assert_string_equal(a->route, b->route);
	assert_string_equal(a->backend, b->backend);
	assert_string_equal(a->proto, b->proto);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->alpn, b->alpn);
}

static void comes_back(struct flow_record r)
{
	struct handed *h = table();
	struct handed_flow *f;
	struct flow_record back;
	struct addr a;

	assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	assert_int_equal(handed_count(h), 1);
	assert_ptr_equal(handed_find(h, IPPROTO_TCP, &r.client, &r.to), f);
	assert_true(f->since_ms == NOW_MS - 1500 && f->moved_ms == NOW_MS);
	handed_record(f, NOW_MS + 500, &back);
	expect_same(&back, &r);
	assert_true(back.age_ms == 2000);
	assert_int_equal(back.how, FLOW_HOW_handoff);
	assert_string_equal(handed_backend(f), r.backend);
	a = handed_server(f);
	assert_true(addr_equal(&a, &r.server));
	/* what passed in the kernel is added */
	f->counted[0] = 11;
	f->counted[1] = 22;
	handed_record(f, 0, &back);
	assert_true(back.in_bytes == r.in_bytes + 11 && back.out_bytes == r.out_bytes + 22);
	assert_true(back.age_ms == 0);
	handed_remove(h, f);
	assert_int_equal(handed_count(h), 0);
	assert_null(handed_find(h, IPPROTO_TCP, &r.client, &r.to));
	handed_free(h);
}

static void test_flows_come_back_as_they_were(void **state)
{
	struct flow_record r;

	(void)state;
	comes_back(sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:8443"));
	comes_back(sample("[2001:db8::7]:1", "[2001:db8::1]:65535", "[fd00::10]:443"));
	comes_back(sample("198.51.100.7:51514", "203.0.113.10:443", NULL));
	/* the longest texts there are */
	r = sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:8443");
	memset(r.divert, 'd', sizeof r.divert - 1);
	memset(r.route, 'r', sizeof r.route - 1);
	memset(r.backend, 'b', sizeof r.backend - 1);
	memset(r.proto, 'p', sizeof r.proto - 1);
	memset(r.name, 'n', sizeof r.name - 1);
	memset(r.alpn, 'a', sizeof r.alpn - 1);
	comes_back(r);
}

static void test_a_record_is_not_believed(void **state)
{
	struct flow_record r = sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:443");
	struct handed *h = table();
	struct handed_flow *f;
	struct flow_record back;

	(void)state;
	/* texts without an end, and with what no log may hold */
	memset(r.name, 'x', sizeof r.name);
	memset(r.alpn, '\n', sizeof r.alpn);
	r.divert[0] = '\0';
	r.age_ms = UINT64_MAX;
	/* bytes of an IPv4 address that are none of it */
	memset(r.client.bytes + 4, 0xff, 12);
	r.client.scope = 5;
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	handed_record(f, NOW_MS, &back);
	assert_int_equal(strlen(back.name), sizeof back.name - 1);
	assert_int_equal(back.alpn[0], '-');
	assert_string_equal(back.divert, "-");
	assert_true(f->since_ms == 0);
	r.client = at("198.51.100.7:51514");
	assert_ptr_equal(handed_find(h, IPPROTO_TCP, &r.client, &r.to), f);
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), -EEXIST);
	/* families that do not go together, or are none */
	r.client.port++;
	r.to = at("[2001:db8::1]:443");
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), -EINVAL);
	r = sample("198.51.100.7:51514", "203.0.113.10:443", "[fd00::1]:443");
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), -EINVAL);
	r.client.family = 4711;
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), -EINVAL);
	assert_int_equal(handed_count(h), 1);
	handed_free(h);
}

static struct flow_record numbered(unsigned i)
{
	struct flow_record r =
		i % 2 ? sample("198.51.100.7:1", "203.0.113.10:443", "192.168.1.10:443")
		      : sample("[2001:db8::7]:1", "[2001:db8::1]:443", "[fd00::10]:443");

	r.id = i;
	r.client.port = (uint16_t)(1 + i % 1000);
	r.client.bytes[3] = (uint8_t)(i / 1000);
	r.client.bytes[2] = (uint8_t)(i / 256000);
	return r;
}

static void test_many_are_found_and_walked(void **state)
{
	struct handed *h = table();
	unsigned char seen[MANY] = { 0 };
	struct handed_walk walk = { 0 };
	struct handed_flow *f;
	struct flow_record r;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		r = numbered(i);
		assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	}
	assert_int_equal(handed_count(h), MANY);
	for (unsigned i = 0; i < MANY; i++) {
		r = numbered(i);
		f = handed_find(h, IPPROTO_TCP, &r.client, &r.to);
		assert_non_null(f);
		assert_true(f->id == i);
	}
	/* the one at hand may go */
	for (f = handed_next(h, &walk); f; f = handed_next(h, &walk)) {
		assert_int_equal(seen[f->id], 0);
		seen[f->id] = 1;
		count++;
		if (f->id % 3 == 0)
			handed_remove(h, f);
	}
	assert_int_equal(count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		r = numbered(i);
		assert_int_equal(handed_find(h, IPPROTO_TCP, &r.client, &r.to) != NULL, i % 3 != 0);
	}
	handed_free(h);
}

/* The same ports of TCP and of UDP are two flows. */
static void test_transports_are_apart(void **state)
{
	struct flow_record r = sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:443");
	struct handed *h = table();
	struct handed_flow *tcp;
	struct handed_flow *udp;
	struct flow_record back;

	(void)state;
	assert_int_equal(handed_add(h, &r, NOW_MS, &tcp), 0);
	assert_null(handed_find(h, IPPROTO_UDP, &r.client, &r.to));
	r.transport = QUESTION_UDP;
	r.id = 8;
	assert_int_equal(handed_add(h, &r, NOW_MS, &udp), 0);
	assert_int_equal(handed_add(h, &r, NOW_MS, &udp), -EEXIST);
	assert_ptr_equal(handed_find(h, IPPROTO_TCP, &r.client, &r.to), tcp);
	assert_ptr_equal(handed_find(h, IPPROTO_UDP, &r.client, &r.to), udp);
	assert_int_equal(handed_transport(tcp), IPPROTO_TCP);
	assert_int_equal(handed_transport(udp), IPPROTO_UDP);
	handed_record(udp, NOW_MS, &back);
	assert_int_equal(back.transport, QUESTION_UDP);
	handed_remove(h, tcp);
	assert_null(handed_find(h, IPPROTO_TCP, &r.client, &r.to));
	assert_ptr_equal(handed_find(h, IPPROTO_UDP, &r.client, &r.to), udp);
	handed_free(h);
}

static void test_there_is_a_limit(void **state)
{
	struct handed *h = table();
	struct handed_flow *f;
	struct flow_record r;

	(void)state;
	for (unsigned i = 0; i < HANDED_MOST; i++) {
		r = numbered(i);
		assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	}
	r = numbered(HANDED_MOST);
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), -ENOSPC);
	handed_remove(h, f);
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	handed_free(h);
	handed_free(NULL);
}

static void test_they_are_small(void **state)
{
	struct flow_record r = sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:443");
	size_t texts = strlen(r.divert) + strlen(r.route) + strlen(r.backend) + strlen(r.proto) +
		       strlen(r.name) + strlen(r.alpn) + 6;

	(void)state;
	/* and the two words that malloc takes, and one of a bucket */
	assert_in_range(sizeof(struct handed_flow) + 3 * 4 + texts + 24, 1, MOST_BYTES);
}

static void test_what_looks_saw_stays(void **state)
{
	struct flow_record r = sample("198.51.100.7:51514", "203.0.113.10:443", "192.168.1.10:443");
	struct handed_flow before = { .counted = { 5, 6 },
				      .packets = { 1, 2 },
				      .expires_s = 9,
				      .state = 1,
				      .is_listed = true,
				      .is_found = true };
	struct handed *h = table();
	struct handed_flow *f;

	(void)state;
	assert_int_equal(handed_add(h, &r, NOW_MS, &f), 0);
	handed_go_on(f, &before);
	assert_true(f->counted[0] == 5 && f->counted[1] == 6);
	assert_true(f->packets[0] == 1 && f->packets[1] == 2);
	assert_int_equal(f->expires_s, 9);
	assert_int_equal(f->state, 1);
	assert_true(f->is_listed && !f->is_found);
	handed_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flows_come_back_as_they_were),
		cmocka_unit_test(test_a_record_is_not_believed),
		cmocka_unit_test(test_many_are_found_and_walked),
		cmocka_unit_test(test_transports_are_apart),
		cmocka_unit_test(test_there_is_a_limit),
		cmocka_unit_test(test_they_are_small),
		cmocka_unit_test(test_what_looks_saw_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
