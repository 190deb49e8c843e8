/* shuntctl(8): the command line. Exit status 0 done, 1 failed, 2 usage. */
#include "shuntctl.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "shuntctl_explain.h"

#define DEFAULT_SOCKET "/run/shunt/control.sock"
#define COMMAND_NAMES  "status, flows, nft, config, reload, explain"

struct options {
	const char *socket;
	bool json;
	bool closed;
	struct explain_options explain;
};

struct command {
	const char *name;
	const char *closed;      /* what --closed asks for, or NULL: not taken */
	const char *text;        /* what must be asked for to get text, or NULL */
	const char *text_member; /* of the answer: the text, or NULL: there is `show` */
	const char *json_member; /* of the answer: what --json prints, or NULL: all of it */
	void (*show)(const struct json_object *answer, unsigned width);
	bool (*judge)(const struct json_object *answer); /* NULL, or: was it done? says why not */
};

static const struct command command_table[] = {
	{ .name = "status", .show = shuntctl_show_status },
	{ .name = "flows", .json_member = "flows", .show = shuntctl_show_flows },
	{ .name = "nft", .closed = "closed", .text_member = "nft" },
	{ .name = "config", .text = "text", .text_member = "config" },
	{ .name = "reload", .show = shuntctl_show_reload, .judge = shuntctl_judge_reload },
};
enum {
	COMMANDS = sizeof(command_table) / sizeof(command_table[0]),
};

/* Options without a letter. */
enum {
	OPTION_JSON = 256,
	OPTION_CLOSED,
	OPTION_EXPLAIN, /* and all beyond: enum explain_given */
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "closed", no_argument, NULL, OPTION_CLOSED },
	{ "config", required_argument, NULL, 'c' },
	{ "batch", no_argument, NULL, OPTION_EXPLAIN + GIVEN_BATCH },
	{ "divert", required_argument, NULL, OPTION_EXPLAIN + GIVEN_DIVERT },
	{ "file", required_argument, NULL, OPTION_EXPLAIN + GIVEN_FILE },
	{ "from", required_argument, NULL, OPTION_EXPLAIN + GIVEN_FROM },
	{ "hex", required_argument, NULL, OPTION_EXPLAIN + GIVEN_HEX },
	{ "to", required_argument, NULL, OPTION_EXPLAIN + GIVEN_TO },
	{ "udp", no_argument, NULL, OPTION_EXPLAIN + GIVEN_UDP },
	{ "version", no_argument, NULL, 'V' },
	{ "word", required_argument, NULL, OPTION_EXPLAIN + GIVEN_WORD },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void print_usage(FILE *out)
{
	(void)fprintf(
		out,
		"usage: shuntctl [-s SOCKET] [--json] COMMAND\n"
		"  status          diverts, routes, backends, flows, limits, processes\n"
		"  flows           the live flows, one a line\n"
		"  nft [--closed]  the nftables rules that the daemon holds; --closed: a file\n"
		"                  that refuses the closed diverts from boot on\n"
		"  config          the configuration in force, defaults filled in\n"
		"  reload          read the configuration again; flows go on\n"
		"  explain [-c FILE] [--divert D] [--udp] [--from ADDR] [--to ADDR]\n"
		"          [--word PROBE=yes|no ...] (--hex H ... | --file F ...)\n"
		"                  which route these first bytes, or datagrams, would take, and\n"
		"                  why; --file - reads standard input; asks no daemon\n"
		"  explain [-c FILE] --batch\n"
		"                  the same for many: JSON lines in, JSON lines out\n"
		"options:\n"
		"  -s SOCKET       the daemon's control socket (" DEFAULT_SOCKET ")\n"
		"  --json          JSON instead of text\n"
		"  -h, --help      this text\n"
		"  -V, --version   the version\n");
}

int shuntctl_fail(const char *what, const char *why, int status)
{
	(void)fflush(stdout); /* the order on a terminal; finish() sees whether it failed */
	(void)fprintf(stderr, "shuntctl: %s: ", what);
	for (; *why != '\0'; why++)
		(void)fputc(*why >= ' ' && *why <= '~' ? *why : '?', stderr);
	(void)fputc('\n', stderr);
	if (status == EXIT_USAGE)
		(void)fputs("shuntctl -h lists the commands and options\n", stderr);
	return status;
}

