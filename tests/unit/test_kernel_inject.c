/* Segments made by ourselves: what is on the wire, and what real sockets make of it. */
#include <errno.h>

#include <linux/netlink.h>

#include "base/checksum.h"
#include "base/reader.h"
#include "kernel/dial.h"
#include "kernel/inject.h"
#include "kernel/tcp_repair.h"
#include "kernel_pair.h"

enum {
	MARK = 0x54000200,
	SEEN_BYTES = 16384,
	TCP_HEAD = 20,
	IP6_HEAD = 40,
	IP4_HEAD = 20,
};

/* Where packets are sent and seen. */
struct wire {
	struct inject inject;
	int seen; /* all TCP that arrives, with its mark */
};

static int enter(void **state)
{
	int err = enter_netns(state, NETLINK_ROUTE);

	if (!err && ((struct netlink *)*state)->socket)
		pair_lo_up();
	return err;
}

static struct wire open_wire(uint16_t family)
{
	const struct timeval most = { .tv_sec = PAIR_WAIT_MS / 1000 };
	struct wire w = { .seen = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP) };
	int on = 1;

	assert_true(w.seen >= 0);
	assert_int_equal(setsockopt(w.seen, SOL_SOCKET, SO_RCVMARK, &on, sizeof on), 0);
	assert_int_equal(setsockopt(w.seen, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most), 0);
	assert_int_equal(inject_open(&w.inject), 0);
	return w;
}

static void close_wire(struct wire *w)
{
	inject_close(&w->inject);
	inject_close(&w->inject); /* twice is fine */
	(void)close(w->seen);
}

/* The next packet that arrives, of which IPv6 shows no header; its mark. */
static size_t see(const struct wire *w, uint8_t *to, uint32_t *mark)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof *mark)] = { 0 };
	struct iovec part = { .iov_base = to, .iov_len = SEEN_BYTES };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t got = recvmsg(w->seen, &m, 0);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&m);

	assert_true(got >= TCP_HEAD);
	assert_non_null(head);
	if (head)
		memcpy(mark, CMSG_DATA(head), sizeof *mark);
	return (size_t)got;
}

static struct inject_segment segment(uint16_t family)
{
	struct inject_segment s = { .from = pair_loopback(family),
				    .to = pair_loopback(family),
				    .mark = MARK,
				    .seq = UINT32_MAX - 1, /* it wraps within the data */
				    .ack = 0x80000001,
				    .window = 502,
				    .tos = 0xb8 };

	s.from.port = 40000;
	s.to.port = 443;
	return s;
}

static void is_ipv4(const uint8_t *packet, size_t size)
{
	struct reader r = reader_of(span_of(packet, size));

	assert_int_equal(reader_u8(&r), 0x45);
	assert_int_equal(reader_u8(&r), 0xb8);
	assert_int_equal(reader_be16(&r), size);
	(void)reader_be16(&r);
	assert_int_equal(reader_be16(&r), 0x4000); /* not to be cut into pieces */
	assert_int_equal(reader_u8(&r), 64);
	assert_int_equal(reader_u8(&r), IPPROTO_TCP);
	assert_int_equal(checksum_end(checksum_add(0, packet, IP4_HEAD)), 0);
}

/* The segment, field by field, and its checksum as its receiver computes it. */
static void is_segment(const struct inject_segment *s, const uint8_t *tcp, struct span data)
{
	const size_t head = TCP_HEAD + (s->has_stamp ? STAMP_OPTION_BYTES : 0);
	struct reader r = reader_of(span_of(tcp, head + data.size));
	uint32_t sum = (uint32_t)(IPPROTO_TCP + head + data.size);
	struct stamp stamp;

	assert_int_equal(reader_be16(&r), s->from.port);
	assert_int_equal(reader_be16(&r), s->to.port);
	assert_int_equal(reader_be32(&r), s->seq);
	assert_int_equal(reader_be32(&r), s->ack);
	assert_int_equal(reader_u8(&r), s->has_stamp ? 0x80 : 0x50);
	assert_int_equal(reader_u8(&r), s->is_push ? 0x18 : 0x10);
	assert_int_equal(reader_be16(&r), s->window);
	sum = checksum_add(sum, s->from.bytes, addr_size(&s->from));
	sum = checksum_add(sum, s->to.bytes, addr_size(&s->to));
	assert_int_equal(checksum_end(checksum_add(sum, tcp, head + data.size)), 0);
	if (data.size)
		assert_memory_equal(tcp + head, data.data, data.size);
	if (!s->has_stamp)
		return;
	assert_true(stamp_find(span_of(tcp + TCP_HEAD, STAMP_OPTION_BYTES), &stamp));
	assert_int_equal(stamp.value, s->stamp.value);
	assert_int_equal(stamp.echo, s->stamp.echo);
}

static void on_the_wire(uint16_t family, bool has_stamp)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 535, 536, 1460, 8999, INJECT_MOST_BYTES };
	static uint8_t data[INJECT_MOST_BYTES];
	struct inject_segment s = segment(family);
	size_t head = family == AF_INET ? IP4_HEAD : 0;
	size_t stamp = has_stamp ? STAMP_OPTION_BYTES : 0;
	struct wire w = open_wire(family);
	uint8_t got[SEEN_BYTES];
	uint32_t mark = 0;

	s.has_stamp = has_stamp;
	s.stamp = (struct stamp){ 0xfffffffe, 0x80000001 };
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 31 + 7);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		s.is_push = i % 2;
		assert_int_equal(inject_send(&w.inject, &s, span_of(data, sizes[i])), 0);
		assert_int_equal(see(&w, got, &mark), head + TCP_HEAD + stamp + sizes[i]);
		assert_int_equal(mark, MARK);
		if (family == AF_INET)
			is_ipv4(got, head + TCP_HEAD + stamp + sizes[i]);
		is_segment(&s, got + head, span_of(data, sizes[i]));
		/* nobody is there: it is reset */
		assert_int_equal(see(&w, got, &mark), head + TCP_HEAD);
		assert_int_equal(got[head + 13] & 0x04, 0x04);
	}
	close_wire(&w);
}

