#include "auth/auth.h"
#include "base/secret.h"
#include "protocol/tls/crypto.h"

_Static_assert((int)SALTS_DRAWN > 2 * (int)MYSQL_SALT, "worth it");

void salt_make(struct salts *s, unsigned char salt[MYSQL_SALT])
{
    size_t have = 0;

    while (have < MYSQL_SALT) {
        if (s->left == 0) {
            crypto_default()->random(s->drawn, sizeof(s->drawn));
            s->left = sizeof(s->drawn);
        }
        unsigned char byte = s->drawn[--s->left] & 0x7f;
        if (byte != 0 && byte != '$')
            salt[have++] = byte;
    }
    secret_wipe(s->drawn + s->left, sizeof(s->drawn) - s->left);
}
