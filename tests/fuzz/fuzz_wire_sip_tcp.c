/* The sip recogniser of streams, by the laws of wire.h. */
#include "fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_wire(WIRE_ID_sip, span_of(data, size));
	return 0;
}
