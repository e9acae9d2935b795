/*
 * The .NET runtime ignores SIGPIPE for the whole process when it starts. A library has no business there: its calls go through these
 * (-Wl,--wrap), which leave SIGPIPE to the program. Our own writes are safe by SigpipeBlock.cs.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stddef.h>

int __real_sigaction(int number, const struct sigaction *action, struct sigaction *before);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before);
void (*__real_signal(int number, void (*handler)(int)))(int);
void (*__wrap_signal(int number, void (*handler)(int)))(int);

int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    return __real_sigaction(number, number == SIGPIPE ? NULL : action, before);
}

void (*__wrap_signal(int number, void (*handler)(int)))(int)
{
    return number == SIGPIPE ? SIG_DFL : __real_signal(number, handler);
}
