#include "protocol/tls/crypto.h"

/* OpenSSL's digests are the faster ones, and libmariadb brings it anyway. */
const struct crypto_provider *crypto_default(void)
{
#ifdef WITH_OPENSSL
    return &crypto_openssl;
#else
    return &crypto_mbedtls;
#endif
}
