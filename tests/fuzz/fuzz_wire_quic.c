/*
 * The quic recogniser, by the laws of wire.h, on the input as it stands; and on the
 * input as a client would have sent it, for no fuzzer finds a packet that verifies:
 * its datagrams are taken as frames and sealed here. What is learned then may depend
 * neither on the version and the sizes of packet numbers, nor on datagrams that come
 * twice.
 */
#include <stdio.h>

#include "fuzz.h"
#include "wire_laws_datagrams.h"
#include "wire_quic.h"

struct fuzz_run {
	uint8_t bytes[DATAGRAMS_ROOM];
	size_t size;
};

/* End the program when a law is broken. */
static void require(const char *broken)
{
	if (!broken)
		return;
	(void)fprintf(stderr, "quic: %s\n", broken);
	abort();
}

/* Seal each datagram of the input, `times` times in a row. False when that is more than may be held. */
static bool seal_all(struct fuzz_run *out, struct span in, struct quic_build q, unsigned times)
{
	static struct hello_bytes packet;
	struct datagrams d = datagrams_of(in);
	struct span frames;

	out->size = 0;
	while (datagrams_next(&d, &frames) == DATAGRAMS_ONE) {
		for (unsigned i = 0; i < times; i++) {
			packet.size = 0;
			build_initial(&packet, &q, frames, 1200);
			if (!datagrams_put(out->bytes, &out->size,
					   span_of(packet.data, packet.size)))
				return false;
		}
	}
	return true;
}

static enum wire_verdict ask(const struct fuzz_run *run, struct wire_hints *hints)
{
	wire_hints_clear(hints);
	hints->name_size = hints->alpn_size = 0;
	return wire_proto_at(WIRE_ID_quic)->udp.probe(span_of(run->bytes, run->size), hints);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_proto *quic = wire_proto_at(WIRE_ID_quic);
	static struct fuzz_run run;
	struct quic_build one = build_client(BUILD_V1, "12345678");
	struct quic_build two = build_client(BUILD_V2, "to another one");
	struct span in = span_of(data, size);
	struct wire_hints hints;
	struct wire_hints again;
	enum wire_verdict verdict;

	require(wire_laws_datagrams_broken(quic, in));
	if (!seal_all(&run, in, one, 1) || run.size == 0)
		return 0;
	require(wire_laws_datagrams_broken(quic, span_of(run.bytes, run.size)));
	verdict = ask(&run, &hints);
	require(verdict == WIRE_NO ? "what verifies is refused" : NULL);
	two.number_bytes = 4;
	two.token = span_text("token");
	if (seal_all(&run, in, two, 1))
		require(ask(&run, &again) != verdict || !laws_same_hints(&hints, &again)
				? "another version, another answer"
				: NULL);
	/* as many as may be held end the waiting */
	if (seal_all(&run, in, one, 2) && verdict == WIRE_YES)
		require(ask(&run, &again) != verdict || !laws_same_hints(&hints, &again)
				? "datagrams twice, another answer"
				: NULL);
	return 0;
}
