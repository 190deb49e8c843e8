/*
 * git:// (gitprotocol-pack(5), "Git Transport"): one pkt-line, which begins with its
 * length in four hexadecimal digits: the service, a path that ends with a NUL, then
 * perhaps `host=` and the name that the user gave, with its port, and a NUL.
 *
 *	0033git-upload-pack /project.git\0host=git.example.com\0
 *
 * It is git at the path's NUL, as a path has no control character: the host that is
 * still to come is a MORE that is sure. Over ssh and HTTP git is these.
 */
#include "wire/authority.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	GIT_MOST_BYTES = 0xfff, /* of the line: as long as a path may be on Linux */
	GIT_LENGTH_DIGITS = 4,
	GIT_LEAST_BYTES = GIT_LENGTH_DIGITS + sizeof "git-upload-pack /", /* with the path's NUL */
};

/* In lower case, as git writes them; others do otherwise. */
static bool is_hex(uint8_t c)
{
	return text_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The bytes of the whole line; 0 when that is not known yet. */
static size_t read_length(struct fields *f)
{
	struct span digits;
	size_t length = 0;

	fields_text(f, span_text("0")); /* no line is longer than GIT_MOST_BYTES */
	digits = fields_bytes(f, GIT_LENGTH_DIGITS - 1, is_hex);
	for (size_t i = 0; i < digits.size; i++) {
		uint8_t c = digits.data[i];

		length = length << 4 | (size_t)(text_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	fields_require(f, length >= GIT_LEAST_BYTES);
	return length;
}

static void read_service(struct fields *f)
{
	fields_text(f, span_text("git-"));
	if (text_peek(f) == 'r') {
		fields_text(f, span_text("receive-pack "));
		return;
	}
	fields_text(f, span_text("upload-"));
	fields_text(f, span_text(text_peek(f) == 'a' ? "archive " : "pack "));
}

/* `/x`, or `~user/x`, up to its NUL, which stands in the line. */
static void read_path(struct fields *f, size_t length)
{
	if (text_peek(f) != '~')
		fields_text(f, span_text("/"));
	if (f->verdict == WIRE_YES)
		fields_require(f, f->at < length);
	if (f->verdict == WIRE_YES)
		(void)fields_until(f, '\0', length - f->at - 1, text_is_printed);
}

/* The name behind the path. MORE while it may come; `rest` is what is there of the line. */
static enum wire_verdict find_host(struct span rest, bool is_whole, struct wire_hints *hints)
{
	static const char key[] = "host=";
	size_t key_size = sizeof key - 1;
	size_t there = rest.size < key_size ? rest.size : key_size;
	const uint8_t *end;

	if (there > 0 && memcmp(rest.data, key, there) != 0)
		return WIRE_YES;
	end = there == key_size ? memchr(rest.data, '\0', rest.size) : NULL;
	if (!end)
		return is_whole ? WIRE_YES : WIRE_MORE;
	wire_authority_set_name(
		hints, span_of(rest.data + key_size, (size_t)(end - rest.data) - key_size));
	return WIRE_YES;
}

static enum wire_verdict probe_git(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	size_t length = read_length(&f);
	enum wire_verdict verdict;
	size_t there;

	hints->name_size = 0;
	hints->alpn_size = 0;
	read_service(&f);
	read_path(&f, length);
	verdict = fields_end(&f, hints);
	if (verdict != WIRE_YES)
		return verdict;
	there = in.size < length ? in.size : length;
	verdict = find_host(span_of(in.data + f.at, there - f.at), in.size >= length, hints);
	hints->is_sure = verdict == WIRE_MORE;
	hints->wanted = in.size + 1;
	return verdict;
}

const struct wire_proto wire_git = {
	.name = "git",
	.says = WIRE_SAYS_NAME,
	.tcp = { GIT_MOST_BYTES, probe_git },
};
