# SPDX-License-Identifier: Apache-2.0

"""hyp_boot_test: boots a kernel at EL2, and sees a guest run."""

load("//rules:providers.bzl", "HypBootImageInfo")

# The machine that the kernel boots on: one processor, and nothing that the test does not use.
_MACHINE = [
    "-M",
    "virt,virtualization=on,gic-version=3",
    "-smp",
    "1",
    "-m",
    "512",
    "-nic",
    "none",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "stdio",
    "-no-reboot",
]

def _runfiles_path(ctx, file):
    path = file.short_path
    return path[3:] if path.startswith("../") else ctx.workspace_name + "/" + path

def _kernel(ctx):
    """Returns Image and vmlinux, which may be None."""
    if HypBootImageInfo in ctx.attr.image:
        if ctx.file.vmlinux:
            fail("%s: vmlinux: got %s, but %s has one; remove it [E9401]" % (ctx.label, ctx.file.vmlinux.short_path, ctx.attr.image.label))
        info = ctx.attr.image[HypBootImageInfo]
        return info.image, info.vmlinux
    if len(ctx.files.image) != 1:
        fail("%s: image: got %s, want a hyp_boot_image, or one file [E9402]" % (ctx.label, [f.short_path for f in ctx.files.image]))
    return ctx.files.image[0], ctx.file.vmlinux

def _impl(ctx):
    if ctx.attr.boot_seconds <= 0:
        fail("%s: boot_seconds: got %d, want a positive number [E9403]" % (ctx.label, ctx.attr.boot_seconds))
    image, vmlinux = _kernel(ctx)
    settings = ctx.actions.declare_file(ctx.label.name + ".boot.json")
    ctx.actions.write(settings, json.encode_indent({
        "args": ctx.attr.kernel_args,
        "emulator": _runfiles_path(ctx, ctx.executable.emulator),
        "expect": ctx.attr.expect,
        "failure": ctx.attr.failure,
        "image": _runfiles_path(ctx, image),
        "init": _runfiles_path(ctx, ctx.file.init),
        "machine": _MACHINE + ["-cpu", ctx.attr.cpu],
        "mode": ctx.attr.mode,
        "modules": [_runfiles_path(ctx, module) for module in ctx.files.modules],
        "seconds": ctx.attr.boot_seconds,
        "vmlinux": _runfiles_path(ctx, vmlinux) if vmlinux else "",
    }, indent = "  ") + "\n")
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = executable,
        target_file = ctx.executable._hypboot,
        is_executable = True,
        progress_message = "Preparing %{label}",
    )
    runfiles = ctx.runfiles(files = [executable, settings, image, ctx.file.init] + ctx.files.modules + ([vmlinux] if vmlinux else []))
    return [
        DefaultInfo(
            executable = executable,
            files = depset([executable]),
            runfiles = runfiles.merge(ctx.attr.emulator[DefaultInfo].default_runfiles).merge(ctx.attr._hypboot[DefaultInfo].default_runfiles),
        ),
        RunEnvironmentInfo(environment = {"HYPBOOT_SETTINGS": _runfiles_path(ctx, settings)}),
    ]

hyp_boot_test = rule(
    implementation = _impl,
    doc = """Boots a kernel at EL2 in QEMU, and runs a guest on its hypervisor ([docs/boot.md](boot.md)).

The kernel's first process makes a virtual machine with one processor. The test fails unless the guest's result is seen, and the hypervisor is in the mode
that was asked for. If the hypervisor panics, the test says where: function, offset and source line.

The console is in the test's log, and in `console.log` of its undeclared outputs.""",
    attrs = {
        "image": attr.label(
            doc = "The kernel: a hyp_boot_image, a hyp_boot_kernel, or any Image that has KVM, a PL011 console, devtmpfs and initrd.",
            allow_files = True,
            mandatory = True,
        ),
        "vmlinux": attr.label(
            doc = "For an Image that is a file: the same kernel as ELF. Without it, addresses of a panic stay hexadecimal.",
            allow_single_file = True,
        ),
        "mode": attr.string(
            doc = "The hypervisor's mode, `kvm-arm.mode` of the kernel.",
            default = "nvhe",
            values = ["nvhe", "protected"],
        ),
        "expect": attr.string_list(
            doc = "What must be on the console as well. The guest's register x19 is there as `hypboot: marker 0xVALUE`: 0, unless the hypervisor sets it.",
        ),
        "failure": attr.string_list(
            doc = "For an object that must not work: the test passes only if the boot fails, and its message has all of these texts.",
        ),
        "modules": attr.label_list(
            doc = "Modules of the kernel, which the first process loads in this order, sees live, and unloads after the guest ran. The kernel needs procfs.",
            allow_files = [".ko"],
        ),
        "kernel_args": attr.string_list(doc = "Further arguments of the kernel."),
        "cpu": attr.string(
            doc = "The processor, `-cpu` of QEMU. One with VHE, such as `max`, needs kernel_args that say not to use it.",
            default = "cortex-a57",
        ),
        "boot_seconds": attr.int(
            doc = "How long the boot may take, in seconds. It takes less than one on an idle machine.",
            default = 60,
        ),
        "emulator": attr.label(
            doc = "QEMU's emulator of 64-bit Arm machines.",
            default = Label("//toolchain/peers:qemu_system_aarch64"),
            executable = True,
            cfg = "exec",
        ),
        "init": attr.label(
            doc = "The first process, a static program for 64-bit Arm. It prints `hypboot: running the guest` and `hypboot: done`.",
            default = Label("//tools/hypboot/init"),
            allow_single_file = True,
        ),
        "_hypboot": attr.label(
            default = Label("//tools/hypboot"),
            executable = True,
            cfg = "exec",
        ),
    },
    test = True,
)
