/* Tables for people: aligned, and of fewer columns where the terminal is narrow. */
#include "shuntctl_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shuntctl.h"

enum {
	TABLE_GAP = 2, /* blanks between columns */
};

static void no_memory(void)
{
	(void)fputs("shuntctl: no memory for the answer\n", stderr);
	exit(1);
}

static void make_room(struct table *t)
{
	size_t room = t->room != 0 ? 2 * t->room : 64;
	char **grown;

	if (t->cell_count < t->room)
		return;
	grown = reallocarray(t->cells, room, sizeof(*grown));
	if (grown == NULL)
		no_memory();
	t->cells = grown;
	t->room = room;
}

void table_add(struct table *t, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		no_memory();
	make_room(t);
	t->cells[t->cell_count++] = copy;
}

void table_add_number(struct table *t, uint64_t number)
{
	char text[SHUNTCTL_SHORT_BYTES];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	table_add(t, text);
}

/* The widest cell of each column. */
static void measure(const struct table *t, size_t widths[TABLE_MOST_COLUMNS])
{
	size_t size;

	for (size_t i = 0; i < t->column_count; i++) {
		widths[i] = strlen(t->columns[i].head);
		for (size_t k = i; k < t->cell_count; k += t->column_count) {
			size = strlen(t->cells[k]);
			if (size > widths[i])
				widths[i] = size;
		}
	}
}

static size_t whole_width(const struct table *t, const bool *is_dropped, const size_t *widths)
{
	size_t whole = 0;

	for (size_t i = 0; i < t->column_count; i++)
		if (!is_dropped[i])
			whole += widths[i] + (whole != 0 ? TABLE_GAP : 0);
	return whole;
}

/* The column that can best be spared, or -1. */
static int spare(const struct table *t, const bool *is_dropped)
{
	unsigned most = 0;
	int found = -1;

	for (size_t i = 0; i < t->column_count; i++) {
		if (is_dropped[i] || t->columns[i].drop <= most)
			continue;
		most = t->columns[i].drop;
		found = (int)i;
	}
	return found;
}

static void print_cell(const char *text, size_t width, bool is_number, bool is_last)
{
	size_t size = strlen(text);
	int pad = size < width ? (int)(width - size) : 0;

	if (is_number)
		(void)printf("%*s", pad, "");
	shuntctl_print(text, false);
	if (!is_last)
		(void)printf("%*s", (is_number ? 0 : pad) + TABLE_GAP, "");
}

/* cells NULL: the heads. */
static void print_row(const struct table *t, char *const *cells, const bool *is_dropped,
		      const size_t *widths)
{
	size_t last = 0;

	for (size_t i = 0; i < t->column_count; i++)
		if (!is_dropped[i])
			last = i;
	for (size_t i = 0; i < t->column_count; i++)
		if (!is_dropped[i])
			print_cell(cells != NULL ? cells[i] : t->columns[i].head, widths[i],
				   t->columns[i].is_number, i == last);
	(void)putchar('\n');
}

static void free_cells(struct table *t)
{
	for (size_t i = 0; i < t->cell_count; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->cell_count = 0;
	t->room = 0;
}

void table_print(struct table *t, unsigned width)
{
	bool is_dropped[TABLE_MOST_COLUMNS] = { false };
	size_t widths[TABLE_MOST_COLUMNS];
	int victim = 0;

	measure(t, widths);
	while (width != 0 && victim >= 0 && whole_width(t, is_dropped, widths) > width) {
		victim = spare(t, is_dropped);
		if (victim >= 0)
			is_dropped[victim] = true;
	}
	print_row(t, NULL, is_dropped, widths);
	for (size_t i = 0; i + t->column_count <= t->cell_count; i += t->column_count)
		print_row(t, t->cells + i, is_dropped, widths);
	free_cells(t);
}
