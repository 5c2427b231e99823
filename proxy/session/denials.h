/* The last refusals of a worker, of statements and logins, in a ring of fixed size: the table
 * `denials` of the admin console. No text of a statement, no words of a message that may quote one.
 */
#ifndef PROXY_SESSION_DENIALS_H
#define PROXY_SESSION_DENIALS_H

#include <stdint.h>

struct denial;
struct error;
struct rows;
struct session;

struct denials {
    struct denial *ring; /* owned; NULL before the first */
    uint64_t count;      /* so far */
};

void denials_statement(struct session *s);
void denials_login(struct session *s, const struct error *e);

void denials_survey(const struct denials *d, const char *worker, struct rows *rows);
void denials_fini(struct denials *d);

#endif
