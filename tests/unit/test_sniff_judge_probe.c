/* Probes among the recognisers: who is asked when, and what a program's word is worth. */
#include "base/datagrams.h"
#include "sniff_court.h"

static const char conf[] = "[divert web]\ntcp = 443\nudp = 443\n"
			   "[divert plain]\ntcp = 80\n"
			   "[divert asked]\ntcp = 81\nudp = 81\n"
			   "[divert early]\ntcp = 82\n"
			   "[route own]\ndivert = web\nprotocol = own\nbackend = original\n"
			   "[route late]\ndivert = web\nprotocol = late\nbackend = reject\n"
			   "[route ssh]\ndivert = web\nprotocol = ssh\nbackend = drop\n"
			   "[route five]\ndivert = web\nprotocol = five\nbackend = drop\n"
			   "[route program]\ndivert = asked\nprotocol = first, second, named\n"
			   "backend = original\n"
			   "[route shell]\ndivert = asked\nprotocol = ssh\nbackend = drop\n"
			   "[route early]\ndivert = early\nprotocol = early\nbackend = original\n"
			   "[route other]\ndivert = early\nprotocol = ssh\nbackend = drop\n"
			   "[probe late]\nbytes = 0:53??482d31\n"
			   "[probe own]\nbytes = 0:53??48??58, 8:58\nbefore = yes\n"
			   "[probe five]\ntransport = udp\nbytes = 0:05\n"
			   "[probe second]\nexec = /bin/second\n"
			   "[probe first]\nexec = /bin/first\npriority = 1\n"
			   "[probe named]\nexec = /bin/named\ntransport = udp\n"
			   "[divert patterns]\ntcp = 83\n"
			   "[route regex]\ndivert = patterns\nprotocol = number\nbackend = drop\n"
			   "[probe number]\nregex = /^(?:[0-9]+\\b|(?:x+)+y)/\n"
			   "[probe early]\nexec = /bin/early\nbefore = yes\n";
enum { WEB, PLAIN, ASKED, EARLY, PATTERNS };
enum { LATE, OWN, FIVE, SECOND, FIRST, NAMED, NUMBER, EARLY_PROBE };
#define BIT(probe) (UINT32_C(1) << (probe))

static struct court court;

static int setup(void **state)
{
	(void)state;
	court_open(&court, conf);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	court_close(&court);
	return 0;
}

static struct answer ask_with(struct question q, const void *bytes, size_t size)
{
	struct answer a;

	q.kind = QUESTION_FLOW;
	q.size = (uint32_t)size;
	assert_true(question_is_sane(&q, sizeof q + size));
	memset(&a, 0xff, sizeof a);
	judge_answer(&court.judge, &q, span_of(bytes, size), &a);
	assert_true(answer_is_sane(&a, sizeof a));
	return a;
}

static struct answer ask(uint16_t divert, const char *bytes)
{
	return ask_with((struct question){ .divert = divert }, bytes, strlen(bytes));
}

static void expect_proto(const struct answer *a, const char *proto)
{
	assert_int_equal(a->verdict, ANSWER_DECIDED);
	assert_string_equal(a->proto, proto);
	assert_int_equal(a->exec_ask, 0);
}

static void expect_more(const struct answer *a, size_t wanted, uint32_t exec_ask)
{
	assert_int_equal(a->verdict, ANSWER_MORE);
	assert_int_equal(a->wanted, wanted);
	assert_int_equal(a->exec_ask, exec_ask);
}

static void test_order(void **state)
{
	static const uint8_t order[] = {
		OWN, EARLY_PROBE, FIRST, LATE, FIVE, SECOND, NAMED, NUMBER
	};

	(void)state;
	assert_int_equal(court.config->probes_before, 2);
	assert_memory_equal(court.config->probe_order, order, sizeof order);
}

/* What a probe ahead of ssh is not sure of keeps ssh waiting, and what ssh is takes all from one behind. */
static void test_before_and_behind(void **state)
{
	struct answer a = ask(WEB, "S");

	(void)state;
	expect_more(&a, 2, 0); /* ssh wants two, the probes three and four */
	a = ask(WEB, "SSH-X.0-X");
	expect_proto(&a, "own");
	assert_int_equal(a.action, ANSWER_ORIGINAL);
	a = ask(WEB, "SSH-1.99-x");
	expect_proto(&a, "ssh");
	a = ask(WEB, "SaH-1");
	expect_proto(&a, "late");
	assert_int_equal(a.action, ANSWER_REJECT);
	a = ask(WEB, "SaH-2");
	expect_proto(&a, "");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
}

/* An earlier one that is undecided holds a later yes up, until nothing more comes. */
static void test_final(void **state)
{
	struct question q = { .divert = WEB };
	struct answer a;

	(void)state;
	a = ask_with(q, "SaH-X.0", 7);
	expect_more(&a, 9, 0);
	q.is_final = 1;
	a = ask_with(q, "SaH-X.0", 7);
	expect_proto(&a, "");
	a = ask_with(q, "SaH-1", 5);
	expect_proto(&a, "late");
}

