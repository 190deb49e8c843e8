#ifndef SHUNT_SHUNTCTL_TABLE_H
#define SHUNT_SHUNTCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table of aligned columns; every cell is kept until it is printed, to know how wide they are. */
enum {
	TABLE_MOST_COLUMNS = 16,
};

struct table_column {
	const char *head;
	bool is_number; /* to the right */
	unsigned drop;  /* where the terminal is too narrow: the highest goes first, 0 stays */
};

struct table {
	const struct table_column *columns; /* borrowed */
	size_t column_count;                /* at most TABLE_MOST_COLUMNS */
	char **cells;                       /* row by row */
	size_t cell_count;
	size_t room;
};

/* Add the next cell; a row is full when it has as many as there are columns. The text is copied,
 * and made printable. Without memory the program ends. */
void table_add(struct table *t, const char *text);
void table_add_number(struct table *t, uint64_t number);

/* Print it within so many columns (0: as wide as it is), and free its cells. */
void table_print(struct table *t, unsigned width);

#endif
