/* The status page: one file, kept in the program, with a fresh nonce in its style and script at
 * each delivery. */
#include "base/queue.h"
#include "proxy/admin/admin_private.h"

/* The bytes of status.html, between two labels. */
__asm__(".section .rodata\n"
        ".global starbind_status_page\n.hidden starbind_status_page\n"
        ".global starbind_status_page_end\n.hidden starbind_status_page_end\n"
        "starbind_status_page:\n"
        ".incbin \"proxy/admin/status.html\"\n"
        "starbind_status_page_end:\n"
        ".previous\n");

extern const char starbind_status_page[], starbind_status_page_end[];

void status_page_write(const char *nonce, struct queue *body)
{
    static const struct slice mark = {"NONCE", 5};
    struct slice page =
        slice_make(starbind_status_page, (size_t)(starbind_status_page_end - starbind_status_page));
    const char *at;

    while ((at = memmem(page.data, page.size, mark.data, mark.size))) {
        size_t before = (size_t)(at - page.data);
        queue_put(body, slice_head(page, before));
        queue_put(body, slice_of(nonce));
        page = slice_after(page, before + mark.size);
    }
    queue_put(body, page);
}
