/*
 * A probe with any pattern, by the laws of wire.h, on any bytes. The first line of
 * the input is the pattern: items of `bytes`, separated by blanks, and behind them a
 * regex; a `u` in front makes it one of UDP. What follows that line are the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "policy/probe.h"
#include "wire_laws.h"
#include "wire_laws_datagrams.h"

enum {
	LINE_BYTES = 200,
	DENSE_BYTES = 64,
};

/* The laws ask a function that knows nothing but the bytes. */
static const struct probe *asked;
static struct regex_room *room;
static unsigned cut;

static enum wire_verdict ask_it(struct span in, struct wire_hints *hints)
{
	const struct probe_flow flow = { .in = in, .room = room, .cut = &cut };

	return probe_ask(asked, &flow, hints);
}

static void require(const char *broken)
{
	/* one that was given up says NO for now */
	if (!broken || cut > 0)
		return;
	(void)fprintf(stderr, "probe: %s\n", broken);
	abort();
}

/* False when it is no probe: the reader would refuse it. */
static bool read_pattern(struct probe *probe, char *line)
{
	char fault[REGEX_FAULT_BYTES];
	char *slash = strchr(line, '/');
	char *rest = NULL;

	if (slash && regex_new_bytes(&probe->regex, slash, fault) != 0)
		return false;
	if (slash)
		*slash = '\0';
	for (const char *item = strtok_r(line, " ", &rest); item;
	     item = strtok_r(NULL, " ", &rest)) {
		if (!probe->all)
			probe->all = calloc(1, sizeof *probe->all);
		if (!probe->all || probe_bytes_add(probe->all, item))
			return false;
	}
	return probe->all || probe->regex;
}

/* A YES of a whole flow is of the flow's first bytes, too, and a NO stays one. */
static void try_final(struct span in)
{
	struct probe_flow flow = { .in = in, .room = room, .cut = &cut };
	struct wire_hints hints;
	enum wire_verdict before = ask_it(in, &hints);

	flow.is_final = true;
	if (before != WIRE_MORE && probe_ask(asked, &flow, &hints) != before)
		require("a settled verdict changed with the end of the flow");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wire_way tcp = { CONFIG_PROBE_BYTES, ask_it };
	static const struct wire_proto udp = { .udp = { DATAGRAMS_ROOM, ask_it } };
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	struct probe probe = { .is_udp = size && data[0] == 'u' };
	char line[LINE_BYTES + 1] = "";
	struct span in;

	if (!end || end - data > LINE_BYTES || (!room && regex_room_new(&room) != 0))
		return 0;
	memcpy(line, data, (size_t)(end - data));
	in = span_of(end + 1, size - (size_t)(end + 1 - data));
	asked = &probe;
	cut = 0;
	if (!read_pattern(&probe, line + probe.is_udp))
		;
	else if (probe.is_udp)
		require(wire_laws_datagrams_broken(&udp, in));
	else
		require(wire_laws_broken(&tcp, in, DENSE_BYTES));
	if (!probe.is_udp && (probe.all || probe.regex))
		try_final(in);
	regex_free(probe.regex);
	free(probe.all);
	return 0;
}
