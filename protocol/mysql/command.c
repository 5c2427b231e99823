#include "protocol/mysql/mysql.h"

const char *mysql_command_name(unsigned command)
{
    switch (command) {
#define COMMAND(name, code, text)                                                                  \
    case code:                                                                                     \
        return text;
#include "protocol/mysql/commands.def"
#undef COMMAND
    default:
        return NULL;
    }
}
