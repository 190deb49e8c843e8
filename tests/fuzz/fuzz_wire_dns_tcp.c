/* The dns recogniser of TCP, by the laws of wire.h. */
#include "fuzz_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_wire(WIRE_ID_dns, span_of(data, size));
	return 0;
}
