/*
 * What a decision costs, with every recogniser on: for scripts/cost, which counts its
 * instructions, and for a clock.
 *
 *	judge_cost [-e] [-t] ROUNDS tcp|udp FILE|chance
 *
 * FILE holds a client's first bytes, of UDP as a run of datagrams; `chance` stands for
 * 256 flows that nobody knows, one for each first byte. Each is judged so many times,
 * by judge_weigh(). The last line says what came of it: the protocol, and with -t the
 * nanoseconds of one. -e: everybody is asked, whatever the first byte says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/datagrams.h"
#include "policy/config_read.h"
#include "sniff/judge.h"

enum {
	CHANCE_FLOWS = 256,
	CHANCE_BYTES = 200, /* of each */
	CONF_BYTES = 4096,
};

struct flows {
	size_t count;
	size_t sizes[CHANCE_FLOWS];
	const uint8_t *at[CHANCE_FLOWS];
};

/* Every recogniser decides, and names are waited for. */
static struct config *read_config(void)
{
	char text[CONF_BYTES] = "";
	struct config_notes notes;
	struct config *config = NULL;
	FILE *in = fmemopen(text, sizeof text, "w");

	if (!in)
		abort();
	(void)fputs("[divert flows]\ntcp = 1\nudp = 1\n[route named]\nserver_name = a.example\n"
		    "backend = original\n[route others]\nbackend = drop\n",
		    in);
	for (unsigned id = 0; id < WIRE_IDS; id++)
		(void)fprintf(in, "protocol = %s\n", wire_proto_at(id)->name);
	(void)fclose(in); /* memory */
	in = fmemopen(text, strlen(text), "r");
	if (!in || config_read_stream(&config, in, "cost", &notes) != 0)
		abort();
	(void)fclose(in);
	config_notes_free(&notes);
	return config;
}

static void make_chance(struct flows *out, unsigned transport)
{
	static uint8_t room[CHANCE_FLOWS][DATAGRAMS_HEAD_BYTES + CHANCE_BYTES];
	uint32_t seed = 1;

	for (unsigned flow = 0; flow < CHANCE_FLOWS; flow++) {
		uint8_t *bytes = room[flow] + DATAGRAMS_HEAD_BYTES;

		for (size_t i = 0; i < CHANCE_BYTES; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		bytes[0] = (uint8_t)flow;
		room[flow][1] = CHANCE_BYTES;
		out->at[flow] = transport == WIRE_UDP ? room[flow] : bytes;
		out->sizes[flow] =
			CHANCE_BYTES + (transport == WIRE_UDP ? DATAGRAMS_HEAD_BYTES : 0);
	}
	out->count = CHANCE_FLOWS;
}

static void read_flow(struct flows *out, const char *path)
{
	static uint8_t room[QUESTION_MOST_BYTES];
	FILE *in = fopen(path, "re");

	if (!in) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	out->count = 1;
	out->at[0] = room;
	out->sizes[0] = fread(room, 1, sizeof room, in);
	(void)fclose(in); /* only read from */
}

static const char *judge_all(const struct judge *j, const struct question *q,
			     const struct flows *flows, unsigned long rounds)
{
	struct judgement is = { .named = -1 };

	for (unsigned long round = 0; round < rounds; round++) {
		for (size_t i = 0; i < flows->count; i++)
			judge_weigh(j, q, span_of(flows->at[i], flows->sizes[i]), &is);
	}
	return is.named < 0 ? "-" : wire_proto_at((unsigned)is.named)->name;
}

/* Nanoseconds that the processor spent here: a busy machine does not count. */
static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* it exists */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	bool asks_everybody = false, is_timed = false;
	struct route_index *index;
	struct config *config = read_config();
	struct question q = { .is_final = true };
	struct flows flows;
	struct judge j;
	unsigned long rounds;
	const char *name;
	double from;
	int option;

	while ((option = getopt(argc, argv, "et")) != -1) {
		asks_everybody |= option == 'e';
		is_timed |= option == 't';
	}
	if (argc - optind != 3 || route_index_new(&index, config) != 0)
		return EXIT_FAILURE;
	rounds = strtoul(argv[optind], NULL, 10);
	q.transport = strcmp(argv[optind + 1], "udp") == 0 ? QUESTION_UDP : QUESTION_TCP;
	if (strcmp(argv[optind + 2], "chance") == 0)
		make_chance(&flows, judge_transport(&q));
	else
		read_flow(&flows, argv[optind + 2]);
	judge_init(&j, config, index, NULL);
	for (unsigned byte = 0; asks_everybody && byte < 256; byte++) {
		j.first.tcp[byte] = j.first.tcp_all;
		j.first.udp[byte] = j.first.udp_all;
	}
	from = now();
	name = judge_all(&j, &q, &flows, rounds);
	from = now() - from;
	printf("%s", name);
	if (is_timed)
		printf(" %.0f", from / (double)rounds / (double)flows.count);
	putchar('\n');
	route_index_free(index);
	config_free(config);
	return EXIT_SUCCESS;
}
