// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of audits, boot tests and releases: docs/errors/auditing.md.
const (
	// Where hypaudit works.

	// AuditInterrupted says that the audit was interrupted.
	AuditInterrupted Code = "E8002"
	// NoWorkspace is a directory in no Bazel workspace.
	NoWorkspace Code = "E8003"
	// AuditDirectory is a directory that is in use.
	AuditDirectory Code = "E8004"
	// NotRulesDirectory is a directory that is not that of rules_hyp.
	NotRulesDirectory Code = "E8005"
	// NoSourceTree says that the source tree is no directory.
	NoSourceTree Code = "E8006"

	// The image of a kernel.

	// KernelFormat is a file that is not a kernel for arm64.
	KernelFormat Code = "E8101"
	// KernelDamaged says that the kernel's file is damaged.
	KernelDamaged Code = "E8102"
	// KernelCompression is a compression that is not supported.
	KernelCompression Code = "E8103"
	// KernelTooLarge says that the kernel is larger than hypaudit reads.
	KernelTooLarge Code = "E8104"
	// PackageWithoutKernel says that the package has no kernel.
	PackageWithoutKernel Code = "E8105"
	// SystemMapMalformed is a file that is not a System.map.
	SystemMapMalformed Code = "E8106"
	// SystemMapMismatch says that the System.map is another kernel's.
	SystemMapMismatch Code = "E8107"
	// KallsymsMissing says that the kernel has no table of symbols.
	KallsymsMissing Code = "E8108"
	// KallsymsDamaged says that the kernel's table of symbols cannot be read.
	KallsymsDamaged Code = "E8109"
	// NoHypervisor says that the kernel has no hypervisor.
	NoHypervisor Code = "E8110"
	// ObjectUnsuitable says that the object is not that of an arm64 hypervisor.
	ObjectUnsuitable Code = "E8111"
	// SeveralKernels is a package with several kernels.
	SeveralKernels Code = "E8112"

	// Debian's kernels.

	// KernelPackage is a package that is not one of a kernel.
	KernelPackage Code = "E8201"
	// KernelUnsupported is a kernel that rules_hyp cannot build.
	KernelUnsupported Code = "E8202"
	// AptFailed is a failure of apt.
	AptFailed Code = "E8203"
	// AptRecord says that a record of apt is incomplete.
	AptRecord Code = "E8204"
	// NoMirror is a suite that no mirror has.
	NoMirror Code = "E8205"
	// LockMalformed is a file that is not a lock of packages.
	LockMalformed Code = "E8206"
	// IndexMalformed is an index of packages, of a mirror, that cannot be read.
	IndexMalformed Code = "E8207"
	// DownloadFailed is a file that a mirror does not deliver.
	DownloadFailed Code = "E8208"

	// Bazel.

	// BazelFailed says that a build failed.
	BazelFailed Code = "E8301"
	// BuildUnstable says that the build fails now and then.
	BuildUnstable Code = "E8302"
	// NothingExecuted says that nothing was executed.
	NothingExecuted Code = "E8303"
	// CacheHit says that a result came from a cache.
	CacheHit Code = "E8304"
	// LogIncomplete says that the execution log lacks what an audit needs.
	LogIncomplete Code = "E8305"
	// StatementMissing is a build in which Bazel made no statement.
	StatementMissing Code = "E8306"
	// ExecutorMissing is a variation without its executor.
	ExecutorMissing Code = "E8307"
	// VariationUnavailable says that the machine cannot make a variation.
	VariationUnavailable Code = "E8308"
	// VariationUnseen says that a process does not see a variation.
	VariationUnseen Code = "E8309"
	// AcceptedMalformed says that the list of accepted differences cannot be read.
	AcceptedMalformed Code = "E8310"
	// BuildDirectory says that a file of a build cannot be kept.
	BuildDirectory Code = "E8311"

	// Execution logs.

	// LogForeign is a file that is not an execution log.
	LogForeign Code = "E8401"
	// LogTruncated says that the execution log is cut off.
	LogTruncated Code = "E8402"
	// LogVersion is an execution log of an unknown version of Bazel.
	LogVersion Code = "E8403"
	// LogDamaged says that the execution log is damaged.
	LogDamaged Code = "E8404"
	// LogTooLarge says that the execution log needs too much memory.
	LogTooLarge Code = "E8405"
	// LogUnrelated is a pair of logs that cannot be compared.
	LogUnrelated Code = "E8406"

	// Statements: making them.

	// LogUnsuitable is a log that no statement can be made from.
	LogUnsuitable Code = "E8501"
	// RecordMalformed says that a record of actions cannot be read.
	RecordMalformed Code = "E8502"
	// OutputUnmade says that no action made the output.
	OutputUnmade Code = "E8503"
	// ReadsUnknown says that what an action read cannot be told.
	ReadsUnknown Code = "E8504"
	// BuildFileUnreadable says that a file of the build cannot be read.
	BuildFileUnreadable Code = "E8505"
	// AuditReport is a file that is not a report of an audit.
	AuditReport Code = "E8506"
	// StatementTarget is a statement of another target.
	StatementTarget Code = "E8507"
	// KeyUnusable is a key that cannot sign or verify.
	KeyUnusable Code = "E8508"
	// SigningFailed says that the signing program failed.
	SigningFailed Code = "E8509"
	// PolicyMalformed says that a key policy cannot be read.
	PolicyMalformed Code = "E8510"
	// StatementContents is a text that a statement cannot have.
	StatementContents Code = "E8511"
	// ModuleUnknown says that the Go modules in a program cannot be told.
	ModuleUnknown Code = "E8512"

	// Statements: verifying them.

	// Unsigned says that the statement is not signed.
	Unsigned Code = "E8601"
	// EnvelopeMalformed is a file that is not an envelope.
	EnvelopeMalformed Code = "E8602"
	// KeyUnknown is a statement that another key signed.
	KeyUnknown Code = "E8603"
	// SignatureBad says that the signature is wrong.
	SignatureBad Code = "E8604"
	// KeyNotValid says that the key does not count at this time.
	KeyNotValid Code = "E8605"
	// ThresholdMissed is an envelope with too few signatures.
	ThresholdMissed Code = "E8606"
	// StatementMalformed is a payload that is not a statement of hypaudit.
	StatementMalformed Code = "E8607"
	// SubjectDiffers is a statement of something else.
	SubjectDiffers Code = "E8608"
	// BuildDiffers is a statement of another build.
	BuildDiffers Code = "E8609"
	// InputsDiffer says that the inputs are not those of the statement.
	InputsDiffer Code = "E8610"
	// AuditFailed is an audit in a statement that failed or is missing.
	AuditFailed Code = "E8611"
	// BillDiffers is another bill of materials than that of the statement.
	BillDiffers Code = "E8612"
	// ImageDiffers says that the kernel has another hypervisor.
	ImageDiffers Code = "E8613"
	// SignatureUnchecked is a signature that is not checked.
	SignatureUnchecked Code = "E8614"

	// Boot tests.

	// BootSettings is wrong settings of a boot test.
	BootSettings Code = "E8701"
	// BootTimeout says that the boot did not end in time.
	BootTimeout Code = "E8702"
	// EmulatorFailed says that the emulator failed.
	EmulatorFailed Code = "E8703"
	// HypervisorPanicked says that the hypervisor panicked.
	HypervisorPanicked Code = "E8704"
	// GuestFailed says that the guest did not run to its end.
	GuestFailed Code = "E8705"
	// BootMode says that KVM is in another mode.
	BootMode Code = "E8706"
	// ConsoleUnexpected says that the console lacks an expected text.
	ConsoleUnexpected Code = "E8707"
	// BootSucceeded is a boot that should fail and did not, or not so.
	BootSucceeded Code = "E8708"
	// KernelUnreadable says that addresses cannot be resolved.
	KernelUnreadable Code = "E8709"

	// Building kernels for boot tests.

	// KbuildFailed says that kbuild failed in a build of a kernel.
	KbuildFailed Code = "E8751"
	// KbuildArchive says that the sources of a kernel cannot be unpacked.
	KbuildArchive Code = "E8752"
	// KbuildFileMissing says that the kernel's build has no such file.
	KbuildFileMissing Code = "E8753"
	// KbuildPackages says that the packages that kbuild runs with are not as expected.
	KbuildPackages Code = "E8754"
	// NamespacesForbidden says that the machine cannot make namespaces for kbuild.
	NamespacesForbidden Code = "E8755"
	// LinkedByAnother is a partial link of the kernel that hyplink did not make.
	LinkedByAnother Code = "E8756"
	// GeneratedFileForeign is a file that is not a BUILD file of hypgen.
	GeneratedFileForeign Code = "E8757"

	// Releases.

	// ReleaseUnbuilt is a release that is not complete.
	ReleaseUnbuilt Code = "E8801"
	// ReleaseDiffers says that a published version differs.
	ReleaseDiffers Code = "E8802"
	// ReleaseUntracked says that a release was not built from a commit.
	ReleaseUntracked Code = "E8803"
)
