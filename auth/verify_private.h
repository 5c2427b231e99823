/* What verify.c and judge.c share. */
#ifndef AUTH_VERIFY_PRIVATE_H
#define AUTH_VERIFY_PRIVATE_H

#include "auth/auth.h"

enum stage {
    LOGIN,
    LOGIN_AFTER_TLS,
    CHANGE,
    NATIVE,  /* switched to native: its response comes */
    SHA2,    /* switched to sha2: its response comes */
    FULL,    /* the password comes, or the wish for our public key */
    SEALED,  /* the password comes, encrypted with that key */
    WORKING, /* a job is under way */
    OVER
};

/* ---- judge.c: each sets the stage, and the method that the log names. Responses and passwords
 * must outlive the call only where the arena's copy was given. ---- */

/* Refused: the client hears "Access denied", the log why, or of a stranger that it is one. */
enum verify_state judge_deny(struct verify *v, const char *why, struct error *e);

/* Let in: the proof is what of the configuration has proven it, for a reload to look at again. */
enum verify_state judge_accept(struct verify *v, struct slice proof);

/* A response of mysql_native_password. */
enum verify_state judge_native(struct verify *v, struct slice response, struct error *e);

/* A response of caching_sha2_password: from the cache, else the password itself is asked for. */
enum verify_state judge_sha2(struct verify *v, struct slice response, struct writer *reply,
                             struct error *e);

/* What came when it was asked for: the password, or the wish for our public key. */
enum verify_state judge_full(struct verify *v, struct slice payload, struct writer *reply,
                             struct error *e);

/* A password, in clear over TLS or under our key: mostly a job. */
enum verify_state judge_password(struct verify *v, struct slice payload, struct error *e);

/* A password that was told unasked, by mysql_clear_password. */
enum verify_state judge_clear(struct verify *v, struct slice password, struct error *e);

#endif
