// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors about kernel trees and of hypgen: docs/errors/kernel.md.
const (
	// NotKernelTree is a directory that is not a kernel tree.
	NotKernelTree Code = "E6002"
	// TreeNotConfigured says that the kernel tree is not configured.
	TreeNotConfigured Code = "E6003"
	// TreeNotPrepared says that the kernel tree is not prepared.
	TreeNotPrepared Code = "E6004"
	// TreeWithoutKVM says that the source tree has no KVM for arm64.
	TreeWithoutKVM Code = "E6005"
	// TreePath is a path that kbuild cannot use.
	TreePath Code = "E6006"
	// TreeChanged says that the tree changed while it was read.
	TreeChanged Code = "E6007"
	// TreeReconfigured says that kbuild reconfigured the tree.
	TreeReconfigured Code = "E6008"
	// NotArm64 is a configuration that is not for arm64.
	NotArm64 Code = "E6009"
	// KernelVersion is a kernel version that hypgen does not read.
	KernelVersion Code = "E6010"
	// NoKVM is a configuration without KVM.
	NoKVM Code = "E6011"
	// LinkTimeOptimization is a configuration with link-time optimization.
	LinkTimeOptimization Code = "E6012"
	// DryRunFailed says that kbuild's dry run failed.
	DryRunFailed Code = "E6013"
	// CompilerNotFound says that the tree's compiler cannot be run.
	CompilerNotFound Code = "E6014"
	// ManifestMalformed says that a header manifest cannot be read.
	ManifestMalformed Code = "E6015"
	// StampOutsideTree says that a file outside the kernel tree is compared with the manifest.
	StampOutsideTree Code = "E6016"
	// RepositoryRenamed says that use_repo renames the kernel's repository.
	RepositoryRenamed Code = "E6017"
	// CommandNotParsed says that a command of the dry run cannot be parsed.
	CommandNotParsed Code = "E6018"
	// CommandUnknown is a command of kbuild that hypgen does not know.
	CommandUnknown Code = "E6019"
	// OptionUnknown is an option of kbuild that hypgen does not know.
	OptionUnknown Code = "E6020"
	// PathOutsideTree is a path outside the kernel tree.
	PathOutsideTree Code = "E6021"
	// NoPrefixedObject says that nothing in the directory is prefixed.
	NoPrefixedObject Code = "E6022"
	// LinkIncomplete says that a command of the partial link is missing.
	LinkIncomplete Code = "E6023"
	// NothingCompiled says that kbuild compiles nothing in the directory.
	NothingCompiled Code = "E6024"
	// TranscriptMalformed says that a transcript cannot be read.
	TranscriptMalformed Code = "E6025"
	// SourceKind is a source that is neither C nor assembly.
	SourceKind Code = "E6026"
	// NoSymbolList says that the list of symbols that the object may use cannot be made.
	NoSymbolList Code = "E6027"
	// ReferenceDamaged says that an archive of kbuild's objects cannot be read.
	ReferenceDamaged Code = "E6028"
	// CompilerNotStated says that the configuration does not say for which compiler it is.
	CompilerNotStated Code = "E6029"
	// CompilerMismatch says that the tree is configured for another compiler than the toolchain's.
	CompilerMismatch Code = "E6030"
	// CompilerGiven says that hypgen was given another compiler than the tree's.
	CompilerGiven Code = "E6031"
	// RequestMismatch is a request for files that cannot be made for this directory.
	RequestMismatch Code = "E6032"
	// KernelUnknown is a kernel version that rules_hyp does not have.
	KernelUnknown Code = "E6033"
	// FragmentMalformed is a fragment without options.
	FragmentMalformed Code = "E6034"
	// ConfigMalformed is a file of -config that is no configuration.
	ConfigMalformed Code = "E6035"
	// ConfigVersion is a configuration of another kernel version.
	ConfigVersion Code = "E6036"
	// OptionDropped says that Kconfig dropped an option.
	OptionDropped Code = "E6037"
	// PrepareFailed says that preparing the tree failed.
	PrepareFailed Code = "E6038"
	// Interrupted is a run that was interrupted.
	Interrupted Code = "E6039"
	// TreeInPlace says that the source tree is configured in place.
	TreeInPlace Code = "E6040"
	// ObjectsPlace is a directory that is no place for an object tree.
	ObjectsPlace Code = "E6041"
	// TreeGiven is another configuration for a tree that hypgen did not prepare.
	TreeGiven Code = "E6042"
	// NotWritable says that a directory cannot be written to.
	NotWritable Code = "E6043"
	// ProgramsMissing says that programs for preparing a tree are missing.
	ProgramsMissing Code = "E6044"
	// HeaderMissing says that a header that kbuild names is missing.
	HeaderMissing Code = "E6045"
	// StarlarkUnreadable says that a file of the workspace cannot be parsed.
	StarlarkUnreadable Code = "E6046"
	// OutOfDate says that generated files are out of date.
	OutOfDate Code = "E6047"
	// NoBazel is a machine without Bazel.
	NoBazel Code = "E6048"
	// BuildFailed says that Bazel's build failed.
	BuildFailed Code = "E6049"
	// WorkspacePlace is a directory that is no place for a workspace.
	WorkspacePlace Code = "E6050"
	// RulesUnknown says that where rules_hyp is from is not known.
	RulesUnknown Code = "E6051"
	// RegistryMissing says that .bazelrc does not name the registry of rules_hyp.
	RegistryMissing Code = "E6052"
	// PackageOccupied says that the package has files that hypgen did not write.
	PackageOccupied Code = "E6053"
	// NothingToCompare is a comparison of objects that do not exist.
	NothingToCompare Code = "E6054"
	// CompilerPlugin is a configuration that loads plugins into the compiler.
	CompilerPlugin Code = "E6055"
	// SourceMissing says that a source that a Makefile names is missing.
	SourceMissing Code = "E6056"
	// NoDirectory is a directory that the source tree does not have.
	NoDirectory Code = "E6057"
)
