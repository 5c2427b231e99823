/* A reply, by phases. Every edge is one logical packet; only its first bytes are looked at.
 *
 *   REPLY ──OK─────────────> end, or REPLY again when the status says MORE_RESULTS
 *     │  └──ERR────────────> end; an ERR ends the reply in every phase
 *     └─count─> DEFINITIONS ──the last──> DEFINED ──EOF──> ROWS ──EOF──> end, or REPLY again
 *
 *   PREPARE ──prepared──> DEFINITIONS ──the last──> DEFINED ──EOF──> end, or DEFINITIONS (columns)
 *   FIELDS ──EOF──> end                             SIMPLE ──OK, EOF──> end
 *
 * A packet of 16 MiB and more goes on in further frames, which are renumbered and else left alone.
 */
#include "protocol/mysql/mysql.h"

#include "base/reader.h"

enum { REPLY, SIMPLE, PREPARE, FIELDS, DEFINITIONS, DEFINED, ROWS };
enum { PLAIN, OK, ERR, EOF_PACKET, COUNT, PREPARED, INFILE, IMPOSSIBLE };
enum {
    OK_LEAST = 7,
    OK_HEAD = 23,
    ERR_LEAST = 3,
    EOF_SIZE = 5,
    EOF_STATUS = 3,
    PREPARED_LEAST = 12
};

static const uint8_t first_phase[] = {
    [FOLLOW_QUERY] = REPLY,   [FOLLOW_SIMPLE] = SIMPLE, [FOLLOW_PREPARE] = PREPARE,
    [FOLLOW_FIELDS] = FIELDS, [FOLLOW_EXECUTE] = REPLY,
};

void follow_start(struct follow *f, enum follow_what what, uint8_t first_from_server,
                  uint8_t first_to_client, uint16_t clear, uint16_t set)
{
    *f = (struct follow){
        .at_boundary = true,
        .next_sequence = first_to_client,
        .what = what,
        .phase = first_phase[what],
        .server_sequence = first_from_server,
        .clear = (uint16_t)(clear & ~STATUS_MORE_RESULTS),
        .set = set,
    };
}

void follow_rename(struct follow *f, uint32_t statement)
{
    f->renames = true;
    f->renamed = statement;
}

/* Bytes of the length-encoded integer that starts with this byte; 0 when none does. */
static unsigned lenenc_width(unsigned char first)
{
    switch (first) {
    case 0xfb:
    case 0xff:
        return 0;
    case 0xfc:
        return 3;
    case 0xfd:
        return 4;
    case 0xfe:
        return 9;
    default:
        return 1;
    }
}

static uint8_t kind_of_end(const struct follow *f)
{
    return f->length == EOF_SIZE ? EOF_PACKET : IMPOSSIBLE;
}

/* What starts with this byte in a phase where a row or a definition may. Text that starts with 0xfe
 * has at least 16 MiB, and so no short frame; nothing starts with 0xff. A binary row starts with 0.
 */
static uint8_t kind_of_item(const struct follow *f, unsigned char first)
{
    if (first == 0xfe && f->length < 9)
        return kind_of_end(f);
    if (f->phase == ROWS && f->what == FOLLOW_EXECUTE && first != 0)
        return IMPOSSIBLE;
    return PLAIN;
}

static uint8_t kind_of_first_reply(const struct follow *f, unsigned char first)
{
    if (first == 0xfb)
        return INFILE;
    return first != 0xfe && f->length == lenenc_width(first) ? COUNT : IMPOSSIBLE;
}

static uint8_t kind_of(const struct follow *f, unsigned char first)
{
    if (first == 0xff)
        return f->length >= ERR_LEAST ? ERR : IMPOSSIBLE;
    switch (f->phase) {
    case REPLY:
        if (first == 0)
            return f->length >= OK_LEAST ? OK : IMPOSSIBLE;
        return kind_of_first_reply(f, first);
    case SIMPLE:
        if (first == 0)
            return f->length >= OK_LEAST ? OK : IMPOSSIBLE;
        return first == 0xfe ? kind_of_end(f) : IMPOSSIBLE;
    case PREPARE:
        return first == 0 && f->length >= PREPARED_LEAST ? PREPARED : IMPOSSIBLE;
    case DEFINED:
        return first == 0xfe ? kind_of_end(f) : IMPOSSIBLE;
    case DEFINITIONS:
        return first == 0xfe ? IMPOSSIBLE : PLAIN;
    default: /* FIELDS, ROWS */
        return kind_of_item(f, first);
    }
}

