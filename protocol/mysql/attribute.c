/* Connection attributes (lenenc name, lenenc value, …) and the packets of login methods. */
#include "protocol/mysql/mysql.h"

#include "base/reader.h"
#include "base/writer.h"

enum { SWITCH_MARK = 0xfe, MORE_MARK = 0x01 };

bool attribute_next(struct slice *attributes, struct slice *name, struct slice *value)
{
    struct reader r = reader_over(*attributes);
    struct slice key = take_lenenc_bytes(&r);
    struct slice text = take_lenenc_bytes(&r);

    if (!reader_done(&r))
        return false; /* nothing is left, or what is left is no pair */
    *attributes = take_rest(&r);
    *name = key;
    *value = slice_head(text, text.size < ATTRIBUTE_MAX ? text.size : ATTRIBUTE_MAX);
    return true;
}

bool attribute_find(struct slice attributes, struct slice name, struct slice *value)
{
    struct slice key, text;

    while (attribute_next(&attributes, &key, &text)) {
        if (slice_equal(key, name)) {
            *value = text;
            return true;
        }
    }
    return false;
}

void attribute_put(struct writer *w, struct slice name, struct slice value)
{
    put_lenenc_bytes(w, name);
    put_lenenc_bytes(w, value);
}

bool auth_switch_read(struct auth_switch *s, struct slice payload)
{
    struct reader r = reader_over(payload);
    uint64_t mark = take_uint(&r, 1);
    struct slice plugin = take_cstring(&r);
    struct slice data = take_rest(&r);

    if (!reader_done(&r) || mark != SWITCH_MARK)
        return false;
    if (data.size && data.data[data.size - 1] == '\0')
        data.size--;
    *s = (struct auth_switch){plugin, data};
    return true;
}

bool auth_switch_put(struct writer *w, const struct auth_switch *s)
{
    put_uint(w, SWITCH_MARK, 1);
    put_cstring(w, s->plugin);
    put_cstring(w, s->data);
    return writer_done(w);
}

bool auth_more_read(struct slice *data, struct slice payload)
{
    struct reader r = reader_over(payload);

    if (take_uint(&r, 1) != MORE_MARK)
        return false;
    *data = take_rest(&r);
    return true;
}

bool auth_more_put(struct writer *w, struct slice data)
{
    put_uint(w, MORE_MARK, 1);
    put_bytes(w, data);
    return writer_done(w);
}
