/* Where recognisers settled, as the explanation has it: its halving against asking for each prefix. */
#include "policy_flow.h"
#include "sniff/explain.h"
#include "sniff_court.h"
#include "wire_samples.h"

/* The first so many bytes of a stream, or datagrams of a flow. */
static struct span first(const struct replay *r, size_t count)
{
	return span_of(r->room->bytes, replay_is_udp(r) ? r->room->ends[count - 1].size : count);
}

static enum wire_verdict ask(const struct wire_way *way, struct span in, struct wire_hints *hints)
{
	wire_hints_clear(hints);
	return way->probe(in, hints);
}

static void assert_settled(struct replay *r)
{
	size_t whole = replay_is_udp(r) ? r->ends : r->size;
	struct explanation e;
	size_t decided = 0;

	assert_int_equal(explain_flow(&e, r), 0);
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const unsigned by = judge_transport(&r->q);
		const struct wire_way *way = wire_proto_way(wire_proto_at(id), by);
		struct wire_hints hints;
		size_t count = 1, sure_at = 0;

		if (!way->probe)
			continue; /* not asked */
		for (; count <= whole && ask(way, first(r, count), &hints) == WIRE_MORE; count++)
			sure_at = sure_at || !hints.is_sure ? sure_at : count;
		sure_at += e.protos[id].verdict == WIRE_YES && !sure_at ? count : 0;
		assert_int_equal(e.protos[id].sure_at, sure_at);
		assert_int_equal(e.protos[id].settled_at, count > whole ? 0 : count);
	}
	for (size_t count = 1; r->decided && !decided; count++) {
		struct question q = r->q;
		struct judgement is;

		q.is_final = false;
		judge_weigh(r->judge, &q, first(r, count), &is);
		decided = is.is_more ? 0 : count;
	}
	assert_int_equal(e.decided_at, decided);
	explain_done(&e);
}

/* A seed, as one segment, or as its datagrams. */
static void tell(struct replay *r, struct span bytes)
{
	struct datagrams d = datagrams_of(bytes);
	struct span datagram;

	if (!replay_is_udp(r))
		replay_add(r, bytes);
	while (replay_is_udp(r) && datagrams_next(&d, &datagram) == DATAGRAMS_ONE)
		replay_add(r, datagram);
}

/* What the files of seeds below are of, and where they are asked about. */
static struct court *asked;
static bool is_udp;

static void check_seed(const char *file, struct span sample)
{
	struct replay r;

	(void)file;
	if (sample.size > 4096 && !is_udp)
		return; /* asking for each prefix costs the square of it */
	court_begin(&r, asked, 0, is_udp, NULL, NULL);
	tell(&r, sample);
	(void)replay_end(&r); /* where it went is no matter here */
	assert_settled(&r);
}

/* Every seed of every recogniser: where each was sure is where asking byte by byte, or datagram by
 * datagram, says so. */
static void test_sure_at_the_right_byte(void **state)
{
	static const char conf[] = "[divert d]\ntcp = 1\nudp = 1\n" R("a", "protocol = tls")
		R("b", "protocol = ssh http") R("c", "protocol = quic\nserver_name = a.test");
	char target[64];

	(void)state;
	asked = calloc(1, sizeof *asked);
	assert_non_null(asked);
	court_open(asked, conf);
	for (unsigned i = 0; i < 2 * WIRE_IDS; i++) {
		unsigned by = i % 2 ? WIRE_UDP : WIRE_TCP;

		is_udp = by == WIRE_UDP;
		if (wire_proto_way(wire_proto_at(i / 2), by)->probe)
			sample_each(sample_target(target, i / 2, by), check_seed);
	}
	court_close(asked);
	free(asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sure_at_the_right_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