/* Nobody's name is lent where no route names the probe. */
static void test_unnamed(void **state)
{
	struct answer a = ask(PLAIN, "SSH-X.0-X");

	(void)state;
	expect_proto(&a, "");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
}

static void test_transports(void **state)
{
	struct question q = { .divert = WEB, .transport = QUESTION_UDP };
	struct answer a;

	(void)state;
	a = ask_with(q, "\0\2\5\0", 4);
	expect_proto(&a, "five");
	a = ask_with(q, "\0\2\6\0", 4);
	expect_proto(&a, "");
	a = ask(WEB, "\5");
	expect_proto(&a, "");
}

/* Programs are asked all at once, and only when ssh is out of the question. */
static void test_programs(void **state)
{
	struct question q = { .divert = ASKED };
	struct answer a = ask(ASKED, "SSH");

	(void)state;
	assert_int_equal(a.verdict, ANSWER_MORE);
	assert_int_equal(a.exec_ask, 0);
	a = ask(ASKED, "SSH-2.0-x");
	expect_proto(&a, "ssh");
	a = ask(ASKED, "hello");
	expect_more(&a, 6, BIT(FIRST) | BIT(SECOND));
	q.exec_yes = BIT(SECOND);
	a = ask_with(q, "hello", 5);
	expect_more(&a, 6, BIT(FIRST)); /* it goes first */
	q.exec_no = BIT(FIRST);
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "second");
	q.exec_yes |= BIT(FIRST);
	q.exec_no = 0;
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "first");
	a = ask_with(q, "SSH-2.0-x", 9);
	expect_proto(&a, "ssh");
	q = (struct question){ .divert = ASKED, .exec_no = BIT(FIRST) | BIT(SECOND) };
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "");
}

/* A word that has not come when nothing more is waited for is a no; one that has counts. */
static void test_silent_programs(void **state)
{
	struct question q = { .divert = ASKED, .is_final = 1 };
	struct answer a;

	(void)state;
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "");
	q.exec_yes = BIT(SECOND);
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "second");
}

static void test_program_of_datagrams(void **state)
{
	struct question q = { .divert = ASKED, .transport = QUESTION_UDP };
	struct answer a;

	(void)state;
	a = ask_with(q, "\0\1x", 3);
	expect_more(&a, 4, BIT(NAMED));
	q.exec_yes = BIT(NAMED);
	a = ask_with(q, "\0\1x", 3);
	expect_proto(&a, "named");
}

/* A program ahead of ssh is asked about every flow. */
static void test_early_program(void **state)
{
	struct question q = { .divert = EARLY };
	struct answer a = ask(EARLY, "SSH-2.0-x");

	(void)state;
	expect_more(&a, 10, BIT(EARLY_PROBE));
	q.exec_no = BIT(EARLY_PROBE);
	a = ask_with(q, "SSH-2.0-x", 9);
	expect_proto(&a, "ssh");
}

/* What could go on is waited for; when nothing more comes, what there is may do. */
static void test_regex(void **state)
{
	struct question q = { .divert = PATTERNS };
	struct answer a = ask(PATTERNS, "12");

	(void)state;
	expect_more(&a, 3, 0);
	a = ask(PATTERNS, "12 ");
	expect_proto(&a, "number");
	a = ask(PATTERNS, "12x");
	expect_proto(&a, "");
	q.is_final = 1;
	a = ask_with(q, "12", 2);
	expect_proto(&a, "number");
	assert_int_equal(a.cut, 0);
	a = ask(PATTERNS, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-");
	expect_proto(&a, "");
	assert_int_equal(a.cut, 1);
}

/* Words about what is no program, or that there is no route for, change nothing. */
static void test_strange_words(void **state)
{
	struct question q = { .divert = WEB, .exec_yes = UINT32_MAX };
	struct answer a;

	(void)state;
	a = ask_with(q, "hello", 5);
	expect_proto(&a, "");
	q.exec_no = 1;
	q.kind = QUESTION_FLOW;
	assert_false(question_is_sane(&q, sizeof q));
	a.verdict = ANSWER_DECIDED;
	a.exec_ask = 1;
	assert_false(answer_is_sane(&a, sizeof a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),           cmocka_unit_test(test_before_and_behind),
		cmocka_unit_test(test_final),           cmocka_unit_test(test_unnamed),
		cmocka_unit_test(test_transports),      cmocka_unit_test(test_programs),
		cmocka_unit_test(test_silent_programs), cmocka_unit_test(test_program_of_datagrams),
		cmocka_unit_test(test_early_program),   cmocka_unit_test(test_strange_words),
		cmocka_unit_test(test_regex),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
