/* The client's certificate in the place of a password: who has one that the listener's authorities
 * have signed, with the name that the configuration gives the user, needs nothing else. */
#include "auth/auth.h"

#include "protocol/tls/tls.h"

struct slice certificate_name(const struct user *user)
{
    return user->certificate_subject.size ? user->certificate_subject : user->certificate_san;
}

bool certificate_fits(const struct user *user, const struct tls_names *names)
{
    struct slice subject = user->certificate_subject, san = user->certificate_san;

    return certificate_name(user).size && (!subject.size || names_have_subject(names, subject))
           && (!san.size || names_have_san(names, san));
}
