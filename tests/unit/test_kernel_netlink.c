/* Netlink sockets, in a network namespace of this test's own; skipped without root. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "kernel/rtnl_rule.h"
#include "own_netns.h"

enum {
	FLOOD = 200, /* events, more than a small queue holds */
	PREF = 900,
};

static int enter(void **state)
{
	return enter_netns(state, NETLINK_ROUTE);
}

static void make_events(struct netlink *nl, unsigned count)
{
	struct rtnl_rule rule = { .family = AF_INET, .action = FR_ACT_NOP };
	unsigned i;

	for (i = 0; i < count; i++) {
		rule.pref = PREF + i / 2;
		assert_int_equal(i % 2 ? rtnl_rule_delete(nl, &rule) : rtnl_rule_add(nl, &rule), 0);
	}
}

static int count_one(const struct nlmsghdr *message, void *arg)
{
	unsigned *count = arg;

	(void)message;
	(*count)++;
	return 0;
}

static int refuse(const struct nlmsghdr *message, void *arg)
{
	(void)count_one(message, arg);
	return -EPROTO;
}

static bool is_readable(const struct netlink *nl)
{
	struct pollfd p = { .fd = netlink_fd(nl), .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void join(struct netlink *events, int bytes)
{
	*events = (struct netlink){ .socket = NULL };
	assert_int_equal(netlink_open(events, NETLINK_ROUTE), 0);
	if (bytes)
		assert_int_equal(
			setsockopt(netlink_fd(events), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes),
			0);
	else
		netlink_widen(events);
	assert_int_equal(netlink_join(events, RTNLGRP_IPV4_RULE), 0);
}

static void test_events_go_on_after_some_were_lost(void **state)
{
	struct netlink *nl = need_netns(state);
	struct netlink events;
	unsigned count = 0;

	join(&events, 4096);
	make_events(nl, FLOOD);
	assert_int_equal(netlink_events(&events, count_one, &count), -ENOBUFS);
	assert_in_range(count, 1, FLOOD - 1);
	assert_false(is_readable(&events));
	count = 0;
	make_events(nl, 2);
	assert_int_equal(netlink_events(&events, count_one, &count), 0);
	assert_int_equal(count, 2);
	netlink_close(&events);
}

static void test_all_is_read_though_one_is_refused(void **state)
{
	struct netlink *nl = need_netns(state);
	struct netlink events;
	unsigned count = 0;

	join(&events, 0);
	make_events(nl, 6);
	assert_int_equal(netlink_events(&events, refuse, &count), -EPROTO);
	assert_int_equal(count, 6);
	assert_false(is_readable(&events));
	netlink_close(&events);
}

static void test_widened(void **state)
{
	struct netlink events;
	int bytes = 0;
	socklen_t size = sizeof bytes;

	(void)need_netns(state);
	join(&events, 0);
	assert_int_equal(getsockopt(netlink_fd(&events), SOL_SOCKET, SO_RCVBUF, &bytes, &size), 0);
	assert_in_range(bytes, NETLINK_EVENT_BYTES, INT32_MAX);
	netlink_close(&events);
}

/* The kernel gives the whole request back with a refusal, unless it is told not to. */
static void test_a_large_refused_request_is_answered(void **state)
{
	size_t size = (size_t)2 * NETLINK_BUFFER_BYTES;
	struct nlmsghdr *request = calloc(1, size);
	struct netlink *nl = need_netns(state);

	assert_non_null(request);
	(void)mnl_nlmsg_put_header(request);
	request->nlmsg_type = RTM_NEWRULE;
	request->nlmsg_len = (uint32_t)size;
	assert_in_range(-netlink_request(nl, request), 1, 4095);
	assert_int_not_equal(netlink_request(nl, request), -EMSGSIZE);
	assert_int_not_equal(netlink_request(nl, request), -EIO);
	free(request);
}

/* One interface by its number: no dump, the kernel answers with it, and then agrees. */
static struct nlmsghdr *ask_for_link(void *buf, int index)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(m, sizeof *link);

	m->nlmsg_type = RTM_GETLINK;
	link->ifi_index = index;
	return m;
}

static int take_index(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	int *index = arg;

	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(*index, 0); /* told once */
	*index = link->ifi_index;
	return 0;
}

static void test_ask(void **state)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct netlink *nl = need_netns(state);
	unsigned count = 0;
	int index = 0;

	assert_int_equal(netlink_ask(nl, ask_for_link(buf, 1), take_index, &index), 0);
	assert_int_equal(index, 1);
	/* of what is not there nothing is told */
	assert_int_equal(netlink_ask(nl, ask_for_link(buf, 77), count_one, &count), -ENODEV);
	assert_int_equal(count, 0);
	/* an answer that is refused ends the walk, and its rest is not taken for the next one's */
	assert_int_equal(netlink_ask(nl, ask_for_link(buf, 1), refuse, &count), -EPROTO);
	assert_int_equal(count, 1);
	assert_false(is_readable(nl));
	index = 0;
	assert_int_equal(netlink_ask(nl, ask_for_link(buf, 1), take_index, &index), 0);
	assert_int_equal(index, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_go_on_after_some_were_lost),
		cmocka_unit_test(test_all_is_read_though_one_is_refused),
		cmocka_unit_test(test_widened),
		cmocka_unit_test(test_a_large_refused_request_is_answered),
		cmocka_unit_test(test_ask),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