static void test_ipv4_on_the_wire(void **state)
{
	(void)need_netns(state);
	on_the_wire(AF_INET, false);
	on_the_wire(AF_INET, true);
}

static void test_ipv6_on_the_wire(void **state)
{
	(void)need_netns(state);
	on_the_wire(AF_INET6, false);
	on_the_wire(AF_INET6, true);
}

/* What the client might have said next, by its place, is what the server reads. */
static void reaches(uint16_t family, const char *text)
{
	struct inject_segment s = { .window = 500, .is_push = true };
	struct pair p = pair_open(family, 0);
	struct wire w = open_wire(family);
	struct tcp_place client;
	struct tcp_place server;
	struct tcp_terms terms;
	size_t size = strlen(text);

	assert_int_equal(tcp_terms_read(p.server, &terms), 0);
	assert_int_equal(tcp_place_read(p.client, &client), 0);
	tcp_repair_leave(p.client);
	s.from = p.at[0];
	s.to = p.at[1];
	s.seq = client.sent;
	s.ack = client.consumed;
	/* timestamps were agreed upon, which these have not: a receiver takes them all the same */
	assert_int_equal(inject_send(&w.inject, &s, span_of(text, size)), 0);
	pair_hears(p.server, text, size);
	assert_int_equal(tcp_place_read(p.server, &server), 0);
	tcp_repair_leave(p.server);
	assert_int_equal(server.consumed, client.sent + size);
	assert_int_equal(server.window, (uint32_t)s.window << terms.peer_scale);
	/* once more, as a sender does that heard no acknowledgement: it is not read twice */
	assert_int_equal(inject_send(&w.inject, &s, span_of(text, size)), 0);
	s.seq += (uint32_t)size;
	assert_int_equal(inject_send(&w.inject, &s, span_of("!", 1)), 0);
	pair_hears(p.server, "!", 1);
	close_wire(&w);
	pair_close(&p);
}

static void test_reaches_a_socket(void **state)
{
	(void)need_netns(state);
	reaches(AF_INET, "odd");
	reaches(AF_INET, "even");
	reaches(AF_INET6, "odd");
	reaches(AF_INET6, "even");
}

/* Its head says where it goes; how it is routed is another thing. */
static void test_towards_another_host(void **state)
{
	struct inject_segment s = segment(AF_INET);
	uint8_t got[SEEN_BYTES];
	uint32_t mark;
	struct wire w;

	(void)need_netns(state);
	w = open_wire(AF_INET);
	s.towards = s.to;
	memcpy(s.to.bytes, (uint8_t[4]){ 192, 0, 2, 9 }, 4); /* there is no route to it */
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), 0);
	assert_int_equal(see(&w, got, &mark), IP4_HEAD + TCP_HEAD);
	assert_memory_equal(got + 16, s.to.bytes, 4);
	is_segment(&s, got + IP4_HEAD, span_of(NULL, 0));
	s.towards.family = AF_INET6;
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), -EINVAL);
	s.towards.family = 0;
	assert_true(inject_send(&w.inject, &s, span_of(NULL, 0)) < 0);
	close_wire(&w);
}

/* From an address that is not ours, as a client's is not. */
static void test_from_any_address(void **state)
{
	struct inject_segment s = segment(AF_INET);
	uint8_t got[SEEN_BYTES];
	uint32_t mark;
	struct wire w;

	(void)need_netns(state);
	w = open_wire(AF_INET);
	memcpy(s.from.bytes, (uint8_t[4]){ 192, 0, 2, 9 }, 4);
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), 0);
	assert_int_equal(see(&w, got, &mark), IP4_HEAD + TCP_HEAD);
	assert_memory_equal(got + 12, s.from.bytes, 4);
	is_segment(&s, got + IP4_HEAD, span_of(NULL, 0));
	close_wire(&w);
}

static void test_refused(void **state)
{
	static uint8_t data[INJECT_MOST_BYTES + 1];
	const struct inject closed = { -1, -1 };
	struct inject_segment s = segment(AF_INET);
	struct wire w;

	(void)need_netns(state);
	w = open_wire(AF_INET);
	assert_int_equal(inject_send(&w.inject, &s, span_of(data, sizeof data)), -EMSGSIZE);
	assert_int_equal(inject_send(&closed, &s, span_of(NULL, 0)), -EAFNOSUPPORT);
	s.to = pair_loopback(AF_INET6);
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), -EINVAL);
	s.from.family = 0;
	s.to.family = 0;
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), -EINVAL);
	s = segment(AF_INET);
	memcpy(s.to.bytes, (uint8_t[4]){ 192, 0, 2, 1 }, 4);
	assert_int_equal(inject_send(&w.inject, &s, span_of(NULL, 0)), -ENETUNREACH);
	close_wire(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_on_the_wire),
		cmocka_unit_test(test_ipv6_on_the_wire),
		cmocka_unit_test(test_reaches_a_socket),
		cmocka_unit_test(test_towards_another_host),
		cmocka_unit_test(test_from_any_address),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
