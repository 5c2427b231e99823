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

static bool is_plain(char c)
{
    char lower = ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80
           || (c && strchr("_.-@", c));
}

static struct slice escaped(struct arena *a, struct slice name)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = arena_alloc(a, name.size * 3 + 1);
    size_t size = 0;

    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (is_plain(name.data[i])) {
            text[size++] = name.data[i];
            continue;
        }
        text[size++] = '%';
        text[size++] = digits[c >> 4];
        text[size++] = digits[c & 15];
    }
    return slice_make(text, size);
}

static struct slice of_project(struct session *s)
{
    if (!s->at.project)
        return SLICE("");
    struct slice project = escaped(&s->arena, s->at.project->name);
    return arena_print(&s->arena, " project=%.*s environment=%s", SHOW(project),
                       environment_name(s->at.environment));
}

struct slice session_comment(struct session *s)
{
    char room[RECORD_REQUEST_MAX];

    if (!s->snapshot->config->settings.query_comment || !s->record)
        return SLICE("");
    struct slice request = record_request(s, room), user = escaped(&s->arena, s->user->name);
    struct slice project = of_project(s);
    return arena_print(&s->arena, "\n/* starbind request=%.*s user=%.*s%.*s */", SHOW(request),
                       SHOW(user), SHOW(project));
}
