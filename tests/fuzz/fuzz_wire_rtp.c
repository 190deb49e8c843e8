/* The rtp recogniser, by the laws of wire.h. */
#include "fuzz_wire_datagrams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_wire_datagrams(WIRE_ID_rtp, span_of(data, size));
	return 0;
}
