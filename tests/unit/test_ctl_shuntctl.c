/*
 * shuntctl itself, as a program: against the daemon's control socket, against
 * servers that answer nonsense, and against none. The program is the one beside
 * this test's folder in the build.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl_talk.h"

enum {
	RUN_WORDS = 8,
	RUN_BYTES = 1 << 20,
};

/* One run of shuntctl. */
struct run {
	struct world *world;
	struct watch life; /* a pipe that ends with the program */
	int out;           /* where it writes to */
	int err;
	int status;
	char said[RUN_BYTES];
	char complained[RUN_BYTES];
};

static void life_ready(struct watch *watch, uint32_t events)
{
	struct run *r = container_of(watch, struct run, life);

	(void)events; /* only the end can come */
	loop_forget(r->world->loop, watch);
	loop_stop(r->world->loop);
}

static void program_path(char path[256])
{
	ssize_t n = readlink("/proc/self/exe", path, 200);

	assert_true(n > 0);
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	*strrchr(path, '/') = '\0';
	strcat(path, "/shuntctl");
}

static void run_child(const struct run *r, const char *const *words, int life)
{
	char *argv[RUN_WORDS + 2] = { NULL };
	char path[256];

	program_path(path);
	argv[0] = path;
	for (size_t i = 0; i < RUN_WORDS && words[i] != NULL; i++)
		argv[i + 1] = strdup(words[i]);
	/* the other end of the pipe must not be closed on exec */
	if (dup2(r->out, STDOUT_FILENO) < 0 || dup2(r->err, STDERR_FILENO) < 0 ||
	    fcntl(life, F_SETFD, 0) < 0)
		_exit(99);
	(void)alarm(20);
	(void)execv(path, argv);
	_exit(98);
}

