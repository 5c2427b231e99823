/* What a phase's handler answers. */
#ifndef PROXY_SESSION_TURN_H
#define PROXY_SESSION_TURN_H

enum turn {
    ONWARD, /* the (new) phase may run now */
    WAIT,   /* for an event of the phase */
    OVER    /* the session is at its end */
};

#endif
