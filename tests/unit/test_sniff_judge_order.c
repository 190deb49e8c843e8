/*
 * In which order recognisers are heard, over the seeds of all of them and every length: the judge
 * against one that asks each of them, in the order of protocols.h.
 */
#include "sniff_court.h"
#include "wire_samples.h"

enum { DENSE_BYTES = 512 }; /* of a seed, prefixes looked at one by one; hellos may have 2000 */

static struct court court;
static unsigned folder;

/* Whom routes name: every one of them, all that are not weak, or one. */
enum kind { EACH, DEFINITE, ONE, DIVERTS };

static bool is_named(unsigned id, enum kind divert)
{
	return divert == EACH || (divert == ONE ? id == WIRE_ID_ssh : !wire_proto_at(id)->is_weak);
}

static void name_them(FILE *out, enum kind divert)
{
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (is_named(id, divert))
			(void)fprintf(out, "protocol = %s\n", wire_proto_at(id)->name);
	}
}

static int setup(void **state)
{
	static const char *const names[] = { "each", "definite", "one" };
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof text, "w");

	(void)state;
	assert_non_null(out);
	for (unsigned i = 0; i < DIVERTS; i++) {
		(void)fprintf(out, "[divert %s]\ntcp = %u\nudp = %u\n", names[i], i + 1, i + 1);
		(void)fprintf(out, "[route %s]\ndivert = %s\nbackend = original\n", names[i],
			      names[i]);
		name_them(out, (enum kind)i);
	}
	assert_int_equal(fclose(out), 0);
	court_open(&court, text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	court_close(&court);
	return 0;
}

/* What one of them says; no route asks for a name, so being sure is enough. */
static enum wire_verdict verdict_of(unsigned id, unsigned transport, struct span in, size_t *wanted)
{
	const struct wire_way *way = wire_proto_way(wire_proto_at(id), transport);
	struct wire_hints hints;
	enum wire_verdict verdict;

	if (!way->probe)
		return WIRE_NO;
	verdict = sample_ask_way(way, in, &hints);
	*wanted = hints.wanted;
	return verdict == WIRE_MORE && hints.is_sure ? WIRE_YES : verdict;
}

/* The first yes, or -1; whether somebody ahead of it, or anybody, is undecided; by how few bytes. */
struct expected {
	int yes;
	bool is_more;
	size_t wanted;
};

static struct expected expect(unsigned transport, struct span in, enum kind divert)
{
	struct expected e = { .yes = -1 };
	size_t wanted;

	for (unsigned id = 0; id < WIRE_IDS && e.yes < 0; id++) {
		enum wire_verdict verdict = verdict_of(id, transport, in, &wanted);

		if (!is_named(id, divert))
			continue;
		if (verdict == WIRE_YES)
			e.yes = (int)id;
		if (verdict != WIRE_MORE)
			continue;
		if (!e.is_more || wanted < e.wanted)
			e.wanted = wanted;
		e.is_more = true;
	}
	return e;
}

static void check_prefix(const char *file, unsigned transport, size_t number, struct span in)
{
	const enum kind divert = (enum kind)(number % DIVERTS);
	const struct expected e = expect(transport, in, divert);
	const int lent = e.yes < 0 ? expect(transport, in, DEFINITE).yes : e.yes;
	struct question q = { .divert = (uint16_t)divert,
			      .transport = transport == WIRE_UDP ? QUESTION_UDP : QUESTION_TCP };
	struct judgement is;

	judge_weigh(&court.judge, &q, in, &is);
	if (is.is_more != e.is_more || (is.is_more && is.wanted != e.wanted) ||
	    (!is.is_more && is.protocol != e.yes))
		fail_msg("%s, the first %zu bytes: protocol %d, more %d", file, in.size,
			 is.protocol, is.is_more);
	q.is_final = true;
	judge_weigh(&court.judge, &q, in, &is);
	if (is.is_more || is.protocol != e.yes || is.named != lent ||
	    is.route != (e.yes < 0 ? -1 : (int)divert))
		fail_msg("%s, only %zu bytes: protocol %d, named %d", file, in.size, is.protocol,
			 is.named);
}

/* As a stream, and as datagrams: what is neither is chance, and as good. A run of datagrams is whole. */
static void check_seed(const char *file, struct span sample)
{
	struct datagrams d = datagrams_of(sample);
	struct span one;

	if (sample.size <= QUESTION_MOST_BYTES && sample.size > 0)
		check_prefix(file, WIRE_TCP, folder, sample);
	for (size_t size = 1; size < sample.size && size <= DENSE_BYTES; size++)
		check_prefix(file, WIRE_TCP, size, span_of(sample.data, size));
	while (datagrams_next(&d, &one) == DATAGRAMS_ONE)
		check_prefix(file, WIRE_UDP, d.count, span_of(sample.data, d.at));
}

static void test_seeds(void **state)
{
	char target[64];

	(void)state;
	for (folder = 0; folder < WIRE_IDS; folder++) {
		if (wire_proto_at(folder)->tcp.probe)
			sample_each(sample_target(target, folder, WIRE_TCP), check_seed);
		if (wire_proto_at(folder)->udp.probe)
			sample_each(sample_target(target, folder, WIRE_UDP), check_seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
