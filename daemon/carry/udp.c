/* What a carrier's UDP flows share. */
#include "carry/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "carry/udp_flow.h"
#include "carry/udp_ids.h"
#include "carry/udp_listen.h"
#include "carry/udp_relay.h"

static void udp_free(struct udp *u)
{
	udp_table_done(&u->flows);
	udp_table_done(&u->replies);
	udp_table_done(&u->pairs);
	udp_batch_free(u->batch);
	udp_send_free(u->send);
	free(u);
}

static int make_tables(struct udp *u)
{
	struct siphash_key key = { { 0, 0 } };
	int err;

	/* at the start of a box it may have none to give: the addresses in memory are secret as well */
	if (getrandom(&key, sizeof key, GRND_NONBLOCK) < 0)
		key.k[0] = (uint64_t)(uintptr_t)u;
	err = udp_table_init(&u->flows, &key);
	if (!err)
		err = udp_table_init(&u->replies, &key);
	if (!err)
		err = udp_table_init(&u->pairs, &key);
	return err;
}

static void after_turn(struct later *l)
{
	udp_relay_look(container_of(l, struct udp, after));
}

int udp_open(struct gate *g)
{
	struct udp *u = g->udp ? NULL : calloc(1, sizeof *u);

	if (g->udp)
		return 0;
	if (!u)
		return -ENOMEM;
	TAILQ_INIT(&u->resting);
	TAILQ_INIT(&u->asked);
	TAILQ_INIT(&u->kept);
	TAILQ_INIT(&u->brief);
	TAILQ_INIT(&u->relayed);
	TAILQ_INIT(&u->handed);
	TAILQ_INIT(&u->mute);
	TAILQ_INIT(&u->looks);
	TAILQ_INIT(&u->told);
	LIST_INIT(&u->listeners);
	for (int i = 0; i < 2; i++) {
		u->raw[i] = -1;
		u->icmp[i] = -1;
	}
	u->gate = g;
	u->lines = UDP_MOST_LINES;
	u->after.call = after_turn;
	u->batch = udp_batch_new();
	u->send = udp_send_new();
	if (make_tables(u) || !u->batch || !u->send) {
		udp_free(u);
		return -ENOMEM;
	}
	g->udp = u;
	g->counters->most_udp_undecided = UDP_MOST_UNDECIDED;
	g->counters->most_udp_held = UDP_MOST_HELD_BYTES;
	return 0;
}

static void end_all(struct udp_list *list)
{
	while (!TAILQ_EMPTY(list))
		udp_flow_end(TAILQ_FIRST(list), FLOW_WHY_stopped);
}

void udp_done(struct gate *g)
{
	struct udp *u = g->udp;

	if (!u)
		return;
	end_all(&u->resting);
	end_all(&u->asked);
	end_all(&u->kept);
	end_all(&u->brief);
	end_all(&u->relayed);
	end_all(&u->handed);
	end_all(&u->mute);
	udp_listen_close(g);
	udp_ids_stop(g);
	for (int i = 0; i < 2; i++) {
		if (u->raw[i] >= 0)
			(void)close(u->raw[i]); /* nothing waits in it */
		if (u->icmp[i] >= 0)
			(void)close(u->icmp[i]);
	}
	g->udp = NULL;
	udp_free(u);
}

unsigned udp_fds(const struct gate *g)
{
	const struct udp_listener *l;
	unsigned count = 4; /* raw ones */

	if (!g->udp)
		return 0;
	LIST_FOREACH (l, &g->udp->listeners, entry)
		count++;
	return count;
}

bool udp_make_room(struct gate *g)
{
	struct udp_flow *oldest = g->udp ? TAILQ_FIRST(&g->udp->brief) : NULL;

	if (g->udp && !oldest)
		oldest = TAILQ_FIRST(&g->udp->kept);
	if (oldest)
		udp_flow_give_way(oldest);
	return oldest;
}

bool udp_is_busy(const struct gate *g)
{
	return g->udp && g->udp->undecided;
}
