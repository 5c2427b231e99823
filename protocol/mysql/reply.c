/* OK   00 | affected lenenc | insert id lenenc | status 2 | warnings 2 | info lenenc, if any
 * ERR  ff | number 2 | '#' | SQLSTATE 5 | message to the end
 * EOF  fe | warnings 2 | status 2 */
#include "protocol/mysql/mysql.h"

#include "base/error.h"
#include "base/must.h"
#include "base/queue.h"
#include "base/reader.h"
#include "base/writer.h"

enum { OK_MARK = 0x00, MORE_MARK = 0x01, INFILE_MARK = 0xfb, EOF_MARK = 0xfe, ERR_MARK = 0xff };
enum { OK_LEAST = 7, ERR_LEAST = 3, EOF_SIZE = 5, SWITCH_LEAST = 9, STATE_SIZE = 5 };

enum reply_kind reply_kind(struct slice payload)
{
    if (payload.size == 0)
        return REPLY_OTHER;
    switch ((unsigned char)payload.data[0]) {
    case OK_MARK:
        return payload.size >= OK_LEAST ? REPLY_OK : REPLY_OTHER;
    case ERR_MARK:
        return payload.size >= ERR_LEAST ? REPLY_ERR : REPLY_OTHER;
    case EOF_MARK:
        if (payload.size >= SWITCH_LEAST)
            return REPLY_AUTH_SWITCH;
        return payload.size == EOF_SIZE ? REPLY_EOF : REPLY_OTHER;
    case MORE_MARK:
        return REPLY_AUTH_MORE;
    case INFILE_MARK:
        return REPLY_LOCAL_INFILE;
    default:
        return REPLY_OTHER;
    }
}

bool ok_read(struct ok_packet *ok, struct slice payload)
{
    struct reader r = reader_over(payload);
    struct ok_packet got = {0};
    uint64_t mark = take_uint(&r, 1);

    got.affected = take_lenenc(&r);
    got.insert_id = take_lenenc(&r);
    got.status = (uint16_t)take_uint(&r, 2);
    got.warnings = (uint16_t)take_uint(&r, 2);
    if (r.left)
        got.info = take_lenenc_bytes(&r);
    if (!reader_done(&r) || mark != OK_MARK)
        return false;
    *ok = got;
    return true;
}

bool ok_put(struct writer *w, const struct ok_packet *ok)
{
    put_uint(w, OK_MARK, 1);
    put_lenenc(w, ok->affected);
    put_lenenc(w, ok->insert_id);
    put_uint(w, ok->status, 2);
    put_uint(w, ok->warnings, 2);
    if (ok->info.size)
        put_lenenc_bytes(w, ok->info);
    return writer_done(w);
}

bool err_read(struct err_packet *err, struct slice payload)
{
    struct reader r = reader_over(payload);
    struct err_packet got = {.sqlstate = "HY000"};
    uint64_t mark = take_uint(&r, 1);

    got.number = (uint16_t)take_uint(&r, 2);
    if (!reader_done(&r) || mark != ERR_MARK)
        return false;
    if (r.left > STATE_SIZE
        && *r.at == '#') { /* absent before a login, and from careless servers */
        take_skip(&r, 1);
        memcpy(got.sqlstate, take_bytes(&r, STATE_SIZE).data, STATE_SIZE);
    }
    got.message = take_rest(&r);
    *err = got;
    return true;
}

bool err_put(struct writer *w, const struct err_packet *err)
{
    put_uint(w, ERR_MARK, 1);
    put_uint(w, err->number, 2);
    put_uint(w, '#', 1);
    put_bytes(w, slice_make(err->sqlstate, STATE_SIZE));
    put_bytes(w, err->message);
    return writer_done(w);
}

bool eof_read(uint16_t *status, uint16_t *warnings, struct slice payload)
{
    struct reader r = reader_over(payload);
    uint64_t mark = take_uint(&r, 1);
    uint16_t count = (uint16_t)take_uint(&r, 2);
    uint16_t word = (uint16_t)take_uint(&r, 2);

    if (!reader_done(&r) || mark != EOF_MARK || r.left)
        return false;
    *status = word;
    *warnings = count;
    return true;
}

bool eof_put(struct writer *w, uint16_t status, uint16_t warnings)
{
    put_uint(w, EOF_MARK, 1);
    put_uint(w, warnings, 2);
    put_uint(w, status, 2);
    return writer_done(w);
}

void reply_put_ok(struct queue *q, uint8_t *sequence, const struct ok_packet *ok)
{
    unsigned char buffer[ERROR_TEXT_MAX + 64];
    struct writer w = writer_over(buffer, sizeof(buffer));
    struct ok_packet bounded = *ok;

    if (bounded.info.size > ERROR_TEXT_MAX)
        bounded.info.size = ERROR_TEXT_MAX;
    must(ok_put(&w, &bounded));
    packet_put(q, sequence, writer_bytes(&w));
}

void reply_put_err(struct queue *q, uint8_t *sequence, const struct error *e)
{
    unsigned char buffer[ERROR_TEXT_MAX + 16];
    struct writer w = writer_over(buffer, sizeof(buffer));
    struct err_packet err = {.number = (uint16_t)e->number, .message = slice_of(e->text)};

    memcpy(err.sqlstate, e->sqlstate, sizeof(err.sqlstate));
    must(err_put(&w, &err));
    packet_put(q, sequence, writer_bytes(&w));
}

void reply_put_eof(struct queue *q, uint8_t *sequence, uint16_t status)
{
    unsigned char buffer[EOF_SIZE];
    struct writer w = writer_over(buffer, sizeof(buffer));

    must(eof_put(&w, status, 0));
    packet_put(q, sequence, writer_bytes(&w));
}