/* How many first bytes of such a packet are looked at. */
static uint8_t head_of(const struct follow *f)
{
    switch (f->kind) {
    case OK:
        return (uint8_t)(f->length < OK_HEAD ? f->length : OK_HEAD);
    case ERR:
        return ERR_LEAST;
    case EOF_PACKET:
        return EOF_SIZE;
    case COUNT:
        return (uint8_t)f->length;
    case PREPARED:
        return PREPARED_LEAST;
    default:
        return 1;
    }
}

static bool read_ok(struct follow *f, struct reader *r)
{
    take_skip(r, 1);
    uint64_t affected = take_lenenc(r);
    take_lenenc(r); /* insert id */
    f->status = (uint16_t)take_uint(r, 2);
    f->warnings = (uint16_t)take_uint(r, 2);
    f->affected += reader_done(r) ? affected : 0;
    return reader_done(r);
}

static bool read_count(struct follow *f, struct reader *r)
{
    uint64_t count = take_lenenc(r);

    if (!reader_done(r) || count == 0 || count > COLUMNS_MAX)
        return false;
    f->definitions = (uint32_t)count;
    return true;
}

static bool read_prepared(struct follow *f, struct reader *r)
{
    take_skip(r, 1);
    f->statement = (uint32_t)take_uint(r, 4);
    f->columns = (uint16_t)take_uint(r, 2);
    f->parameters = (uint16_t)take_uint(r, 2);
    take_skip(r, 1);
    f->warnings = (uint16_t)take_uint(r, 2);
    return true;
}

/* All of the head is there. */
static bool read_head(struct follow *f)
{
    struct reader r = reader_over(slice_make(f->head, f->head_size));

    switch (f->kind) {
    case OK:
        return read_ok(f, &r);
    case ERR:
        f->error_number = (uint16_t)(f->head[1] | f->head[2] << 8);
        return true;
    case EOF_PACKET:
        f->warnings = (uint16_t)(f->head[1] | f->head[2] << 8);
        f->status = (uint16_t)(f->head[EOF_STATUS] | f->head[EOF_STATUS + 1] << 8);
        return true;
    case COUNT:
        return read_count(f, &r);
    case PREPARED:
        return read_prepared(f, &r);
    default:
        return true;
    }
}

/* Where the status word of the packet at hand stands; 0 when it has none or it is not known yet. */
static unsigned status_offset(const struct follow *f)
{
    if (f->kind == EOF_PACKET)
        return EOF_STATUS;
    if (f->kind != OK || f->head_size < 3)
        return 0;
    unsigned first = lenenc_width(f->head[1]),
             second = first ? lenenc_width(f->head[1 + first]) : 0;
    return second && f->head_size > 1 + first ? 1 + first + second : 0;
}

/* Of two bytes of the head, or four, which stand at `offset` and of which some are among the n at
 * hand, that begin at `at`. */
static void patch(unsigned char *bytes, unsigned at, unsigned n, unsigned offset, unsigned width,
                  uint32_t clear, uint32_t set)
{
    for (unsigned i = 0; i < width; i++)
        if (offset + i - at < n) {
            unsigned char *byte = &bytes[offset + i - at];
            *byte = (unsigned char)((*byte & ~(clear >> 8 * i)) | set >> 8 * i);
        }
}

/* What is there of the head. */
static bool pass_head(struct follow *f, unsigned char *bytes, size_t n, size_t *passed)
{
    unsigned at = f->head_size, missing;

    if (at == 0) {
        f->kind = kind_of(f, *bytes);
        if (f->kind == IMPOSSIBLE || f->kind == INFILE)
            return false;
        f->head_want = head_of(f);
    }
    missing = f->head_want - at;
    if (n > missing)
        n = missing;
    *passed = n;
    memcpy(f->head + at, bytes, n);
    f->head_size = (uint8_t)(at + n);
    f->left -= (uint32_t)n;
    unsigned status = status_offset(f);
    if (status)
        patch(bytes, at, (unsigned)n, status, sizeof(f->set), f->clear, f->set);
    if (f->kind == PREPARED && f->renames)
        patch(bytes, at, (unsigned)n, 1, sizeof(f->renamed), UINT32_MAX, f->renamed);
    return f->head_size < f->head_want || read_head(f);
}

