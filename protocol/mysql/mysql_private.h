/* Shared by the files of this module only. */
#ifndef PROTOCOL_MYSQL_PRIVATE_H
#define PROTOCOL_MYSQL_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct queue;

/* A packet whose size is known before its pieces: headers go in where parts begin. */
struct packet_pieces {
    struct queue *q;
    uint8_t *sequence;
    size_t left;   /* payload bytes still to come */
    size_t room;   /* of these, in the part at hand */
    size_t filled; /* bytes in the part at hand */
};

void pieces_open(struct packet_pieces *p, struct queue *q, uint8_t *sequence, size_t size);
void pieces_put(struct packet_pieces *p, struct slice bytes);

#endif
