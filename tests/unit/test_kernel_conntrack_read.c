/* Entries of conntrack out of messages: whole, of all kinds, cut off anywhere, and nonsense. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include <linux/netfilter/nf_conntrack_common.h>

#include "kernel/conntrack_read.h"
#include "kernel_ctnetlink.h"

enum {
	MESSAGE_BYTES = 1024,
};

/* What a message is made of. */
struct made {
	struct addr asked[2];
	struct addr answered[2];
	uint8_t protocol;
	uint8_t tcp_state;
	bool is_offloaded;
	bool is_unsure;
};

struct message {
	_Alignas(struct nlmsghdr) char bytes[MESSAGE_BYTES];
};

static struct made made_v4(void)
{
	return (struct made){ .asked = { at("198.51.100.7:40000"), at("203.0.113.1:443") },
			      .answered = { at("192.168.1.10:8443"), at("198.51.100.7:40000") },
			      .protocol = IPPROTO_TCP,
			      .tcp_state = TCP_CONNTRACK_ESTABLISHED };
}

static struct made made_v6(void)
{
	return (struct made){ .asked = { at("[2001:db8:1::7]:40000"), at("[2001:db8::1]:443") },
			      .answered = { at("[fd00:1::10]:8443"), at("[2001:db8:1::7]:40000") },
			      .protocol = IPPROTO_TCP,
			      .tcp_state = TCP_CONNTRACK_ESTABLISHED };
}

static void put_counters(struct nlmsghdr *m, uint16_t which, uint64_t packets, uint64_t bytes)
{
	struct nlattr *nest = mnl_attr_nest_start(m, which);

	mnl_attr_put_u64(m, CTA_COUNTERS_PACKETS, htobe64(packets));
	mnl_attr_put_u64(m, CTA_COUNTERS_BYTES, htobe64(bytes));
	mnl_attr_nest_end(m, nest);
}

static void put_shift(struct nlmsghdr *m, uint16_t which, uint32_t shift)
{
	struct nlattr *nest = mnl_attr_nest_start(m, which);

	mnl_attr_put_u32(m, CTA_SEQADJ_CORRECTION_POS, htonl(5));
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_BEFORE, htonl(6));
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_AFTER, htonl(shift));
	mnl_attr_nest_end(m, nest);
}

/* As the kernel writes it. */
static struct nlmsghdr *make(struct message *to, const struct made *made)
{
	struct nlmsghdr *m = begin(to->bytes, AF_INET);

	put_tuple(m, CTA_TUPLE_ORIG, &made->asked[0], &made->asked[1], made->protocol);
	put_tuple(m, CTA_TUPLE_REPLY, &made->answered[0], &made->answered[1], made->protocol);
	mnl_attr_put_u32(m, CTA_STATUS,
			 htonl((0x1ee | (made->is_offloaded ? IPS_OFFLOAD : 0)) &
			       ~(made->is_unsure ? IPS_ASSURED : 0u)));
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(431999));
	put_counters(m, CTA_COUNTERS_ORIG, 3, 0x123456789a);
	put_counters(m, CTA_COUNTERS_REPLY, 4, 5000000000);
	if (made->protocol == IPPROTO_TCP)
		put_state(m, made->tcp_state);
	put_shift(m, CTA_SEQ_ADJ_ORIG, 0);
	put_shift(m, CTA_SEQ_ADJ_REPLY, 0x87654321);
	mnl_attr_put_u32(m, CTA_MARK, htonl(0x58000200));
	mnl_attr_put_u32(m, CTA_ID, htonl(0xdeadbeef));
	return m;
}

static void is_whole(const struct made *made)
{
	struct conntrack_entry e;
	struct message buf;

	memset(&e, 0xa5, sizeof e);
	assert_int_equal(conntrack_read(make(&buf, made), &e), 0);
	assert_int_equal(e.transport, made->protocol);
	assert_true(addr_equal(&e.client, &made->asked[0]));
	assert_true(addr_equal(&e.to, &made->asked[1]));
	assert_true(addr_equal(&e.server, &made->answered[0]));
	assert_int_equal(e.state, CONNTRACK_LIVE);
	assert_int_equal(e.mark, 0x58000200);
	assert_int_equal(e.timeout_s, 431999);
	assert_int_equal(e.answer_shift, 0x87654321);
	assert_int_equal(e.id, 0xdeadbeef);
	assert_int_equal(e.packets[0], 3);
	assert_int_equal(e.packets[1], 4);
	assert_int_equal(e.bytes[0], 0x123456789a);
	assert_int_equal(e.bytes[1], 5000000000);
}

static void test_whole(void **state)
{
	const struct made v4 = made_v4();
	const struct made v6 = made_v6();

	(void)state;
	is_whole(&v4);
	is_whole(&v6);
}