/* What is there of a frame header. The sequence id is its last byte. */
static bool pass_header(struct follow *f, unsigned char *bytes, size_t n, size_t *passed)
{
    size_t missing = MYSQL_HEADER - f->header_size;

    *passed = n < missing ? n : missing;
    f->at_boundary = false;
    memcpy(f->header + f->header_size, bytes, *passed);
    f->header_size = (uint8_t)(f->header_size + *passed);
    if (f->header_size < MYSQL_HEADER)
        return true;
    struct packet_header h = packet_header_read(f->header);
    f->length = f->left = h.length;
    f->head_size = 0;
    f->head_want = f->continues ? 0 : 1;
    bytes[*passed - 1] = f->next_sequence++;
    return h.sequence == f->server_sequence++ && (f->continues || h.length > 0);
}

static enum follow_state go(struct follow *f, uint8_t phase)
{
    f->phase = phase;
    return FOLLOW_MORE;
}

static enum follow_state end_of_result(struct follow *f)
{
    if (!(f->status & STATUS_MORE_RESULTS))
        return FOLLOW_END;
    f->results++;
    return go(f, REPLY);
}

/* The EOF after definitions. A server that opened a cursor sends no rows. */
static enum follow_state end_of_definitions(struct follow *f)
{
    if (f->what != FOLLOW_PREPARE)
        return f->status & STATUS_CURSOR_EXISTS ? FOLLOW_END : go(f, ROWS);
    f->definitions = f->second;
    f->second = 0;
    return f->definitions ? go(f, DEFINITIONS) : FOLLOW_END;
}

static enum follow_state item_end(struct follow *f)
{
    if (f->phase == ROWS)
        f->rows++;
    if (f->phase == DEFINITIONS && --f->definitions == 0)
        f->phase = DEFINED;
    return FOLLOW_MORE;
}

/* A logical packet has passed. */
static enum follow_state packet_end(struct follow *f)
{
    f->packets++;
    f->at_boundary = true;
    f->continues = false;
    switch (f->kind) {
    case OK:
        return f->phase == SIMPLE ? FOLLOW_END : end_of_result(f);
    case ERR:
        f->failed = true;
        return FOLLOW_END;
    case EOF_PACKET:
        if (f->phase == DEFINED)
            return end_of_definitions(f);
        return f->phase == ROWS ? end_of_result(f) : FOLLOW_END;
    case COUNT:
        return go(f, DEFINITIONS);
    case PREPARED:
        f->definitions = f->parameters ? f->parameters : f->columns;
        f->second = f->parameters ? f->columns : 0;
        return f->definitions ? go(f, DEFINITIONS) : FOLLOW_END;
    default:
        return item_end(f);
    }
}

void follow_hold(struct follow *f, unsigned holds)
{
    f->holds = holds;
}

enum follow_state follow_taken(struct follow *f, uint8_t server_sequence, uint8_t client_sequence)
{
    f->server_sequence = server_sequence;
    f->next_sequence = client_sequence;
    f->packets++;
    if (f->held != HELD_ERROR)
        return item_end(f);
    f->ended = f->failed = true;
    return FOLLOW_END;
}

enum { HEAD_OF_ANY = MYSQL_HEADER + 1, HEAD_OF_DEFINITION = MYSQL_HEADER + 5, SCHEMA_SIZE = 8 };

/* How many bytes of the next packet tell whether it is held. */
static unsigned wanted(const struct follow *f, const unsigned char *bytes, size_t n)
{
    bool is_definition = f->holds & HOLD_SCHEMAS && f->phase == DEFINITIONS;
    struct packet_header h;

    if (n < HEAD_OF_ANY || !is_definition || bytes[MYSQL_HEADER] == 0xff)
        return HEAD_OF_ANY;
    h = packet_header_read(bytes);
    return h.length + MYSQL_HEADER < HEAD_OF_DEFINITION ? HEAD_OF_ANY : HEAD_OF_DEFINITION;
}

/* Those bytes are there. What is no packet of this place is left to the walk. */
static bool is_held(struct follow *f, const unsigned char *bytes)
{
    struct packet_header h = packet_header_read(bytes);
    unsigned char first = bytes[MYSQL_HEADER];

    if (h.sequence != f->server_sequence || h.length == 0)
        return false;
    if (first == 0xff) {
        f->held = HELD_ERROR;
        return f->holds & HOLD_ERRORS && h.length >= ERR_LEAST && h.length < MYSQL_PACKET_MAX;
    }
    if (f->phase == DEFINITIONS && first != 0xfe) {
        bool names_schema = f->holds & HOLD_SCHEMAS && h.length + MYSQL_HEADER >= HEAD_OF_DEFINITION
                            && bytes[SCHEMA_SIZE];
        f->held = HELD_DEFINITION;
        return f->holds & HOLD_DEFINITIONS || names_schema;
    }
    f->held = HELD_ROW;
    return f->holds & HOLD_ROWS && f->phase == ROWS && !(first == 0xfe && h.length < 9);
}

