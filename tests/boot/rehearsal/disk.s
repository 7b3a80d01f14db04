# A disk that needs no operating system: what a BIOS starts from its first sector (512 bytes at
# 0x7c00, 16 bits). Its second sector holds a count, so that a restart on the same disk is seen.
# Assembled with --defsym MODE=…:
#
#   1  restarts once, and is ready then      2  switches itself off      3  works for ever
    .code16
    .globl _start
_start:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %ss
    mov $0x7c00, %sp
    mov %dl, drive
    mov $running, %si
    call say
.if MODE == 1
    mov $0x42, %ah              # read the second sector
    call disk
    incb 0x7e00
    mov $0x4300, %ax            # and write it
    call disk
    cmpb $1, 0x7e00
    jne 1f
    mov $0xfe, %al              # the keyboard's controller resets the machine
    out %al, $0x64
    jmp stay
1:  mov $ready, %si
    call say
.endif
.if MODE == 2
    mov $0x604, %dx             # QEMU's power management: the state S5
    mov $0x2000, %ax
    out %ax, %dx
.endif
stay:
    hlt
    jmp stay

# Writes the text at si to the serial port, when it can take a character.
say:
    mov $0x3fd, %dx
1:  in %dx, %al
    test $0x20, %al
    jz 1b
    lodsb
    test %al, %al
    jz 2f
    mov $0x3f8, %dx
    out %al, %dx
    jmp say
2:  ret

# INT 13h by the packet below, with the function in ah.
disk:
    mov drive, %dl
    mov $packet, %si
    int $0x13
    ret

    .balign 4
packet: .byte 16, 0
    .word 1, 0x7e00, 0
    .quad 1
drive: .byte 0
running: .asciz "bootseed: STEP 1/1 disk: running, try 1, 0 s\r\n"
ready: .ascii "bootseed: READY http://192.0.2.1/\r\n"
    .asciz "Cloud-init v. 22.4.2 finished at Sun, 22 Nov 2026\r\n"
    .org 510
    .word 0xaa55