/* As the kernel writes one of UDP: without any state. */
static void test_udp(void **state)
{
	struct made made = made_v6();
	struct conntrack_entry e;
	struct message buf;

	(void)state;
	made.protocol = IPPROTO_UDP;
	made.is_offloaded = true;
	assert_int_equal(conntrack_read(make(&buf, &made), &e), 0);
	assert_int_equal(e.transport, IPPROTO_UDP);
	assert_true(e.is_offloaded);
	assert_true(e.is_answered);
	assert_true(e.is_assured);
	assert_int_equal(e.state, CONNTRACK_LIVE);
	made.is_unsure = true;
	assert_int_equal(conntrack_read(make(&buf, &made), &e), 0);
	assert_false(e.is_assured);
	made.is_offloaded = false;
	is_whole(&made);
}

/* Nobody counts, nothing is shifted, no mark, as events have it. */
static void test_bare(void **state)
{
	const struct made made = made_v6();
	struct conntrack_entry e;
	struct nlmsghdr *m;
	struct message buf;

	(void)state;
	memset(&e, 0xa5, sizeof e);
	m = begin(buf.bytes, AF_INET);
	put_tuple(m, CTA_TUPLE_REPLY, &made.answered[0], &made.answered[1], IPPROTO_TCP);
	put_tuple(m, CTA_TUPLE_ORIG, &made.asked[0], &made.asked[1], IPPROTO_TCP);
	assert_int_equal(conntrack_read(m, &e), 0);
	assert_true(addr_equal(&e.server, &made.answered[0]));
	assert_int_equal(e.state, CONNTRACK_LIVE);
	assert_int_equal(e.mark | e.timeout_s | e.answer_shift | e.id, 0);
	assert_int_equal(e.packets[0] | e.packets[1] | e.bytes[0] | e.bytes[1], 0);
}

static void test_states(void **state)
{
	static const struct {
		uint8_t tcp;
		enum conntrack_state state;
	} all[] = {
		{ TCP_CONNTRACK_NONE, CONNTRACK_LIVE },
		{ TCP_CONNTRACK_SYN_SENT, CONNTRACK_LIVE },
		{ TCP_CONNTRACK_SYN_RECV, CONNTRACK_LIVE },
		{ TCP_CONNTRACK_ESTABLISHED, CONNTRACK_LIVE },
		{ TCP_CONNTRACK_FIN_WAIT, CONNTRACK_CLOSING },
		{ TCP_CONNTRACK_CLOSE_WAIT, CONNTRACK_CLOSING },
		{ TCP_CONNTRACK_LAST_ACK, CONNTRACK_CLOSING },
		{ TCP_CONNTRACK_TIME_WAIT, CONNTRACK_CLOSED },
		{ TCP_CONNTRACK_CLOSE, CONNTRACK_RESET },
		{ TCP_CONNTRACK_SYN_SENT2, CONNTRACK_LIVE },
		{ 255, CONNTRACK_LIVE },
	};
	struct made made = made_v4();
	struct conntrack_entry e;
	struct message buf;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		made.tcp_state = all[i].tcp;
		assert_int_equal(conntrack_read(make(&buf, &made), &e), 0);
		assert_int_equal(e.state, all[i].state);
	}
}

/* Refused, and *out is left alone. */
static void refused(const struct nlmsghdr *m)
{
	struct conntrack_entry e;
	struct conntrack_entry before;

	memset(&e, 0xa5, sizeof e);
	before = e;
	assert_int_equal(conntrack_read(m, &e), -EPROTO);
	assert_memory_equal(&e, &before, sizeof e);
}

static void test_not_whole(void **state)
{
	const struct made v6 = made_v6();
	struct made made;
	struct message buf;
	struct nlmsghdr *m;

	(void)state;
	for (uint8_t protocol = 0; protocol < 255; protocol++) {
		made = made_v4();
		made.protocol = protocol;
		if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
			refused(make(&buf, &made));
	}
	for (int i = 0; i < 3; i++) {
		/* an address is missing, or is of another family */
		made = made_v4();
		*(i < 2 ? &made.asked[i] : &made.answered[0]) = (struct addr){ .port = 443 };
		refused(make(&buf, &made));
		*(i < 2 ? &made.asked[i] : &made.answered[0]) = v6.asked[0];
		refused(make(&buf, &made));
	}
	m = begin(buf.bytes, AF_INET);
	refused(m);
	put_tuple(m, CTA_TUPLE_ORIG, &v6.asked[0], &v6.asked[1], IPPROTO_TCP);
	refused(m);
	m = begin(buf.bytes, AF_INET);
	put_tuple(m, CTA_TUPLE_REPLY, &v6.answered[0], &v6.answered[1], IPPROTO_TCP);
	refused(m);
}

/* Cut off at each place, in a block of just that size: read within it, refused or with what came whole. */
static void test_cut_off(void **state)
{
	const struct made all[] = { made_v4(), made_v6() };
	struct conntrack_entry e;
	struct message buf;
	struct nlmsghdr *cut;
	unsigned read = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct nlmsghdr *m = make(&buf, &all[i]);

		for (uint32_t size = NLMSG_HDRLEN; size <= m->nlmsg_len; size += NLMSG_ALIGNTO) {
			cut = malloc(size);
			assert_non_null(cut);
			memcpy(cut, m, size);
			cut->nlmsg_len = size;
			if (conntrack_read(cut, &e) == 0) {
				assert_true(addr_equal(&e.client, &all[i].asked[0]));
				assert_true(addr_equal(&e.to, &all[i].asked[1]));
				assert_true(addr_equal(&e.server, &all[i].answered[0]));
				read++;
			}
			free(cut);
		}
	}
	assert_true(read > 2);
}

