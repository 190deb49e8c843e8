/* A ClientHello without records around it, as QUIC carries it. In records: test_wire_tls. */
#include "unit.h"
#include "wire/tls_hello.h"
#include "wire_hello.h"

static struct hello_bytes message;

static void build(void)
{
	static struct hello_bytes extensions;

	extensions.size = message.size = 0;
	hello_put_extension(&extensions, 21, 40);
	hello_put_server_name(&extensions, span_text("a.seed.example"));
	hello_put_message(&message, span_of(extensions.data, extensions.size));
}

/* Read so many bytes of it as a message of at most `most`. */
static enum wire_verdict read_hello(size_t size, size_t most, struct wire_hints *hints)
{
	struct tls_record r;
	size_t length;

	wire_hints_clear(hints);
	hints->name_size = hints->alpn_size = 0;
	tls_record_open_bare(&r, span_of(message.data, size));
	length = tls_hello_head(&r, most);
	assert_int_equal(length > 0, r.verdict == WIRE_YES);
	if (length > 0)
		tls_hello_body(&r, length, hints);
	return r.verdict;
}

static void test_whole(void **state)
{
	struct wire_hints hints;

	(void)state;
	build();
	assert_int_equal(read_hello(message.size, message.size, &hints), WIRE_YES);
	assert_int_equal(hints.name_size, 14);
	assert_memory_equal(hints.name, "a.seed.example", 14);
	hello_put(&message, "what comes behind it", 20);
	assert_int_equal(read_hello(message.size, message.size, &hints), WIRE_YES);
	assert_int_equal(hints.name_size, 14);
}

static void test_every_cut(void **state)
{
	struct wire_hints hints;

	(void)state;
	build();
	for (size_t size = 0; size < message.size; size++)
		assert_int_equal(read_hello(size, message.size, &hints), WIRE_MORE);
}

static void test_longer_than_may_be(void **state)
{
	struct wire_hints hints;

	(void)state;
	build();
	assert_int_equal(read_hello(message.size, message.size - 1, &hints), WIRE_NO);
	assert_int_equal(read_hello(3, message.size - 1, &hints), WIRE_MORE);
	assert_int_equal(read_hello(4, message.size - 1, &hints), WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_longer_than_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
