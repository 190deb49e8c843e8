/* The table of recognisers against protocols.h: a row for each, names that a configuration can hold. */
#include "wire_samples.h"

static const char *const listed[] = {
#define WIRE_PROTO(name) #name,
#include "wire/protocols.h"
#undef WIRE_PROTO
};

/* Its name is that of its line, but that a line cannot have a dash. */
static bool is_listed_as(const char *name, const char *line)
{
	size_t i = 0;

	while (name[i] && (name[i] == '-' ? '_' : name[i]) == line[i])
		i++;
	return name[i] == line[i];
}

static void test_every_id_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(sizeof listed / sizeof listed[0], WIRE_IDS);
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		assert_non_null(proto);
		assert_true(is_listed_as(proto->name, listed[id]));
		assert_int_not_equal(wire_proto_transports(proto), 0);
		assert_int_equal(proto->tcp.probe != NULL, proto->tcp.most_bytes > 0);
		assert_int_equal(proto->udp.probe != NULL, proto->udp.most_bytes > 0);
	}
}

/* Whose bytes may be another's is asked last. */
static void test_weak_stand_behind(void **state)
{
	bool is_weak = false;

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (is_weak && !wire_proto_at(id)->is_weak)
			fail_msg("%s stands behind a weak one", listed[id]);
		is_weak = wire_proto_at(id)->is_weak;
	}
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const char *name = wire_proto_at(id)->name;

		assert_int_equal(wire_proto_find(name), id);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(name));
		assert_string_not_equal(name, "any");
	}
}

/* Those whom only a route that names them asks stand behind all others. */
static void test_weak(void **state)
{
	static const char *const weak[] = { "memcached", "modbus", "zookeeper", "ntp",
					    "coap",      "utp",    "rtp" };
	const size_t count = sizeof weak / sizeof weak[0];

	(void)state;
	for (unsigned id = 0; id < WIRE_IDS; id++)
		assert_int_equal(wire_proto_at(id)->is_weak, id >= WIRE_IDS - count);
	for (size_t i = 0; i < count; i++)
		assert_true(wire_proto_at((unsigned)wire_proto_find(weak[i]))->is_weak);
}

static void test_unknown_names(void **state)
{
	(void)state;
	assert_int_equal(wire_proto_find("grpc"), WIRE_ID_http2);
	assert_int_equal(wire_proto_find(""), -1);
	assert_int_equal(wire_proto_find("any"), -1);
	assert_int_equal(wire_proto_find("tl"), -1);
	assert_int_equal(wire_proto_find("tlss"), -1);
	assert_int_equal(wire_proto_find("TLS"), -1);
}

static const unsigned transports[] = { WIRE_TCP, WIRE_UDP };

/* With nothing there yet nobody may decide, and nobody may touch a NULL. */
static void test_empty_input(void **state)
{
	struct wire_hints hints;

	(void)state;
	for (unsigned i = 0; i < 2 * WIRE_IDS; i++) {
		const struct wire_way *way =
			wire_proto_way(wire_proto_at(i / 2), transports[i % 2]);

		if (!way->probe)
			continue;
		assert_int_equal(sample_ask_way(way, span_of(NULL, 0), &hints), WIRE_MORE);
		assert_true(hints.wanted > 0 && hints.wanted <= way->most_bytes);
	}
}

/* Whose seeds these are, and of which transport. */
static unsigned folder, transport;

/* Go through the seeds of all that come by these transports. Of one that comes by both, those of TCP are
 * a folder of their own. */
static void each_seed(unsigned which, void (*check)(const char *file, struct span sample))
{
	char target[64];

	for (folder = 0; folder < WIRE_IDS; folder++) {
		unsigned own = wire_proto_transports(wire_proto_at(folder));

		for (unsigned i = 0; i < 2; i++) {
			transport = transports[i];
			if (!(own & which & transport))
				continue;
			sample_each(sample_target(target, folder, transport), check);
		}
	}
}

/* Whoever is certain of these bytes: a YES, or a MORE that is sure. */
static unsigned count_owners(struct span in, unsigned by)
{
	struct wire_hints hints;
	unsigned owners = 0;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_way *way = wire_proto_way(wire_proto_at(id), by);
		enum wire_verdict verdict;

		if (!way->probe || wire_proto_at(id)->is_weak)
			continue;
		verdict = sample_ask_way(way, in, &hints);
		owners += verdict == WIRE_YES || (verdict == WIRE_MORE && hints.is_sure);
	}
	return owners;
}

static void check_one_owner(const char *file, struct span sample)
{
	for (size_t size = 0; size <= sample.size; size += 1 + size / 32) {
		if (count_owners(span_of(sample.data, size), WIRE_TCP) > 1 ||
		    count_owners(span_of(sample.data, size), WIRE_UDP) > 1)
			fail_msg("%s: recognised as two protocols after %zu bytes", file, size);
	}
	if (count_owners(sample, WIRE_TCP) > 1 || count_owners(sample, WIRE_UDP) > 1)
		fail_msg("%s: recognised as two protocols", file);
}

