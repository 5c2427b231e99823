/* Why a connection stays with its session between statements. A pin is never set and never taken
 * away: each row looks at what the session is and has, so a pin ends when its cause does. */
#include "proxy/session/session_private.h"

static bool has_transaction(const struct session *s, const struct lease *lease)
{
    return s->transaction == TRANSACTION_OPEN && s->transaction_backend == lease->backend;
}

static bool has_unknown_value(const struct session *s, const struct lease *lease)
{
    return state_shares_unknown(&s->wanted, &lease->backend->carried);
}

static bool has_temporary_table(const struct session *s, const struct lease *lease)
{
    (void)s;
    return lease->temporary.count;
}

static bool has_baseline(const struct session *s, const struct lease *lease)
{
    (void)s;
    return lease->has_baselines;
}

static bool is_in_session_mode(const struct session *s, const struct lease *lease)
{
    (void)s;
    return backend_source(lease->backend)->pool_mode == POOL_SESSION;
}

/* clang-format off */
static const struct pin pins[] = {
    {"open transaction",      "COMMIT or ROLLBACK",                                 has_transaction,     false},
    {"value unknown here",    "SET to a plain value, or COM_RESET_CONNECTION",      has_unknown_value,   false},
    {"temporary table",       "DROP TABLE of each, or COM_RESET_CONNECTION",        has_temporary_table, false},
    {"baseline of a session", "COM_RESET_CONNECTION",                               has_baseline,        false},
    {"pool mode session",     "the client leaves, or COM_RESET_CONNECTION",         is_in_session_mode,  true},
};
/* clang-format on */

const struct pin *pin_find(const struct session *s, const struct lease *lease)
{
    for (size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++)
        if (pins[i].holds(s, lease))
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
