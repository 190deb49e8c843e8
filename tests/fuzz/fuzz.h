#ifndef SHUNT_FUZZ_FUZZ_H
#define SHUNT_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * What every fuzz target defines: judge one input, borrowed; abort when it
 * breaks a law, else return 0. Called by libFuzzer with clang, by replay.c
 * elsewhere. To hunt, with coverage of the whole tree:
 *
 *	make fuzzers CC=clang SANITIZE=address,undefined,fuzzer-no-link O=build-fuzz
 *	build-fuzz/fuzz/fuzz_wire_tls -max_len=8192 FOUND tests/fuzz/seeds/fuzz_wire_tls
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
