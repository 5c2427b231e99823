/* Which threads get a processor first: those that clients wait for, before those that check
 * passwords. Each function is about the calling thread; where the system refuses, the thread runs
 * as it did. */
#ifndef PROXY_NET_PRECEDENCE_H
#define PROXY_NET_PRECEDENCE_H

/* For a loop: its turns are short, so it asks for short ones. A thread that wakes up then takes the
 * processor from any that asked for longer ones, and not only when that one's turn is over, which
 * may be milliseconds later however nice it is. From Linux 6.12 on. */
void precedence_take(void);

/* For a thread that computes: nicer than the others, and turns of the usual length again. Once for
 * a thread is enough, more often changes nothing. */
void precedence_leave(void);

/* For such a thread, now and then: whoever waits for this processor gets it. Where short turns
 * cannot be asked for, nobody waits longer than between two calls. */
void precedence_pause(void);

#endif
