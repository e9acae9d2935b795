# The handler of SIGBUS that CutGuard.cs installs: its bytes stand there, and CutGuardTests assembles this file and compares.
#   gcc -c CutGuard.s -o guard.o && objcopy -O binary -j .text guard.o guard.bin
# void handler(int signal, siginfo_t *info, void *context)
        .intel_syntax noprefix
        .set    previous, handler + 4096        # the handler that was there before
        .set    watches, handler + 4160         # 512 of { start, end (0 = not in use), cut, - }
handler:
        cmp     dword ptr [rsi + 8], 0          # si_code: a signal that somebody sent is no fault
        jle     other
        mov     rax, [rsi + 16]                 # si_addr: where there is no page
        lea     r8, [rip + watches]
        lea     r9, [r8 + 512 * 32]
look:   mov     r10, [r8]
        mov     rcx, [r8 + 8]
        cmp     rax, r10
        jb      next
        cmp     rax, rcx
        jae     next
        cmp     r10, [r8]                       # another mapping's by now?
        je      ours
next:   add     r8, 32
        cmp     r8, r9
        jb      look
other:  jmp     [rip + previous]
ours:   push    rdi
        push    rsi
        push    rdx
        mov     dword ptr [r8 + 16], 1          # cut
        mov     rdi, r10                        # mmap(start, end - start,
        mov     rsi, rcx
        sub     rsi, rdi
        mov     edx, 3                          #      PROT_READ | PROT_WRITE,
        mov     r10d, 0x4032                    #      MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE,
        mov     r8, -1                          #      -1,
        xor     r9d, r9d                        #      0)
        mov     eax, 9
        syscall
        cmp     rax, -4095
        pop     rdx
        pop     rsi
        pop     rdi
        jae     other
        ret