unsigned shuntctl_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

void shuntctl_print_json(struct json_object *object)
{
	(void)puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
}

int shuntctl_finish(void)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return EXIT_DONE;
	return shuntctl_fail("standard output", strerror(errno), EXIT_FAILED);
}

static void print_answer(const struct command *command, const struct options *options,
			 struct json_object *answer)
{
	struct json_object *part = NULL;

	if (options->json) {
		if (command->json_member != NULL)
			part = shuntctl_array(answer, command->json_member);
		shuntctl_print_json(part != NULL ? part : answer);
	} else if (command->show != NULL) {
		command->show(answer, shuntctl_width());
	} else {
		shuntctl_print(shuntctl_text(answer, command->text_member), true);
	}
}

static int run(const struct command *command, const struct options *options)
{
	const char *option = options->json ? NULL : command->text;
	char why[SHUNTCTL_WHY_BYTES];
	struct json_object *answer;
	uint64_t left_out;
	bool is_done;

	if (options->closed)
		option = command->closed;
	answer = shuntctl_ask(options->socket, command->name, option, why);
	if (answer == NULL)
		return shuntctl_fail(command->name, why, EXIT_FAILED);
	print_answer(command, options, answer);
	left_out = shuntctl_number(answer, "left_out");
	is_done = command->judge == NULL || command->judge(answer);
	json_object_put(answer);
	if (left_out != 0)
		(void)fprintf(stderr, "shuntctl: flows: %llu more are not listed\n",
			      (unsigned long long)left_out);
	return is_done ? shuntctl_finish() : EXIT_FAILED;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
	return NULL;
}

static int explain(char *const *words, int count, const struct options *options)
{
	if (options->closed)
		return shuntctl_fail("--closed", "only nft takes it", EXIT_USAGE);
	if (count > 1)
		return shuntctl_fail(words[1], "the command takes no such word", EXIT_USAGE);
	return shuntctl_explain(&options->explain, options->json);
}

static int run_words(char *const *words, int count, const struct options *options)
{
	const struct command *command;

	if (count == 0)
		return shuntctl_fail("no command", "one of " COMMAND_NAMES " is expected",
				     EXIT_USAGE);
	if (strcmp(words[0], "explain") == 0)
		return explain(words, count, options);
	if (options->explain.given != NULL)
		return shuntctl_fail(options->explain.given, "only explain takes it", EXIT_USAGE);
	command = find(words[0]);
	if (command == NULL)
		return shuntctl_fail(words[0], "there is no such command, but " COMMAND_NAMES,
				     EXIT_USAGE);
	if (count > 1)
		return shuntctl_fail(words[1], "the command takes no such word", EXIT_USAGE);
	if (options->closed && command->closed == NULL)
		return shuntctl_fail("--closed", "only nft takes it", EXIT_USAGE);
	return run(command, options);
}

int main(int argc, char **argv)
{
	struct options options = { .socket = DEFAULT_SOCKET };
	int c;

	opterr = 0;
	for (c = getopt_long(argc, argv, "s:c:hV", long_options, NULL); c != -1;
	     c = getopt_long(argc, argv, "s:c:hV", long_options, NULL)) {
		switch (c) {
		case 's':
			options.socket = optarg;
			break;
		case 'c':
			shuntctl_explain_option(&options.explain, GIVEN_CONFIG, optarg);
			break;
		case OPTION_JSON:
			options.json = true;
			break;
		case OPTION_CLOSED:
			options.closed = true;
			break;
		case 'h':
			print_usage(stdout);
			return shuntctl_finish();
		case 'V':
			(void)puts("shunt " SHUNT_VERSION);
			return shuntctl_finish();
		case '?':
			return shuntctl_fail(argv[optind - 1],
					     "no such option, or its value is missing", EXIT_USAGE);
		default:
			shuntctl_explain_option(&options.explain,
						(enum explain_given)(c - OPTION_EXPLAIN), optarg);
		}
	}
	return run_words(argv + optind, argc - optind, &options);
}