static void read_back(int fd, char text[RUN_BYTES])
{
	ssize_t n = pread(fd, text, RUN_BYTES - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
}

/* Run it while the world's loop serves; out < 0: what it says is kept. */
static struct run *run_with(struct world *w, int out, const char *const *words)
{
	static struct run r;
	int pipe_fds[2];
	pid_t child;

	r = (struct run){ .world = w, .out = out };
	if (out < 0)
		r.out = memfd_create("out", MFD_CLOEXEC);
	r.err = memfd_create("err", MFD_CLOEXEC);
	assert_true(r.out >= 0 && r.err >= 0);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	r.life = (struct watch){ .fd = pipe_fds[0], .events = EPOLLIN, .ready = life_ready };
	assert_int_equal(loop_watch(w->loop, &r.life), 0);
	child = fork();
	if (child == 0)
		run_child(&r, words, pipe_fds[1]);
	assert_int_equal(close(pipe_fds[1]), 0);
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	assert_int_equal(loop_run(w->loop), 0);
	assert_int_equal(waitpid(child, &r.status, 0), child);
	assert_int_equal(close(pipe_fds[0]), 0);
	r.status = WIFEXITED(r.status) ? WEXITSTATUS(r.status) : -1;
	read_back(r.err, r.complained);
	assert_int_equal(close(r.err), 0);
	if (out < 0) {
		read_back(r.out, r.said);
		assert_int_equal(close(r.out), 0);
	}
	return &r;
}

#define RUN(w, ...) run_with(w, -1, (const char *const[RUN_WORDS]){ __VA_ARGS__ })
/* With the world's socket. */
#define ASK(w, ...) RUN(w, "-s", (w)->path, __VA_ARGS__)

static void expect_said(const struct run *r, const char *text)
{
	assert_string_equal(r->complained, "");
	assert_int_equal(r->status, 0);
	if (strstr(r->said, text) == NULL)
		fail_msg("\"%s\" is not in: %s", text, r->said);
}

static void expect_failed(const struct run *r, int status, const char *text)
{
	assert_int_equal(r->status, status);
	assert_string_equal(r->said, "");
	assert_memory_equal(r->complained, "shuntctl: ", 10);
	if (strstr(r->complained, text) == NULL)
		fail_msg("\"%s\" is not in: %s", text, r->complained);
}

static void test_usage(void **state)
{
	struct world *w = *state;

	expect_failed(RUN(w, NULL), 2, "no command: one of status, flows, nft, config");
	expect_failed(ASK(w, "flwos"), 2, "flwos: ");
	expect_failed(ASK(w, "flows", "more"), 2, "more: ");
	expect_failed(ASK(w, "flows", "--closed"), 2, "--closed: only nft takes it");
	expect_failed(RUN(w, "--nonsense", "status"), 2, "--nonsense: ");
	expect_failed(RUN(w, "status", "-x"), 2, "-x: ");
	expect_failed(RUN(w, "-s"), 2, "-s: ");
	expect_failed(RUN(w, "--json=7", "status"), 2, "--json=7: ");
	expect_said(RUN(w, "-h"), "usage: shuntctl ");
	expect_said(RUN(w, "--help"), "usage: shuntctl ");
	assert_string_equal(RUN(w, "-V")->said, "shunt " SHUNT_VERSION "\n");
	assert_string_equal(RUN(w, "--version")->said, "shunt " SHUNT_VERSION "\n");
}

static void test_status(void **state)
{
	struct world *w = *state;
	struct run *r;

	w->counters[0].whys[FLOW_WHY_closed] = 12;
	w->counters[0].whys[FLOW_WHY_idle] = 3;
	w->counters[1].in_bytes = 90211;
	w->counters[0].flows_total = 20;
	w->counters[0].flows_active = 5;
	w->counters[1].handed_over = 9;
	w->counters[1].fallbacks[FLOW_FALLBACK_timestamps] = 2;
	r = ASK(w, "status");
	expect_said(
		r, "\nFLOWS  active 5 (undecided 0, handed over 0), total 20 (handed over 9), in ");
	expect_said(r, "\n  fallbacks: timestamps 2\n");
	expect_said(r, "shunt " SHUNT_VERSION ", up 3h00m, keeper ");
	expect_said(r, "new flows are taken for IPv4 only, nft repaired 5 times\n");
	expect_said(r, "handoff: available\n");
	expect_said(r, "\nDIVERT   PORTS                       LISTENS  FAIL    ACTIVE  TOTAL\n"
		       "web      443, 8443-8449              yes      open         0      0\n"
		       "leaving  853, 853-854/udp, 8853/udp  NO       closed       0      0\n");
	expect_said(r, "\nBACKEND  SERVER             STATE  FLOWS  TOTAL  FAILED\n"
		       "rest     192.0.2.1:443      up         0      0       0\n"
		       "         [2001:db8::1]:443  up         0      0       0\n"
		       "git      192.0.2.2:443      up         0      0       0\n");
	expect_said(r, "in 88.0k, out 0\n");
	expect_said(r, "  ended: closed 12, idle 3\n");
	expect_said(r, "\ndescriptors       77  1024\n");
	expect_said(r, "\ncarrier  4001      5         0  4002");
	assert_null(strstr(r->said, "problem"));
	r = ASK(w, "--json", "status");
	expect_said(r, "{\"version\":\"" SHUNT_VERSION "\",");
	assert_string_equal(r->said + strlen(r->said) - 2, "}\n");
}

static void test_flows(void **state)
{
	struct world *w = *state;
	struct run *r;

	w->flows_now = 0;
	expect_said(ASK(w, "flows"), "ID  DIVERT  TRANSPORT  CLIENT  TO  PROTO  NAME  ALPN  ROUTE  "
				     "BACKEND  SERVER  SOURCE  HOW  AGE  IN  OUT\n");
	assert_string_equal(ASK(w, "flows", "--json")->said, "[]\n");
	w->flows_now = 2;
	r = ASK(w, "flows");
	expect_said(
		r,
		"\n 0  -       tcp        -       -   -      git.example.com  -     -      -        -  "
		"     -       none  0ms   0    0\n 1  -  ");
	r = ASK(w, "flows", "--json");
	expect_said(r, "[{\"id\":0,\"divert\":\"-\",");
	expect_said(r, "\"age_ms\":0,\"in\":0,\"out\":0}]\n");
}

static void test_flows_left_out(void **state)
{
	struct world *w = *state;
	struct run *r;

	w->flows_now = CTL_MOST_FLOWS + 3;
	r = ASK(w, "flows", "--json");
	assert_int_equal(r->status, 0);
	assert_string_equal(r->complained, "shuntctl: flows: 3 more are not listed\n");
}

static void test_nft_and_config(void **state)
{
	struct world *w = *state;

	assert_string_equal(ASK(w, "nft")->said, "table inet shunt {\n\t/\\\n}\n");
	assert_string_equal(ASK(w, "nft", "--closed")->said, "table inet \"closed\"\n");
	assert_string_equal(ASK(w, "--json", "nft", "--closed")->said,
			    "{\"nft\":\"table inet \\\"closed\\\"\\n\"}\n");
	expect_said(ASK(w, "config"), "[divert web]\ntcp = 443, 8443-8449\n");
	expect_said(ASK(w, "config", "--json"), "\"tcp\":[\"443\",\"8443-8449\"]");
	w->nft_result = -EPERM;
	expect_failed(ASK(w, "nft"), 1, "shuntctl: nft: the table inet shunt cannot be read\n");
}

/* On a terminal, columns that can be spared make room for those that cannot. */
static void test_narrow_terminal(void **state)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 60 };
	char slave[64], text[4096];
	struct world *w = *state;
	int master, fd;
	ssize_t n;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, slave, sizeof(slave)), 0);
	fd = open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
	w->flows_now = 1;
	assert_int_equal(
		run_with(w, fd, (const char *const[RUN_WORDS]){ "-s", w->path, "flows" })->status,
		0);
	n = read(master, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	/* 57 columns; ROUTE would make it 64 */
	assert_string_equal(text, "CLIENT  TO  PROTO  NAME             BACKEND  AGE  IN  OUT\r\n"
				  "-       -   -      git.example.com  -        0ms   0    0\r\n");
	assert_int_equal(close(fd) | close(master), 0);
}

