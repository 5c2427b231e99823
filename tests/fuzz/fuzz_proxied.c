/* PROXY protocol headers: whatever comes is told apart within its bytes, a header is never larger
 * than what came, and the first bytes alone never say more than all of them. */
#include "auth/auth.h"
#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_make((const char *)data, size);
    struct proxied all, part;
    enum proxied_state state = proxied_read(bytes, &all);

    if (state == PROXIED_YES) {
        must(all.size > 0 && all.size <= size && all.size <= PROXIED_MAX);
        must(!all.is_local || !all.has_peer);
        must(!all.has_peer || memchr(all.peer.text, '\0', sizeof(all.peer.text)));
        must(proxied_read(slice_head(bytes, all.size - 1), &part) == PROXIED_MORE);
        must(proxied_read(slice_head(bytes, all.size), &part) == PROXIED_YES);
    }
    if (state == PROXIED_MORE)
        must(size < PROXIED_MAX);
    return 0;
}
