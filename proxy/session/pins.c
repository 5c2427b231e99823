/* Why a connection stays with its session between statements. A pin is never set and never taken
 * away: each row looks at what the session is and has, so a pin ends when its cause does. */
#include "proxy/session/session_private.h"

static bool has_transaction(const struct session *s, const struct backend *b)
{
    return s->transaction == TRANSACTION_OPEN && s->transaction_backend == b;
}

static bool has_unknown_value(const struct session *s, const struct backend *b)
{
    return s->wanted.unknown && b->carried.unknown;
}

static bool is_in_session_mode(const struct session *s, const struct backend *b)
{
    (void)s;
    return backend_source(b)->pool_mode == POOL_SESSION;
}

/* clang-format off */
static const struct pin pins[] = {
    {"open transaction",  "COMMIT or ROLLBACK",                                   has_transaction,    false},
    {"SET of a value that only the frontend knows", "SET of a plain value, COM_RESET_CONNECTION", has_unknown_value, false},
    {"pool mode session", "the client leaves, COM_RESET_CONNECTION",              is_in_session_mode, true},
};
/* clang-format on */

const struct pin *pin_find(const struct session *s, const struct backend *b)
{
    for (size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++)
        if (pins[i].holds(s, b))
            return &pins[i];
    return NULL;
}

struct backend *pin_binding(const struct session *s, const struct cluster *cluster)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (lease->pin && !lease->pin->is_kept_only
            && backend_source(lease->backend)->cluster == cluster)
            return lease->backend;
    }
    return NULL;
}