static void test_nowhere_to_write(void **state)
{
	struct world *w = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), pipe_fds[2];
	struct run *r;

	assert_true(full >= 0);
	r = run_with(w, full, (const char *const[RUN_WORDS]){ "-s", w->path, "config" });
	expect_failed(r, 1, "standard output: No space left on device");
	assert_int_equal(close(full), 0);
	/* a reader that has seen enough, as head(1): silence */
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	assert_int_equal(close(pipe_fds[0]), 0);
	r = run_with(w, pipe_fds[1], (const char *const[RUN_WORDS]){ "-s", w->path, "config" });
	assert_int_equal(r->status, -1); /* SIGPIPE */
	assert_string_equal(r->complained, "");
	assert_int_equal(close(pipe_fds[1]), 0);
}

static void test_nobody_there(void **state)
{
	struct world *w = *state;
	char longer[200];

	expect_failed(
		RUN(w, "-s", "/nonexistent/sock", "status"), 1,
		"shuntctl: status: no daemon answers on /nonexistent/sock: is shuntd running?");
	ctl_free(w->ctl);
	w->ctl = NULL;
	expect_failed(ASK(w, "flows"), 1, "shuntctl: flows: no daemon answers on ");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	expect_failed(RUN(w, "-s", longer, "status"), 1, "path of the socket is too long");
}

/* A server that says this to whoever comes, once. */
static pid_t fake_server(const char *path, const char *answer)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client;
	char request[64];
	pid_t child;

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	child = fork();
	if (child == 0) {
		(void)alarm(20);
		client = accept(fd, NULL, NULL);
		if (recv(client, request, sizeof(request), 0) < 0)
			_exit(1);
		_exit(send(client, answer, strlen(answer), MSG_NOSIGNAL) < 0);
	}
	assert_int_equal(close(fd), 0);
	return child;
}

static void expect_of_fake(struct world *w, const char *command, const char *answer, int status,
			   const char *text)
{
	pid_t server = fake_server(w->path, answer);
	struct run *r = ASK(w, command);

	assert_int_equal(waitpid(server, NULL, 0), server);
	assert_int_equal(unlink(w->path), 0);
	assert_int_equal(r->status, status);
	if (strstr(status == 0 ? r->said : r->complained, text) == NULL)
		fail_msg("\"%s\" is not in: %s%s", text, r->said, r->complained);
}

static void test_answers_that_are_none(void **state)
{
	struct world *w = *state;

	ctl_free(w->ctl);
	w->ctl = NULL;
	expect_of_fake(w, "status", "", 1, "the daemon closed without an answer");
	expect_of_fake(w, "status", "hello\n", 1, "the answer is not what a shuntd says");
	expect_of_fake(w, "status", "[1]\n", 1, "the answer is not what a shuntd says");
	expect_of_fake(w, "flows", "{\"flows\":[{\"id\":", 1, "not what a shuntd says");
	expect_of_fake(w, "status", "{\"error\":\"a\\u001b[2Jb\"}\n", 1, "status: a?[2Jb\n");
	expect_of_fake(w, "status", "{\"error\":7}\n", 1, "status: -\n");
	/* members that are missing or of another type */
	expect_of_fake(w, "status", "{}\n", 0, "shunt -, up 0ms, keeper 0\n");
	expect_of_fake(w, "status", "{\"diverts\":{},\"routes\":7,\"flows\":[],\"nft\":null}\n", 0,
		       "new flows are not taken");
	expect_of_fake(w, "status",
		       "{\"diverts\":[7,null,{\"ports\":[null,{},4]}],\"problem\":\"x\"}", 0,
		       "problem: x\n");
	expect_of_fake(w, "flows", "{\"flows\":[[],{\"name\":\"\\u001b[31m\\u00e9\"}]}\n", 0,
		       "?[31m??");
	expect_of_fake(w, "nft", "{\"nft\":\"a\\tb\\u0007\\n\"}\n", 0, "a\tb?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(test_usage),
		TALK_TEST(test_status),
		TALK_TEST(test_flows),
		TALK_TEST(test_flows_left_out),
		TALK_TEST(test_nft_and_config),
		TALK_TEST(test_narrow_terminal),
		TALK_TEST(test_nowhere_to_write),
		TALK_TEST(test_nobody_there),
		TALK_TEST(test_answers_that_are_none),
	};

	(void)signal(SIGPIPE, SIG_DFL); /* whoever started us: shuntctl is to die of it */
	(void)alarm(100);               /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
