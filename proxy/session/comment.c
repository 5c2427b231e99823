/* The comment that tells a frontend's logs who asked:
 *
 *   SELECT 1
 *   [starbind request=6b1f09aa-17-3 user=ana project=sales environment=prod]   as a C comment
 *
 * It stands on a line of its own, since the text may end in a `--` comment. Whatever is no letter,
 * no digit and none of `_ . - @` is written as %XX, so that no name can end the comment. A
 * statement that was prepared has none: its text is what the connections' statements are found by.
 */
#include "proxy/session/session_private.h"

#include "base/must.h"

enum { WORDS_MAX = RECORD_REQUEST_MAX + 128 }; /* of a comment, without the names in it */

static bool is_plain(char c)
{
    char lower = ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80
           || (c && strchr("_.-@", c));
}

static void put_escaped(struct writer *w, struct slice name)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        const char code[] = {'%', digits[c >> 4], digits[c & 15]};
        put_bytes(w, is_plain(name.data[i]) ? slice_make(name.data + i, 1) : slice_make(code, 3));
    }
}

struct slice session_comment(struct session *s)
{
    const struct project *project = s->at.project;
    char request[RECORD_REQUEST_MAX];

    if (!s->snapshot->config->settings.query_comment || !s->record)
        return SLICE("");
    size_t names = s->user->name.size + (project ? project->name.size : 0);
    size_t most = 3 * names + WORDS_MAX;
    struct writer w = writer_over(arena_room(&s->arena, most), most);
    put_bytes(&w, SLICE("\n/* starbind request="));
    put_bytes(&w, record_request(s, request));
    put_bytes(&w, SLICE(" user="));
    put_escaped(&w, s->user->name);
    if (project) {
        put_bytes(&w, SLICE(" project="));
        put_escaped(&w, project->name);
        put_bytes(&w, SLICE(" environment="));
        put_bytes(&w, slice_of(environment_name(s->at.environment)));
    }
    put_bytes(&w, SLICE(" */"));
    must(writer_done(&w));
    return writer_bytes(&w);
}