/* Fields that are shorter than they should be count as missing; longer ones, and unknown, do no harm. */
static void test_odd_sizes(void **state)
{
	static const uint8_t bytes[64] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
	const struct made made = made_v4();
	struct conntrack_entry e;
	struct message buf;
	struct nlmsghdr *m;
	struct nlattr *nest;

	(void)state;
	for (size_t size = 0; size < sizeof bytes; size++) {
		m = begin(buf.bytes, AF_INET);
		put_tuple(m, CTA_TUPLE_ORIG, &made.asked[0], &made.asked[1], IPPROTO_TCP);
		put_tuple(m, CTA_TUPLE_REPLY, &made.answered[0], &made.answered[1], IPPROTO_TCP);
		mnl_attr_put(m, CTA_MARK, size, bytes);
		mnl_attr_put(m, CTA_PROTOINFO, size, bytes);
		mnl_attr_put(m, 77, size, bytes);
		nest = mnl_attr_nest_start(m, CTA_COUNTERS_ORIG);
		mnl_attr_put(m, CTA_COUNTERS_BYTES, size, bytes);
		mnl_attr_nest_end(m, nest);
		assert_int_equal(conntrack_read(m, &e), 0);
		assert_int_equal(e.mark, size < 4 ? 0 : 0x11223344);
		assert_int_equal(e.bytes[0], size < 8 ? 0 : 0x1122334455667788);
		assert_int_equal(e.packets[0], 0);
		assert_int_equal(e.state, CONNTRACK_LIVE);
		/* an address of a wrong size is none */
		m = begin(buf.bytes, AF_INET);
		put_tuple(m, CTA_TUPLE_REPLY, &made.answered[0], &made.answered[1], IPPROTO_TCP);
		nest = mnl_attr_nest_start(m, CTA_TUPLE_ORIG);
		mnl_attr_put(m, CTA_TUPLE_IP, size, bytes);
		mnl_attr_nest_end(m, nest);
		refused(m);
	}
}

/* Two addresses for one place: the last one counts, and nothing is left of the other. */
static void test_twice(void **state)
{
	const struct made v6 = made_v6();
	const struct made v4 = made_v4();
	struct conntrack_entry e;
	struct message buf;
	struct nlmsghdr *m = begin(buf.bytes, AF_INET);

	(void)state;
	put_tuple(m, CTA_TUPLE_ORIG, &v6.asked[0], &v6.asked[1], IPPROTO_TCP);
	put_tuple(m, CTA_TUPLE_ORIG, &v4.asked[0], &v4.asked[1], IPPROTO_TCP);
	put_tuple(m, CTA_TUPLE_REPLY, &v4.answered[0], &v4.answered[1], IPPROTO_TCP);
	assert_int_equal(conntrack_read(m, &e), 0);
	assert_true(addr_equal(&e.client, &v4.asked[0]));
	assert_true(addr_equal(&e.to, &v4.asked[1]));
}

/* Packets without any payload, as acknowledgements are, leave none; fewer bytes than heads, none either. */
static void test_payload(void **state)
{
	struct conntrack_entry e = { .transport = IPPROTO_TCP,
				     .client = at("198.51.100.7:40000"),
				     .packets = { 3, 2 },
				     .bytes = { 3 * 40 + 517, 2 * 40 } };

	(void)state;
	assert_int_equal(conntrack_payload(&e, 0), 517);
	assert_int_equal(conntrack_payload(&e, 1), 0);
	e.client = at("[2001:db8:1::7]:40000");
	assert_int_equal(conntrack_payload(&e, 0), 517 - 60);
	assert_int_equal(conntrack_payload(&e, 1), 0);
	e.bytes[0] = UINT64_MAX;
	assert_int_equal(conntrack_payload(&e, 0), UINT64_MAX - 180);
	e.has_stamps = true;
	assert_int_equal(conntrack_payload(&e, 0), UINT64_MAX - 216);
	e.has_stamps = false;
	e.transport = IPPROTO_UDP;
	e.bytes[0] = 3 * 48 + 1;
	e.bytes[1] = 2 * 48;
	assert_int_equal(conntrack_payload(&e, 0), 1);
	assert_int_equal(conntrack_payload(&e, 1), 0);
	e.client = at("198.51.100.7:40000");
	assert_int_equal(conntrack_payload(&e, 0), 3 * 20 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),     cmocka_unit_test(test_bare),
		cmocka_unit_test(test_udp),       cmocka_unit_test(test_states),
		cmocka_unit_test(test_not_whole), cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_odd_sizes), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