/* A stream is one thing, and so are datagrams: no seed of any recogniser, nor a prefix of it, is claimed by two. */
static void test_one_owner(void **state)
{
	(void)state;
	each_seed(WIRE_TCP | WIRE_UDP, check_one_owner);
}

/* The recogniser that must know a seed of that folder; -1: none. A near miss may be a hit of another
 * one: its last word is the name of that, a number may follow. */
static int expected_owner(const char *file)
{
	const char *last = strrchr(file, '-') + 1;
	size_t longest = 0;
	int owner = -1;

	if (!sample_is(file, "near-"))
		return (int)folder;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		size_t size = strlen(listed[id]);

		if (strncmp(last, listed[id], size) == 0 && size > longest &&
		    strspn(last + size, "0123456789") == strlen(last + size) &&
		    wire_proto_way(wire_proto_at(id), transport)->probe) {
			longest = size;
			owner = (int)id;
		}
	}
	return owner;
}

/* What the recogniser of that id must say of a seed. */
static enum wire_verdict expected_verdict(const char *file, unsigned id)
{
	if ((int)id != expected_owner(file))
		return WIRE_NO;
	return strstr(file, "-more") || strstr(file, "-silent") ? WIRE_MORE : WIRE_YES;
}

static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_way *way = wire_proto_way(wire_proto_at(id), transport);

		if (!way->probe || wire_proto_at(id)->is_weak)
			continue;
		if (sample_ask_way(way, sample, &hints) != expected_verdict(file, id))
			fail_msg("%s of %s: %s is wrong", file, listed[folder], listed[id]);
		for (size_t size = 0; size < sample.size && (int)id != expected_owner(file);
		     size++) {
			enum wire_verdict verdict =
				sample_ask_way(way, span_of(sample.data, size), &hints);

			if (verdict == WIRE_YES || (verdict == WIRE_MORE && hints.is_sure))
				fail_msg("%s: %s claims %zu bytes", file, listed[id], size);
		}
	}
}

/* Every seed is known to its own recogniser and refused by all others, with each prefix. */
static void test_seeds(void **state)
{
	(void)state;
	each_seed(WIRE_TCP | WIRE_UDP, check_seed);
}

enum { SEGMENT_BYTES = 1460 }; /* by Ethernet and IPv4 */

/* Seeds of whose first segment their own recogniser cannot be certain yet. All are hellos of TLS that are
 * longer than that: one is TLS when it comes out even at its end, and not before. */
static const char *const unfinished[] = {
	"chromium-156.0.8078.79-h2",
	"openssl-3.0.22-records-of-512-long-alpn",
	"openssl-3.0.22-two-records",
};

static bool is_unfinished(const char *file)
{
	for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
		if (strcmp(file, unfinished[i]) == 0)
			return true;
	}
	return strstr(file, "-more");
}

/* After its first segment a flow is its own recogniser's: the others have refused it. */
static void check_first_segment(const char *file, struct span sample)
{
	const struct span first =
		span_of(sample.data, sample.size < SEGMENT_BYTES ? sample.size : SEGMENT_BYTES);
	struct wire_hints hints;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_way *way = &wire_proto_at(id)->tcp;
		bool is_own = (int)id == expected_owner(file);
		enum wire_verdict verdict;

		if (!way->probe || wire_proto_at(id)->is_weak)
			continue;
		verdict = sample_ask_way(way, first, &hints);
		if (verdict == WIRE_MORE && hints.is_sure)
			verdict = WIRE_YES;
		if (!is_own && verdict != WIRE_NO)
			fail_msg("%s of %s: %s has not refused it", file, listed[folder],
				 listed[id]);
		if (is_own && verdict != (is_unfinished(file) ? WIRE_MORE : WIRE_YES))
			fail_msg("%s of %s: by its first segment %d", file, listed[folder],
				 verdict);
	}
}

static void test_first_segments(void **state)
{
	(void)state;
	each_seed(WIRE_TCP, check_first_segment);
}

/* A datagram of nothing but chance, or of one value, of every size up to that from which it could be QUIC of
 * a version that nobody has heard of: nobody knows it. */
static void test_chance(void **state)
{
	static uint8_t bytes[2 + 1199];
	struct wire_hints hints;
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = round % 1200;

		for (size_t i = 0; i < size; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[2 + i] = round < 256 ? (uint8_t)round : (uint8_t)(seed >> 24);
		}
		bytes[0] = (uint8_t)(size >> 8);
		bytes[1] = (uint8_t)size;
		for (unsigned id = 0; id < WIRE_IDS; id++) {
			const struct wire_way *way = &wire_proto_at(id)->udp;

			if (way->probe && !wire_proto_at(id)->is_weak &&
			    sample_ask_way(way, span_of(bytes, 2 + size), &hints) != WIRE_NO)
				fail_msg("round %u, %zu bytes: %s", round, size, listed[id]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_id_has_a_row),
		cmocka_unit_test(test_weak_stand_behind),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_weak),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_empty_input),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_first_segments),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
