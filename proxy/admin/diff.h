/* The configuration as lines, and what differs between two of them. */
#ifndef PROXY_ADMIN_DIFF_H
#define PROXY_ADMIN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct arena;
struct config;
struct error;

/* The canonical form, without secrets, in the arena. */
struct slice *config_lines(const struct config *c, struct arena *a, size_t *count);

/* What the file says now against what is in force: "- " and "+ " lines, each change with the lines
 * that it stands under; none when nothing differs. False, with the reason, when the file cannot be
 * loaded. Secrets are not compared. */
bool config_difference(const struct config *c, struct arena *a, struct slice **lines, size_t *count,
                       struct error *e);

/* The lines that differ, in order, as a merge of both; exported for tests. */
struct slice *lines_difference(const struct slice *a, size_t a_count, const struct slice *b,
                               size_t b_count, struct arena *arena, size_t *count);

#endif
