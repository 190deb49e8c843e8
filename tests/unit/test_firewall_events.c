/* Which events count as ours being touched, in a network namespace of this test's own; skipped
 * without root. */

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "firewall_events.h"
#include "nft/commit.h"
#include "unit.h"

enum {
	TABLE = 1443,
};

struct lab {
	struct firewall_events events;
	struct netlink ours;
	struct netlink theirs;
};

static int enter_namespace(void **state)
{
	struct lab *lab = calloc(1, sizeof *lab);

	*state = lab;
	if (!lab)
		return -1;
	lab->events.poll = -1;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return 0;
	if (netlink_open(&lab->ours, NETLINK_NETFILTER) ||
	    netlink_open(&lab->theirs, NETLINK_NETFILTER) || firewall_events_open(&lab->events))
		return -1;
	return firewall_events_join(&lab->events);
}

static int leave(void **state)
{
	struct lab *lab = *state;

	firewall_events_close(&lab->events);
	netlink_close(&lab->ours);
	netlink_close(&lab->theirs);
	free(lab);
	return 0;
}

static struct lab *need(void **state)
{
	struct lab *lab = *state;

	if (lab->events.poll < 0)
		skip();
	return lab;
}

/* Make an empty table and delete it again. */
static void make_table(struct netlink *nl, const char *name)
{
	const struct plan_table table = { .name = name };

	assert_int_equal(commit_table(nl, &table, false, NULL), 0);
	assert_int_equal(commit_delete(nl, name, NULL), 0);
}

static struct firewall_dirt drain(struct lab *lab)
{
	struct host_interface wan = { .name = "wan" };
	const struct host_list hosts = { &wan, 1 };
	const struct firewall_own own = { lab->ours.port, 0, TABLE, &hosts };
	struct firewall_dirt dirt = { .tables = false };

	firewall_events_drain(&lab->events, &own, &dirt);
	return dirt;
}

static void test_only_our_tables_count(void **state)
{
	struct lab *lab = need(state);

	make_table(&lab->theirs, "other");
	make_table(&lab->theirs, "shunt_bas");
	assert_false(drain(lab).tables);
	make_table(&lab->theirs, "shunt_base");
	assert_true(drain(lab).tables);
	make_table(&lab->theirs, "shunt");
	assert_true(drain(lab).tables);
	assert_false(drain(lab).tables);
}

static void test_our_own_changes_do_not(void **state)
{
	struct lab *lab = need(state);

	make_table(&lab->ours, "shunt_base");
	assert_false(drain(lab).tables);
}

static void test_what_was_lost_might_have_been_ours(void **state)
{
	struct lab *lab = need(state);
	int small = 4096;
	unsigned i;

	assert_int_equal(setsockopt(netlink_fd(&lab->events.nft), SOL_SOCKET, SO_RCVBUF, &small,
				    sizeof small),
			 0);
	for (i = 0; i < 100; i++)
		make_table(&lab->theirs, "other");
	assert_true(drain(lab).tables);
	/* and what comes then is seen as before */
	make_table(&lab->theirs, "other");
	assert_false(drain(lab).tables);
	make_table(&lab->theirs, "shunt");
	assert_true(drain(lab).tables);
	assert_false(drain(lab).routing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_our_tables_count),
		cmocka_unit_test(test_our_own_changes_do_not),
		cmocka_unit_test(test_what_was_lost_might_have_been_ours),
	};

	return cmocka_run_group_tests(tests, enter_namespace, leave);
}
