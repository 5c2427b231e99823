/* A text result set: count, definitions, EOF, rows, EOF. Cells are written straight into the queue.
 */
#include "protocol/mysql/mysql.h"

#include "base/must.h"
#include "base/queue.h"
#include "base/reader.h"
#include "base/writer.h"
#include "protocol/mysql/mysql_private.h"

enum {
    CHARSET_TEXT = 33,
    CHARSET_BINARY = 63,
    FIXED_SIZE = 0x0c,
    NULL_CELL = 0xfb,
    LENENC_MAX = 9
};

/* What an FE says of its types; the last row stands for all others. */
static const struct {
    uint8_t type;
    uint16_t charset;
    uint32_t length;
} usual[] = {
    {COLUMN_TINY, CHARSET_BINARY, 4},     {COLUMN_SHORT, CHARSET_BINARY, 6},
    {COLUMN_LONG, CHARSET_BINARY, 11},    {COLUMN_LONGLONG, CHARSET_BINARY, 20},
    {COLUMN_FLOAT, CHARSET_BINARY, 12},   {COLUMN_DOUBLE, CHARSET_BINARY, 22},
    {COLUMN_DATE, CHARSET_BINARY, 10},    {COLUMN_DATETIME, CHARSET_BINARY, 19},
    {COLUMN_DECIMAL, CHARSET_BINARY, 22}, {COLUMN_BLOB, CHARSET_BINARY, 192},
    {COLUMN_STRING, CHARSET_TEXT, 60},    {COLUMN_VARCHAR, CHARSET_TEXT, 192},
};

enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

static size_t usual_row(uint8_t type)
{
    size_t i = 0;

    while (i < USUAL - 1 && usual[i].type != type)
        i++;
    return i;
}

static struct slice lenenc(unsigned char buffer[LENENC_MAX], uint64_t value)
{
    struct writer w = writer_over(buffer, LENENC_MAX);

    put_lenenc(&w, value);
    return writer_bytes(&w);
}

static size_t text_size(struct slice text)
{
    unsigned char buffer[LENENC_MAX];

    return lenenc(buffer, text.size).size + text.size;
}

static void text_put(struct packet_pieces *p, struct slice text)
{
    unsigned char buffer[LENENC_MAX];

    pieces_put(p, lenenc(buffer, text.size));
    pieces_put(p, text);
}

static size_t cell_size(struct slice cell)
{
    return cell.data ? text_size(cell) : 1;
}

static void cell_put(struct packet_pieces *p, struct slice cell)
{
    const unsigned char null = NULL_CELL;

    if (cell.data)
        text_put(p, cell);
    else
        pieces_put(p, slice_make(&null, 1));
}

/* catalog, schema, table, original table, name, original name, then the fixed part, then, for a
 * list of fields, the default value. */
static void definition_put(struct queue *out, uint8_t *sequence, const struct column *c,
                           const struct slice *fallback)
{
    const struct slice texts[] = {SLICE("def"), c->schema, c->table, c->table, c->name, c->name};
    size_t row = usual_row(c->type), size = 0;
    unsigned char fixed[1 + FIXED_SIZE];
    struct writer w = writer_over(fixed, sizeof(fixed));
    struct packet_pieces p;

    put_uint(&w, FIXED_SIZE, 1);
    put_uint(&w, c->charset ? c->charset : usual[row].charset, 2);
    put_uint(&w, c->length ? c->length : usual[row].length, 4);
    put_uint(&w, c->type ? c->type : usual[row].type, 1);
    put_uint(&w, c->flags, 2);
    put_uint(&w, c->decimals, 1);
    put_uint(&w, 0, 2);
    must(writer_done(&w));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        size += text_size(texts[i]);
    size += fallback ? cell_size(*fallback) : 0;
    pieces_open(&p, out, sequence, size + sizeof(fixed));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        text_put(&p, texts[i]);
    pieces_put(&p, writer_bytes(&w));
    if (fallback)
        cell_put(&p, *fallback);
}

bool column_read(struct column *c, struct slice payload)
{
    struct reader r = reader_over(payload);
    struct column got = {0};

    take_lenenc_bytes(&r); /* catalog: def */
    got.schema = take_lenenc_bytes(&r);
    got.table = take_lenenc_bytes(&r);
    take_lenenc_bytes(&r);
    got.name = take_lenenc_bytes(&r);
    take_lenenc_bytes(&r);
    if (take_lenenc(&r) < FIXED_SIZE)
        reader_break(&r);
    got.charset = (uint16_t)take_uint(&r, 2);
    got.length = (uint32_t)take_uint(&r, 4);
    got.type = (uint8_t)take_uint(&r, 1);
    got.flags = (uint16_t)take_uint(&r, 2);
    got.decimals = (uint8_t)take_uint(&r, 1);
    take_skip(&r, 2);
    if (!reader_done(&r))
        return false;
    *c = got;
    return true;
}

void field_put(struct queue *out, uint8_t *sequence, const struct column *c, struct slice fallback)
{
    definition_put(out, sequence, c, &fallback);
}

void result_open(struct result_writer *r, struct queue *out, uint8_t sequence,
                 const struct column *columns, size_t count, uint16_t status)
{
    unsigned char buffer[LENENC_MAX];

    must(count > 0 && count <= COLUMNS_MAX);
    *r = (struct result_writer){.out = out, .sequence = sequence, .columns = count};
    packet_put(out, &r->sequence, lenenc(buffer, count));
    for (size_t i = 0; i < count; i++)
        definition_put(out, &r->sequence, &columns[i], NULL);
    reply_put_eof(out, &r->sequence, status & (uint16_t)~STATUS_MORE_RESULTS);
}

void result_row(struct result_writer *r, const struct slice *cells)
{
    struct packet_pieces p;
    size_t size = 0;

    for (size_t i = 0; i < r->columns; i++)
        size += cell_size(cells[i]);
    pieces_open(&p, r->out, &r->sequence, size);
    for (size_t i = 0; i < r->columns; i++)
        cell_put(&p, cells[i]);
}

void result_close(struct result_writer *r, uint16_t status)
{
    reply_put_eof(r->out, &r->sequence, status);
}

/* Parameters look as a frontend defines them (fe-live/prepared-statements.md). */
void prepared_put(struct queue *out, uint8_t *sequence, uint32_t statement, uint16_t parameters,
                  uint16_t status)
{
    enum { HEAD = 12, WIDTH = 48 };
    unsigned char head[HEAD];
    struct writer w = writer_over(head, sizeof(head));
    char name[16];

    put_uint(&w, 0, 1);
    put_uint(&w, statement, 4);
    put_uint(&w, 0, 2); /* columns */
    put_uint(&w, parameters, 2);
    put_uint(&w, 0, 1);
    put_uint(&w, 0, 2); /* warnings */
    packet_put(out, sequence, writer_bytes(&w));
    for (unsigned i = 0; i < parameters; i++) {
        int size = snprintf(name, sizeof(name), "$%u", i);
        struct column c = {.name = slice_make(name, (size_t)size), .length = WIDTH};
        definition_put(out, sequence, &c, NULL);
    }
    if (parameters)
        reply_put_eof(out, sequence, status);
}
