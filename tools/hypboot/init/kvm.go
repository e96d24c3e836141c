// SPDX-License-Identifier: Apache-2.0

//go:build linux && arm64

package main

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Requests and numbers of the kernel's interface, Documentation/virt/kvm/api.rst.
const (
	kvmGetAPIVersion    = 0xae00
	kvmCreateVM         = 0xae01
	kvmGetVCPUMmapSize  = 0xae04
	kvmCreateVCPU       = 0xae41
	kvmSetUserMemory    = 0x4020ae46
	kvmRun              = 0xae80
	kvmSetOneReg        = 0x4010aeac
	kvmArmVCPUInit      = 0x4020aeae
	kvmArmPreferred     = 0x8020aeaf
	kvmAPIVersion       = 12
	kvmVCPUPSCI         = 1 << 2 // KVM_ARM_VCPU_PSCI_0_2
	kvmRegister         = 0x6030_0000_0010_0000
	kvmRegisterPC       = kvmRegister + 64
	exitMMIO            = 6
	exitSystemEvent     = 24
	exitReasonAt        = 8 // offsets in the page of KVM_RUN
	exitDataAt          = 32
	mmioDataAt          = exitDataAt + 8
	mmioLengthAt        = exitDataAt + 16
	mmioIsWriteAt       = exitDataAt + 20
	systemEventShutdown = 1
	// mostExits bounds a guest that never ends.
	mostExits = 1000
)

// machine is a virtual machine with one processor.
type machine struct {
	vcpu int
	page []byte // of KVM_RUN
}

// vcpuInit is struct kvm_vcpu_init.
type vcpuInit struct {
	target   uint32
	features [7]uint32
}

// memoryRegion is struct kvm_userspace_memory_region.
type memoryRegion struct {
	slot, flags                     uint32
	guestAddress, size, hostAddress uint64
}

// oneReg is struct kvm_one_reg.
type oneReg struct{ id, address uint64 }

func ioctl(what string, fd int, request, argument uintptr) (int, error) {
	for {
		r, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, argument)
		switch errno {
		case 0:
			return int(r), nil
		case syscall.EINTR:
		default:
			return 0, errcode.GuestFailed.Errorf("%s: %w", what, errno)
		}
	}
}

// newMachine makes a machine with the guest's program in its memory.
func newMachine() (*machine, error) {
	kvm, err := syscall.Open("/dev/kvm", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, errcode.GuestFailed.Errorf("open /dev/kvm: %w; the kernel log says why KVM is not available", err)
	}
	version, err := ioctl("KVM_GET_API_VERSION", kvm, kvmGetAPIVersion, 0)
	if err != nil {
		return nil, err
	}
	if version != kvmAPIVersion {
		return nil, errcode.GuestFailed.Errorf("KVM_GET_API_VERSION: got %d, want %d", version, kvmAPIVersion)
	}
	vm, err := ioctl("KVM_CREATE_VM", kvm, kvmCreateVM, 0)
	if err != nil {
		return nil, err
	}
	memory, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_ANON)
	if err != nil {
		return nil, errcode.GuestFailed.Errorf("mmap: %w", err)
	}
	for i, instruction := range guest {
		binary.LittleEndian.PutUint32(memory[4*i:], instruction)
	}
	region := memoryRegion{guestAddress: memoryAddress, size: uint64(len(memory)), hostAddress: uint64(uintptr(unsafe.Pointer(&memory[0])))}
	if _, err := ioctl("KVM_SET_USER_MEMORY_REGION", vm, kvmSetUserMemory, uintptr(unsafe.Pointer(&region))); err != nil {
		return nil, err
	}
	vcpu, err := ioctl("KVM_CREATE_VCPU", vm, kvmCreateVCPU, 0)
	if err != nil {
		return nil, err
	}
	var init vcpuInit
	if _, err := ioctl("KVM_ARM_PREFERRED_TARGET", vm, kvmArmPreferred, uintptr(unsafe.Pointer(&init))); err != nil {
		return nil, err
	}
	init.features[0] |= kvmVCPUPSCI
	if _, err := ioctl("KVM_ARM_VCPU_INIT", vcpu, kvmArmVCPUInit, uintptr(unsafe.Pointer(&init))); err != nil {
		return nil, err
	}
	size, err := ioctl("KVM_GET_VCPU_MMAP_SIZE", kvm, kvmGetVCPUMmapSize, 0)
	if err != nil {
		return nil, err
	}
	page, err := syscall.Mmap(vcpu, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, errcode.GuestFailed.Errorf("mmap of the vCPU: %w", err)
	}
	m := &machine{vcpu, page}
	for _, register := range []struct{ id, value uint64 }{
		{kvmRegisterPC, memoryAddress},
		{kvmRegister + 2*0, deviceAddress},
		{kvmRegister + 2*3, memoryAddress + uint64(len(memory)) - 8},
	} {
		if err := m.set(register.id, register.value); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *machine) set(id, value uint64) error {
	register := oneReg{id, uint64(uintptr(unsafe.Pointer(&value)))}
	_, err := ioctl("KVM_SET_ONE_REG", m.vcpu, kvmSetOneReg, uintptr(unsafe.Pointer(&register)))
	return err
}

// run runs the guest until it turns itself off.
func (m *machine) run() (result, error) {
	stored := result{}
	for range mostExits {
		if _, err := ioctl("KVM_RUN", m.vcpu, kvmRun, 0); err != nil {
			return nil, err
		}
		switch reason := binary.LittleEndian.Uint32(m.page[exitReasonAt:]); reason {
		case exitMMIO:
			if err := m.access(stored); err != nil {
				return nil, err
			}
		case exitSystemEvent:
			if event := binary.LittleEndian.Uint32(m.page[exitDataAt:]); event != systemEventShutdown {
				return nil, errcode.GuestFailed.Errorf("KVM_RUN: system event %d, want %d", event, systemEventShutdown)
			}
			return stored, nil
		default:
			return nil, errcode.GuestFailed.Errorf("KVM_RUN: exit reason %d, want %d or %d", reason, exitMMIO, exitSystemEvent)
		}
	}
	return nil, errcode.GuestFailed.Errorf("KVM_RUN: the guest still runs after %d exits", mostExits)
}

// access emulates one load or store of the device.
func (m *machine) access(stored result) error {
	address := binary.LittleEndian.Uint64(m.page[exitDataAt:])
	length := binary.LittleEndian.Uint32(m.page[mmioLengthAt:])
	data := m.page[mmioDataAt:][:8]
	if length != 8 || address < deviceAddress {
		return errcode.GuestFailed.Errorf("the guest accessed %d bytes at %#x, where it has nothing", length, address)
	}
	register := address - deviceAddress
	if m.page[mmioIsWriteAt] != 0 {
		stored[register] = binary.LittleEndian.Uint64(data)
		return nil
	}
	if register != deviceInput {
		return errcode.GuestFailed.Errorf("the guest loaded register %#x of its device, which it may not", register)
	}
	binary.LittleEndian.PutUint64(data, guestInput)
	return nil
}