bool follow_holds(struct follow *f, const unsigned char *bytes, size_t n)
{
    f->wants = wanted(f, bytes, n);
    return n >= f->wants && is_held(f, bytes);
}

/* True when the walk ends before the next packet: it is held, or there is too little of it to say.
 */
static bool stops(struct follow *f, const unsigned char *bytes, size_t n, enum follow_state *state)
{
    if (!f->holds || !f->at_boundary || f->header_size)
        return false;
    *state = follow_holds(f, bytes, n) ? FOLLOW_HELD : FOLLOW_MORE;
    return n < f->wants || *state == FOLLOW_HELD;
}

/* The common case, quickly: rows of one frame that stand whole in the buffer. Stops before anything
 * else. Gives the offset reached. A header is taken as one number: less the sequence id that is due
 * it is the row's length, and with another one it is longer than all that is there. */
static size_t pass_rows(struct follow *f, unsigned char *bytes, size_t n)
{
    const unsigned char last = f->what == FOLLOW_EXECUTE ? 0 : 0xfd;
    const uint8_t ahead = (uint8_t)(f->next_sequence - f->server_sequence);
    uint32_t due = (uint32_t)f->server_sequence << 24;
    unsigned char *row = bytes;
    uint64_t rows = 0;
    int64_t left = (int64_t)(n < MYSQL_PACKET_MAX ? n : MYSQL_PACKET_MAX) - MYSQL_HEADER;

    while (left > 0) { /* behind the header */
        uint32_t length = packet_header_word(row) ^ due;
        if (length - 1 >= left || row[MYSQL_HEADER] > last)
            break;
        if (ahead)
            row[3] = (unsigned char)(row[3] + ahead);
        row += MYSQL_HEADER + length;
        left -= MYSQL_HEADER + length;
        due += 1u << 24;
        rows++;
    }
    f->server_sequence = (uint8_t)(due >> 24);
    f->next_sequence = (uint8_t)(f->server_sequence + ahead);
    f->rows += rows;
    f->packets += rows;
    return (size_t)(row - bytes);
}

/* Passes at least one byte of the frame at hand. */
static bool pass(struct follow *f, unsigned char *bytes, size_t n, size_t *passed)
{
    if (f->header_size < MYSQL_HEADER)
        return pass_header(f, bytes, n, passed);
    if (f->head_size < f->head_want)
        return pass_head(f, bytes, n, passed);
    *passed = f->left < n ? f->left : n;
    f->left -= (uint32_t)*passed;
    return true;
}

/* What was passed of the offending packet in this call is taken back. */
static enum follow_state broken(struct follow *f, bool began_here, uint8_t sequence)
{
    f->at_boundary = began_here;
    if (began_here)
        f->next_sequence = sequence;
    return f->kind == INFILE ? FOLLOW_INFILE : FOLLOW_BROKEN;
}

enum follow_state follow_walk(struct follow *f, unsigned char *bytes, size_t n, size_t *used)
{
    enum follow_state state = FOLLOW_MORE;
    bool began_here = f->at_boundary;
    uint8_t sequence = f->next_sequence; /* of the packet that begins at *used */
    size_t at = 0, passed;

    *used = 0;
    while (at < n && state == FOLLOW_MORE) {
        if (f->phase == ROWS && f->at_boundary && !(f->holds & HOLD_ROWS)) {
            at += pass_rows(f, bytes + at, n - at);
            *used = at;
            sequence = f->next_sequence;
            if (at == n)
                break;
        }
        if (stops(f, bytes + at, n - at, &state)) {
            *used = at;
            return state;
        }
        if (!pass(f, bytes + at, n - at, &passed))
            return broken(f, began_here, sequence);
        at += passed;
        if (f->header_size < MYSQL_HEADER || f->left)
            continue;
        f->header_size = 0;
        f->continues = f->length == MYSQL_PACKET_MAX;
        if (f->continues)
            continue;
        state = packet_end(f);
        f->ended = state == FOLLOW_END;
        began_here = true;
        sequence = f->next_sequence;
        *used = at;
    }
    if (state == FOLLOW_MORE)
        *used = at;
    return state;
}

size_t follow_left(const struct follow *f)
{
    if (f->at_boundary)
        return 0;
    return f->header_size == MYSQL_HEADER && f->left ? f->left : 1;
}
